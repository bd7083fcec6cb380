"""Deliveries in the unit of the change.

What is to be called follows from what happened: a product reacts to ``storage.unit.Recorded``, the last step of a unit, and enqueues
callbacks for the events that the unit has recorded. Their rows are written with the events and get their positions (``Event.also``).
So a delivery exists with its change or not at all, and deliveries are in the order of commits without a row being read for it.
"""

import hashlib

from cordboard.events.journal import Event
from cordboard.kernel.clock import MILLISECONDS
from cordboard.storage.unit import Unit

from .model import NEVER, Callback, Delivery, Status
from .store import DELIVERIES

# As long as the vendor's Event Streams hold for a receiver that is away.
GIVE_UP_AFTER_MS = 4 * 3600 * MILLISECONDS

_ASKING = "?"
_DIGEST_BYTES = 16


def enqueue(unit: Unit, event: Event, callback: Callback) -> Delivery:
    """Have this called for an event that the unit has recorded."""
    delivery = drafted(unit, event, callback)
    event.also.append((DELIVERIES, delivery))
    return delivery


def drafted(unit: Unit, event: Event, callback: Callback) -> Delivery:
    """The row of a call that is wanted, not written yet."""
    called = callback.url.partition("#")[0]
    return Delivery(
        sid=unit.sid("DL"),
        version=1,
        account_sid=event.account_sid,
        position=0,
        resource_sid=callback.resource,
        url=callback.url,
        fallback_url=callback.fallback_url,
        method=callback.method,
        content=callback.content,
        payload=callback.payload,
        limit_ms=callback.limit_ms,
        asks=callback.asks,
        endpoint=_endpoint(event.account_sid, called, asks=bool(callback.asks)),
        lane=_digest(event.account_sid, callback.asks, callback.method, called, callback.resource),
        status=Status.PENDING,
        attempts=0,
        due_at=unit.now,
        holds_until=NEVER,
        give_up_at=callback.give_up_at or unit.now + GIVE_UP_AFTER_MS,
        answer_status=None,
        error_code=None,
        error=None,
        settled_at=None,
        created_at=unit.now,
        updated_at=unit.now,
    )


def is_asking(endpoint: str) -> bool:
    """Whether what goes to a receiver asks for something."""
    return endpoint.startswith(_ASKING)


def _endpoint(account_sid: str, url: str, *, asks: bool) -> str:
    # A query often names the resource: all of them are one receiver.
    return f"{_ASKING if asks else ''}{_digest(account_sid, url.partition('?')[0])}"


def _digest(*parts: str) -> str:
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=_DIGEST_BYTES).hexdigest()
