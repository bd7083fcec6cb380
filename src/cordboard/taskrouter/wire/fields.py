"""Kinds of fields that forms of several resources share, and what a caller changes with them."""

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta

from cordboard.rest.forms import Form, JsonObject, sid
from cordboard.routing.expressions.tokens import MAX_TEXT

FriendlyName = Annotated[str, Meta(min_length=1, max_length=64)]
WorkerAttributes = Annotated[JsonObject, Meta(max_length=4096)]
Expression = Annotated[str, Meta(max_length=MAX_TEXT)]
ActivitySid = Annotated[str, sid("WA")]
EventSid = Annotated[str, sid("EV")]
ReservationSid = Annotated[str, sid("WR")]
TaskChannelSid = Annotated[str, sid("TC")]
TaskQueueSid = Annotated[str, sid("WQ")]
TaskSid = Annotated[str, sid("WT")]
TransferSid = Annotated[str, sid("TT")]
WorkerChannelSid = Annotated[str, sid("WC")]
WorkerSid = Annotated[str, sid("WK")]
WorkflowSid = Annotated[str, sid("WW")]
WorkspaceSid = Annotated[str, sid("WS")]
Wanted = Annotated[str, Meta(max_length=256, description="what a list is filtered by; nothing equal is an empty list")]


def changes(form: Form, fact: msgspec.Struct, *names: str) -> dict[str, Any]:
    """Which of the named fields the caller sent with another value than the fact has."""
    sent = {name: getattr(form, name) for name in names}
    return {name: value for name, value in sent.items() if value is not UNSET and value != getattr(fact, name)}
