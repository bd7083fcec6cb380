"""Channels: list, fetch, close."""

from msgspec import UNSET

from cordboard.flex.engine.closing import close
from cordboard.flex.model import InteractionChannel
from cordboard.flex.store import channels
from cordboard.flex.store.interactions import own
from cordboard.flex.wire.channels import ListChannels, OneChannel, UpdateChannel
from cordboard.flex.wire.codes import STATUS_INVALID, STATUS_MISSING, VALIDATION, missing
from cordboard.kernel.caller import Caller
from cordboard.kernel.errors import Invalid, NotBuilt
from cordboard.kernel.pages import Slice
from cordboard.storage.unit import Unit, View

# "close" went out of the vendor's documents in 2022; its own programs still send it.
_CLOSED = frozenset(("closed", "close"))
_INACTIVE = "inactive"


async def list_(view: View, caller: Caller, form: ListChannels) -> Slice[InteractionChannel]:
    """``GET /Channels``."""
    interaction = await own(view, caller.account_sid, form.interaction_sid)
    return await view.page(channels.OF_INTERACTION, (interaction.sid,), form.page)


async def fetch(view: View, caller: Caller, form: OneChannel) -> InteractionChannel:
    """``GET /Channels/{Sid}``."""
    return await channels.within(view, caller.account_sid, form.interaction_sid, form.sid)


async def update(unit: Unit, caller: Caller, form: UpdateChannel) -> InteractionChannel:
    """``POST /Channels/{Sid}``: close it. A closed one is left as it is (flex-interactions.md 5.3)."""
    channel = await channels.within(unit, caller.account_sid, form.interaction_sid, form.sid)
    if form.status is UNSET:
        raise missing("Status", STATUS_MISSING)
    if form.status == _INACTIVE:
        if form.routing.status != "closed":
            raise Invalid("Invalid parameter Routing: Status=inactive needs its status closed", code=VALIDATION)
        raise NotBuilt("Cordboard does not have Status=inactive (leaving a channel) yet")
    if form.status not in _CLOSED:
        raise Invalid(f"Invalid parameter Status: {form.status!r} cannot be set, only closed", code=STATUS_INVALID)
    channel = await channels.claim(unit, channel.sid)
    if not channel.is_open:
        return channel
    return await close(unit, channel, completing=form.routing.status == "closed")
