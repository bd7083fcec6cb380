"""The shared flush of PostgreSQL, and the order in which settled units are told.

*Group commit.* Units commit with ``synchronous_commit=off``: their rows are visible and their locks gone, but a crash could
still take them back. Before their answers leave, all units that wait share one small synchronous commit, whose flush of the log
covers everything that was committed before it. While it runs the next units gather. When it fails, everybody whom it would have
covered fails: their rows may be there, may be gone. So do all who wait when the connection of the flushes is lost: the server may
have crashed, and a flush after that covers nothing from before.

*Order.* Positions are in order of commits, but the answers of commits come over many connections and may overtake each other.
So a covered unit is told once the unit before it has been (its position follows the last one told), or once no flight of this
process is under way that departed before this unit's answer came; then what lies between belongs to nobody here: another
node, or a commit whose outcome was lost. Listeners see such a hole and read it from the feed.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from heapq import heappop, heappush
from time import perf_counter

import msgspec

from cordboard.kernel.errors import Unavailable

from .postgres_connections import UNKNOWN
from .tally import Tally
from .writes import Settled

_log = logging.getLogger(__name__)


class Flight(msgspec.Struct, eq=False):
    """A unit between its departure, before its statement is sent, and its landing, when it was told or has failed.

    ``horizon`` numbers the first flight that departs after this one's commit was answered; ``first`` is its first position in
    each account's feed. ``doubtful``: no flush will cover it.
    """

    number: int = 0
    horizon: int = 0
    settled: Settled | None = None
    first: dict[str, int] = msgspec.field(default_factory=dict)
    landed: "asyncio.Future[None] | None" = None
    doubtful: bool = False


class Barrier:
    """``tell`` is given what settled, once it is on disk. ``told`` is the last position of each account's feed so far.

    ``flush`` commits synchronously or raises Unavailable; it is given the last position of each account that it covers.
    """

    def __init__(
        self,
        flush: Callable[[Mapping[str, int]], Awaitable[None]],
        tell: Callable[[Settled], None],
        told: Mapping[str, int],
        tally: Tally,
    ) -> None:
        self._flush = flush
        self._tell = tell
        self._told = dict(told)
        self._tally = tally
        self._waiting: list[Flight] = []
        self._serving: asyncio.Task[None] | None = None
        self._departed = 0
        self._under_way: dict[int, Flight] = {}
        self._covered: dict[str, list[tuple[int, int, Flight]]] = {}

    @property
    def open(self) -> bool:
        """Whether something of this process may be visible in the database that a crash would take back."""
        return bool(self._under_way or self._serving)

    def depart(self) -> Flight:
        """Call before a unit's writes are sent, and then ``committed`` or ``lost``."""
        self._departed += 1
        flight = self._under_way[self._departed] = Flight(self._departed)
        return flight

    def committed(self, flight: Flight, settled: Settled) -> None:
        """Call when the commit is answered, and then wait for ``passed``."""
        flight.horizon = self._departed + 1
        flight.settled = settled
        for event in settled.events:
            flight.first.setdefault(event.account_sid, event.position)

    def lost(self, flight: Flight) -> None:
        """Call when nothing was committed, or nobody knows."""
        del self._under_way[flight.number]
        self._tell_covered()

    async def passed(self, flight: Flight | None = None) -> None:
        """Return when all that is committed by now is on disk and the flight, in its turn, was told. Raises Unavailable."""
        flight = flight or Flight()
        if flight.doubtful:
            self.lost(flight)
            raise _doubt()
        flight.landed = asyncio.get_running_loop().create_future()
        self._waiting.append(flight)
        if self._serving is None:
            self._serving = asyncio.create_task(self._serve(), name="flush barrier")
        await flight.landed

    def doubt(self) -> None:
        """Call when the connection of the flushes is lost; who was committed and is not covered yet fails."""
        for flight in self._under_way.values():
            flight.doubtful = flight.settled is not None
        waiting, self._waiting = self._waiting, []
        self._fail(waiting, _doubt())

    async def _serve(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting, []
                began = perf_counter()
                try:
                    await self._flush(_last_positions(group))
                except Exception as error:  # noqa: BLE001 - whoever waits gets it
                    self._tally.failed_flushes += 1
                    _log.error("what %d units committed may be lost: %s", len(group), error)
                    self._fail(group, error)
                else:
                    self._tally.flushed(len(group), began)
                    self._cover(group)
        finally:
            self._serving = None

    def _fail(self, group: list[Flight], error: Exception) -> None:
        for flight in group:
            self._under_way.pop(flight.number, None)
            if flight.landed is not None and not flight.landed.done():
                flight.landed.set_exception(error)
        self._tell_covered()

    def _cover(self, group: list[Flight]) -> None:
        for flight in group:
            self._under_way.pop(flight.number, None)
            for account_sid, first in flight.first.items():
                heappush(self._covered.setdefault(account_sid, []), (first, flight.number, flight))
            if not flight.first:
                self._land(flight)
        self._tell_covered()

    def _tell_covered(self) -> None:
        """Let land who is next in each of its accounts' feeds."""
        while (flight := self._next()) is not None:
            for account_sid in flight.first:
                heappop(self._covered[account_sid])
                if not self._covered[account_sid]:
                    del self._covered[account_sid]
            self._land(flight)

    def _next(self) -> Flight | None:
        return next((flights[0][2] for flights in self._covered.values() if self._is_next(flights[0][2])), None)

    def _is_next(self, flight: Flight) -> bool:
        nobody_between = not self._under_way or next(iter(self._under_way)) >= flight.horizon
        return all(
            self._covered[account_sid][0][2] is flight
            and (nobody_between or self._told.get(account_sid, 0) == first - 1)
            for account_sid, first in flight.first.items()
        )

    def _land(self, flight: Flight) -> None:
        if flight.settled is not None:
            for event in flight.settled.events:
                self._told[event.account_sid] = event.position
            self._tell(flight.settled)
        if flight.landed is not None and not flight.landed.done():
            flight.landed.set_result(None)


def _doubt() -> Unavailable:
    return Unavailable(f"The database was gone for a moment. {UNKNOWN}")


def _last_positions(group: list[Flight]) -> dict[str, int]:
    last: dict[str, int] = {}
    for flight in group:
        for event in flight.settled.events if flight.settled is not None else ():
            last[event.account_sid] = max(event.position, last.get(event.account_sid, 0))
    return last
