"""SQLite: one process, one writing connection, group commit (design D4; measured in docs/decisions).

Units wait in a queue. One task takes them off, runs each inline on the loop (a unit never suspends) and flushes it inside a
SAVEPOINT; when the queue is empty, one COMMIT in a thread puts the whole group on disk. While the thread commits nobody touches
the connection: a statement that slipped through would block the loop and then run outside every unit. Everybody of a group
is answered after it, also who was refused: the refusal may rest on what a neighbour wrote. When the COMMIT fails, or an error
has rolled back the neighbours' transaction (a full disk does), the whole group fails with 503, and the next group starts afresh;
any other error is its own unit's alone.

Looks use a second, read-only connection, always fetched whole: a forgotten cursor would keep the log from being reset. Lists
of more than 500 rows leave the loop: they are read in a thread by a third connection.
"""

import asyncio
import contextlib
import fcntl
import logging
import os
import sqlite3
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from cordboard.kernel.errors import Conflict, Unavailable
from cordboard.kernel.ports import Ports

from . import statements
from .dialect import among, padded
from .migrate import APPLIED, APPLY, HISTORY, missing
from .port import Look, Work
from .statements import advance_feed
from .tables import Key, Table, Value
from .unit import LostRace, Reactions, Row, Unit, View
from .writes import Listeners, Settled, WriteSet

T = TypeVar("T")

_log = logging.getLogger(__name__)

_TRIES = 5
_GROUP = 512

_TAKEN = {sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY}
_PRIMARY = 0xFF  # the low byte of an error code says what failed, the rest says how
_OUTSIDE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_READONLY,
}


class DatabaseInUse(Exception):
    """Another process has the file open; two writers on one SQLite file would stall each other for a second and more."""


class _Pending(msgspec.Struct):
    """A unit that waits for its turn, then for its group."""

    work: Work[Any]
    answer: "asyncio.Future[Any]"
    result: Any = None
    refusal: BaseException | None = None
    settled: Settled | None = None


class _Direct:
    """Reads inline on the loop."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def fetch(self, sql: str, arguments: Sequence[Value]) -> Sequence[Row]:
        """See Reader."""
        return self._connection.execute(sql, arguments).fetchall()

    fetch_many = fetch

    async def fetch_row(self, table: Table[Any], key: Key) -> Row | None:
        """See Reader."""
        rows: list[Row] = self._connection.execute(table.by_key.sql, key).fetchall()
        return rows[0] if rows else None

    async def fetch_locked(self, table: Table[Any], keys: Sequence[str]) -> Sequence[Row]:
        """A plain read: there is one writer, and it is this one."""
        if not keys:
            return []
        arguments = padded(list(keys))
        where = table.where(f"{among(table.key[0], len(arguments))} ORDER BY {table.key[0]}")
        return await self.fetch(where.sql, arguments)


class _Looking(_Direct):
    """Reads of what is committed; long ones in a thread."""

    def __init__(self, connection: sqlite3.Connection, open_another: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connection)
        self._thread = ThreadPoolExecutor(1, "cordboard-reads")
        self._open_another = open_another
        self._long: sqlite3.Connection | None = None

    async def fetch_many(self, sql: str, arguments: Sequence[Value]) -> Sequence[Row]:
        """See Reader."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._fetch_long, sql, arguments)

    def _fetch_long(self, sql: str, arguments: Sequence[Value]) -> Sequence[Row]:
        if self._long is None:
            self._long = self._open_another()
        return self._long.execute(sql, arguments).fetchall()

    def close(self) -> None:
        self._thread.shutdown()
        for connection in (self._connection, self._long):
            if connection is not None:
                connection.close()


