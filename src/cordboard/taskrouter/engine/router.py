"""The router: hears what units change, lets the floors decide, and writes the offers.

It is a controller (design D6). A turn takes all facts since the last and writes its offers as one unit, in which each offer is
guarded by the versions of its task and its worker and may be skipped alone: one unit an offer starves under load, and a unit that
failed whole because of one offer would starve too. A skipped offer means that the floor was behind: the rows as they are now are
put back on it.

Where it can, it does not wait for the disk (ADR 0028): the floors hear what units would change as soon as these are carried out, so an
offer is on disk together with the task that it is for. Should anything that they heard be lost, what was decided on it is refused, and
the floors are built anew.

Of several nodes one decides, the holder of the lease ``ROUTING``; the others keep their floors current, so that any of them goes on
when the holder is gone. There is one lease for all workspaces, for a turn writes the offers of all of them in one unit. Two that
both believe that they hold it lose guards to each other, and never offer twice or beyond capacity.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any, TypeVar

import msgspec

from cordboard.events.record import Event
from cordboard.kernel.clock import MILLISECONDS, Clock, heard_or_due
from cordboard.kernel.errors import Conflict, Unavailable
from cordboard.kernel.meters import SECONDS, WAITS, Distribution
from cordboard.routing.decisions import Offer
from cordboard.routing.lifecycle import TaskStatus
from cordboard.routing.skipping import Skip
from cordboard.storage.nodes import Lease
from cordboard.storage.port import Begun, Database, Work
from cordboard.storage.probe import probe
from cordboard.storage.tables import Table
from cordboard.storage.unit import Unit, View
from cordboard.storage.writes import Kind, Write
from cordboard.taskrouter.model import Task, Worker
from cordboard.taskrouter.store.activities import ACTIVITIES
from cordboard.taskrouter.store.task_channels import TASK_CHANNELS
from cordboard.taskrouter.store.task_queues import TASK_QUEUES
from cordboard.taskrouter.store.tasks import TASKS
from cordboard.taskrouter.store.workers import WORKERS
from cordboard.taskrouter.store.workspaces import WORKSPACES

from . import offers, walking
from .floors import WATCHED, Decided, Floors, Named
from .record import rows_named

T = TypeVar("T")

_log = logging.getLogger(__name__)

ROUTING = "taskrouter.routing"

# The facts of events whose rows stand on the floors.
TABLES: dict[str, Table[Any]] = {
    "workspace": WORKSPACES,
    "activity": ACTIVITIES,
    "task_channel": TASK_CHANNELS,
    "task_queue": TASK_QUEUES,
    "worker": WORKERS,
    "task": TASKS,
}

_OFFERED = frozenset((TaskStatus.PENDING, TaskStatus.RESERVED))
_OFFERS_A_UNIT = 256
_SKIPS_A_UNIT = 100
_RETRY_S = 1.0


class Skipped(msgspec.Struct, frozen=True):
    """An offer that did not apply any more, with the rows as they were found; None for one that is gone."""

    decided: Decided
    task: Task | None
    worker: Worker | None


class Carried(msgspec.Struct, frozen=True):
    """What became of a batch of offers: those that were skipped, and when the tasks were created that had their first offer."""

    skipped: list[Skipped]
    first_offers: list[int]


class Tally:
    """What the router counts of itself. ``wait_s``: from a task's creation until its first offer is on disk."""

    def __init__(self) -> None:
        self.offers = 0
        self.skipped = 0
        self.turn_s = Distribution(SECONDS)
        self.wait_s = Distribution(WAITS)


