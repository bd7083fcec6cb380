"""The facts of Flex. SIDs by prefix: KD interaction, UO channel, KG invite, UT participant, GO Flex instance.

An interaction has one channel, a channel one conversation (CH) for life and an invite for each of its tasks (WT). A participant has
two sides: somebody in the conversation (MB), and for an agent the reservation (WR) by which the task was taken.
"""

from enum import StrEnum

import msgspec

from cordboard.taskrouter.model import NamedTask


class ChannelType(StrEnum):
    """What the customer uses. Voice channels come with calls, never by the API."""

    SMS = "sms"
    WHATSAPP = "whatsapp"
    WEB = "web"
    CHAT = "chat"
    EMAIL = "email"
    MESSENGER = "messenger"
    GBM = "gbm"


class Initiator(StrEnum):
    """Whose idea the interaction was: a customer wrote, an agent wants to, or a program has work for an agent."""

    CUSTOMER = "customer"
    AGENT = "agent"
    API = "api"


class ChannelStatus(StrEnum):
    """A channel's state; closed is for good. The vendor's other states come with what brings a channel into them."""

    ACTIVE = "active"
    CLOSED = "closed"


class ParticipantType(StrEnum):
    """Who somebody is."""

    AGENT = "agent"
    CUSTOMER = "customer"
    SUPERVISOR = "supervisor"
    EXTERNAL = "external"
    UNKNOWN = "unknown"


class ParticipantStatus(StrEnum):
    """``WRAPUP``: an agent who has left but is not done; ``CLOSED``: somebody who is gone, and in no list."""

    ACTIVE = "active"
    WRAPUP = "wrapup"
    CLOSED = "closed"


class FlexConfiguration(msgspec.Struct, frozen=True):
    """An account's Flex: one instance, as long as the account lives."""

    account_sid: str
    version: int
    flex_instance_sid: str
    created_at: int
    updated_at: int


class Interaction(msgspec.Struct, frozen=True):
    """One customer's engagement. ``context_sid`` and ``webhook_ttid`` are what the caller named."""

    sid: str
    version: int
    account_sid: str
    context_sid: str | None
    webhook_ttid: str | None
    created_at: int
    updated_at: int


class InteractionChannel(msgspec.Struct, frozen=True):
    """Where the engagement takes place. ``business_address`` is the contact centre's side of it, ``business_name`` its name there."""

    sid: str
    version: int
    account_sid: str
    interaction_sid: str
    type: ChannelType
    initiated_by: Initiator
    status: ChannelStatus
    conversation_sid: str
    business_address: str | None
    business_name: str | None
    error_code: int | None
    error_message: str | None
    created_at: int
    updated_at: int

    @property
    def is_open(self) -> bool:
        """Whether agents can be invited to it and somebody can join."""
        return self.status is not ChannelStatus.CLOSED


class Invite(msgspec.Struct, frozen=True):
    """A task by which an agent is found for a channel."""

    sid: str
    version: int
    account_sid: str
    interaction_sid: str
    channel_sid: str
    workspace_sid: str
    task_sid: str
    created_at: int
    updated_at: int


class InteractionParticipant(msgspec.Struct, frozen=True):
    """Somebody on a channel. The last three are an agent's; ``conversation_participant_sid`` is who they are in the conversation."""

    sid: str
    version: int
    account_sid: str
    interaction_sid: str
    channel_sid: str
    type: ParticipantType
    status: ParticipantStatus
    conversation_participant_sid: str
    task_sid: str | None
    worker_sid: str | None
    reservation_sid: str | None
    created_at: int
    updated_at: int


class RoutedInteraction(msgspec.Struct, frozen=True):
    """An interaction with its channel and the task of its newest invite, None when the task is gone."""

    interaction: Interaction
    channel: InteractionChannel
    task: NamedTask | None


class RoutedInvite(msgspec.Struct, frozen=True):
    """An invite with its task, None when the task is gone."""

    invite: Invite
    task: NamedTask | None


class ServedConfiguration(msgspec.Struct, frozen=True):
    """A Flex instance and the conversation service that it works in, which is the account's default one."""

    configuration: FlexConfiguration
    chat_service_sid: str
