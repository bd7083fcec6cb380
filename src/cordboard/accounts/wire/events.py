"""The record of what happened, as ``/cordboard/v1/Events`` shows it."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from cordboard.events.record import Event
from cordboard.kernel.clock import iso
from cordboard.kernel.pages import Page
from cordboard.rest.forms import Form
from cordboard.rest.routes import Urls


class ListEvents(Form, frozen=True, kw_only=True):
    """A page of the account's events, or of those of one resource."""

    resource_sid: Annotated[str, Meta(max_length=256)] | None = None
    page: Page = Page()


def event(found: Event, _urls: Urls) -> dict[str, Any]:
    """One event; ``position`` is its place among the account's, ``data`` the facts as they were then."""
    return {
        "sid": found.sid,
        "account_sid": found.account_sid,
        "position": found.position,
        "product": found.product,
        "type": found.type,
        "scope_sid": found.scope_sid,
        "resource_sid": found.resource_sid,
        "date_created": iso(found.at),
        "data": msgspec.Raw(found.data.encode()),
    }
