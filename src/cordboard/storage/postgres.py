"""PostgreSQL: many units at a time, each one statement (design D4; measured in docs/decisions).

A unit reads with single statements on a connection of the pool, and its writes go out as one (``compound``), committed with
``synchronous_commit=off``; its answer waits for the flush that many units share (``barrier``). Refused units wait for a flush
too, and looks while one of this process is due: what they saw may be a neighbour's commit that a crash would take back.

*Lost races.* A guard that finds no row, a unique value that is taken, a deadlock: the unit runs again, and now it holds
(``FOR UPDATE``) every row that it reads by key, so it cannot lose the same race twice. ``unit.lock`` does so from the start,
for rows that everybody wants. Holding takes a transaction, three round trips more; a unit that holds nothing has none.

*Large units.* More than ``_MANY`` writes, such as a turn of the router, are not worth planning as one statement whose shape
never comes back: they go as a transaction of the same single statements, all rows of a kind in one round trip.

*The outside.* A lost connection, a server that stops, a full disk, a lock that nobody lets go: 503, and the pool connects again
when the next unit comes. When the connection breaks between a commit and its answer, nobody knows; the sentence says so.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeVar

import asyncpg
from asyncpg.transaction import Transaction

from cordboard.kernel.errors import ApiError, Conflict, Unavailable
from cordboard.kernel.ports import Ports

from . import statements
from .barrier import Barrier, Flight
from .compound import compound
from .dialect import among, numbered, padded, postgres_counted, postgres_ddl, postgres_locked
from .migrate import APPLIED, APPLY, HISTORY, Migration, head, missing
from .nodes import Node
from .port import Look, Work
from .postgres_connections import (
    DISCONNECTED,
    OUTSIDE,
    TIMEOUT_S,
    UNKNOWN,
    Connection,
    alone,
    borrowed,
    open_pool,
    unavailable,
)
from .postgres_node import APPLICATION, CHANNEL, PostgresNode, called
from .probe import probe
from .tables import Key, Table, Value
from .tally import Tally
from .unit import LostRace, Reactions, Reader, Row, Unheard, Unit, View
from .writes import Listeners, Settled, Write, WriteSet

T = TypeVar("T")

_TRIES = 5
_MANY = 40
_CONNECTIONS = 16
_CHECK_S = 2.0
_MIGRATING = 0x0C0D_B0A4  # the advisory lock of whoever brings the schema to the head

_POSITIONS = "SELECT account_sid, position FROM feed"
_FLUSH = "SELECT pg_logical_emit_message(true, 'cordboard', '')"
_FLUSH_AND_CALL = f"{_FLUSH}, pg_notify($1, $2)"

_LOST = (asyncpg.UniqueViolationError, asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
# A part of the statement that touched no row divides by zero; see ``compound``.
_LOST_IN_FLUSH = (*_LOST, asyncpg.DivisionByZeroError)


class _Session(Reader):
    """Reads and, at the end, writes of one unit on one connection. ``holding``: what is read by key is locked."""

    def __init__(self, connection: Connection, *, holding: bool = False) -> None:
        self._connection = connection
        self._holding = holding
        self._transaction: Transaction | None = None

    async def fetch(self, sql: str, arguments: Sequence[Value], _table: Table[Any] | None = None) -> Sequence[Row]:
        """See Reader."""
        return await self._connection.fetch(numbered(sql), *arguments)  # type: ignore[return-value] # a Record is a row

    fetch_many = fetch

    async def fetch_row(self, table: Table[Any], key: Key) -> Row | None:
        """See Reader."""
        sql = table.by_key.sql
        if self._holding:
            await self._begin()
            sql = postgres_locked(sql)
        return await self._connection.fetchrow(numbered(sql), *key)  # type: ignore[return-value] # as above

    async def fetch_locked(self, table: Table[Any], keys: Sequence[str]) -> Sequence[Row]:
        """See Reader."""
        if not keys:
            return []
        await self._begin()
        arguments = padded(list(keys))
        where = table.where(f"{among(table.key[0], len(arguments))} ORDER BY {table.key[0]}")
        return await self.fetch(postgres_locked(where.sql), arguments)

    async def flush(self, writes: WriteSet) -> Settled:
        """Write everything and commit. Raises LostRace."""
        try:
            last = await (self._flush_many(writes) if len(writes) > _MANY else self._flush_one(writes))
            if self._transaction is not None:
                await self._transaction.commit()
                self._transaction = None
        except _LOST_IN_FLUSH as error:
            raise LostRace from error
        except DISCONNECTED as error:
            raise unavailable(error, UNKNOWN) from error
        return Settled(list(writes), writes.sweeps, writes.placed(last))

    async def end(self) -> None:
        """Undo what was not committed."""
        if self._transaction is not None:
            try:
                await self._transaction.rollback()
            except (*OUTSIDE, asyncpg.InterfaceError):
                with contextlib.suppress(asyncpg.InterfaceError):
                    self._connection.terminate()

    async def _begin(self) -> None:
        if self._transaction is None:
            self._transaction = self._connection.transaction()
            await self._transaction.start()

    async def _flush_one(self, writes: WriteSet) -> dict[str, int]:
        text, arguments = compound(writes)
        (row,) = await self._connection.fetch(text, *arguments)
        return dict(zip(writes.appended(), row, strict=False))

    async def _flush_many(self, writes: WriteSet) -> dict[str, int]:
        await self._begin()
        for (sql, exactly_one), alike in groupby(statements.of_all(writes), key=itemgetter(0, 2)):
            rows = [arguments for _, arguments, _ in alike]
            touched = await self._connection.fetchmany(numbered(postgres_counted(sql)), rows)
            if exactly_one and len(touched) != len(rows):
                raise LostRace
        last = {}
        for taken in writes.appended().items():
            last[taken[0]] = await self._connection.fetchval(numbered(statements.advance_feed()), *taken)
            for table, added in groupby(writes.feed_rows(taken[0], last[taken[0]]), key=itemgetter(0)):
                await self._connection.executemany(
                    numbered(statements.insert(table)), [table.row(row) for _, row in added]
                )
        return last


class PostgresDatabase:
    """See ``port.Database``. Make it with ``open_postgres``."""

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        flushing: "asyncpg.Pool[asyncpg.Record]",
        ports: Ports,
        reactions: Reactions,
        positions: Mapping[str, int],
        node: Node,
    ) -> None:
        self._pool = pool
        self._flushing = flushing
        self._ports = ports
        self._reactions = reactions
        self.node = node
        self.tally = Tally()
        self._listeners = Listeners()
        self._barrier = Barrier(self._flush, self._listeners.tell, positions, self.tally)
        self._units: set[asyncio.Task[Any]] = set()
        self._failing: Unavailable | None = None
        self._checking: asyncio.Task[str | None] | None = None
        self._closed = False

    async def run(self, work: Work[T]) -> T:
        """See Database."""
        if self._closed:
            raise _stopping()
        # A caller that goes away must not stop its unit between the commit and the listeners.
        unit = asyncio.get_running_loop().create_task(self._run(work))
        self._units.add(unit)
        unit.add_done_callback(self._ended)
        return await asyncio.shield(unit)

    async def read(self, look: Look[T], *, flushed: bool = False) -> T:
        """See Database."""
        if self._closed:
            raise _stopping()
        async with borrowed(self._pool) as connection:
            seen = await look(View(_Session(connection), self._ports))
        if flushed or self._barrier.open:
            await self._barrier.passed()
        return seen

    def listen(self, hear: Callable[[Settled], None]) -> None:
        """See Database."""
        self._listeners.add(hear)

    def watch(self, hear: Callable[[list[Write]], None], *tables: Table[Any]) -> None:
        """See Database."""
        self._listeners.watch(hear, tables)

    async def leisure(self) -> None:
        """See Database. Here it is another process that writes, and units never hold the loop for long."""

    @property
    def busy(self) -> bool:
        """See Database."""
        return bool(self._units)

    async def check(self) -> str | None:
        """See Database."""
        if self._checking is None or self._checking.done():
            self._checking = asyncio.get_running_loop().create_task(self._check())
        # It is not cancelled: a connection to a server that stands still is given back only after its own time-out.
        done, _ = await asyncio.wait({self._checking}, timeout=_CHECK_S)
        return self._checking.result() if done else f"no answer within {_CHECK_S:.0f} s"

    async def _check(self) -> str | None:
        try:
            async with borrowed(self._pool) as connection:
                applied = [number for (number,) in await connection.fetch(APPLIED)]
            await self._barrier.passed()
            if self._failing is not None:
                await probe(self.run)
                self._failing = None
        except (Unavailable, asyncpg.PostgresError) as error:
            return str(error)
        return None if applied[-1:] == [head()] else f"its schema is at {applied[-1:]}, this program needs {head()}"

    async def scrub(self) -> None:
        """Nothing: dead rows are PostgreSQL's to vacuum, and its log is its operator's."""

    async def close(self) -> None:
        """See Database."""
        if self._closed:
            return
        self._closed = True
        if self._units:
            await asyncio.wait(self._units)
        for pool in (self._pool, self._flushing):
            try:
                await asyncio.wait_for(pool.close(), TIMEOUT_S)
            except (TimeoutError, *OUTSIDE):
                pool.terminate()

    def _ended(self, unit: asyncio.Task[Any]) -> None:
        self._units.discard(unit)
        if unit.cancelled():
            return
        error = unit.exception()
        self.tally.ended(error)
        if isinstance(error, Unavailable):
            self._failing = error

    async def _run(self, work: Work[T]) -> T:
        for tries in range(_TRIES):
            try:
                result, flight = await self._attempt(work, holding=tries > 0)
            except LostRace:
                self.tally.reruns += 1
                continue
            except Unavailable:
                raise
            except Exception as error:
                # Read statement by statement, rows may not fit each other (half before a neighbour's commit, half after), and
                # the work fails as it never should. Held, they fit; a fault of its own comes again.
                if not (tries or isinstance(error, ApiError | Unheard)):
                    self.tally.reruns += 1
                    continue
                await self._barrier.passed()
                raise
            try:
                await self._barrier.passed(flight)
            except Unavailable as error:
                if flight is None:
                    raise
                raise Unavailable(f"The database went away during the call. {UNKNOWN}") from error
            return result
        await self._barrier.passed()
        raise Conflict("The resource is changed by others again and again. Try again.")

    async def _attempt(self, work: Work[T], *, holding: bool) -> tuple[T, Flight | None]:
        async with borrowed(self._pool) as connection:
            session = _Session(connection, holding=holding)
            unit = Unit(session, self._ports, self._reactions)
            try:
                result = await unit.carry_out(work)
                return result, await self._keep(session, unit.writes) if unit.writes else None
            except _LOST as error:
                raise LostRace from error
            finally:
                await session.end()

    async def _keep(self, session: _Session, writes: WriteSet) -> Flight:
        flight = self._barrier.depart()
        try:
            self._barrier.committed(flight, await session.flush(writes))
        except BaseException:
            self._barrier.lost(flight)
            raise
        return flight

    async def _flush(self, covered: Mapping[str, int]) -> None:
        async with borrowed(self._flushing) as connection:
            if covered:
                await connection.execute(_FLUSH_AND_CALL, CHANNEL, called(self.node.name, covered))
            else:
                await connection.execute(_FLUSH)


async def open_postgres(url: str, ports: Ports, reactions: Reactions, *, upgrade: bool = True) -> PostgresDatabase:
    """Connect, and bring the database's schema to the head. Raises Unavailable, NewerSchema.

    Without ``upgrade`` only a new database gets its tables, an older one raises OlderSchema.
    """
    async with alone(url) as connection:
        await migrate_postgres(connection, ports.clock.now(), upgrade=upgrade)
        positions = {row[0]: row[1] for row in await connection.fetch(_POSITIONS)}
    node = PostgresNode(f"{ports.chance.bits(64):016x}", url)
    application_name = APPLICATION + node.name
    return PostgresDatabase(
        await open_pool(url, _CONNECTIONS, synchronous_commit="off", application_name=application_name),
        await open_pool(url, 1, synchronous_commit="on", application_name=application_name),
        ports,
        reactions,
        positions,
        node,
    )


async def upgrade_postgres(url: str, now: int) -> list[Migration]:
    """Connect only to bring the schema to the head. Raises Unavailable, NewerSchema."""
    async with alone(url) as connection:
        return await migrate_postgres(connection, now)


@contextlib.asynccontextmanager
async def looking_at_postgres(url: str, ports: Ports) -> AsyncIterator[View]:
    """What is committed, on a connection that commits as the shared flush does. Raises Unavailable."""
    async with alone(url, application_name="cordboard doctor", synchronous_commit="on") as connection:
        yield View(_Session(connection), ports)


async def migrate_postgres(
    connection: "asyncpg.Connection[asyncpg.Record]", now: int, *, upgrade: bool = True
) -> list[Migration]:
    """Apply what is missing, a transaction a file; of several nodes that start at once, one. Tells what that was."""
    await connection.execute("SELECT pg_advisory_lock($1)", _MIGRATING, timeout=None)
    await connection.execute(postgres_ddl(HISTORY))
    applied = [number for (number,) in await connection.fetch(APPLIED)]
    lacking = missing(applied, upgrade=upgrade)
    for migration in lacking:
        async with connection.transaction():
            for statement in migration.statements:
                await connection.execute(postgres_ddl(statement))
            await connection.execute(numbered(APPLY), migration.number, migration.name, now)
    return lacking


def _stopping() -> Unavailable:
    return Unavailable("The server is stopping. Try again in a moment.")
