"""Conversations."""

from collections.abc import Awaitable, Callable, Sequence

from cordboard.conversations.model import Conversation
from cordboard.storage.dialect import among, padded
from cordboard.storage.tables import Table
from cordboard.storage.unit import Unit, View

CONVERSATIONS = Table("conversations", Conversation)

_CREATED = "chat_service_sid = ? AND created_at >= ? AND created_at < ?"
OF_SERVICE = CONVERSATIONS.listing(_CREATED, ("created_at", "ASC"))
IN_STATE = CONVERSATIONS.listing(f"{_CREATED} AND state = ?", ("created_at", "ASC"))
_NAMED = CONVERSATIONS.where("chat_service_sid = ? AND unique_name = ?")


async def named(view: View, chat_service_sid: str, unique_name: str) -> Conversation | None:
    """The conversation of this unique name, also one that this unit makes."""
    for conversation in view.added(CONVERSATIONS):
        if conversation.chat_service_sid == chat_service_sid and conversation.unique_name == unique_name:
            return conversation
    return await view.one(_NAMED, chat_service_sid, unique_name)


async def by_sid(view: View, sids: Sequence[str]) -> dict[str, Conversation]:
    """The conversations of these SIDs, in one SELECT."""
    if not sids:
        return {}
    arguments = padded(list(sids))
    found = await view.all(CONVERSATIONS.where(among("sid", len(arguments))), *arguments)
    return {conversation.sid: conversation for conversation in found}


async def hold(unit: Unit, sid: str) -> Conversation | None:
    """The conversation as this unit leaves it, and nobody else changes or guards it meanwhile."""
    return await _taken(unit, sid, unit.lock)


async def claim(unit: Unit, sid: str) -> Conversation | None:
    """The same for who is to change it, and decides by it alone.

    The row is hot: every message takes its index from it, everybody who joins or leaves is counted on it.
    """
    return await _taken(unit, sid, unit.claim)


async def _taken(unit: Unit, sid: str, take: Callable[..., Awaitable[dict[str, Conversation]]]) -> Conversation | None:
    if unit.writes.find(CONVERSATIONS, (sid,)) is not None:
        return await unit.get(CONVERSATIONS, sid)
    return (await take(CONVERSATIONS, sid)).get(sid)