class SQLiteDatabase:
    """See ``port.Database``. Make it with ``open_sqlite`` inside a running loop."""

    def __init__(self, path: Path, ports: Ports, reactions: Reactions) -> None:
        self._ports = ports
        self._reactions = reactions
        self._lock = _lock(path)
        try:
            self._writer = _connect(path)
            migrate_sqlite(self._writer, ports.clock.now())
        except BaseException:
            os.close(self._lock)
            raise
        self._unit_reader = _Direct(self._writer)
        self._looking = _Looking(_connect(path, read_only=True), lambda: _connect(path, read_only=True))
        self._waiting: deque[_Pending] = deque()
        self._arrived = asyncio.Event()
        self._grouping = False
        self._failing: str | None = None
        self._closed = False
        self._listeners = Listeners()
        self._committer = ThreadPoolExecutor(1, "cordboard-commit")
        self._task = asyncio.get_running_loop().create_task(self._serve(), name="sqlite units")

    async def run(self, work: Work[T]) -> T:
        """See Database."""
        if self._closed:
            raise _stopping()
        pending = _Pending(work, asyncio.get_running_loop().create_future())
        self._waiting.append(pending)
        self._arrived.set()
        return await pending.answer  # type: ignore[no-any-return] # what this work returns

    async def read(self, look: Look[T]) -> T:
        """See Database."""
        if self._closed:
            raise _stopping()
        try:
            return await look(View(self._looking, self._ports))
        except sqlite3.Error as error:
            if _is_outside(error):
                raise _unavailable(error) from error
            raise

    def listen(self, hear: Callable[[Settled], None]) -> None:
        """See Database."""
        self._listeners.add(hear)

    @property
    def busy(self) -> bool:
        """See Database."""
        return bool(self._waiting) or self._grouping

    async def check(self) -> str | None:
        """See Database."""
        if self._failing is not None:
            # Whether the outside has recovered shows only by writing.
            with contextlib.suppress(Unavailable):
                await self.run(_write_probe)
                await self.run(_remove_probe)
        return self._failing

    async def close(self) -> None:
        """See Database."""
        if self._closed:
            return
        self._closed = True
        self._arrived.set()
        await self._task
        self._committer.shutdown()
        self._looking.close()
        self._writer.close()
        os.close(self._lock)

    async def _serve(self) -> None:
        while True:
            if not self._waiting:
                if self._closed:
                    return
                self._arrived.clear()
                await self._arrived.wait()
                continue
            self._grouping = True
            await self._group()
            self._grouping = False

    async def _group(self) -> None:
        group: list[_Pending] = []
        try:
            while self._waiting and len(group) < _GROUP:
                pending = self._waiting.popleft()
                group.append(pending)
                self._execute(pending)
                if not self._waiting:
                    # Calls that are being read right now join this commit instead of waiting for the next.
                    await asyncio.sleep(0)
            if self._writer.in_transaction:
                await asyncio.get_running_loop().run_in_executor(self._committer, self._writer.commit)
        except sqlite3.Error as error:
            self._fail(group, error)
            return
        if any(pending.settled for pending in group):
            self._failing = None
        for pending in group:
            if pending.settled is not None:
                self._listeners.tell(pending.settled)
            _answer(pending)

    def _execute(self, pending: _Pending) -> None:
        if pending.answer.cancelled():
            return
        grouped = self._writer.in_transaction
        for _ in range(_TRIES):
            unit = Unit(self._unit_reader, self._ports, self._reactions)
            try:
                pending.result = _drive(pending.work(unit))
                pending.settled = self._flush(unit.writes) if unit.writes else None
            except LostRace:
                continue
            except sqlite3.Error as error:
                if grouped and not self._writer.in_transaction:
                    raise
                pending.refusal = self._failed(error) if _is_outside(error) else error
            except Exception as error:  # noqa: BLE001 - the caller gets it, whatever it is
                pending.refusal = error
            return
        pending.refusal = Conflict("The resource is changed by others again and again. Try again.")

    def _flush(self, writes: WriteSet) -> Settled:
        connection = self._writer
        if not connection.in_transaction:
            connection.execute("BEGIN IMMEDIATE")
        connection.execute("SAVEPOINT unit")
        try:
            for sql, arguments, exactly_one in statements.of_all(writes):
                cursor = connection.execute(sql, arguments)
                touched = cursor.rowcount if cursor.description is None else len(cursor.fetchall())
                if exactly_one and touched != 1:
                    raise LostRace
            last: dict[str, int] = {}
            for account_sid, count in writes.appended().items():
                ((last[account_sid],),) = connection.execute(advance_feed(), (account_sid, count)).fetchall()
            events = writes.placed(last)
            for table, event in events:
                connection.execute(statements.insert(table), table.row(event))
        except BaseException as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK TO unit")
                connection.execute("RELEASE unit")
            if isinstance(error, sqlite3.IntegrityError) and error.sqlite_errorcode in _TAKEN:
                raise LostRace from error
            raise
        connection.execute("RELEASE unit")
        return Settled(list(writes), writes.sweeps, [event for _, event in events])

    def _fail(self, group: list[_Pending], error: sqlite3.Error) -> None:
        _log.error("a group of %d units failed", len(group))
        with contextlib.suppress(sqlite3.Error):
            if self._writer.in_transaction:
                self._writer.rollback()
        for pending in group:
            pending.refusal = self._failed(error)
            _answer(pending)

    def _failed(self, error: sqlite3.Error) -> Unavailable:
        if str(error) != self._failing:
            self._failing = str(error)
            _log.error("the database does not take units: %s", error)
        return _unavailable(error)


