"""PostgreSQL: many units at a time, whose writes share statements, and whose answers share flushes (design D4).

A unit reads (``postgres_session``), and its writes go out with those of others (``postgres_writing``), committed with
``synchronous_commit=off``; its answer waits for the flush that many units share (``barrier``). Refused units wait for a flush
too, and looks while one of this process is due: what they saw may be a neighbour's commit that a crash would take back.

*Lost races.* A guard that finds no row, a unique value that is taken, a deadlock: the unit runs again, and now it holds every row that
it claims or reads by key, so it cannot lose the same race twice. A unit that holds rows writes by itself.

*The outside.* A lost connection, a server that stops, a full disk, a lock that nobody lets go: 503, and the pool connects again
when the next unit comes. When the connection breaks between a commit and its answer, nobody knows; the sentence says so.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, TypeVar

import asyncpg

from cordboard.kernel.errors import ApiError, Conflict, Unavailable
from cordboard.kernel.ports import Ports

from .barrier import Barrier, Flight
from .dialect import numbered, postgres_ddl
from .migrate import APPLIED, APPLY, HISTORY, Migration, head, missing
from .nodes import Node
from .port import Begun, Look, Work
from .postgres_connections import OUTSIDE, TIMEOUT_S, UNKNOWN, Lent, Loan, Pool, alone, borrowed, open_pool
from .postgres_memory import Memory
from .postgres_node import APPLICATION, CHANNEL, PostgresNode, called
from .postgres_session import Session
from .postgres_writing import Writing, open_writers
from .probe import probe
from .tables import Table
from .tally import Tally
from .turns import Turns
from .unit import LostRace, Reactions, Unheard, Unit, View
from .writes import Hear, Listeners, Settled, Write, WriteSet

T = TypeVar("T")

_TRIES = 5
_CONNECTIONS = 12
_CHECK_S = 2.0
_MIGRATING = 0x0C0D_B0A4  # the advisory lock of whoever brings the schema to the head

_POSITIONS = "SELECT account_sid, position FROM feed"
_FLUSH = "SELECT epoch, pg_logical_emit_message(true, 'cordboard', '') FROM steady_epoch"
_FLUSH_AND_CALL = "SELECT epoch, pg_logical_emit_message(true, 'cordboard', ''), pg_notify($1, $2) FROM steady_epoch"


class PostgresDatabase:
    """See ``port.Database``. Make it with ``open_postgres``."""

    def __init__(
        self,
        pool: Pool,
        writers: Pool,
        flushing: Pool,
        ports: Ports,
        reactions: Reactions,
        positions: Mapping[str, int],
        node: Node,
    ) -> None:
        self._pool = pool
        self._writers = writers
        self._flushing = flushing
        self._writing = Writing(writers, pool)
        self._turns = Turns()
        self._memory: Memory | None = None
        self._flusher = 0  # the process that serves the connection of the flushes
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

    async def begin(self, work: Work[T]) -> Begun[T]:
        """See Database. It comes back when all is on disk: what is not flushed is not known to this process (ADR 0028)."""
        result = await self.run(work)
        settled = asyncio.get_running_loop().create_future()
        settled.set_result(result)
        return Begun(result, settled)

    async def read(self, look: Look[T], *, flushed: bool = False) -> T:
        """See Database."""
        if self._closed:
            raise _stopping()
        # A look that waits for a flush anyway may use what is remembered.
        session = self._session(self._memory if flushed or self._barrier.open else None)
        try:
            async with session:
                seen = await look(View(session, self._ports))
        except Unavailable:
            raise
        except Exception:
            if not session.remembers:
                raise
            await self._barrier.passed()
            if not self._is_outdated(session):
                raise
        else:
            if flushed or session.remembers or self._barrier.open:
                await self._barrier.passed()
            if not self._is_outdated(session):
                return seen
        async with self._session(None) as session:
            seen = await look(View(session, self._ports))
        await self._barrier.passed()
        return seen

    async def flush(self) -> None:
        """Have everything that is committed on disk, and watch the connection that does so from now on."""
        await self._barrier.passed()

    def listen(self, hear: Callable[[Settled], None]) -> None:
        """See Database."""
        self._listeners.add(hear)

    def watch(self, hear: Callable[[list[Write]], None], *tables: Table[Any]) -> None:
        """See Database."""
        self._listeners.watch(hear, tables)

    def foresee(self, hear: Hear, _lose: Hear, *tables: Table[Any]) -> None:
        """See Database. Nothing is told before it is on disk."""
        self._listeners.watch(hear, tables)

    async def read_ahead(self, look: Look[T]) -> T:
        """See Database."""
        return await self.read(look, flushed=True)

    async def leisure(self, _is_little: Callable[[int], bool]) -> None:
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
        for pool in (self._pool, self._writers, self._flushing):
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
        lost: list[WriteSet] = []
        for tries in range(_TRIES):
            session = self._session(self._memory, lost)
            unit = Unit(session, self._ports, self._reactions)
            lost.append(unit.writes)
            try:
                result, flight = await self._attempt(session, unit, work)
            except LostRace:
                self.tally.reruns += 1
                continue
            except Unavailable:
                raise
            except Exception as error:
                # Read statement by statement, rows may not fit each other (half before a neighbour's commit, half after), and
                # the work fails as it never should, or refuses by rows that it claimed and nobody has proved. Held, they fit; a
                # fault or refusal of its own comes again.
                as_it_should = isinstance(error, Unheard) or (isinstance(error, ApiError) and not session.claims)
                if not (tries or as_it_should):
                    self.tally.reruns += 1
                    continue
                await self._barrier.passed()
                if self._is_outdated(session):
                    self.tally.reruns += 1
                    continue
                raise
            try:
                await self._barrier.passed(flight)
            except Unavailable as error:
                if flight is None:
                    raise
                raise Unavailable(f"The database went away during the call. {UNKNOWN}") from error
            if flight is None and self._is_outdated(session):
                self.tally.reruns += 1
                continue
            return result
        await self._barrier.passed()
        raise Conflict("The resource is changed by others again and again. Try again.")

    async def _attempt(self, session: Session, unit: Unit, work: Work[T]) -> tuple[T, Flight | None]:
        async with session:
            result = await unit.carry_out(work)
            if unit.writes and self._is_outdated(session):
                raise LostRace
            return result, await self._keep(session, unit.writes) if unit.writes else None

    async def _keep(self, session: Session, writes: WriteSet) -> Flight:
        flight = self._barrier.depart()
        try:
            settled = await session.flush(writes, self._writing)
        except BaseException:
            self._barrier.lost(flight)
            raise
        self._barrier.committed(flight, settled)
        if writes.changes_steady:
            self._memory = None  # until the next flush tells the epoch
        return flight

    def _session(self, memory: Memory | None, lost: Sequence[WriteSet] = ()) -> Session:
        if not lost:
            return Session(Loan(self._pool), memory, self._turns)
        changed = {(write.table, write.key) for writes in lost for write in writes.changed()}
        return Session(Loan(self._pool), holding=changed)

    def _is_outdated(self, session: Session) -> bool:
        """Whether it used what it remembered, and another flush has told another epoch since."""
        return session.remembers and session.memory is not self._memory

    async def _flush(self, covered: Mapping[str, int]) -> None:
        try:
            async with borrowed(self._flushing) as connection:
                if connection.get_server_pid() != self._flusher:
                    self._flusher = connection.get_server_pid()
                    connection.add_termination_listener(self._flusher_lost)
                if covered:
                    epoch = await connection.fetchval(_FLUSH_AND_CALL, CHANNEL, called(self.node.name, covered))
                else:
                    epoch = await connection.fetchval(_FLUSH)
        except BaseException:
            self._memory = None
            raise
        if self._memory is None or self._memory.epoch != epoch:
            self._memory = Memory(epoch)

    def _flusher_lost(self, _connection: object) -> None:
        self._memory = None
        self._barrier.doubt()


async def open_postgres(url: str, ports: Ports, reactions: Reactions, *, upgrade: bool = True) -> PostgresDatabase:
    """Connect, and bring the database's schema to the head. Raises Unavailable, NewerSchema.

    Without ``upgrade`` only a new database gets its tables, an older one raises OlderSchema.
    """
    async with alone(url) as connection:
        await migrate_postgres(connection, ports.clock.now(), upgrade=upgrade)
        positions = {row[0]: row[1] for row in await connection.fetch(_POSITIONS)}
    node = PostgresNode(f"{ports.chance.bits(64):016x}", url)
    application_name = APPLICATION + node.name
    db = PostgresDatabase(
        await open_pool(url, _CONNECTIONS, synchronous_commit="off", application_name=application_name),
        await open_writers(url, application_name=application_name),
        await open_pool(url, 1, synchronous_commit="on", application_name=application_name),
        ports,
        reactions,
        positions,
        node,
    )
    await db.flush()
    return db


async def upgrade_postgres(url: str, now: int) -> list[Migration]:
    """Connect only to bring the schema to the head. Raises Unavailable, NewerSchema."""
    async with alone(url) as connection:
        return await migrate_postgres(connection, now)


@contextlib.asynccontextmanager
async def looking_at_postgres(url: str, ports: Ports) -> AsyncIterator[View]:
    """What is committed, on a connection that commits as the shared flush does. Raises Unavailable."""
    async with alone(url, application_name="cordboard doctor", synchronous_commit="on") as connection:
        yield View(Session(Lent(connection)), ports)


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