class Router:
    """Routes all workspaces of a database, while it holds the lease.

    ``next_due_at`` is when it will decide again even if nothing happens.
    """

    problem = None

    def __init__(self, db: Database, clock: Clock, lease: Lease) -> None:
        self._db = db
        self._clock = clock
        self._lease = lease
        self.floors = Floors()
        self.tally = Tally()
        self._heard: list[Write] = []
        self._named: Named = {}
        self._arrived = asyncio.Event()
        self._turning = False
        self._loaded = False
        self._lost = False
        self.next_due_at: int | None = None
        # Comes back when all is told that other nodes had recorded. A target is skipped for want of workers, so the workers must be
        # known who came before the task did; for an offer guards are enough.
        self.catch_up: Callable[[], Awaitable[None]] = _nothing_to_hear
        db.foresee(self._hear, self._lose, *WATCHED)
        lease.listen(self._arrived.set)

    @property
    def busy(self) -> bool:
        """Whether something that may lead to an offer is not decided yet."""
        is_due = self.next_due_at is not None and self.next_due_at <= self._clock.now()
        return self._arrived.is_set() or self._turning or is_due

    async def start(self) -> None:
        """Build the floors."""

        async def load(view: View) -> None:
            self._heard.clear()
            self._named.clear()
            # Nobody else asks for such answers, so they are not remembered.
            await self.floors.load(view.apart())

        if self._lost:
            _log.warning("what the floors had heard of was not written; they are built anew when units are")
            await probe(self._db.run)
        self._lost, self._loaded = False, True
        await self._db.read_ahead(load)
        self._arrived.set()

    def follow(self, events: list[Event]) -> None:
        """Take over what others recorded, with the next turn."""
        for event in events:
            self._named |= {(TABLES[name], sid): event.scope_sid for name, sid in rows_named(event)}
        self._arrived.set()

    def rebuild(self) -> None:
        """Build the floors anew, with the next turn: others did more than there is to read."""
        self._loaded = False
        self._arrived.set()

    async def run(self) -> None:
        """Route for ever."""
        while True:
            await self._until_needed()
            self._turning = True
            try:
                while not self._loaded:
                    await self.start()
                await self._db.leisure(self._is_little)
                await self.turn()
            except (Conflict, Unavailable) as error:
                # What the floors took for granted was not written: they are built again from rows.
                self._loaded = False
                _log.warning("routing waits: %s", error)
                await asyncio.sleep(_RETRY_S)
                self._arrived.set()
            finally:
                self._turning = False

    async def turn(self) -> int:
        """Decide once on everything heard so far, until nothing is left to offer; returns the number of offers made."""
        began = perf_counter()
        written = 0
        heard, self._heard = self._heard, []
        self.floors.hear(heard)
        await self._read_again()
        if not self._lease.held:
            self.next_due_at = None
            return 0
        if self.floors.may_skip():
            await self.catch_up()
            await self._read_again()
            if not self._loaded:
                self._arrived.set()
                return 0
        decision = self.floors.decide(self._clock.now())
        decided = decision.offers
        self.next_due_at = self.floors.wake_at
        for start in range(0, len(decided), _OFFERS_A_UNIT):
            batch = decided[start : start + _OFFERS_A_UNIT]
            carried = await self._offer(batch)
            written += len(batch) - len(carried.skipped)
            for one in carried.skipped:
                self.floors.put_back(one.decided.workspace_sid, one.task, one.decided.offer.worker_sid, one.worker)
                self._arrived.set()
        for start in range(0, len(decision.skips), _SKIPS_A_UNIT):
            await self._skip(decision.skips[start : start + _SKIPS_A_UNIT])
        self.tally.turn_s.add(perf_counter() - began)
        return written

    async def _read_again(self) -> None:
        named = self._named | self.floors.unknown
        self._named, self.floors.unknown = {}, {}
        if named:
            await self._db.read_ahead(lambda view: self.floors.read_again(view, named))

    async def _offer(self, batch: list[Decided]) -> Carried:
        async def write(unit: Unit) -> Carried:
            return await carry_out(unit, batch)

        begun = await self._begin(write)
        self.tally.skipped += len(begun.result.skipped)
        begun.settled.add_done_callback(lambda settled: self._count(batch, begun.result, settled.exception()))
        return begun.result

    def _count(self, batch: list[Decided], carried: Carried, lost: BaseException | None) -> None:
        if lost is not None:
            return
        self.tally.offers += len(batch) - len(carried.skipped)
        now = self._clock.now()
        for created_at in carried.first_offers:
            self.tally.wait_s.add((now - created_at) / MILLISECONDS)

    async def _skip(self, skips: list[Skip]) -> None:
        async def write(unit: Unit) -> None:
            await skip_targets(unit, skips)

        begun = await self._begin(write)
        begun.settled.add_done_callback(asyncio.Future.exception)

    async def _begin(self, work: Work[T]) -> Begun[T]:
        async def unless_lost(unit: Unit) -> T:
            # Versions alone do not tell: after a unit that was lost, another may give a row the version that it was to have.
            self._refuse_if_lost()
            result = await work(unit)
            # What it read may have been the first to show it.
            self._refuse_if_lost()
            return result

        return await self._db.begin(unless_lost)

    async def _until_needed(self) -> None:
        while not self._arrived.is_set() and (self.next_due_at is None or self.next_due_at > self._clock.now()):
            await heard_or_due(self._clock, self._arrived, self.next_due_at)
        self._arrived.clear()

    def _is_little(self, units: int) -> bool:
        # To decide on a task and write its offer takes as long as to make it. Unless nearly all of the units do that, more is won by
        # having the offers sooner than by using the time of the COMMIT.
        tasks = sum(write.kind is Kind.INSERT and write.table is TASKS for write in self._heard)
        return 6 * tasks < 5 * units

    def _refuse_if_lost(self) -> None:
        if self._lost:
            raise Conflict("What the floors took for granted was not written.")

    def _lose(self, _lost: list[Write]) -> None:
        self._lost = True
        self.rebuild()

    def _hear(self, writes: list[Write]) -> None:
        self._heard += writes
        self._arrived.set()


async def _nothing_to_hear() -> None:
    """There are no other nodes."""


async def skip_targets(unit: Unit, skips: list[Skip]) -> None:
    """Let tasks go on that still are as the floor saw them. Of any other a newer row will be heard, and looked at."""
    tasks = await unit.claim(TASKS, *(skip.task_sid for skip in skips))
    for skip in skips:
        task = tasks.get(skip.task_sid)
        if task is not None and task.version == skip.task_version and task.assignment_status is TaskStatus.PENDING:
            await walking.skip(unit, task)


async def carry_out(unit: Unit, batch: list[Decided]) -> Carried:
    """Write the offers whose task and worker still have the versions that the floor saw."""
    tasks = await unit.claim(TASKS, *(decided.offer.task_sid for decided in batch))
    workers = await unit.claim(WORKERS, *(decided.offer.worker_sid for decided in batch))
    offered: list[Offer] = []
    skipped: list[Skipped] = []
    for decided in batch:
        offer = decided.offer
        task, worker = tasks.get(offer.task_sid), workers.get(offer.worker_sid)
        if (
            task is None
            or worker is None
            or task.version != offer.task_version
            or worker.version != offer.worker_version
            or task.assignment_status not in _OFFERED
        ):
            skipped.append(Skipped(decided, task, worker))
        else:
            offered.append(offer)
    first_offers: list[int] = []
    for offer in offered:
        task, worker = tasks[offer.task_sid], workers[offer.worker_sid]
        if not task.assignment_counter:
            first_offers.append(task.created_at)
        # A worker or a task may get several offers in one turn: each continues from the last.
        tasks[task.sid], workers[worker.sid] = await offers.offer(unit, task, worker, offer.last_reserved_us)
    return Carried(skipped, first_offers)
