"""Deliveries as rows.

Due of a receiver are the deliveries whose time has come and for which nothing earlier in their lane is held. The lane is looked
through for the first ``_WINDOW`` of them only, so that a receiver with a hundred thousand waiting costs no more than one with
five hundred; those behind come when the first are delivered or their 60 seconds are over.
"""

import msgspec

from cordboard.storage.dialect import among
from cordboard.storage.tables import Query, Shape, Table

from .model import Delivery

DELIVERIES = Table("deliveries", Delivery)

_WINDOW = 500

# Arguments: the endpoint, now, now, how many.
DUE = DELIVERIES.where(
    "sid IN (SELECT sid FROM (SELECT sid, lane, position, due_at FROM deliveries WHERE endpoint = ? AND due_at <= ? "
    f"ORDER BY due_at, position LIMIT {_WINDOW}) AS first WHERE NOT EXISTS (SELECT 1 FROM deliveries AS earlier "
    "WHERE earlier.lane = first.lane AND earlier.position < first.position AND earlier.due_at IS NOT NULL "
    "AND earlier.holds_until > ?) ORDER BY due_at, position LIMIT ?) ORDER BY due_at, position"
)


# What waits in lanes. Arguments: the lanes, how many.
def waiting_in(lanes: int) -> Query[Delivery]:
    """What waits in so many lanes, each in order."""
    return DELIVERIES.where(f"{among('lane', lanes)} AND due_at IS NOT NULL ORDER BY lane, position LIMIT ?")


# Those whose time to be tried is over. Arguments: the endpoint, now, now, how many.
EXPIRED = DELIVERIES.where("endpoint = ? AND due_at <= ? AND give_up_at <= ? ORDER BY due_at LIMIT ?")


class NextDue(msgspec.Struct, frozen=True):
    """When something is due next."""

    due_at: int | None


class Waiting(msgspec.Struct, frozen=True):
    """A receiver for which something waits, and since or until when."""

    endpoint: str
    due_at: int


class Counts(msgspec.Struct, frozen=True):
    """How many deliveries wait, and how many are parked."""

    pending: int
    parked: int


# Arguments: the endpoint, now.
NEXT_DUE = Query("SELECT MIN(due_at) FROM deliveries WHERE endpoint = ? AND due_at > ?", Shape(NextDue))
WAITING = Query(
    "SELECT endpoint, MIN(due_at) FROM deliveries WHERE due_at IS NOT NULL GROUP BY endpoint", Shape(Waiting)
)
COUNTS = Query(
    "SELECT COUNT(*), (SELECT COUNT(*) FROM deliveries WHERE status = 'parked') FROM deliveries WHERE due_at IS NOT NULL",
    Shape(Counts),
)
SETTLED_BEFORE = DELIVERIES.where("settled_at < ? ORDER BY settled_at LIMIT ?")
