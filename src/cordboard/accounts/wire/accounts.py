"""Accounts: a form of ours, and two faces, ours and the one of the vendor's 2010 API."""

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Annotated, Any

from msgspec import Meta

from cordboard.accounts.model import Account, AccountWithToken
from cordboard.kernel.clock import MILLISECONDS, iso
from cordboard.kernel.pages import Page
from cordboard.rest.forms import Form, PathValue
from cordboard.rest.routes import Urls

FriendlyName = Annotated[str, Meta(min_length=1, max_length=64)]


class CreateAccount(Form, frozen=True, kw_only=True):
    """A new account's name."""

    friendly_name: FriendlyName


class FetchAccount(Form, frozen=True, kw_only=True):
    """Which account."""

    sid: PathValue


class ListAccounts(Form, frozen=True, kw_only=True):
    """A page of them."""

    page: Page = Page()


def account(found: Account, urls: Urls) -> dict[str, Any]:
    """An account under our own API."""
    return {
        "sid": found.sid,
        "friendly_name": found.friendly_name,
        "status": found.status,
        "owner_account_sid": found.owner_sid,
        "date_created": iso(found.created_at),
        "date_updated": iso(found.updated_at),
        "url": f"{urls.base}/v1/Accounts/{found.sid}",
    }


def account_with_token(made: AccountWithToken, urls: Urls) -> dict[str, Any]:
    """The one answer that holds the token."""
    return {**account(made.account, urls), "auth_token": made.token}


def vendor_account(found: Account, _urls: Urls) -> dict[str, Any]:
    """An account as the vendor's 2010 API shows it, but for the token: it is never shown a second time (docs/differences.md)."""
    return {
        "sid": found.sid,
        "friendly_name": found.friendly_name,
        "status": found.status,
        "type": "Full",
        "owner_account_sid": found.owner_sid,
        "auth_token": None,
        "date_created": _rfc2822(found.created_at),
        "date_updated": _rfc2822(found.updated_at),
        "uri": f"/2010-04-01/Accounts/{found.sid}.json",
        "subresource_uris": {},
    }


def _rfc2822(at: int) -> str:
    """``Tue, 31 Aug 2010 20:36:28 +0000``."""
    return format_datetime(datetime.fromtimestamp(at // MILLISECONDS, UTC))
