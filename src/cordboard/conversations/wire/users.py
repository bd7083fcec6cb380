"""Users: forms, and the answer."""

from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from cordboard.conversations.model import User
from cordboard.kernel.clock import iso
from cordboard.kernel.pages import Page
from cordboard.rest.forms import PathValue, sid
from cordboard.rest.routes import Urls

from .attributes import NOT_JSON, Attributes
from .changes import changes, given
from .scope import Scoped, Told

_CODES = {"FriendlyName": 50003, "Attributes": NOT_JSON, "RoleSid": 50100}


class _Traits(Told, frozen=True, kw_only=True):
    codes = _CODES
    friendly_name: Annotated[str, Meta(max_length=256)] | UnsetType = UNSET
    attributes: Attributes | UnsetType = UNSET
    role_sid: Annotated[str, sid("RL")] | UnsetType = UNSET


class CreateUser(_Traits, frozen=True, kw_only=True):
    """Somebody who may be in the chat."""

    identity: Annotated[str, Meta(max_length=256)]


class UpdateUser(_Traits, frozen=True, kw_only=True):
    """What changes of a user, named by SID or identity."""

    sid: PathValue


class OneUser(Scoped, frozen=True, kw_only=True):
    """Which user, by SID or identity."""

    sid: PathValue


class ListUsers(Scoped, frozen=True, kw_only=True):
    """A page of a service's users."""

    page: Page = Page()


def traits_of(form: CreateUser) -> dict[str, Any]:
    """Fields of a user that are given."""
    return given(form, "identity")


def changes_of(form: UpdateUser) -> dict[str, Any]:
    """Fields of a user that are to change. Raises Invalid."""
    return changes(form, "sid")


def user(fact: User, urls: Urls) -> dict[str, Any]:
    """A user. ``is_online`` and ``is_notifiable`` are null, as the vendor has them while reachability is off."""
    url = f"{urls.base}/Users/{fact.sid}"
    return {
        "sid": fact.sid,
        "account_sid": fact.account_sid,
        "chat_service_sid": fact.chat_service_sid,
        "role_sid": fact.role_sid,
        "identity": fact.identity,
        "friendly_name": fact.friendly_name,
        "attributes": fact.attributes,
        "is_online": None,
        "is_notifiable": None,
        "date_created": iso(fact.created_at),
        "date_updated": iso(fact.updated_at),
        "url": url,
        "links": {"user_conversations": f"{url}/Conversations"},
    }
