"""Participants: forms, and the answer."""

import re
from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType, field

from cordboard.conversations.model import Participant
from cordboard.kernel.clock import iso
from cordboard.kernel.errors import Invalid
from cordboard.kernel.pages import Page
from cordboard.rest.forms import Instant, PathValue, sid
from cordboard.rest.routes import Urls

from .attributes import NOT_JSON, Attributes
from .changes import changes, given
from .later import Later
from .scope import Scoped, Told

LATER = ("messaging_binding_projected_address",)
LATER_IN_UPDATES = ("identity", "messaging_binding_proxy_address", "messaging_binding_projected_address")

_WRONG_INDEX = 50421
_INDEX = re.compile("[0-9]{1,15}")

_Identity = Annotated[str, Meta(max_length=256)]
_Address = Annotated[str, Meta(max_length=256)]
_RoleSid = Annotated[str, sid("RL")]
_CODES = {
    "MessagingBinding.Address": 50407,
    "MessagingBinding.ProxyAddress": 50408,
    "Attributes": NOT_JSON,
    "RoleSid": 50100,
    "LastReadMessageIndex": _WRONG_INDEX,
}
_BINDING = {"messaging_binding_address": "address", "messaging_binding_proxy_address": "proxy_address"}


class CreateParticipant(Told, frozen=True, kw_only=True):
    """Somebody who joins: by ``identity``, or at an address that is written to from a proxy address."""

    codes = _CODES
    conversation_sid: PathValue
    identity: _Identity | UnsetType = UNSET
    messaging_binding_address: _Address | UnsetType = field(default=UNSET, name="MessagingBinding.Address")
    messaging_binding_proxy_address: _Address | UnsetType = field(default=UNSET, name="MessagingBinding.ProxyAddress")
    messaging_binding_projected_address: Later = field(default=UNSET, name="MessagingBinding.ProjectedAddress")
    role_sid: _RoleSid | UnsetType = UNSET
    attributes: Attributes | UnsetType = UNSET
    date_created: Instant | UnsetType = UNSET
    date_updated: Instant | UnsetType = UNSET


class UpdateParticipant(Told, frozen=True, kw_only=True):
    """What changes of a participant. ``last_read_message_index``: digits, or ``''`` or ``null`` for none."""

    codes = _CODES
    conversation_sid: PathValue
    sid: PathValue
    role_sid: _RoleSid | UnsetType = UNSET
    attributes: Attributes | UnsetType = UNSET
    last_read_message_index: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET
    last_read_timestamp: Instant | UnsetType = UNSET
    date_created: Instant | UnsetType = UNSET
    date_updated: Instant | UnsetType = UNSET
    identity: Later = UNSET
    messaging_binding_proxy_address: Later = field(default=UNSET, name="MessagingBinding.ProxyAddress")
    messaging_binding_projected_address: Later = field(default=UNSET, name="MessagingBinding.ProjectedAddress")


class OneParticipant(Scoped, frozen=True, kw_only=True):
    """Which participant, by SID or identity."""

    conversation_sid: PathValue
    sid: PathValue


class DeleteParticipant(Told, frozen=True, kw_only=True):
    """Who is to go, by SID or identity."""

    conversation_sid: PathValue
    sid: PathValue


class ListParticipants(Scoped, frozen=True, kw_only=True):
    """A page of those in a conversation."""

    conversation_sid: PathValue
    page: Page = Page()


def newcomer_of(form: CreateParticipant) -> dict[str, Any]:
    """What ``participants.add`` is told."""
    return {_BINDING.get(name, name): value for name, value in given(form, "conversation_sid").items()}


def changes_of(form: UpdateParticipant) -> dict[str, Any]:
    """Fields of a participant that are to change. Raises Invalid."""
    values = changes(form, "conversation_sid", "sid")
    if "last_read_message_index" in values:
        values["last_read_message_index"] = _index(values["last_read_message_index"])
    return values


def wrong_index(text: str | int) -> Invalid:
    """50421, for an index that the conversation does not have."""
    message = f"Invalid parameter LastReadMessageIndex: '{text}' is not the index of a message of this conversation"
    return Invalid(message, code=_WRONG_INDEX)


def participant(fact: Participant, urls: Urls) -> dict[str, Any]:
    """A participant; the binding shows only what it has."""
    binding = messaging_binding(fact)
    return {
        "sid": fact.sid,
        "account_sid": fact.account_sid,
        "conversation_sid": fact.conversation_sid,
        "identity": fact.identity,
        "attributes": fact.attributes,
        "messaging_binding": binding and {name: value for name, value in binding.items() if value is not None},
        "role_sid": fact.role_sid,
        "date_created": iso(fact.created_at),
        "date_updated": iso(fact.updated_at),
        "url": f"{urls.base}/Conversations/{fact.conversation_sid}/Participants/{fact.sid}",
        "last_read_message_index": fact.last_read_message_index,
        "last_read_timestamp": iso(fact.last_read_at),
    }


def messaging_binding(fact: Participant) -> dict[str, Any] | None:
    """A binding with all its keys; None for those in the chat."""
    if fact.address is None:
        return None
    return {
        "type": fact.binding_type,
        "address": fact.address,
        "proxy_address": fact.proxy_address,
        "level": fact.level,
        "name": fact.name,
        "projected_address": None,
    }


def _index(text: str) -> int | None:
    if text in {"", "null"}:
        return None
    if _INDEX.fullmatch(text) is None:
        raise wrong_index(text)
    return int(text)
