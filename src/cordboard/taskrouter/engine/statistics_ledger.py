"""Keeping cumulative statistics: what happened is summed up, some time after it happened.

The events of an account are read from its journal in their order, and the sums that they change are written in one unit with the
position of the last one (ADR 0020). So each event counts once, whatever crashes between, and whoever asks adds to the rows what
the journal has behind that position: an answer is never older than the journal, and nobody need hurry to write. Of several
nodes the holder of the lease ``STATISTICS`` writes; two that both believe that they hold it lose the guard on the position.
"""

import asyncio
import logging
from collections.abc import Mapping

from cordboard.events.feed import entries_after
from cordboard.kernel.clock import MILLISECONDS, Clock, heard_or_due
from cordboard.kernel.errors import Conflict, Unavailable
from cordboard.storage.nodes import Lease
from cordboard.storage.port import Database
from cordboard.storage.unit import Unit, View
from cordboard.storage.writes import Settled
from cordboard.taskrouter.store.statistics import (
    BEHIND,
    PLACES,
    STATISTICS,
    Bucket,
    Place,
    add_spells,
    rows_with,
    summed,
)

from .statistics_counting import count, in_buckets

_log = logging.getLogger(__name__)

STATISTICS_LEASE = "taskrouter.statistics"

# What is not written yet is read by every call, so it is little; what is written rewrites rows, so it is not every event.
LATE_MS = 1 * MILLISECONDS
MANY_EVENTS = 250
ENTRIES = 64
_RETRY_S = 1.0


class Ledger:
    """See server.system.Follower."""

    problem = None

    def __init__(self, db: Database, clock: Clock, lease: Lease) -> None:
        self._db = db
        self._clock = clock
        self._lease = lease
        self._arrived = asyncio.Event()
        self._events = 0
        self._due_at: int | None = None
        self._keeping = False
        db.listen(self._hear)
        db.node.listen(self._called)
        lease.listen(self._look)

    @property
    def busy(self) -> bool:
        """Whether something is written, or should be by now."""
        return self._keeping or self._is_due

    async def start(self) -> None:
        """Begin with what an earlier process left."""
        self._look()

    async def run(self) -> None:
        """Keep the statistics for ever."""
        while True:
            while not self._is_due:
                await heard_or_due(self._clock, self._arrived, self._due_at if self._lease.held else None)
                self._arrived.clear()
            self._keeping = True
            self._events, self._due_at = 0, None
            try:
                await self._keep()
            except (Conflict, Unavailable) as error:
                _log.warning("statistics wait: %s", error)
                await asyncio.sleep(_RETRY_S)
                self._look()
            finally:
                self._keeping = False

    async def _keep(self) -> None:
        async def behind(view: View) -> list[str]:
            return [one.account_sid for one in await view.all(BEHIND)]

        for account_sid in await self._db.read(behind):

            async def take_slice(unit: Unit, account_sid: str = account_sid) -> bool:
                return await keep(unit, account_sid)

            while await self._db.run(take_slice):
                pass

    @property
    def _is_due(self) -> bool:
        if self._due_at is None or not self._lease.held:
            return False
        return self._events >= MANY_EVENTS or self._due_at <= self._clock.now()

    def _hear(self, settled: Settled) -> None:
        if settled.events:
            self._add(len(settled.events))

    def _called(self, positions: Mapping[str, int]) -> None:
        self._add(len(positions))

    def _look(self) -> None:
        self._add(MANY_EVENTS)

    def _add(self, events: int) -> None:
        self._events += events
        if self._due_at is None:
            self._due_at = self._clock.now() + LATE_MS
            self._arrived.set()
        elif self._events >= MANY_EVENTS:
            self._arrived.set()


async def keep(unit: Unit, account_sid: str) -> bool:
    """Sum up the account's next entries; whether there may be more. Entries that were removed before do not count."""
    place = await unit.get(PLACES, account_sid)
    entries = await entries_after(unit, account_sid, place.position if place is not None else 0, ENTRIES)
    if not entries:
        return False
    counted = in_buckets(count(event for entry in entries for event in entry.events()))
    rows = await rows_with(unit, counted)
    for key, one in counted.items():
        row = rows.get(key)
        if row is None:
            unit.put(STATISTICS, Bucket(*key, one.figures, one.spells, one.splits({})))
            continue
        add_spells(row.spells, one.spells)
        figures = summed([row.figures, one.figures])
        unit.put(STATISTICS, Bucket(*key, figures, row.spells, one.splits(row.splits)))
    if place is None:
        unit.insert(PLACES, Place(account_sid, 0, entries[-1].position))
    else:
        unit.update(PLACES, place, position=entries[-1].position)
    return len(entries) == ENTRIES
