"""Participants: forms, and the answer (flex-interactions.md 6)."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from cordboard.flex.model import InteractionParticipant, ParticipantType
from cordboard.kernel.pages import Page
from cordboard.rest.forms import PathValue, sid
from cordboard.rest.routes import Urls

from .codes import PARTICIPANT_INVALID, FlexForm
from .media import MediaProperties


class RoutingProperties(msgspec.Struct, frozen=True, kw_only=True):
    """An agent's side of routing."""

    task_sid: Annotated[str, sid("WT")] | None = None
    worker_sid: Annotated[str, sid("WK")] | None = None
    reservation_sid: Annotated[str, sid("WR")] | None = None


class CreateParticipant(FlexForm, frozen=True, kw_only=True):
    """``POST /Participants``."""

    default_code = PARTICIPANT_INVALID
    interaction_sid: PathValue
    channel_sid: PathValue
    type: ParticipantType
    media_properties: MediaProperties
    routing_properties: RoutingProperties | UnsetType = UNSET


class UpdateParticipant(FlexForm, frozen=True, kw_only=True):
    """``POST /Participants/{Sid}``."""

    interaction_sid: PathValue
    channel_sid: PathValue
    sid: PathValue
    status: Literal["closed", "wrapup"]


class ListParticipants(FlexForm, frozen=True, kw_only=True):
    """``GET /Participants``: who is there now."""

    interaction_sid: PathValue
    channel_sid: PathValue
    page: Page


def participant(fact: InteractionParticipant, urls: Urls) -> dict[str, Any]:
    """A participant as REST shows it; customers have no side of routing."""
    routing = None
    if fact.reservation_sid is not None:
        routing = {
            "task_sid": fact.task_sid,
            "worker_sid": fact.worker_sid,
            "reservation_sid": fact.reservation_sid,
        }
    channel = f"{urls.base}/v1/Interactions/{fact.interaction_sid}/Channels/{fact.channel_sid}"
    return {
        "sid": fact.sid,
        "channel_sid": fact.channel_sid,
        "interaction_sid": fact.interaction_sid,
        "type": fact.type,
        "routing_properties": routing,
        "url": f"{channel}/Participants/{fact.sid}",
    }
