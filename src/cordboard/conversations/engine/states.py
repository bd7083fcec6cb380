"""The life of a conversation: active and inactive by turns, then closed for good (the moves are ``model.MOVES``)."""

from cordboard.conversations.model import MOVES, Conversation, ConversationStateChanged, Reason, State
from cordboard.conversations.store.conversations import CONVERSATIONS
from cordboard.conversations.store.participants import PARTICIPANTS, holders
from cordboard.kernel.errors import Invalid
from cordboard.storage.unit import Unit

from .recording import happened


def check_open(conversation: Conversation) -> None:
    """Raise 50377 for a closed conversation, which can only be read and deleted."""
    if not MOVES[conversation.state]:
        message = f"Conversation {conversation.sid} is closed and cannot be changed"
        raise Invalid(message, code=50377)


async def move(unit: Unit, conversation: Conversation, to: State, reason: Reason) -> Conversation:
    """Bring a held or claimed conversation into a state; the one that it is in already is no change. Raises 50377."""
    before = conversation.state
    if to is before:
        return conversation
    if to not in MOVES[before]:
        check_open(conversation)
    after = unit.update(CONVERSATIONS, conversation, state=to)
    if to is State.CLOSED:
        await _free_pairs(unit, after)
    happened(unit, "conversation.state.updated", after, after.sid, before=before, after=to, reason=reason)
    await unit.announce(ConversationStateChanged(after, before, to))
    return after


async def wake(unit: Unit, conversation: Conversation) -> Conversation:
    """Somebody writes or joins: an inactive conversation is active again."""
    if conversation.state is State.INACTIVE:
        return await move(unit, conversation, State.ACTIVE, Reason.EVENT)
    return conversation


async def _free_pairs(unit: Unit, conversation: Conversation) -> None:
    if not conversation.binding_count:
        return
    for participant in await holders(unit, conversation.sid):
        unit.update(PARTICIPANTS, participant, holds_pair=False, updated_at=participant.updated_at)
