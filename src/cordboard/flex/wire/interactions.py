"""Interactions: forms, and the answer (flex-interactions.md 2)."""

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType, field

from cordboard.flex.model import ChannelType, Initiator, RoutedInteraction
from cordboard.rest.forms import PathValue, sid
from cordboard.rest.routes import Urls

from .codes import FlexForm
from .media import Address, MediaProperties, Name
from .routing import Routing, routing

MOST_PARTICIPANTS = 50

Participants = Annotated[tuple[MediaProperties, ...], Meta(max_length=MOST_PARTICIPANTS)]
ChannelSid = Annotated[str, sid("UO")]
ContextSid = Annotated[str, sid("HQ")]
WebhookTtid = Annotated[
    str,
    Meta(
        pattern=r"^flex_interactionwebhook_[0-9a-z]{26}$",
        max_length=50,
        description="flex_interactionwebhook_ and 26 lower-case letters and digits",
    ),
]


class ChannelProperties(msgspec.Struct, frozen=True, kw_only=True):
    """The conversation, if there is one already; for email who the contact centre is."""

    media_channel_sid: Annotated[str, sid("CH")] | None = None
    business_address: Address | None = field(default=None, name="from")
    business_name: Name | None = field(default=None, name="from_name")


class WantedChannel(msgspec.Struct, frozen=True, kw_only=True):
    """``Channel``: an existing one by its ``sid``, or a new one with ``type`` and ``initiated_by``.

    Clients in typed languages send ``null`` for what they leave out, so everywhere in it that is as good as nothing.
    """

    sid: ChannelSid | None = None
    type: ChannelType | None = None
    initiated_by: Initiator | None = None
    given_properties: ChannelProperties | None = field(default=None, name="properties")
    given_participants: Participants | None = field(default=None, name="participants")

    @property
    def properties(self) -> ChannelProperties:
        """Empty without any."""
        return self.given_properties or ChannelProperties()

    @property
    def participants(self) -> tuple[MediaProperties, ...]:
        """Empty without any."""
        return self.given_participants or ()


class CreateInteraction(FlexForm, frozen=True, kw_only=True):
    """``POST /Interactions``."""

    channel: WantedChannel
    routing: Routing | UnsetType = UNSET
    interaction_context_sid: ContextSid | UnsetType = UNSET
    webhook_ttid: WebhookTtid | UnsetType = UNSET


class UpdateInteraction(FlexForm, frozen=True, kw_only=True):
    """``POST /Interactions/{Sid}``; without its one parameter nothing changes."""

    sid: PathValue
    webhook_ttid: WebhookTtid | UnsetType = UNSET


class OneInteraction(FlexForm, frozen=True, kw_only=True):
    """Fetch."""

    sid: PathValue


def interaction(found: RoutedInteraction, urls: Urls) -> dict[str, Any]:
    """An interaction; of its channel the vendor shows two things only, and of the interaction itself no dates."""
    fact = found.interaction
    url = f"{urls.base}/v1/Interactions/{fact.sid}"
    return {
        "sid": fact.sid,
        "channel": {"type": found.channel.type, "sid": found.channel.sid},
        "routing": routing(found.task),
        "interaction_context_sid": fact.context_sid,
        "webhook_ttid": fact.webhook_ttid,
        "url": url,
        "links": {"channels": f"{url}/Channels"},
    }
