"""What is to be delivered, and what became of it. SIDs begin with DL. Times are milliseconds, durations say their unit.

A delivery waits (*pending*) until its receiver takes it (*delivered*) or its time is over (*parked*); parked and delivered ones
can be replayed. One that asks for something is *failed* instead of parked: nobody waits for its answer any more.
"""

from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus
from types import MappingProxyType

import msgspec

# Of ``holds_until``: no time, for it holds back what follows until it is delivered.
NEVER = 1 << 62


class Status(StrEnum):
    """How far a delivery is."""

    PENDING = "pending"
    DELIVERED = "delivered"
    PARKED = "parked"
    FAILED = "failed"


class Move(StrEnum):
    """What happens to a delivery. One that has failed and is tried again stays as it is."""

    DELIVER = "deliver"
    PARK = "park"
    FAIL = "fail"
    REPLAY = "replay"


DELIVERY: Mapping[tuple[Status, Move], Status] = MappingProxyType(
    {
        (Status.PENDING, Move.DELIVER): Status.DELIVERED,
        (Status.PENDING, Move.PARK): Status.PARKED,
        (Status.PENDING, Move.FAIL): Status.FAILED,
        (Status.PARKED, Move.REPLAY): Status.PENDING,
        (Status.DELIVERED, Move.REPLAY): Status.PENDING,
    }
)


class Method(StrEnum):
    """How the receiver is called."""

    POST = "POST"
    GET = "GET"


class Content(StrEnum):
    """How the payload travels: as parameters (of the body, of the URL for GET), or as a body of JSON."""

    FORM = "form"
    JSON = "json"


class Callback(msgspec.Struct, frozen=True, kw_only=True):
    """A call that is wanted. ``url`` is as it was configured, with its connection overrides.

    ``payload`` is a JSON object: of parameters for a form, each a text, null standing for the SID of the event; the body itself
    for JSON. Callbacks about one ``resource`` to one URL are made in the order of their events. ``limit_ms`` is the receiver's time.

    With ``asks`` the answer is wanted: it names who takes it (see ``asking``), ``fallback_url`` is called if there is none from
    ``url``, and after ``give_up_at`` nobody needs it.
    """

    url: str
    payload: str
    resource: str
    method: Method = Method.POST
    content: Content = Content.FORM
    limit_ms: int = 15_000
    asks: str = ""
    fallback_url: str = ""
    give_up_at: int | None = None


class Delivery(msgspec.Struct, frozen=True):
    """A callback on its way. ``position`` is that of its event; what is above ``endpoint`` is as in ``Callback``.

    ``endpoint`` names the receiver whose troubles are its own alone, ``lane`` the deliveries that go one behind the other.
    ``due_at`` is when it is to be tried next, None when it is not pending; ``holds_until`` until when those behind it in its lane
    wait for it; ``attempts`` are those since it was made or replayed. ``answer_status``, ``error_code`` and ``error`` tell of the
    last one.
    """

    sid: str
    version: int
    account_sid: str
    position: int
    resource_sid: str
    url: str
    fallback_url: str
    method: Method
    content: Content
    payload: str
    limit_ms: int
    asks: str
    endpoint: str
    lane: str
    status: Status
    attempts: int
    due_at: int | None
    holds_until: int
    give_up_at: int
    answer_status: int | None
    error_code: int | None
    error: str | None
    settled_at: int | None
    created_at: int
    updated_at: int


class Trouble(StrEnum):
    """Why an attempt gave no good answer, in the words of the override ``rp``; OTHER is what no override names."""

    CONNECT = "ct"
    READ = "rt"
    REFUSED = "4xx"
    BROKEN = "5xx"
    OTHER = "other"


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What came of an attempt. ``status`` is None if there was no answer; ``body`` its first 64 KiB, ``whole`` if that is all.

    ``code`` is the vendor's, of its error dictionary; ``error`` a sentence; both are None for a good answer. ``retry_after_s`` is
    what the receiver asks for.
    """

    status: int | None = None
    content_type: str = ""
    body: bytes = b""
    whole: bool = True
    trouble: Trouble | None = None
    code: int | None = None
    error: str | None = None
    retry_after_s: int | None = None

    @property
    def is_good(self) -> bool:
        """Whether the receiver has taken it."""
        return self.trouble is None

    @property
    def is_success(self) -> bool:
        """Whether somebody answered as one should, good or not in what was said."""
        return self.status is not None and HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES
