"""Keeping cumulative statistics: what happened is summed up, some time after it happened.

The events of an account are read from its journal in their order, and the sums that they change are written in one unit with the
position of the last one (ADR 0020). So each event counts once, whatever crashes between, and whoever asks adds to the rows what
the journal has behind that position: an answer is never older than the journal, and nobody need hurry to write. Of several
nodes the holder of the lease ``STATISTICS`` writes; two that both believe that they hold it lose the guard on the position.
"""

import asyncio
import logging
import math
from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

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
    Behind,
    Bucket,
    BucketKey,
    Place,
    add_spells,
    rows_with,
    summed,
)

from .statistics_counting import Counted, in_buckets
from .statistics_recent import Recent, Stretch

_log = logging.getLogger(__name__)

STATISTICS_LEASE = "taskrouter.statistics"

# What is not written yet is read by every call, so it is little; what is written rewrites rows, so it is not every event.
LATE_MS = 1 * MILLISECONDS
MANY_EVENTS = 500
ENTRIES = 128
_KNOWN = 20_000  # rows
_RETRY_S = 1.0


class Written(msgspec.Struct, frozen=True):
    """What a unit wrote of an account: its place, the rows as they stand now, and when the last of the events happened."""

    place: Place
    rows: dict[BucketKey, Bucket]
    last_at: int


class Kept:
    """What this process has written of an account one after the other; it stands as long as nobody else has written since.

    Of buckets that begin at ``whole_from`` or later, those that are not here are not in the table either. A clock that was
    set back may belie that, so such a row is inserted: where there is one, the race is lost, and all is read.
    """

    def __init__(self, written: Written) -> None:
        self.place = written.place
        self.rows = written.rows
        self.whole_from = written.last_at + 1

    def add(self, written: Written) -> None:
        """More is written."""
        self.place = written.place
        self.rows.update(written.rows)
        if len(self.rows) > _KNOWN:
            # Rows of buckets that are over are hardly written again.
            self.rows = {key: row for key, row in self.rows.items() if row.at + row.width > written.last_at}
            self.whole_from = max(self.whole_from, written.last_at)


class Ledger:
    """See server.system.Follower."""

    problem = None

    def __init__(self, db: Database, clock: Clock, lease: Lease) -> None:
        self.recent = Recent(db)
        self._db = db
        self._clock = clock
        self._lease = lease
        self._arrived = asyncio.Event()
        self._events = 0
        self._due_at: int | None = None
        self._keeping = False
        self._kept: dict[str, Kept] = {}
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
        async def behind(view: View) -> list[Behind]:
            return await view.all(BEHIND)

        for one in await self._db.read(behind):

            async def take_slice(unit: Unit, account_sid: str = one.account_sid) -> Written | None:
                # Whoever runs again has lost a race: what is known is not so any more.
                return await keep(unit, account_sid, self.recent, self._kept.pop(account_sid, None))

            # What is recorded meanwhile waits for the next time.
            position = 0
            while position < one.position:
                kept = self._kept.get(one.account_sid)
                written = await self._db.run(take_slice)
                if written is None:
                    break
                position = written.place.position
                if kept is None or kept.place.version + 1 != written.place.version:
                    kept = Kept(written)
                else:
                    kept.add(written)
                self._kept[one.account_sid] = kept

    @property
    def _is_due(self) -> bool:
        if self._due_at is None or not self._lease.held:
            return False
        return self._events >= MANY_EVENTS or self._due_at <= self._clock.now()

    def _hear(self, settled: Settled) -> None:
        if settled.appended:
            self._add(sum(map(len, settled.appended.values())))

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


async def keep(unit: Unit, account_sid: str, recent: Recent, kept: Kept | None = None) -> Written | None:
    """Sum up what the account recorded next; None if that is nothing. Events that were removed before do not count.

    ``kept`` is what this process has written: it need not be read, and if somebody else has written since, the race is lost.
    """
    place = kept.place if kept is not None else await unit.get(PLACES, account_sid)
    position = place.position if place is not None else 0
    recent.forget(account_sid, position)
    stretches = recent.after(account_sid, position)
    if not stretches:
        entries = await entries_after(unit, account_sid, position, ENTRIES)
        if not entries:
            return None
        stretches = [Stretch.of(entry.events() for entry in entries)]
    counted = in_buckets(*(stretch.counted for stretch in stretches))
    known, whole_from = ({}, math.inf) if kept is None else (kept.rows, kept.whole_from)
    found = await rows_with(unit, [key for key in counted if key not in known and key[2] < whole_from])
    written: dict[BucketKey, Bucket] = {}
    for key, one in counted.items():
        row = known.get(key) or found.get(key)
        if row is not None:
            written[key] = unit.put(STATISTICS, _with(row, one))
        else:
            written[key] = unit.insert(STATISTICS, Bucket(*key, one.figures, one.spells, one.splits({})))
    last = stretches[-1].last
    first = Place(account_sid, 0, last)
    after = unit.insert(PLACES, first) if place is None else unit.update(PLACES, place, position=last)
    return Written(after, written, max(stretch.latest_at for stretch in stretches))


def _with(row: Bucket, one: Counted) -> Bucket:
    spells = row.spells
    if one.spells:
        spells = {}
        add_spells(spells, row.spells)
        add_spells(spells, one.spells)
    return replace(row, figures=summed([row.figures, one.figures]), spells=spells, splits=one.splits(row.splits))
