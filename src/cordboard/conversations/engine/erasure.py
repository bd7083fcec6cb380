"""Forgetting somebody in conversations: a pseudonym stands for them, what they said and what was noted about them goes.

Rows stay, so that indexes have no holes and others' sides of the conversation can still be read.
"""

from cordboard.conversations.model import Conversation, Message, Participant, User
from cordboard.conversations.store.conversations import CONVERSATIONS
from cordboard.conversations.store.messages import MESSAGES
from cordboard.conversations.store.participants import PARTICIPANTS
from cordboard.conversations.store.users import USERS
from cordboard.kernel.redaction import EMPTY, Redaction
from cordboard.storage.slices import Rewritten, rewrite
from cordboard.storage.unit import Unit


async def erase_participants(unit: Unit, account_sid: str, redaction: Redaction, behind: str) -> Rewritten:
    """A slice of participants."""

    def change(one: Participant) -> dict[str, object]:
        if one.account_sid != account_sid:
            return {}
        if redaction.names(one.identity) or redaction.names(one.address):
            return {
                "identity": redaction.optional(one.identity),
                "address": redaction.optional(one.address),
                "name": None,
                "attributes": EMPTY,
            }
        return {
            "name": redaction.optional(one.name),
            "attributes": redaction.json(one.attributes),
        }

    return await rewrite(unit, PARTICIPANTS, behind, change)


async def erase_messages(unit: Unit, account_sid: str, redaction: Redaction, behind: str) -> Rewritten:
    """A slice of messages: theirs lose everything that they said, others' the name."""

    def change(one: Message) -> dict[str, object]:
        if one.account_sid != account_sid:
            return {}
        if redaction.names(one.author):
            return {"author": redaction.text(one.author), "body": "", "subject": None, "attributes": EMPTY}
        return {
            "body": redaction.optional(one.body),
            "subject": redaction.optional(one.subject),
            "attributes": redaction.json(one.attributes),
        }

    return await rewrite(unit, MESSAGES, behind, change)


async def erase_conversations(unit: Unit, account_sid: str, redaction: Redaction, behind: str) -> Rewritten:
    """A slice of conversations."""

    def change(one: Conversation) -> dict[str, object]:
        if one.account_sid != account_sid:
            return {}
        return {
            "friendly_name": redaction.optional(one.friendly_name),
            "unique_name": redaction.optional(one.unique_name),
            "attributes": redaction.json(one.attributes),
        }

    return await rewrite(unit, CONVERSATIONS, behind, change)


async def erase_users(unit: Unit, account_sid: str, redaction: Redaction, behind: str) -> Rewritten:
    """A slice of users of the chat."""

    def change(one: User) -> dict[str, object]:
        if one.account_sid != account_sid:
            return {}
        if redaction.names(one.identity):
            return {"identity": redaction.text(one.identity), "friendly_name": None, "attributes": EMPTY}
        return {
            "friendly_name": redaction.optional(one.friendly_name),
            "attributes": redaction.json(one.attributes),
        }

    return await rewrite(unit, USERS, behind, change)
