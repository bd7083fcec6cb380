"""Accounts: the forms, and two faces, that of the vendor's 2010 API and ours."""

from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from cordboard.accounts.model import Account, AccountStatus, AccountWithToken
from cordboard.kernel.clock import iso
from cordboard.kernel.pages import Page
from cordboard.rest.forms import Form, PathValue
from cordboard.rest.routes import Urls

from .dates import rfc2822

FriendlyName = Annotated[str, Meta(min_length=1, max_length=64)]


class CreateAccount(Form, frozen=True, kw_only=True):
    """A new account's name."""

    friendly_name: FriendlyName


class CreateSubaccount(Form, frozen=True, kw_only=True):
    """The same of the 2010 API, where it need not have one."""

    friendly_name: FriendlyName | None = None


class FetchAccount(Form, frozen=True, kw_only=True):
    """Which account."""

    sid: PathValue


class UpdateAccount(FetchAccount, frozen=True, kw_only=True):
    """What to change."""

    friendly_name: FriendlyName | UnsetType = UNSET
    status: AccountStatus | UnsetType = UNSET


class ListAccounts(Form, frozen=True, kw_only=True):
    """A page of them; of one name, of one status."""

    friendly_name: Annotated[str, Meta(max_length=64)] | None = None
    status: AccountStatus | None = None
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
    path = f"/2010-04-01/Accounts/{found.sid}"
    return {
        "sid": found.sid,
        "friendly_name": found.friendly_name,
        "status": found.status,
        "type": "Full",
        "owner_account_sid": found.owner_sid,
        "auth_token": None,
        "date_created": rfc2822(found.created_at),
        "date_updated": rfc2822(found.updated_at),
        "uri": f"{path}.json",
        "subresource_uris": {"keys": f"{path}/Keys.json", "signing_keys": f"{path}/SigningKeys.json"},
    }


def vendor_account_with_token(made: AccountWithToken, urls: Urls) -> dict[str, Any]:
    """A new subaccount as the vendor's 2010 API shows it."""
    return {**vendor_account(made.account, urls), "auth_token": made.token}