async def open_sqlite(path: Path, ports: Ports, reactions: Reactions) -> SQLiteDatabase:
    """Open or make the file and bring its schema to the head. Raises DatabaseInUse, migrate.NewerSchema."""
    return SQLiteDatabase(path, ports, reactions)


def migrate_sqlite(connection: sqlite3.Connection, now: int) -> None:
    """Apply what is missing, a transaction a file."""
    connection.execute(HISTORY)
    applied = [number for (number,) in connection.execute(APPLIED).fetchall()]
    for migration in missing(applied):
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement in migration.statements:
                connection.execute(statement)
            connection.execute(APPLY, (migration.number, migration.name, now))
        except BaseException:
            connection.rollback()
            raise
        connection.commit()


def _connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    # A busy timeout would sleep on the loop; the lock file keeps other writers away.
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rwc'}",
        timeout=0,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=1024,
        uri=True,
    )
    if not read_only:
        connection.execute("PRAGMA journal_mode=WAL").fetchall()
        connection.execute("PRAGMA synchronous=FULL")
    # Savepoints keep their undo pages in memory: 35 us a unit become 17.
    connection.execute("PRAGMA temp_store=MEMORY")
    return connection


def _lock(path: Path) -> int:
    handle = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        message = f"{path} is in use by another Cordboard. Stop it, or give this one another --database."
        raise DatabaseInUse(message) from error
    return handle


def _drive(running: Awaitable[T]) -> T:
    """Run a unit's coroutine to its end without the loop: SQLite answers at once, so anything that suspends is a fault."""
    if not isinstance(running, Coroutine):
        message = "a unit is a coroutine function"
        raise TypeError(message)
    try:
        running.send(None)
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return] # what this coroutine returns
    running.close()
    message = "a unit awaited something other than its unit; a neighbour's write could be lost, so it was refused"
    raise RuntimeError(message)


def _answer(pending: _Pending) -> None:
    if pending.answer.done():
        return
    if pending.refusal is not None:
        pending.answer.set_exception(pending.refusal)
    else:
        pending.answer.set_result(pending.result)


def _is_outside(error: sqlite3.Error) -> bool:
    # The others are faults of ours: a SELECT that names no column, a value of no SQL type.
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & _PRIMARY in _OUTSIDE


def _unavailable(error: sqlite3.Error) -> Unavailable:
    return Unavailable(f"The database does not take the call ({error}). Nothing was changed; try again.")


def _stopping() -> Unavailable:
    return Unavailable("The server is stopping. Try again in a moment.")


async def _write_probe(unit: Unit) -> None:
    unit.put(_CANARY, _Canary("probe", ""))


async def _remove_probe(unit: Unit) -> None:
    unit.discard(_CANARY, "probe")


class _Canary(msgspec.Struct, frozen=True):
    name: str
    sealed: str


_CANARY = Table("canary", _Canary, key=("name",), version=None)
