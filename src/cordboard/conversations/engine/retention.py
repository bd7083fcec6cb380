"""Removing conversations that were closed long ago, with their participants, messages and webhooks. Users of the chat stay."""

from cordboard.conversations.store.conversations import CONVERSATIONS
from cordboard.conversations.store.messages import MESSAGES
from cordboard.conversations.store.participants import PARTICIPANTS
from cordboard.conversations.store.webhooks import WEBHOOKS
from cordboard.storage.slices import OWNERS, ROWS, belonging, remove_belongings
from cordboard.storage.unit import Unit

# A closed conversation cannot be changed, so its last change is its end.
_CLOSED = CONVERSATIONS.where("state = 'closed' AND updated_at < ? ORDER BY updated_at LIMIT ?")
_BELONGINGS = tuple(belonging(table, "conversation_sid = ?") for table in (MESSAGES, PARTICIPANTS, WEBHOOKS))


async def sweep_conversations(unit: Unit, before: int) -> int:
    """One slice of what was closed before then; returns how many rows went."""
    removed = 0
    for conversation in await unit.all(_CLOSED, before, OWNERS):
        removed += await remove_belongings(unit, conversation.sid, _BELONGINGS, ROWS - removed)
        if removed >= ROWS:
            break
        unit.delete(CONVERSATIONS, conversation)
        removed += 1
    return removed
