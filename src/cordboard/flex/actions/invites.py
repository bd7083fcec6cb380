"""Invites: create, list."""

from cordboard.flex.engine.inviting import invite
from cordboard.flex.model import RoutedInvite
from cordboard.flex.store import channels
from cordboard.flex.store.invites import OF_CHANNEL
from cordboard.flex.wire.invites import CreateInvite, ListInvites
from cordboard.kernel.caller import Caller
from cordboard.kernel.pages import Slice
from cordboard.storage.unit import Unit, View
from cordboard.taskrouter.actions import tasks


async def create(unit: Unit, caller: Caller, form: CreateInvite) -> RoutedInvite:
    """``POST /Invites``: one more task. Nothing of an earlier task's attributes is carried over. Raises 45354, 45004."""
    channel = await channels.within(unit, caller.account_sid, form.interaction_sid, form.channel_sid)
    return await invite(unit, channel, form.routing)


async def list_(view: View, caller: Caller, form: ListInvites) -> Slice[RoutedInvite]:
    """``GET /Invites``, oldest first, each with its task as it is now."""
    channel = await channels.within(view, caller.account_sid, form.interaction_sid, form.channel_sid)
    found = await view.page(OF_CHANNEL, (channel.sid,), form.page)
    items = [RoutedInvite(one, await tasks.find(view, one.account_sid, one.task_sid)) for one in found.items]
    return Slice(items, found.before, found.after)
