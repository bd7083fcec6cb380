"""Conversations: forms, and the answer."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType, field

from cordboard.conversations.model import Conversation, State
from cordboard.kernel.clock import MILLISECONDS, iso
from cordboard.kernel.errors import Invalid
from cordboard.kernel.pages import Page
from cordboard.rest.forms import Instant, PathValue
from cordboard.rest.routes import Urls

from .attributes import NOT_JSON, Attributes
from .changes import changes, given
from .later import Later
from .scope import Scoped, Told

LATER = (
    "messaging_service_sid",
    "timers_inactive",
    "timers_closed",
    "bindings_email_address",
    "bindings_email_name",
)

_NO_PARAMETERS = 50347
_WRONG_STATE = 50378
_EMPTY_STATE = 50374
_FOR_EVER = 2**62

_Name = Annotated[str, Meta(max_length=256)]
_State = Annotated[str, Meta(max_length=64, extra_json_schema={"enum": [state.value for state in State]})]
_CODES = {"FriendlyName": 50003, "UniqueName": 50004, "Attributes": NOT_JSON, "State": _WRONG_STATE}


class CreateConversation(Told, frozen=True, kw_only=True):
    """A new conversation."""

    codes = _CODES
    friendly_name: _Name | UnsetType = UNSET
    unique_name: _Name | UnsetType = UNSET
    attributes: Attributes | UnsetType = UNSET
    state: _State | UnsetType = UNSET
    date_created: Instant | UnsetType = UNSET
    date_updated: Instant | UnsetType = UNSET
    messaging_service_sid: Later = UNSET
    timers_inactive: Later = field(default=UNSET, name="Timers.Inactive")
    timers_closed: Later = field(default=UNSET, name="Timers.Closed")
    bindings_email_address: Later = field(default=UNSET, name="Bindings.Email.Address")
    bindings_email_name: Later = field(default=UNSET, name="Bindings.Email.Name")


class UpdateConversation(CreateConversation, frozen=True, kw_only=True):
    """The same parameters for one that is there; ``sid`` is its SID or its unique name."""

    sid: PathValue


class OneConversation(Scoped, frozen=True, kw_only=True):
    """Which conversation, by its SID or its unique name."""

    sid: PathValue


class DeleteConversation(Told, frozen=True, kw_only=True):
    """Which conversation is to go."""

    sid: PathValue


class ListConversations(Scoped, frozen=True, kw_only=True):
    """A page of a service's conversations, of those made between two dates."""

    start_date: Instant | UnsetType = UNSET
    end_date: Instant | UnsetType = UNSET
    state: Literal["initializing", "active", "inactive", "closed"] | UnsetType = UNSET
    page: Page = Page()


def facts_of(form: CreateConversation) -> dict[str, Any]:
    """Fields of a conversation that are given. Raises Invalid for a state that is none, or that one is not born in."""
    facts = _facts(given(form))
    if facts.get("state") is State.CLOSED:
        message = "Invalid parameter State: a conversation is not created closed"
        raise Invalid(message, code=50384)
    return facts


def changes_of(form: UpdateConversation) -> dict[str, Any]:
    """Fields of a conversation that are to change. Raises Invalid for a state that is none, and if there are no fields."""
    return _facts(changes(form, "sid", code=_NO_PARAMETERS))


def range_of(form: ListConversations) -> tuple[int, int]:
    """From when, and until when exclusively. Both dates are inclusive, and whole seconds. Raises 50396."""
    start = -_FOR_EVER if form.start_date is UNSET else form.start_date
    end = _FOR_EVER if form.end_date is UNSET else form.end_date + MILLISECONDS
    if end <= start:
        message = "Invalid parameter EndDate: it is before StartDate"
        raise Invalid(message, code=50396)
    return start, end


def conversation(fact: Conversation, urls: Urls) -> dict[str, Any]:
    """A conversation. No timers, no address of its own and no messaging service are built."""
    url = f"{urls.base}/Conversations/{fact.sid}"
    return {
        "sid": fact.sid,
        "account_sid": fact.account_sid,
        "chat_service_sid": fact.chat_service_sid,
        "messaging_service_sid": None,
        "friendly_name": fact.friendly_name,
        "unique_name": fact.unique_name,
        "attributes": fact.attributes,
        "state": fact.state,
        "date_created": iso(fact.created_at),
        "date_updated": iso(fact.updated_at),
        "timers": {},
        "bindings": {},
        "url": url,
        "links": {
            "participants": f"{url}/Participants",
            "messages": f"{url}/Messages",
            "webhooks": f"{url}/Webhooks",
            "export": f"{url}/Export",
        },
    }


def _facts(values: dict[str, Any]) -> dict[str, Any]:
    if "state" in values:
        values["state"] = _state(values["state"])
    if values.get("unique_name") == "":
        values["unique_name"] = None
    return values


def _state(text: str) -> State:
    if not text:
        message = "Invalid parameter State: it is empty"
        raise Invalid(message, code=_EMPTY_STATE)
    try:
        return State(text)
    except ValueError as error:
        message = f"Invalid parameter State: '{text}' is none of {', '.join(State)}"
        raise Invalid(message, code=_WRONG_STATE) from error
