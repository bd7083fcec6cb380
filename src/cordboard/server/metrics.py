"""The numbers of this process, as ``GET /metrics`` tells them.

Each part counts for itself; here the tallies are read and named, when somebody asks. A label is the name of an operation, a status
or an outcome and never a SID, so that the number of series does not grow with the number of customers.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import msgspec

from cordboard import __version__
from cordboard.events.following import Following
from cordboard.kernel.clock import MILLISECONDS
from cordboard.kernel.errors import Unavailable
from cordboard.kernel.meters import SECONDS, Distribution
from cordboard.rest.calls import Call
from cordboard.storage.port import Database
from cordboard.storage.tables import Query, Shape
from cordboard.storage.unit import View
from cordboard.taskrouter.engine.router import Router
from cordboard.timers.loop import Timers
from cordboard.webhooks.sender import Sender
from cordboard.webhooks.store import COUNTS

LATE_MS = 5 * MILLISECONDS
"""An alarm that waits this long is late: the loop is stuck, or fires fewer than fall due."""


class Histogram(NamedTuple):
    """A distribution as it was when it was read."""

    buckets: list[tuple[str, int]]
    total: float


class Sample(NamedTuple):
    """A value and the values of its family's labels."""

    labels: Sequence[str]
    value: float | Histogram


class Family(NamedTuple):
    """One metric. ``name`` is without ``_total``, which counters get."""

    kind: Literal["counter", "gauge", "histogram"]
    name: str
    told: str
    samples: list[Sample]
    labels: Sequence[str] = ()


class _Alarms(msgspec.Struct, frozen=True):
    pending: int
    late: int


class _Feed(msgspec.Struct, frozen=True):
    position: int


_ALARMS = Query(
    "SELECT COUNT(*), (SELECT COUNT(*) FROM timers WHERE due_at < ?) FROM timers",
    Shape(_Alarms),
)
# PostgreSQL's SUM of integers is a decimal number.
_FEED = Query("SELECT CAST(COALESCE(SUM(position), 0) AS BIGINT) FROM feed", Shape(_Feed))


