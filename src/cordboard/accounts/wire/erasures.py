"""Erasures: a form of ours, and the receipt."""

from typing import Annotated, Any

from msgspec import Meta

from cordboard.accounts.model import Erasure
from cordboard.kernel.clock import iso
from cordboard.kernel.pages import Page
from cordboard.rest.forms import Form, PathValue
from cordboard.rest.routes import Urls

Name = Annotated[str, Meta(min_length=1, max_length=256)]


class CreateErasure(Form, frozen=True, kw_only=True):
    """Whom to forget: one of the two."""

    address: Name | None = None
    identity: Name | None = None


class FetchErasure(Form, frozen=True, kw_only=True):
    """Which one."""

    sid: PathValue


class ListErasures(Form, frozen=True, kw_only=True):
    """A page of the account's."""

    page: Page = Page()


def erasure(found: Erasure, urls: Urls) -> dict[str, Any]:
    """What was done. Who was forgotten is told by a hash alone."""
    return {
        "sid": found.sid,
        "account_sid": found.account_sid,
        "status": found.status,
        "subject_digest": found.digest,
        "requested_by": found.requested_by,
        "counts": found.counts,
        "date_created": iso(found.created_at),
        "date_updated": iso(found.updated_at),
        "date_completed": iso(found.completed_at),
        "url": f"{urls.base}/v1/Erasures/{found.sid}",
    }
