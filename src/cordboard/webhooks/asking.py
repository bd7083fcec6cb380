"""Callbacks that ask: a call between two units, whose answer somebody takes.

The first unit enqueues the question with what it is about; the call is made when that is on disk; a second unit takes the answer
and settles the delivery in one. Meanwhile everything may have changed, so who takes an answer reads again and acts only if it still
applies. A server that ends in between asks again. There are no retries: who asks has a fallback URL, and then goes on without an
answer.

What the caller of the API waits for itself is asked otherwise: ``questions``.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from cordboard.kernel import json
from cordboard.storage.unit import Unit

from .model import Delivery, Reply


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with an answer: the vendor's code of the warning, and a sentence."""

    code: int
    sentence: str


class Asker(msgspec.Struct, frozen=True):
    """Who asks. ``look`` tells what is wrong with a good reply: then the fallback URL is asked, as if there had been none.

    ``take`` acts on the last reply, good or not, in the unit that settles the delivery. An ApiError that it raises is kept with the
    delivery, and nothing of what it did.
    """

    look: Callable[[Reply], Fault | None]
    take: Callable[[Unit, Delivery, Reply], Awaitable[None]]


def object_of(reply: Reply, code: int) -> dict[str, Any] | Fault:
    """The JSON object that a reply is; or what is wrong with it, under a code."""
    if not reply.whole:
        return Fault(code, "the reply is too long")
    try:
        said = json.parse(reply.body.decode())
    except ValueError as error:
        return Fault(code, f"the reply is not JSON: {error}")
    return said if isinstance(said, dict) else Fault(code, "the reply is not a JSON object")
