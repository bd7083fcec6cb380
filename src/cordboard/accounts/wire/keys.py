"""API keys."""

from typing import Any

from cordboard.accounts.model import ApiKey, KeyWithSecret
from cordboard.kernel.clock import iso
from cordboard.kernel.pages import Page
from cordboard.rest.forms import Form, PathValue
from cordboard.rest.routes import Urls

from .accounts import FriendlyName


class CreateKey(Form, frozen=True, kw_only=True):
    """A new key's name."""

    friendly_name: FriendlyName


class FetchKey(Form, frozen=True, kw_only=True):
    """Which key."""

    sid: PathValue


class ListKeys(Form, frozen=True, kw_only=True):
    """A page of the account's keys."""

    page: Page = Page()


def key(found: ApiKey, urls: Urls) -> dict[str, Any]:
    """A key without its secret."""
    return {
        "sid": found.sid,
        "account_sid": found.account_sid,
        "friendly_name": found.friendly_name,
        "date_created": iso(found.created_at),
        "date_updated": iso(found.updated_at),
        "url": f"{urls.base}/v1/Keys/{found.sid}",
    }


def key_with_secret(made: KeyWithSecret, urls: Urls) -> dict[str, Any]:
    """The one answer that holds the secret."""
    return {**key(made.key, urls), "secret": made.secret}
