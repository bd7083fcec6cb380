"""API keys: the forms, and three faces: the vendor's 2010 API, its ``iam``, and ours.

``Keys`` and ``SigningKeys`` of the 2010 API are one resource under two names; only ``iam`` knows policies.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from cordboard.accounts.model import ApiKey, KeyKind, KeyWithSecret
from cordboard.kernel.clock import iso
from cordboard.kernel.pages import Page
from cordboard.rest.forms import Form, PathValue, sid
from cordboard.rest.routes import Urls

from .accounts import FriendlyName
from .dates import rfc2822

MOST_PERMISSIONS = 100
NOT_A_PERMISSION = 70002
_CODES = {"FriendlyName": 70001, "KeyType": 70001, "Policy": NOT_A_PERMISSION}
_FLAGS = ["rest_api", "signing"]

AccountSid = Annotated[str, sid("AC")]
Permission = Annotated[str, Meta(max_length=128)]


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a restricted key may do: permissions such as ``/twilio/taskrouter/workspaces.tasks/create``."""

    allow: Annotated[list[Permission], Meta(min_length=1, max_length=MOST_PERMISSIONS)]


class CreateKey(Form, frozen=True, kw_only=True):
    """A new key of the account that calls, under our own API, which makes main keys too."""

    friendly_name: FriendlyName
    key_type: KeyKind = KeyKind.STANDARD
    policy: Policy | None = None


class CreateIamKey(Form, frozen=True, kw_only=True):
    """A new key of the account, standard unless it says ``restricted``."""

    codes = _CODES

    account_sid: AccountSid
    friendly_name: FriendlyName | None = None
    key_type: Literal["restricted"] | None = None
    policy: Policy | None = None


class CreateAccountKey(Form, frozen=True, kw_only=True):
    """A new standard key of the account in the path."""

    codes = _CODES

    account_sid: PathValue
    friendly_name: FriendlyName | None = None


class FetchKey(Form, frozen=True, kw_only=True):
    """Which key, of whatever account the caller may act for."""

    sid: PathValue


class FetchAccountKey(FetchKey, frozen=True, kw_only=True):
    """Which key of the account in the path."""

    account_sid: PathValue


class UpdateKey(FetchKey, frozen=True, kw_only=True):
    """A new name; a new policy in the place of the whole old one."""

    codes = _CODES

    friendly_name: FriendlyName | UnsetType = UNSET
    policy: Policy | None = None


class UpdateAccountKey(FetchAccountKey, frozen=True, kw_only=True):
    """A new name."""

    codes = _CODES

    friendly_name: FriendlyName | UnsetType = UNSET


class ListKeys(Form, frozen=True, kw_only=True):
    """A page of the keys of the account that calls."""

    page: Page = Page()


class ListIamKeys(Form, frozen=True, kw_only=True):
    """A page of an account's keys."""

    account_sid: AccountSid
    page: Page = Page()


class ListAccountKeys(Form, frozen=True, kw_only=True):
    """A page of the keys of the account in the path."""

    account_sid: PathValue
    page: Page = Page()


def key(found: ApiKey, urls: Urls) -> dict[str, Any]:
    """A key without its secret, under our own API."""
    return {
        "sid": found.sid,
        "account_sid": found.account_sid,
        "friendly_name": found.friendly_name,
        "key_type": found.kind,
        "policy": _policy(found),
        "date_created": iso(found.created_at),
        "date_updated": iso(found.updated_at),
        "url": f"{urls.base}/v1/Keys/{found.sid}",
    }


def key_with_secret(made: KeyWithSecret, urls: Urls) -> dict[str, Any]:
    """The one answer that holds the secret."""
    return {**key(made.key, urls), "secret": made.secret}


def account_key(found: ApiKey, _urls: Urls) -> dict[str, Any]:
    """A key as the 2010 API shows it: nobody can tell a restricted one there."""
    return {
        "sid": found.sid,
        "friendly_name": found.friendly_name,
        "date_created": rfc2822(found.created_at),
        "date_updated": rfc2822(found.updated_at),
    }


def account_key_with_secret(made: KeyWithSecret, urls: Urls) -> dict[str, Any]:
    """The one answer of the 2010 API that holds the secret."""
    return {**account_key(made.key, urls), "secret": made.secret}


def iam_key(found: ApiKey, urls: Urls) -> dict[str, Any]:
    """A key as ``iam`` shows one."""
    return {**account_key(found, urls), "policy": _policy(found)}


def iam_key_in_list(found: ApiKey, urls: Urls) -> dict[str, Any]:
    """A key as ``iam`` lists it. What ``signing`` says is that it may sign access tokens."""
    flags = _FLAGS[:1] if found.kind is KeyKind.RESTRICTED else _FLAGS
    return {**account_key(found, urls), "flags": flags}


def iam_key_with_secret(made: KeyWithSecret, urls: Urls) -> dict[str, Any]:
    """The one answer of ``iam`` that holds the secret."""
    return {**iam_key(made.key, urls), "secret": made.secret}


def _policy(found: ApiKey) -> dict[str, Any] | None:
    return None if found.policy is None else {"allow": found.policy}
