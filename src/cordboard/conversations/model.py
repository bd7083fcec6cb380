"""The facts of Conversations. SIDs by prefix: IS service, RL role, US user, CH conversation, MB participant, IM message, WH webhook.

``attributes`` are JSON texts as they were sent. ``chat_service_sid`` stands in every fact: it is where the fact is looked for.
"""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from cordboard.webhooks.model import Method


class State(StrEnum):
    """A conversation's state. Only a closed one has let go of its address pairs, and it stays closed."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    CLOSED = "closed"


MOVES: Mapping[State, frozenset[State]] = {
    State.ACTIVE: frozenset((State.INACTIVE, State.CLOSED)),
    State.INACTIVE: frozenset((State.ACTIVE, State.CLOSED)),
    State.CLOSED: frozenset(),
}


class Reason(StrEnum):
    """Why a state changed. ``EVENT``: somebody wrote or joined."""

    API = "API"
    EVENT = "EVENT"


class BindingType(StrEnum):
    """What carries messages to a participant who is not in the chat."""

    SMS = "sms"
    WHATSAPP = "whatsapp"
    RCS = "rcs"
    MESSENGER = "messenger"
    GBM = "gbm"
    APPLE = "apple"
    EMAIL = "email"


class Level(StrEnum):
    """How an email participant is addressed."""

    TO = "to"
    CC = "cc"


class RoleScope(StrEnum):
    """Where a role gives permissions: in the whole service, or in one conversation."""

    SERVICE = "service"
    CONVERSATION = "conversation"


class Receiver(StrEnum):
    """Where the vendor's account-wide webhooks go; kept, and changes nothing here."""

    WEBHOOK = "webhook"
    FLEX = "flex"


class Webhooks(msgspec.Struct, frozen=True):
    """What an account or a service is told and asked, and where. ``filters`` are names of events; those not in it are not sent."""

    pre_webhook_url: str | None = None
    post_webhook_url: str | None = None
    method: Method | None = None
    filters: tuple[str, ...] | None = None
    target: Receiver = Receiver.WEBHOOK


class Configuration(msgspec.Struct, frozen=True):
    """Which service the short paths of an account mean, and the webhooks for all its services.

    ``has_service_webhooks``: a service of the account may have webhooks of its own, so it is worth a look.
    """

    account_sid: str
    version: int
    default_chat_service_sid: str
    webhooks: Webhooks
    has_service_webhooks: bool
    created_at: int
    updated_at: int


class Service(msgspec.Struct, frozen=True):
    """A world of conversations, users and roles, with the roles that newcomers get."""

    sid: str
    version: int
    account_sid: str
    friendly_name: str
    default_conversation_creator_role_sid: str
    default_conversation_role_sid: str
    default_chat_service_role_sid: str
    webhooks: Webhooks
    created_at: int
    updated_at: int


class Role(msgspec.Struct, frozen=True):
    """A set of permissions for people in the chat; a caller of the API with the account's credentials may do everything."""

    sid: str
    version: int
    account_sid: str
    chat_service_sid: str
    friendly_name: str
    scope: RoleScope
    permissions: tuple[str, ...]
    created_at: int
    updated_at: int


class User(msgspec.Struct, frozen=True):
    """Somebody who may be in the chat: an agent or a guest, once for all conversations of a service."""

    sid: str
    version: int
    account_sid: str
    chat_service_sid: str
    role_sid: str
    identity: str
    friendly_name: str | None
    attributes: str
    created_at: int
    updated_at: int


class Conversation(msgspec.Struct, frozen=True):
    """A room. ``next_index`` is the index that the next message gets; ``updated_at`` does not move when people write or join.

    ``binding_count`` is how many of its ``participant_count`` participants are reached through a binding; it has
    ``webhook_count`` webhooks of its own.
    """

    sid: str
    version: int
    account_sid: str
    chat_service_sid: str
    friendly_name: str | None
    unique_name: str | None
    attributes: str
    state: State
    next_index: int
    participant_count: int
    binding_count: int
    webhook_count: int
    created_at: int
    updated_at: int


class Participant(msgspec.Struct, frozen=True):
    """Somebody in a conversation: by ``identity`` in the chat, or reached at ``address`` through a binding, never both.

    ``holds_pair``: no other conversation may bind this address and proxy address; true until the conversation is closed.
    ``level`` and ``name`` are an email participant's, who has no proxy address.
    """

    sid: str
    version: int
    account_sid: str
    chat_service_sid: str
    conversation_sid: str
    identity: str | None
    binding_type: BindingType | None
    address: str | None
    proxy_address: str | None
    level: Level | None
    name: str | None
    holds_pair: bool
    role_sid: str | None
    attributes: str
    last_read_message_index: int | None
    last_read_at: int | None
    created_at: int
    updated_at: int


class Message(msgspec.Struct, frozen=True):
    """Something said. ``message_index`` counts from 0 in its conversation, without gaps until a message is deleted.

    ``author`` is any name; ``participant_sid`` the participant whose identity or address it is, None for anybody else.
    """

    sid: str
    version: int
    account_sid: str
    chat_service_sid: str
    conversation_sid: str
    message_index: int
    author: str
    participant_sid: str | None
    body: str | None
    subject: str | None
    attributes: str
    created_at: int
    updated_at: int


class Target(StrEnum):
    """What a conversation's webhook is: told of events, told of words, or a Studio flow, which is kept and never run."""

    WEBHOOK = "webhook"
    TRIGGER = "trigger"
    STUDIO = "studio"


class ScopedWebhook(msgspec.Struct, frozen=True):
    """What one conversation tells. ``filters`` are the events of a webhook, ``triggers`` the words of a trigger.

    ``replay_after`` is the index from which on messages were told again when it was made.
    """

    sid: str
    version: int
    account_sid: str
    chat_service_sid: str
    conversation_sid: str
    target: Target
    url: str | None
    method: Method
    filters: tuple[str, ...]
    triggers: tuple[str, ...]
    flow_sid: str | None
    replay_after: int | None
    created_at: int
    updated_at: int


class ParticipantConversation(msgspec.Struct, frozen=True):
    """A conversation as one of its participants has it; ``user_sid`` for those in the chat."""

    participant: Participant
    conversation: Conversation
    user_sid: str | None

    @property
    def chat_service_sid(self) -> str:
        """Where it is looked for."""
        return self.conversation.chat_service_sid


class ConversationAdded(msgspec.Struct, frozen=True):
    """Announced when a conversation was made."""

    conversation: Conversation


class ConversationStateChanged(msgspec.Struct, frozen=True):
    """Announced when a conversation went from one state to another."""

    conversation: Conversation
    before: State
    after: State


class ParticipantAdded(msgspec.Struct, frozen=True):
    """Announced when somebody joined."""

    conversation: Conversation
    participant: Participant


class ParticipantRemoved(msgspec.Struct, frozen=True):
    """Announced when somebody left, but not when the whole conversation is deleted."""

    conversation: Conversation
    participant: Participant


class MessageAdded(msgspec.Struct, frozen=True):
    """Announced when something was said."""

    conversation: Conversation
    message: Message
