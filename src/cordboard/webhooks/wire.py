"""Deliveries, as ``/cordboard/v1/Deliveries`` shows them."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from cordboard.events.journal import sid_at
from cordboard.kernel.clock import iso
from cordboard.kernel.pages import Page
from cordboard.rest.forms import Form, PathValue
from cordboard.rest.routes import Urls

from .messages import parameters_of
from .model import Content, Delivery, Status


class ListDeliveries(Form, frozen=True, kw_only=True):
    """A page of the account's deliveries, of one status or about one resource, oldest first or newest first."""

    order: Literal["asc", "desc"] = "asc"
    status: Status | None = None
    resource_sid: Annotated[str, Meta(max_length=256)] | None = None
    page: Page = Page()


class OneDelivery(Form, frozen=True, kw_only=True):
    """Which one."""

    sid: PathValue


def delivery(found: Delivery, urls: Urls) -> dict[str, Any]:
    """A delivery with what is sent; ``answer_status``, ``error_code`` and ``error`` are of the last attempt."""
    is_form = found.content is Content.FORM
    return {
        "sid": found.sid,
        "account_sid": found.account_sid,
        "status": found.status,
        "callback_url": found.url,
        "fallback_url": found.fallback_url or None,
        "method": found.method,
        "content": found.content,
        "payload": parameters_of(found) if is_form else msgspec.Raw(found.payload.encode()),
        "resource_sid": found.resource_sid,
        "event_sid": sid_at(found.account_sid, found.position),
        "event_position": found.position,
        "attempts": found.attempts,
        "answer_status": found.answer_status,
        "error_code": found.error_code,
        "error": found.error,
        "date_created": iso(found.created_at),
        "date_updated": iso(found.updated_at),
        "date_due": iso(found.due_at),
        "date_settled": iso(found.settled_at),
        "url": f"{urls.base}/v1/Deliveries/{found.sid}",
        "links": {"replay": f"{urls.base}/v1/Deliveries/{found.sid}/Replay"},
    }
