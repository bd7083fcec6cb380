"""A delivery as it is sent, and who sends it."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from cordboard.events.journal import sid_at

from .model import Content, Delivery, Method, Reply

# The vendor's name: the same for every attempt at a delivery.
IDEMPOTENCY_TOKEN = "I-Twilio-Idempotency-Token"  # noqa: S105 - a header's name
EVENT_POSITION = "X-Cordboard-Event-Position"


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What is called. ``parameters`` are those of a form, ``body`` is for JSON; ``tokens`` sign, the primary one first."""

    method: Method
    content: Content
    parameters: Mapping[str, str]
    body: bytes
    tokens: Sequence[str]
    headers: Mapping[str, str]


class Calling(Protocol):
    """Calls receivers."""

    async def call(self, url: str, limit_ms: int, message: Message) -> Reply:
        """Call a URL as its connection overrides say, in no more time than the limit."""
        ...

    async def close(self) -> None:
        """Let go of all connections."""
        ...


_RETRY_COUNT = "RetryCount"

_parameters = msgspec.json.Decoder(dict[str, str | None]).decode


def parameters_of(delivery: Delivery) -> dict[str, str]:
    """The parameters of a form; where the payload has null stands the event's SID.

    ``RetryCount`` is how often it was tried before: the next time, or the last time if there is no next.
    """
    event_sid = sid_at(delivery.account_sid, delivery.position)
    parameters = {name: event_sid if value is None else value for name, value in _parameters(delivery.payload).items()}
    if _RETRY_COUNT in parameters:
        parameters[_RETRY_COUNT] = str(delivery.attempts - (delivery.due_at is None and delivery.attempts > 0))
    return parameters


def message_of(delivery: Delivery, tokens: Sequence[str]) -> Message:
    """What is sent for a delivery."""
    is_form = delivery.content is Content.FORM
    headers = {IDEMPOTENCY_TOKEN: delivery.sid}
    if delivery.position:
        headers[EVENT_POSITION] = str(delivery.position)
    return Message(
        method=delivery.method,
        content=delivery.content,
        parameters=parameters_of(delivery) if is_form else {},
        body=b"" if is_form else delivery.payload.encode(),
        tokens=tokens,
        headers=headers,
    )
