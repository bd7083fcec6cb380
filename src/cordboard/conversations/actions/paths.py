"""What a path names: the service and the conversation in it. Whatever is not the caller's, or not there, is a 404."""

from collections.abc import Awaitable, Callable

from cordboard.conversations.model import Configuration, Conversation, Service
from cordboard.conversations.store.conversations import CONVERSATIONS, claim, hold, named
from cordboard.conversations.store.services import CONFIGURATIONS, SERVICES
from cordboard.conversations.wire.scope import Scoped
from cordboard.kernel.caller import Caller
from cordboard.kernel.errors import NotFound
from cordboard.kernel.sids import is_sid
from cordboard.storage.unit import Unit, View


async def configuration(view: View, account_sid: str) -> Configuration:
    """What is configured for a whole account."""
    found = await view.get(CONFIGURATIONS, account_sid)
    if found is None:
        raise NotFound
    return found


async def default_service_sid(view: View, account_sid: str) -> str:
    """The SID of the service that short paths mean."""
    return (await configuration(view, account_sid)).default_chat_service_sid


async def service_sid(view: View, caller: Caller, form: Scoped) -> str:
    """The SID of the service in which the operation takes place."""
    if form.chat_service_sid is None:
        return await default_service_sid(view, caller.account_sid)
    return (await service(view, caller, form.chat_service_sid)).sid


async def service(view: View, caller: Caller, sid: str) -> Service:
    """A service of the caller's."""
    found = await view.get(SERVICES, sid)
    if found is None or found.account_sid != caller.account_sid:
        raise NotFound
    return found


async def conversation(view: View, caller: Caller, form: Scoped, name: str) -> Conversation:
    """The conversation of this SID or unique name in the operation's service."""
    scope = await service_sid(view, caller, form)
    found = await (view.get(CONVERSATIONS, name) if is_sid(name, "CH") else named(view, scope, name))
    if found is None or found.chat_service_sid != scope:
        raise NotFound
    return found


async def held(unit: Unit, caller: Caller, form: Scoped, name: str) -> Conversation:
    """The same, for a change: nobody else changes it before the unit is flushed."""
    return await _taken(unit, caller, form, name, hold)


async def claimed(unit: Unit, caller: Caller, form: Scoped, name: str) -> Conversation:
    """The same, for somebody who writes or joins (``store.conversations.claim``)."""
    return await _taken(unit, caller, form, name, claim)


async def _taken(
    unit: Unit, caller: Caller, form: Scoped, name: str, take: Callable[[Unit, str], Awaitable[Conversation | None]]
) -> Conversation:
    scope = await service_sid(unit, caller, form)
    sid = name
    if not is_sid(name, "CH"):
        called = await named(unit, scope, name)
        if called is None:
            raise NotFound
        sid = called.sid
    found = await take(unit, sid)
    if found is None or found.chat_service_sid != scope:
        raise NotFound
    return found
