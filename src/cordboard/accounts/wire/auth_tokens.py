"""The secondary auth token and its promotion, as the vendor's ``accounts`` product has them."""

from typing import Any

from cordboard.accounts.model import AuthToken
from cordboard.kernel.clock import iso
from cordboard.rest.forms import Form
from cordboard.rest.routes import Urls


class SecondaryAuthToken(Form, frozen=True, kw_only=True):
    """Nothing: it is of the account that calls."""


class PromoteAuthToken(Form, frozen=True, kw_only=True):
    """``SuppressEmailNotification`` is the vendor's: no mail is sent here in any case."""

    suppress_email_notification: bool = False


def secondary_auth_token(made: AuthToken, urls: Urls) -> dict[str, Any]:
    """The one answer that holds the new token."""
    return {"secondary_auth_token": made.token, **_facts(made, f"{urls.base}/v1/AuthTokens/Secondary")}


def promoted_auth_token(made: AuthToken, urls: Urls) -> dict[str, Any]:
    """The token that is the primary one from now on."""
    return {"auth_token": made.token, **_facts(made, f"{urls.base}/v1/AuthTokens/Promote")}


def _facts(made: AuthToken, url: str) -> dict[str, Any]:
    return {
        "account_sid": made.account_sid,
        "date_created": iso(made.created_at),
        "date_updated": iso(made.updated_at),
        "url": url,
    }
