"""Saying something in a conversation: the message takes the conversation's next index, and wakes it up."""

import msgspec

from cordboard.conversations.model import Conversation, Message, MessageAdded
from cordboard.conversations.store.conversations import CONVERSATIONS
from cordboard.conversations.store.messages import MESSAGES
from cordboard.conversations.store.participants import called
from cordboard.conversations.wire.attributes import check_attributes
from cordboard.storage.unit import Unit

from .recording import happened
from .states import check_open, wake

MOST_ATTRIBUTES = 4 * 1024


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """What is said, and by whom."""

    author: str = "system"
    body: str | None = None
    subject: str | None = None
    attributes: str = "{}"
    created_at: int | None = None
    updated_at: int | None = None


async def speak(unit: Unit, conversation: Conversation, words: Words) -> Message:
    """Add a message to a conversation that is held or claimed. Raises 50377, 50303."""
    check_open(conversation)
    check_attributes(words.attributes, MOST_ATTRIBUTES)
    participant_sid = await sid_of_author(unit, conversation, words.author)
    conversation = await wake(unit, conversation)
    index = conversation.next_index
    conversation = unit.update(CONVERSATIONS, conversation, next_index=index + 1, updated_at=conversation.updated_at)
    message = Message(
        unit.sid("IM"),
        1,
        conversation.account_sid,
        conversation.chat_service_sid,
        conversation.sid,
        index,
        words.author,
        participant_sid,
        words.body,
        words.subject,
        words.attributes,
        unit.now if words.created_at is None else words.created_at,
        unit.now if words.updated_at is None else words.updated_at,
    )
    unit.insert(MESSAGES, message)
    happened(unit, "message.added", conversation, message.sid, message=message)
    await unit.announce(MessageAdded(conversation, message))
    return message


async def sid_of_author(unit: Unit, conversation: Conversation, author: str) -> str | None:
    """The participant whose identity or address the author's name is; an author need not be in the room."""
    if not conversation.participant_count:
        return None
    participant = await called(unit, conversation.sid, author)
    return participant.sid if participant is not None else None