class Metrics:
    """Counts calls, and asks the others what they have counted. ``following``: None where there can be no other node."""

    def __init__(
        self, db: Database, router: Router, timers: Timers, following: Following | None, sender: Sender
    ) -> None:
        self._sender = sender
        self._db = db
        self._router = router
        self._timers = timers
        self._following = following
        self._calls: dict[tuple[str, str, int], Distribution] = {}

    def count(self, call: Call) -> None:
        """Count a request."""
        key = call.product, call.operation, call.status
        seen = self._calls.get(key)
        if seen is None:
            seen = self._calls[key] = Distribution(SECONDS)
        seen.add(call.seconds)

    async def read(self) -> list[Family]:
        """Everything as it is now; what only the database knows is missing while it fails."""
        failing = await self._db.check() is not None
        families = [_one("gauge", "cordboard_build", "1, with the version", 1, version=__version__)]
        families += [self._requests(), *self._units(), *self._routing(), *self._deliveries()]
        families += [
            _one("gauge", "cordboard_database_failing", "1 while the database does not take units", int(failing)),
            _one("gauge", "cordboard_feed_lag_events", "Events of other nodes not followed yet", self._lag()),
            _one("counter", "cordboard_alarms_fired", "Alarms that rang", self._timers.fired),
            _one("counter", "cordboard_alarms_failed", "Alarms whose handler failed", self._timers.failed),
        ]
        if not failing:
            try:
                families += await self._db.read(_stored)
            except Unavailable:
                # It went away just now; the next reading says so.
                return families
        return families

    def _lag(self) -> int:
        return 0 if self._following is None else self._following.behind

    def _requests(self) -> Family:
        samples = [
            Sample((product, operation, str(status)), _read(seen))
            for (product, operation, status), seen in self._calls.items()
        ]
        told = "Seconds until a call was answered; no operation: no route was found"
        return Family("histogram", "cordboard_request_seconds", told, samples, ("product", "operation", "status"))

    def _units(self) -> list[Family]:
        tally = self._db.tally
        outcomes = {"done": tally.done, "refused": tally.refused, "failed": tally.failed}
        return [
            Family(
                "counter",
                "cordboard_units",
                "Units by what their callers got",
                [Sample((outcome,), count) for outcome, count in outcomes.items()],
                ("outcome",),
            ),
            _one("counter", "cordboard_unit_reruns", "Times that a unit lost a race and ran again", tally.reruns),
            _one("histogram", "cordboard_flush_units", "Units that one flush put on disk", _read(tally.group)),
            _one("histogram", "cordboard_flush_seconds", "Seconds that a flush took", _read(tally.flush_s)),
            _one("counter", "cordboard_flushes_failed", "Flushes that failed", tally.failed_flushes),
        ]

    def _routing(self) -> list[Family]:
        tally, rooms = self._router.tally, self._router.floors.rooms.values()
        written = {"written": tally.offers, "skipped": tally.skipped}
        took = "Seconds that a turn took, on SQLite without the flush of its offers"
        waited = "Seconds from a task's creation until its first offer is on disk, also while nobody is free"
        return [
            _one("histogram", "cordboard_router_turn_seconds", took, _read(tally.turn_s)),
            Family(
                "counter",
                "cordboard_offers",
                "Offers; skipped: its task or worker had changed",
                [Sample((outcome,), count) for outcome, count in written.items()],
                ("outcome",),
            ),
            _one("histogram", "cordboard_offer_wait_seconds", waited, _read(tally.wait_s)),
            _one("gauge", "cordboard_floors", "Workspaces on the floors of this process", len(rooms)),
            _one("gauge", "cordboard_floor_workers", "Workers on the floors", sum(room.workers for room in rooms)),
            _one("gauge", "cordboard_waiting_tasks", "Tasks that wait", sum(room.floor.waiting for room in rooms)),
        ]

    def _deliveries(self) -> list[Family]:
        tally, receivers = self._sender.tally, self._sender.receivers
        attempts = {"good": tally.good, "failed": tally.failed}
        waited = "Seconds from a delivery's making until its first attempt began"
        return [
            Family(
                "counter",
                "cordboard_delivery_attempts",
                "Attempts at deliveries by what came of them",
                [Sample((outcome,), count) for outcome, count in attempts.items()],
                ("outcome",),
            ),
            _one("histogram", "cordboard_delivery_attempt_seconds", "Seconds an attempt took", _read(tally.attempt_s)),
            _one("histogram", "cordboard_delivery_wait_seconds", waited, _read(tally.wait_s)),
            _one("gauge", "cordboard_deliveries_under_way", "Calls to receivers under way", receivers.under_way),
            _one("gauge", "cordboard_receivers_failing", "Receivers whose last call failed", receivers.unwell),
        ]


async def _stored(view: View) -> list[Family]:
    (alarms,) = await view.all(_ALARMS, view.now - LATE_MS)
    (feed,) = await view.all(_FEED)
    (deliveries,) = await view.all(COUNTS)
    return [
        _one("gauge", "cordboard_deliveries_pending", "Deliveries that wait to be tried", deliveries.pending),
        _one("gauge", "cordboard_deliveries_parked", "Deliveries that were given up", deliveries.parked),
        _one("gauge", "cordboard_alarms_pending", "Alarms that are set", alarms.pending),
        _one("gauge", "cordboard_alarms_late", "Alarms that should have rung five seconds ago", alarms.late),
        _one("counter", "cordboard_feed_events", "Events that were recorded, of all accounts", feed.position),
    ]


def _one(
    kind: Literal["counter", "gauge", "histogram"], name: str, told: str, value: float | Histogram, **labels: str
) -> Family:
    return Family(kind, name, told, [Sample((*labels.values(),), value)], (*labels,))


def _read(distribution: Distribution) -> Histogram:
    return Histogram(distribution.buckets(), distribution.total)
