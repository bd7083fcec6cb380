"""The writes of many units in one statement: group commit on PostgreSQL.

Units hand in what they collected. While a group is under way the next one gathers; its statement (``compound``) commits with
``synchronous_commit=off``, so the feed's row is held for a fraction of a millisecond, and once for all of them.

*A unit that cannot be written* makes its whole group's statement fail, and nothing of it is left. Then each of the group is written by
itself, and only who is to blame hears of it. Some are known before: who writes a row that others are writing or guarding has lost
the race or must come behind, who sweeps may touch any row, and large ones would hold up others. They are written by themselves at once.

*A group that waits*, because a stranger or another node holds one of its rows, lets the next go on beside it after ``_SLOW_S``, and
gives up after ``_PATIENCE``: then again each is written by itself, and only who wants that row waits for it.

When the connection breaks between a commit and its answer, nobody knows about the whole group; the sentence says so.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Sequence
from typing import Any, Self, TypeAlias

import asyncpg
import msgspec

from cordboard.kernel.errors import Unavailable

from .compound import Flushing, compound
from .postgres_connections import DISCONNECTED, UNKNOWN, Connection, Pool, borrowed, open_pool, unavailable
from .tables import Key
from .unit import LostRace
from .writes import Kind, Settled

LOST = (asyncpg.UniqueViolationError, asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
_LOST_IN_FLUSH = (*LOST, asyncpg.DivisionByZeroError)

_GROUP = 64  # units
_LARGE = 100  # rows of a unit
_WRITERS = 4
_SLOW_S = 0.02
_PATIENCE = "200ms"

_SETTINGS = {
    "synchronous_commit": "off",
    "lock_timeout": _PATIENCE,
    "plan_cache_mode": "force_generic_plan",
}


_Place: TypeAlias = tuple[str, Key]


class _Waiting(msgspec.Struct, eq=False):
    flushing: Flushing
    done: "asyncio.Future[Settled]"


class _Rows:
    """Rows that are written, and rows that must stay as they are; of those each may be looked at by many."""

    def __init__(self) -> None:
        self.written: set[_Place] = set()
        self.guarded: Counter[_Place] = Counter()

    @classmethod
    def of(cls, flushing: Flushing) -> Self:
        """What a unit writes and guards."""
        rows = cls()
        for place, write in flushing.writes.rows.items():
            if write.kind is Kind.GUARD:
                rows.guarded[place] += 1
            else:
                rows.written.add(place)
        for write in flushing.held:
            rows.guarded[write.table.name, write.key] += 1
        return rows

    def meet(self, others: Self) -> bool:
        """Whether somebody writes what somebody else writes or guards."""
        return not (
            self.written.isdisjoint(others.written)
            and self.written.isdisjoint(others.guarded)
            and others.written.isdisjoint(self.guarded)
        )

    def add(self, others: Self) -> None:
        self.written |= others.written
        self.guarded += others.guarded

    def remove(self, others: Self) -> None:
        self.written -= others.written
        self.guarded -= others.guarded


async def open_writers(url: str, **settings: str) -> Pool:
    """Connections that write groups and do nothing else."""
    return await open_pool(url, _WRITERS, **_SETTINGS, **settings)


class Writing:
    """``writers`` are for groups, ``others`` for units that are written by themselves."""

    def __init__(self, writers: Pool, others: Pool) -> None:
        self._writers = writers
        self._others = others
        self._waiting: deque[_Waiting] = deque()
        self._rows = _Rows()  # of all that wait or are under way
        self._serving: asyncio.Task[None] | None = None
        self._groups: set[asyncio.Task[None]] = set()
        self._apart: set[asyncio.Task[None]] = set()

    async def write(self, flushing: Flushing) -> Settled:
        """Commit; it is not on disk by then. Raises LostRace, Unavailable."""
        rows = _Rows.of(flushing)
        if flushing.writes.sweeps or len(flushing.writes) > _LARGE or self._rows.meet(rows):
            return await self._alone(flushing)
        self._rows.add(rows)
        waiting = _Waiting(flushing, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._go_on()
        try:
            return await waiting.done
        finally:
            self._rows.remove(rows)

    def _go_on(self) -> None:
        if self._waiting and self._serving is None and len(self._groups) < _WRITERS:
            self._serving = asyncio.create_task(self._serve(), name="group of units")
            self._groups.add(self._serving)
            self._serving.add_done_callback(self._ended)

    def _ended(self, group: "asyncio.Task[None]") -> None:
        self._groups.discard(group)
        if self._serving is group:
            self._serving = None
        self._go_on()

    def _let_pass(self) -> None:
        """The group that is under way takes long: the next need not wait for it."""
        self._serving = None
        self._go_on()

    async def _serve(self) -> None:
        group = [self._waiting.popleft() for _ in range(min(_GROUP, len(self._waiting)))]
        slow = asyncio.get_running_loop().call_later(_SLOW_S, self._let_pass)
        try:
            async with borrowed(self._writers) as connection:
                await self._write_group(connection, group)
        except Exception as error:  # noqa: BLE001 - whoever waits gets it
            for waiting in group:
                _answer(waiting, error)
        finally:
            slow.cancel()

    async def _write_group(self, connection: Connection, group: list[_Waiting]) -> None:
        try:
            settled = await write_all(connection, [waiting.flushing for waiting in group])
        except Unavailable:
            raise
        except Exception as error:
            if connection.is_closed() or (len(group) == 1 and isinstance(error, LostRace)):
                raise
            for waiting in group:
                alone = asyncio.create_task(self._by_itself(waiting), name="unit of a group that failed")
                self._apart.add(alone)
                alone.add_done_callback(self._apart.discard)
        else:
            for waiting, own in zip(group, settled, strict=True):
                if not waiting.done.done():
                    waiting.done.set_result(own)

    async def _by_itself(self, waiting: _Waiting) -> None:
        try:
            settled = await self._alone(waiting.flushing)
        except Exception as error:  # noqa: BLE001 - as above
            _answer(waiting, error)
        else:
            if not waiting.done.done():
                waiting.done.set_result(settled)

    async def _alone(self, flushing: Flushing) -> Settled:
        async with borrowed(self._others) as connection:
            (settled,) = await write_all(connection, [flushing])
            return settled


async def write_all(connection: Connection, group: Sequence[Flushing]) -> list[Settled]:
    """What each unit of a group changed. Raises LostRace if one of them has lost one."""
    statement = compound(group)
    try:
        answer: Sequence[Any] = await connection.fetch(statement.text, *statement.arguments)
    except _LOST_IN_FLUSH as error:
        raise LostRace from error
    except DISCONNECTED as error:
        raise unavailable(error, UNKNOWN) from error
    if connection.is_closed():
        # The answer came and then the end: perhaps of the server, and it had not flushed this yet.
        raise unavailable(ConnectionResetError(), UNKNOWN)
    return statement.settled(answer)


def _answer(waiting: _Waiting, error: BaseException) -> None:
    if not waiting.done.done():
        waiting.done.set_exception(error)
