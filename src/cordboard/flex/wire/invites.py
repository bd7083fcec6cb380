"""Invites: forms, and the answer (flex-interactions.md 7)."""

from typing import Any

from cordboard.flex.model import RoutedInvite
from cordboard.kernel.pages import Page
from cordboard.rest.forms import PathValue
from cordboard.rest.routes import Urls

from .codes import FlexForm
from .routing import Routing, routing


class CreateInvite(FlexForm, frozen=True, kw_only=True):
    """``POST /Invites``."""

    interaction_sid: PathValue
    channel_sid: PathValue
    routing: Routing


class ListInvites(FlexForm, frozen=True, kw_only=True):
    """``GET /Invites``."""

    interaction_sid: PathValue
    channel_sid: PathValue
    page: Page


def invite(found: RoutedInvite, urls: Urls) -> dict[str, Any]:
    """An invite with its task."""
    fact = found.invite
    return {
        "sid": fact.sid,
        "interaction_sid": fact.interaction_sid,
        "channel_sid": fact.channel_sid,
        "routing": routing(found.task),
        "url": f"{urls.base}/v1/Interactions/{fact.interaction_sid}/Channels/{fact.channel_sid}/Invites/{fact.sid}",
    }
