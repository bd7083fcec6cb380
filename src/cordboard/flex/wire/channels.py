"""Channels: forms, and the answer (flex-interactions.md 5)."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from cordboard.flex.model import InteractionChannel
from cordboard.kernel.pages import Page
from cordboard.rest.forms import PathValue
from cordboard.rest.routes import Urls

from .codes import STATUS_INVALID, FlexForm


class ClosingRouting(msgspec.Struct, frozen=True, kw_only=True):
    """``Routing`` of an update: what becomes of the agents' tasks."""

    status: Literal["closed", "wrapup"] | None = None


class UpdateChannel(FlexForm, frozen=True, kw_only=True):
    """``POST /Channels/{Sid}``. A status that is missing and one that cannot be set have codes of their own."""

    codes: ClassVar[Mapping[str, int]] = {"Status": STATUS_INVALID}
    interaction_sid: PathValue
    sid: PathValue
    status: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET
    routing: ClosingRouting = ClosingRouting()


class OneChannel(FlexForm, frozen=True, kw_only=True):
    """Fetch."""

    interaction_sid: PathValue
    sid: PathValue


class ListChannels(FlexForm, frozen=True, kw_only=True):
    """``GET /Channels``; there is one."""

    interaction_sid: PathValue
    page: Page


def channel(fact: InteractionChannel, urls: Urls) -> dict[str, Any]:
    """A channel as REST shows it."""
    url = f"{urls.base}/v1/Interactions/{fact.interaction_sid}/Channels/{fact.sid}"
    return {
        "sid": fact.sid,
        "interaction_sid": fact.interaction_sid,
        "type": fact.type,
        "status": fact.status,
        "error_code": fact.error_code,
        "error_message": fact.error_message,
        "url": url,
        "links": {
            "participants": f"{url}/Participants",
            "invites": f"{url}/Invites",
            "transfers": f"{url}/Transfers",
        },
    }
