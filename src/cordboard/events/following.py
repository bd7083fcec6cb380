"""Learning what others recorded, by position (design D7).

Settled units of this process are told by the database. Of the others this process learns by the holes that they leave between
its own positions, by what their flushes call out, and, since a call may be lost, by looking once a second. It reads no further
than what is known to be on disk: its own events and all before them are when they are told, a call names what its flush has
covered, and a look waits for a flush. A commit whose answer was lost leaves a hole too, and is read.
"""

import asyncio
import contextlib
import logging
import math
from collections.abc import Callable, Mapping

import msgspec

from cordboard.kernel.errors import Gone, Unavailable
from cordboard.storage.port import Database
from cordboard.storage.tables import Query, Shape
from cordboard.storage.unit import View
from cordboard.storage.writes import Settled

from .feed import between
from .journal import Event

_log = logging.getLogger(__name__)

_LOOK_S = 1.0
_BATCH = 500
_TOO_FAR = 10_000  # events behind which reading rows anew is less work
_LATE_S = 5.0


class _Head(msgspec.Struct, frozen=True):
    account_sid: str
    position: int


_HEADS = Query("SELECT account_sid, position FROM feed", Shape(_Head))


class _Place:
    """Where this process is in an account's feed: all up to ``seen`` is known, all up to ``covered`` is on disk.

    ``own`` are positions behind ``seen`` that this process has taken itself.
    """

    def __init__(self) -> None:
        self.seen = 0
        self.covered = 0
        self.own: set[int] = set()

    def take(self, position: int) -> None:
        self.own.add(position)
        self.covered = max(self.covered, position)
        self._advance()

    def reach(self, position: int) -> None:
        self.seen = max(self.seen, position)
        self.own = {taken for taken in self.own if taken > self.seen}
        self._advance()

    @property
    def last_missing(self) -> int:
        """The last position of the last hole; ``seen`` if there is none."""
        last = self.covered
        while last in self.own:
            last -= 1
        return max(last, self.seen)

    def _advance(self) -> None:
        while self.seen + 1 in self.own:
            self.seen += 1
            self.own.remove(self.seen)


class Following:
    """Tells ``hear`` the events of one product that this process did not record itself, each account's in order.

    ``lost`` is told when so much was missed that rows must be read anew. Own events between two holes are read with them, and
    passed over.
    """

    def __init__(
        self, db: Database, product: str, hear: Callable[[list[Event]], None], lost: Callable[[], None]
    ) -> None:
        self._db = db
        self._product = product
        self._tell = hear
        self._lost = lost
        self._places: dict[str, _Place] = {}
        self._woken = asyncio.Event()
        self._steady = asyncio.get_running_loop().time
        self._looked_at = -math.inf
        self._reading = False
        self._behind_since: float | None = None
        db.listen(self._hear)
        db.node.listen(self._called)

    @property
    def behind(self) -> int:
        """How many events are known to be there and not read."""
        return sum(place.covered - place.seen for place in self._places.values())

    @property
    def busy(self) -> bool:
        """Whether something that others recorded has not been told yet."""
        return self._reading or self._behind_since is not None

    @property
    def problem(self) -> str | None:
        """How far behind it is, if that lasts."""
        if self._behind_since is None or self._steady() - self._behind_since < _LATE_S:
            return None
        return f"the feed is {self.behind} events behind other nodes"

    async def start(self) -> None:
        """Begin at the head: who starts behind this reads rows that are as new or newer."""
        await self._look()
        for place in self._places.values():
            place.reach(place.covered)
        self._behind_since = None

    async def run(self) -> None:
        """Follow for ever."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_S):
                    await self._woken.wait()
            self._woken.clear()
            try:
                if self._steady() - self._looked_at >= _LOOK_S:
                    await self._look()
                await self._catch_up()
            except Unavailable as error:
                _log.warning("the feed waits: %s", error)

    async def catch_up(self) -> None:
        """Read all that is known to be there now: everything that happened before what this process was told last."""
        for account_sid, place in list(self._places.items()):
            last = place.last_missing
            while place.seen < last:
                await self._read(account_sid, place, last)

    async def _look(self) -> None:
        heads = await self._db.read(_heads, flushed=True)
        self._called({head.account_sid: head.position for head in heads})
        self._looked_at = self._steady()

    async def _catch_up(self) -> None:
        self._reading = True
        try:
            for account_sid, place in list(self._places.items()):
                while (last := place.last_missing) > place.seen:
                    await self._read(account_sid, place, last)
            if not self.behind:
                self._behind_since = None
        finally:
            self._reading = False

    async def _read(self, account_sid: str, place: _Place, last: int) -> None:
        async def look(view: View) -> list[Event]:
            return await between(view, account_sid, self._product, place.seen, last, _BATCH)

        events = None
        if last - place.seen <= _TOO_FAR:
            with contextlib.suppress(Gone):
                events = await self._db.read(look)
        if events is None:
            self._lost()
        elif others := [event for event in events if event.position > place.seen and event.position not in place.own]:
            self._tell(others)
        place.reach(events[-1].position if events and len(events) == _BATCH else last)

    def _hear(self, settled: Settled) -> None:
        for event in settled.events:
            place = self._place(event.account_sid)
            place.take(event.position)
            if place.seen < place.covered:
                self._wake()

    def _called(self, positions: Mapping[str, int]) -> None:
        for account_sid, position in positions.items():
            place = self._place(account_sid)
            place.covered = max(place.covered, position)
            if place.seen < place.covered:
                self._wake()
        if not positions:
            self._looked_at = -math.inf
            self._woken.set()

    def _wake(self) -> None:
        if self._behind_since is None:
            self._behind_since = self._steady()
        self._woken.set()

    def _place(self, account_sid: str) -> _Place:
        place = self._places.get(account_sid)
        if place is None:
            place = self._places[account_sid] = _Place()
        return place


async def _heads(view: View) -> list[_Head]:
    return await view.all(_HEADS)
