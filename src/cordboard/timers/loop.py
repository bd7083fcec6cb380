"""The loop that fires due alarms, each in a unit of its own together with what its handler changes.

The loop sleeps until the earliest alarm it knows of; settled units of this process tell it of new ones. Where other nodes may set
alarms it looks every second too, so it rings those of a node that is gone. Several nodes may look at the same alarms: deleting
the row is guarded, so one of them wins and the others find nothing.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from cordboard.kernel.clock import MILLISECONDS, Clock, heard_or_due
from cordboard.kernel.errors import Unavailable
from cordboard.storage.port import Database
from cordboard.storage.unit import Unit, View
from cordboard.storage.writes import Kind, Write

from .schedule import TIMERS, Timer

Handler = Callable[[Unit, Timer], Awaitable[None]]

_log = logging.getLogger(__name__)

_DUE = TIMERS.where("due_at <= ? ORDER BY due_at LIMIT ?")
_NEXT = TIMERS.where("1 = 1 ORDER BY due_at LIMIT 1")
_BATCH = 100
_AGAIN_AFTER = 60 * MILLISECONDS
_RETRY_S = 1.0
_LOOK_S = 1.0


class Timers:
    """Fires alarms. ``next_due_at`` is when the earliest known one is due; ``fired`` and ``failed`` count since the start."""

    def __init__(self, db: Database, clock: Clock, handlers: Mapping[str, Handler]) -> None:
        self._db = db
        self._clock = clock
        self._handlers = handlers
        self._changed = asyncio.Event()
        self._firing = False
        self.fired = 0
        self.failed = 0
        self.next_due_at: int | None = None
        db.watch(self._hear, TIMERS)

    @property
    def busy(self) -> bool:
        """Whether an alarm is due and has not been handled to the end."""
        return self._firing or (self.next_due_at is not None and self.next_due_at <= self._clock.now())

    async def start(self) -> None:
        """Learn when the earliest alarm is due."""
        await self._look_ahead()

    async def run(self) -> None:
        """Fire alarms for ever."""
        while True:
            try:
                await self._until_due()
                await self.run_once()
            except Unavailable as error:
                # When the next is due may not have been read: look again.
                self._expect(self._clock.now())
                _log.warning("alarms wait: %s", error)
                await asyncio.sleep(_RETRY_S)

    async def run_once(self) -> int:
        """Fire all alarms that are due now; returns how many."""
        self._firing = True
        try:
            due = await self._db.read(self._due)
            for timer in due:
                await self._fire(timer)
            await self._look_ahead()
        finally:
            self._firing = False
        return len(due)

    async def _due(self, view: View) -> list[Timer]:
        return await view.all(_DUE, view.now, _BATCH)

    async def _look_ahead(self) -> None:
        self.next_due_at = None
        await self._look_around()

    async def _look_around(self) -> None:
        earliest = await self._db.read(_next)
        if earliest is not None:
            self._expect(earliest.due_at)

    async def _fire(self, timer: Timer) -> None:
        async def unit_of(unit: Unit) -> bool:
            current = await unit.get(TIMERS, timer.kind, timer.subject_sid)
            if current is None or current.due_at > unit.now:
                return False
            unit.delete(TIMERS, current)
            await self._handlers[timer.kind](unit, current)
            return True

        async def postpone(unit: Unit) -> None:
            current = await unit.get(TIMERS, timer.kind, timer.subject_sid)
            if current is not None and current.due_at <= unit.now:
                unit.put(TIMERS, Timer(timer.kind, timer.subject_sid, timer.account_sid, unit.now + _AGAIN_AFTER))

        try:
            self.fired += await self._db.run(unit_of)
        except Unavailable:
            raise
        except Exception:  # noqa: BLE001 - one broken handler must not stop every other alarm
            self.failed += 1
            _log.exception("the alarm %s of %s failed; it is tried again in a minute", timer.kind, timer.subject_sid)
            await self._db.run(postpone)

    async def _until_due(self) -> None:
        while self.next_due_at is None or self.next_due_at > self._clock.now():
            self._changed.clear()
            patience_s = None if self._db.node.alone else _LOOK_S
            if not await heard_or_due(self._clock, self._changed, self.next_due_at, patience_s):
                await self._look_around()

    def _hear(self, writes: list[Write]) -> None:
        for write in writes:
            if write.kind is Kind.PUT:
                self._expect(write.fact.due_at)

    def _expect(self, due_at: int) -> None:
        if self.next_due_at is None or due_at < self.next_due_at:
            self.next_due_at = due_at
            self._changed.set()


async def _next(view: View) -> Timer | None:
    return await view.one(_NEXT)
