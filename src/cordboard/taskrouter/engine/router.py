"""The router: takes what settled units changed, lets the floors decide, and writes the offers.

It is a controller (design D6). A turn takes all facts since the last and writes its offers as one unit, in which each offer is
guarded by the versions of its task and its worker and may be skipped alone: one unit an offer starves under load, and a unit that
failed whole because of one offer would starve too. A skipped offer means that the floor was behind: the rows as they are now are
put back on it.
"""

import asyncio
import logging

import msgspec

from cordboard.kernel.clock import Clock
from cordboard.kernel.errors import Unavailable
from cordboard.routing.lifecycle import TaskStatus
from cordboard.storage.port import Database
from cordboard.storage.unit import Unit
from cordboard.storage.writes import Settled, Write
from cordboard.taskrouter.model import Task, Worker
from cordboard.taskrouter.store.tasks import TASKS
from cordboard.taskrouter.store.workers import WORKERS

from . import offers
from .floors import WATCHED, Decided, Floors

_log = logging.getLogger(__name__)

_OFFERS_A_UNIT = 256
_RETRY_S = 1.0


class Skipped(msgspec.Struct, frozen=True):
    """An offer that did not apply any more, with the rows as they were found; None for one that is gone."""

    decided: Decided
    task: Task | None
    worker: Worker | None


class Router:
    """Routes all workspaces of a database. ``next_due_at`` is when it will decide again even if nothing happens."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._floors = Floors()
        self._heard: list[Write] = []
        self._arrived = asyncio.Event()
        self._turning = False
        self._loaded = False
        self.next_due_at: int | None = None
        db.listen(self._hear)

    @property
    def busy(self) -> bool:
        """Whether something that may lead to an offer is not decided yet."""
        is_due = self.next_due_at is not None and self.next_due_at <= self._clock.now()
        return self._arrived.is_set() or self._turning or is_due

    async def start(self) -> None:
        """Build the floors."""
        await self._db.read(self._floors.load)
        self._loaded = True
        self._arrived.set()

    async def run(self) -> None:
        """Route for ever."""
        while True:
            await self._until_needed()
            self._turning = True
            try:
                if not self._loaded:
                    await self.start()
                await self.turn()
            except Unavailable as error:
                # What the floors took for granted was not written: they are built again from rows.
                self._loaded = False
                _log.warning("routing waits: %s", error)
                await asyncio.sleep(_RETRY_S)
                self._arrived.set()
            finally:
                self._turning = False

    async def turn(self) -> int:
        """Decide once on everything heard so far, until nothing is left to offer; returns the number of offers written."""
        written = 0
        heard, self._heard = self._heard, []
        self._floors.hear(heard)
        decided = self._floors.decide(self._clock.now())
        self.next_due_at = self._floors.wake_at
        for start in range(0, len(decided), _OFFERS_A_UNIT):
            batch = decided[start : start + _OFFERS_A_UNIT]
            skipped = await self._write(batch)
            written += len(batch) - len(skipped)
            for one in skipped:
                self._floors.put_back(one.decided.workspace_sid, one.task, one.decided.offer.worker_sid, one.worker)
                self._arrived.set()
        return written

    async def _write(self, decided: list[Decided]) -> list[Skipped]:
        async def write(unit: Unit) -> list[Skipped]:
            return await carry_out(unit, decided)

        return await self._db.run(write)

    async def _until_needed(self) -> None:
        while not self._arrived.is_set() and (self.next_due_at is None or self.next_due_at > self._clock.now()):
            waits: list[asyncio.Future[object]] = [asyncio.ensure_future(self._arrived.wait())]
            if self.next_due_at is not None:
                waits.append(asyncio.ensure_future(self._clock.wait_until(self.next_due_at)))
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for wait in waits:
                    wait.cancel()
        self._arrived.clear()

    def _hear(self, settled: Settled) -> None:
        writes = [write for write in settled.writes if write.table in WATCHED]
        if writes:
            self._heard += writes
            self._arrived.set()


async def carry_out(unit: Unit, batch: list[Decided]) -> list[Skipped]:
    """Write the offers whose task and worker still have the versions that the floor saw; returns the others."""
    tasks = await unit.lock(TASKS, *(decided.offer.task_sid for decided in batch))
    workers = await unit.lock(WORKERS, *(decided.offer.worker_sid for decided in batch))
    skipped: list[Skipped] = []
    for decided in batch:
        offer = decided.offer
        task, worker = tasks.get(offer.task_sid), workers.get(offer.worker_sid)
        if (
            task is None
            or worker is None
            or task.version != offer.task_version
            or worker.version != offer.worker_version
            or task.assignment_status is not TaskStatus.PENDING
        ):
            skipped.append(Skipped(decided, task, worker))
            continue
        # A worker may get several offers in one turn: each continues from the last.
        as_left = await unit.get(WORKERS, worker.sid) or worker
        await offers.offer(unit, task, as_left, offer.last_reserved_us)
    return skipped
