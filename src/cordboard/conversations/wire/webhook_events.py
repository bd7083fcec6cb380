"""What webhooks are sent: the vendor's names of events, and their parameters (conversations-and-channels.md 1.9).

All values are texts, and what is null is not sent. Times have milliseconds here, and nowhere else in this product.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from cordboard.conversations.model import Conversation, Message, Participant, User
from cordboard.events.journal import Event
from cordboard.kernel.clock import MILLISECONDS

from .webhooks import EventName

# Everything that acts yet is the API; people in the chat and carriers will be other sources.
_SOURCE = "API"


class Before(msgspec.Struct, frozen=True):
    """Something that is asked before it happens: as what it is recorded when it does, and what an answer may change of it.

    ``changeable``: keys of the answer -> parameters of the form.
    """

    name: EventName
    recorded: frozenset[str]
    changeable: Mapping[str, str]


_NAME = {"friendly_name": "FriendlyName"}
_WORDS = {"body": "Body", "author": "Author", "attributes": "Attributes"}


def _before(name: EventName, *recorded: str, changeable: Mapping[str, str] | None = None) -> Before:
    return Before(name, frozenset(recorded), changeable or {})


CONVERSATION_ADD = _before(EventName.CONVERSATION_ADD, "conversation.added", changeable=_NAME)
CONVERSATION_UPDATE = _before(
    EventName.CONVERSATION_UPDATE, "conversation.updated", "conversation.state.updated", changeable=_NAME
)
CONVERSATION_REMOVE = _before(EventName.CONVERSATION_REMOVE, "conversation.removed")
PARTICIPANT_ADD = _before(EventName.PARTICIPANT_ADD, "participant.added")
PARTICIPANT_UPDATE = _before(EventName.PARTICIPANT_UPDATE, "participant.updated")
PARTICIPANT_REMOVE = _before(EventName.PARTICIPANT_REMOVE, "participant.removed")
MESSAGE_ADD = _before(EventName.MESSAGE_ADD, "message.added", changeable=_WORDS)
MESSAGE_UPDATE = _before(EventName.MESSAGE_UPDATE, "message.updated", changeable=_WORDS)
MESSAGE_REMOVE = _before(EventName.MESSAGE_REMOVE, "message.removed")
USER_UPDATE = _before(EventName.USER_UPDATE, "user.updated")

# Recorded -> told.
AFTER: Mapping[str, EventName] = {
    "conversation.added": EventName.CONVERSATION_ADDED,
    "conversation.updated": EventName.CONVERSATION_UPDATED,
    "conversation.removed": EventName.CONVERSATION_REMOVED,
    "conversation.state.updated": EventName.CONVERSATION_STATE_UPDATED,
    "participant.added": EventName.PARTICIPANT_ADDED,
    "participant.updated": EventName.PARTICIPANT_UPDATED,
    "participant.removed": EventName.PARTICIPANT_REMOVED,
    "message.added": EventName.MESSAGE_ADDED,
    "message.updated": EventName.MESSAGE_UPDATED,
    "message.removed": EventName.MESSAGE_REMOVED,
    "user.added": EventName.USER_ADDED,
    "user.updated": EventName.USER_UPDATED,
}

_COMMON = ("EventType", "AccountSid", "ChatServiceSid", "Source", "RetryCount")
_DATES = ("DateCreated", "DateUpdated")
_REMOVED = (*_DATES, "DateRemoved")
_CONVERSATION = ("FriendlyName", "UniqueName", "Attributes", "State")
_ONE_CONVERSATION = ("ConversationSid", *_CONVERSATION)
_PARTICIPANT = (
    "ConversationSid",
    "Identity",
    "RoleSid",
    "Attributes",
    "MessagingBinding.Address",
    "MessagingBinding.ProxyAddress",
    "MessagingBinding.Type",
)
_ONE_PARTICIPANT = (*_PARTICIPANT, "ParticipantSid")
_MESSAGE = ("ConversationSid", "Body", "Author", "ParticipantSid", "Attributes", "MessageSubject")
_ONE_MESSAGE = (*_MESSAGE, "MessageSid", "Index")
_USER = ("UserSid", "Identity", "RoleSid", "Attributes", "FriendlyName", *_DATES)

_PARAMETERS: Mapping[EventName, tuple[str, ...]] = {
    EventName.CONVERSATION_ADD: _CONVERSATION,
    EventName.CONVERSATION_ADDED: (*_ONE_CONVERSATION, *_DATES),
    EventName.CONVERSATION_UPDATE: (*_ONE_CONVERSATION, *_DATES),
    EventName.CONVERSATION_UPDATED: (*_ONE_CONVERSATION, *_DATES),
    EventName.CONVERSATION_REMOVE: (*_ONE_CONVERSATION, *_DATES),
    EventName.CONVERSATION_REMOVED: (*_ONE_CONVERSATION, *_REMOVED),
    EventName.CONVERSATION_STATE_UPDATED: ("ConversationSid", "StateUpdated", "StateFrom", "StateTo", "Reason"),
    EventName.PARTICIPANT_ADD: _PARTICIPANT,
    EventName.PARTICIPANT_ADDED: (*_ONE_PARTICIPANT, *_DATES),
    EventName.PARTICIPANT_UPDATE: (*_ONE_PARTICIPANT, "LastReadMessageIndex", *_DATES),
    EventName.PARTICIPANT_UPDATED: (*_ONE_PARTICIPANT, "LastReadMessageIndex", *_DATES),
    EventName.PARTICIPANT_REMOVE: (*_ONE_PARTICIPANT, *_DATES),
    EventName.PARTICIPANT_REMOVED: (*_ONE_PARTICIPANT, *_REMOVED),
    EventName.MESSAGE_ADD: _MESSAGE,
    EventName.MESSAGE_ADDED: (*_ONE_MESSAGE, "DateCreated"),
    EventName.MESSAGE_UPDATE: (*_ONE_MESSAGE, *_DATES),
    EventName.MESSAGE_UPDATED: (*_ONE_MESSAGE, *_DATES),
    EventName.MESSAGE_REMOVE: (*_ONE_MESSAGE, *_DATES),
    EventName.MESSAGE_REMOVED: (*_ONE_MESSAGE, *_REMOVED),
    EventName.USER_ADDED: _USER,
    EventName.USER_UPDATE: _USER,
    EventName.USER_UPDATED: _USER,
}


def parameters(name: EventName, event: Event) -> dict[str, str]:
    """An event of this moment as it is sent under this name."""
    values = {
        "EventType": name.value,
        "AccountSid": event.account_sid,
        "ChatServiceSid": event.scope_sid,
        "Source": _SOURCE,
        "RetryCount": "0",
        "DateRemoved": _iso(event.at),
        "StateUpdated": _iso(event.at),
        "StateFrom": event.facts.get("before"),
        "StateTo": event.facts.get("after"),
        "Reason": event.facts.get("reason"),
        **_values(event),
    }
    return {each: value for each in (*_COMMON, *_PARAMETERS[name]) if (value := values.get(each)) is not None}


def _values(event: Event) -> dict[str, str | None]:
    """All that could be said of what it is about: the first of these that is there."""
    facts = event.facts
    about = facts.get("message") or facts.get("participant") or facts.get("user") or facts["conversation"]
    values = {
        "DateCreated": _iso(about.created_at),
        "DateUpdated": _iso(about.updated_at),
        "Attributes": about.attributes,
    }
    match about:
        case Message():
            values |= {
                "ConversationSid": about.conversation_sid,
                "MessageSid": about.sid,
                "Index": str(about.message_index),
                "Author": about.author,
                "ParticipantSid": about.participant_sid,
                "Body": about.body,
                "MessageSubject": about.subject,
            }
        case Participant():
            last_read = about.last_read_message_index
            values |= {
                "ConversationSid": about.conversation_sid,
                "ParticipantSid": about.sid,
                "Identity": about.identity,
                "RoleSid": about.role_sid,
                "MessagingBinding.Address": about.address,
                "MessagingBinding.ProxyAddress": about.proxy_address,
                "MessagingBinding.Type": about.binding_type.upper() if about.binding_type else None,
                "LastReadMessageIndex": None if last_read is None else str(last_read),
            }
        case User():
            values |= {
                "UserSid": about.sid,
                "Identity": about.identity,
                "RoleSid": about.role_sid,
                "FriendlyName": about.friendly_name,
            }
        case Conversation():
            values |= {
                "ConversationSid": about.sid,
                "FriendlyName": about.friendly_name,
                "UniqueName": about.unique_name,
                "State": about.state,
            }
    return values


def _iso(at: int) -> str:
    moment = datetime.fromtimestamp(at // MILLISECONDS, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at % MILLISECONDS:03d}Z"
