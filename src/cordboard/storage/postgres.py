"""PostgreSQL: many units at a time, each one statement (design D4; measured in docs/decisions).

A unit reads with single statements on a connection of the pool, and its writes go out as one (``compound``), committed with
``synchronous_commit=off``; its answer waits for the flush that many units share (``barrier``). Refused units wait for a flush
too, and looks while one of this process is due: what they saw may be a neighbour's commit that a crash would take back.

*Lost races.* A guard that finds no row, a unique value that is taken, a deadlock: the unit runs again, and now it holds
(``FOR UPDATE``) every row that it reads by key, so it cannot lose the same race twice. ``unit.lock`` does so from the start, for
rows that everybody wants. Holding takes a transaction, three round trips more; a unit that holds nothing has none.

*Large units.* More than ``_MANY`` writes, such as a turn of the router, are not worth planning as one statement whose shape
never comes back: they go as a transaction of the same single statements, all rows of a kind in one round trip.

*The outside.* A lost connection, a server that stops, a full disk, a lock that nobody lets go: 503, and the pool connects again
when the next unit comes. When the connection breaks between a commit and its answer, nobody knows; the sentence says so.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeAlias, TypeVar

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from asyncpg.transaction import Transaction

from cordboard.kernel.errors import Conflict, Unavailable
from cordboard.kernel.ports import Ports

from . import statements
from .barrier import Barrier, Flight
from .compound import compound
from .dialect import among, numbered, padded, postgres_counted, postgres_ddl, postgres_locked
from .migrate import APPLIED, APPLY, HISTORY, head, missing
from .port import Look, Work
from .tables import Key, Table, Value
from .unit import LostRace, Reactions, Row, Unit, View
from .writes import Listeners, Settled, WriteSet

T = TypeVar("T")

_TRIES = 5
_MANY = 40
_CONNECTIONS = 16
_TIMEOUT_S = 30
_MIGRATING = 0x0C0D_B0A4  # the advisory lock of whoever brings the schema to the head

_SESSION = {
    "application_name": "cordboard",
    "default_transaction_isolation": "read committed",
    "idle_in_transaction_session_timeout": "30s",
    "jit": "off",
    "lock_timeout": "10s",
}
_FLUSH = "SELECT pg_logical_emit_message(true, 'cordboard', '')"

_LOST = (asyncpg.UniqueViolationError, asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
# A part of the statement that touched no row divides by zero; see ``compound``.
_LOST_IN_FLUSH = (*_LOST, asyncpg.DivisionByZeroError)
_DISCONNECTED = (OSError, asyncpg.PostgresConnectionError, asyncpg.AdminShutdownError, asyncpg.CrashShutdownError)
_OUTSIDE = (
    *_DISCONNECTED,
    asyncpg.InsufficientResourcesError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.LockNotAvailableError,
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresSystemError,
    asyncpg.ReadOnlySQLTransactionError,
)

_Connection: TypeAlias = "PoolConnectionProxy[asyncpg.Record]"


class _Session:
    """Reads and, at the end, writes of one unit on one connection. ``holding``: what is read by key is locked."""

    def __init__(self, connection: _Connection, *, holding: bool = False) -> None:
        self._connection = connection
        self._holding = holding
        self._transaction: Transaction | None = None

    async def fetch(self, sql: str, arguments: Sequence[Value]) -> Sequence[Row]:
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
        except _DISCONNECTED as error:
            raise _unavailable(error, "Whether the change was kept is not known: look before you try again.") from error
        return Settled(list(writes), writes.sweeps, [event for _, event in writes.placed(last)])

    async def end(self) -> None:
        """Undo what was not committed."""
        if self._transaction is not None:
            try:
                await self._transaction.rollback()
            except (*_OUTSIDE, asyncpg.InterfaceError):
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
        for table, events in groupby(writes.placed(last), key=itemgetter(0)):
            await self._connection.executemany(numbered(statements.insert(table)), [table.row(e) for _, e in events])
        return last


class PostgresDatabase:
    """See ``port.Database``. Make it with ``open_postgres``."""

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        flushing: "asyncpg.Pool[asyncpg.Record]",
        ports: Ports,
        reactions: Reactions,
    ) -> None:
        self._pool = pool
        self._flushing = flushing
        self._ports = ports
        self._reactions = reactions
        self._listeners = Listeners()
        self._barrier = Barrier(self._flush, self._listeners.tell)
        self._units: set[asyncio.Task[Any]] = set()
        self._closed = False

    async def run(self, work: Work[T]) -> T:
        """See Database."""
        if self._closed:
            raise _stopping()
        # A caller that goes away must not stop its unit between the commit and the listeners.
        unit = asyncio.get_running_loop().create_task(self._run(work))
        self._units.add(unit)
        unit.add_done_callback(self._units.discard)
        return await asyncio.shield(unit)

    async def read(self, look: Look[T]) -> T:
        """See Database."""
        if self._closed:
            raise _stopping()
        async with _connection(self._pool) as connection:
            seen = await look(View(_Session(connection), self._ports))
        if self._barrier.open:
            await self._barrier.passed()
        return seen

    def listen(self, hear: Callable[[Settled], None]) -> None:
        """See Database."""
        self._listeners.add(hear)

    @property
    def busy(self) -> bool:
        """See Database."""
        return bool(self._units)

    async def check(self) -> str | None:
        """See Database."""
        try:
            async with _connection(self._pool) as connection:
                applied = [number for (number,) in await connection.fetch(APPLIED)]
            await self._barrier.passed()
        except (Unavailable, asyncpg.PostgresError) as error:
            return str(error)
        return None if applied[-1:] == [head()] else f"its schema is at {applied[-1:]}, this program needs {head()}"

    async def close(self) -> None:
        """See Database."""
        if self._closed:
            return
        self._closed = True
        if self._units:
            await asyncio.wait(self._units)
        for pool in (self._pool, self._flushing):
            try:
                await asyncio.wait_for(pool.close(), _TIMEOUT_S)
            except (TimeoutError, *_OUTSIDE):
                pool.terminate()

    async def _run(self, work: Work[T]) -> T:
        for tries in range(_TRIES):
            try:
                result, flight = await self._attempt(work, holding=tries > 0)
            except LostRace:
                continue
            except Unavailable:
                raise
            except Exception:
                await self._barrier.passed()
                raise
            await self._barrier.passed(flight)
            return result
        await self._barrier.passed()
        raise Conflict("The resource is changed by others again and again. Try again.")

    async def _attempt(self, work: Work[T], *, holding: bool) -> tuple[T, Flight | None]:
        async with _connection(self._pool) as connection:
            session = _Session(connection, holding=holding)
            unit = Unit(session, self._ports, self._reactions)
            try:
                result = await work(unit)
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

    async def _flush(self) -> None:
        async with _connection(self._flushing) as connection:
            await connection.execute(_FLUSH)


async def open_postgres(url: str, ports: Ports, reactions: Reactions) -> PostgresDatabase:
    """Connect, and bring the database's schema to the head. Raises Unavailable, migrate.NewerSchema."""
    try:
        connection = await asyncpg.connect(url, server_settings=_SESSION)
    except (OSError, asyncpg.PostgresError) as error:
        raise _unavailable(error) from error
    try:
        await migrate_postgres(connection, ports.clock.now())
    finally:
        await connection.close()
    return PostgresDatabase(
        await _open_pool(url, _CONNECTIONS, synchronous_commit="off"),
        await _open_pool(url, 1, synchronous_commit="on"),
        ports,
        reactions,
    )


async def migrate_postgres(connection: "asyncpg.Connection[asyncpg.Record]", now: int) -> None:
    """Apply what is missing, a transaction a file; of several nodes that start at once, one."""
    await connection.execute("SELECT pg_advisory_lock($1)", _MIGRATING, timeout=None)
    await connection.execute(postgres_ddl(HISTORY))
    applied = [number for (number,) in await connection.fetch(APPLIED)]
    for migration in missing(applied):
        async with connection.transaction():
            for statement in migration.statements:
                await connection.execute(postgres_ddl(statement))
            await connection.execute(numbered(APPLY), migration.number, migration.name, now)


async def _open_pool(url: str, size: int, **settings: str) -> "asyncpg.Pool[asyncpg.Record]":
    return await asyncpg.create_pool(
        url,
        min_size=1,
        max_size=size,
        # Units leave nothing behind in a session, so there is nothing to reset.
        reset=_leave,
        command_timeout=_TIMEOUT_S,
        statement_cache_size=1024,
        max_cached_statement_lifetime=0,
        max_cacheable_statement_size=0,
        server_settings={**_SESSION, **settings},
    )


async def _leave(_connection: object) -> None:
    """Do nothing."""


@contextlib.asynccontextmanager
async def _connection(pool: "asyncpg.Pool[asyncpg.Record]") -> AsyncIterator[_Connection]:
    """A connection of the pool; the outside's errors become Unavailable."""
    try:
        connection = await pool.acquire()
    except _OUTSIDE as error:
        raise _unavailable(error) from error
    try:
        yield connection
    except _OUTSIDE as error:
        raise _unavailable(error) from error
    except asyncpg.InterfaceError as error:
        if _is_gone(connection):
            raise _unavailable(error) from error
        raise
    finally:
        await pool.release(connection)


def _is_gone(connection: _Connection) -> bool:
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:
        # The pool has taken it back, as it does when the server closes it.
        return True


def _unavailable(error: Exception, kept: str = "Nothing was changed; try again.") -> Unavailable:
    return Unavailable(f"The database does not take the call ({str(error) or type(error).__name__}). {kept}")


def _stopping() -> Unavailable:
    return Unavailable("The server is stopping. Try again in a moment.")
