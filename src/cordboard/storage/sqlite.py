"""SQLite: one process, one writing connection, group commit (design D4; measured in docs/decisions).

Units wait in a queue. One task takes them off, runs each inline on the loop (a unit never suspends) and lets the transaction of
its group take over what it collected; when no more come, one COMMIT in a thread puts the whole group on disk. While the
thread commits nobody touches the connection: a statement that slipped through would block the loop and then run outside every
unit. But most units need no statement, for what they read is remembered and what they collect waits. So units go on meanwhile, as
the first ones of the next group, until one comes that needs the connection (ADR 0027).

Everybody of a group is answered after its COMMIT, also who was refused: the refusal may rest on what a neighbour wrote. When the
COMMIT fails, or an error has rolled back the neighbours' transaction (a full disk does), the whole group fails with 503, and the
next group starts afresh, also those units of it that had gone on; any other error is its own unit's alone. Who foresees is told before
that, when a unit is carried out, and called if it is lost (ADR 0028).
"""

import asyncio
import contextlib
import logging
import os
import sqlite3
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from time import perf_counter
from typing import Any, TypeVar

from cordboard.kernel.errors import Conflict, Unavailable
from cordboard.kernel.ports import Ports

from .nodes import Node, OnlyNode
from .port import Begun, Look, Work
from .probe import probe
from .sqlite_committer import Committer
from .sqlite_errors import is_outside, unavailable
from .sqlite_file import connect, lock, migrate_sqlite
from .sqlite_pending import Pending
from .sqlite_reading import Looking
from .sqlite_transaction import Lent, Transaction, TransactionLost
from .tables import Table
from .tally import Tally
from .unit import LostRace, Reactions, Row, Unit, View
from .writes import Foresight, Hear, Listeners, Settled, Write

T = TypeVar("T")

_log = logging.getLogger(__name__)

_TRIES = 5
_GROUP = 512
# The COMMIT of so many takes long enough to go on meanwhile; fewer are on disk so soon that their callers would rather have the
# interpreter.
_SOME = 4
# How many turns of the loop a group waits in all for more units: a call that lies in a socket is read, begun and understood in three,
# and in one the router has decided on what it was just told.
_TURNS = 3
# After a group of so many all of them are about to call again: then it waits so often for each next one, which costs less than a COMMIT
# for those that came first. But where others come as well there is always a next one, so it waits for none after so long.
_MANY = 16
_TURNS_OF_MANY = 8
_LATE_S = 0.01
# And then the next COMMIT is worth waiting for, if units come within this time; and so often again while they come, for some are
# refused, and are not committed.
_NEAR_S = 0.004
_LOOKS = 10


class SQLiteDatabase:
    """See ``port.Database``. Make it with ``open_sqlite`` inside a running loop."""

    def __init__(self, path: Path, ports: Ports, reactions: Reactions, *, upgrade: bool) -> None:
        self.tally = Tally()
        self._ports = ports
        self._reactions = reactions
        self._lock = lock(path)
        try:
            self._writer = connect(path)
            migrate_sqlite(self._writer, ports.clock.now(), upgrade=upgrade)
        except BaseException:
            os.close(self._lock)
            raise
        self._foresight = Foresight()
        self._transaction = Transaction(self._writer, self._foresight.lose)
        self._looking = Looking(connect(path, read_only=True), lambda: connect(path, read_only=True))
        self._waiting: deque[Pending] = deque()
        self._ahead: list[Pending] = []
        self._scrubs: list[asyncio.Future[None]] = []
        self._arrived = asyncio.Event()
        self._grouping = False
        self._closing = asyncio.Event()
        self._committing = asyncio.Event()
        self._last_group = 0
        self._units = 0
        self._turns = 0
        self._late_at = 0.0
        self._failing: str | None = None
        self._closed = False
        self._listeners = Listeners()
        self.node: Node = OnlyNode()
        self._committer = Committer(self._writer)
        self._loop = asyncio.get_running_loop()
        self._task = self._loop.create_task(self._serve(), name="sqlite units")

    async def run(self, work: Work[T]) -> T:
        """See Database."""
        return await self._enter(Pending(work, self._loop.create_future())).answer  # type: ignore[no-any-return] # the work's

    async def begin(self, work: Work[T]) -> Begun[T]:
        """See Database."""
        told = self._loop.create_future()
        self._enter(Pending(work, self._loop.create_future(), told))
        return await told  # type: ignore[no-any-return] # what this work returns

    async def read(self, look: Look[T], *, flushed: bool = False) -> T:  # noqa: ARG002 - a look sees nothing else here
        """See Database."""
        if self._closed:
            raise _stopping()
        try:
            return await look(View(self._looking, self._ports))
        except sqlite3.Error as error:
            if is_outside(error):
                raise unavailable(error) from error
            raise

    def listen(self, hear: Callable[[Settled], None]) -> None:
        """See Database."""
        self._listeners.add(hear)

    def watch(self, hear: Callable[[list[Write]], None], *tables: Table[Any]) -> None:
        """See Database."""
        self._listeners.watch(hear, tables)

    def foresee(self, hear: Hear, lose: Hear, *tables: Table[Any]) -> None:
        """See Database."""
        self._foresight.add(hear, lose, tables)

    async def read_ahead(self, look: Look[T]) -> T:
        """See Database. It takes its turn among the units."""
        return await self.run(look)

    async def leisure(self, is_little: Callable[[int], bool]) -> None:
        """See Database."""
        looks = _LOOKS if self._last_group >= _MANY else 0
        while looks:
            try:
                async with asyncio.timeout(_NEAR_S):
                    await self._closing.wait()
                    if not is_little(self._units):
                        await self._committing.wait()
                    looks = 0
            except TimeoutError:
                looks = looks - 1 if self.busy else 0

    @property
    def busy(self) -> bool:
        """See Database."""
        return bool(self._waiting or self._ahead) or self._grouping

    async def check(self) -> str | None:
        """See Database."""
        if self._failing is not None:
            # Whether the outside has recovered shows only by writing.
            with contextlib.suppress(Unavailable):
                await probe(self.run)
        return self._failing

    async def scrub(self) -> None:
        """Put the log into the file and empty it. Raises Unavailable while somebody reads from it, such as a backup."""
        if self._closed:
            raise _stopping()
        done = self._loop.create_future()
        self._scrubs.append(done)
        self._arrived.set()
        await done

    async def close(self) -> None:
        """See Database."""
        if self._closed:
            return
        self._closed = True
        self._arrived.set()
        await self._task
        self._committer.close()
        self._looking.close()
        self._writer.close()
        os.close(self._lock)

    def _enter(self, pending: Pending) -> Pending:
        if self._closed:
            raise _stopping()
        self._waiting.append(pending)
        self._arrived.set()
        return pending

    async def _serve(self) -> None:
        while True:
            if self._scrubs:
                # Between two groups, for it takes the writer's lock.
                await self._empty_log()
                continue
            if not self._waiting and not self._ahead:
                if self._closed:
                    return
                self._arrived.clear()
                await self._arrived.wait()
                continue
            self._grouping = True
            await self._group()
            self._grouping = False
            self._closing.clear()

    async def _empty_log(self) -> None:
        scrubs, self._scrubs = self._scrubs, []
        refusal: Unavailable | None = None
        try:
            ((is_held, *_),) = await self._committer.run(self._checkpoint)
            if is_held:
                refusal = Unavailable("The database's log is being read by others. Try again in a moment.")
        except sqlite3.Error as error:
            refusal = unavailable(error)
        for done in scrubs:
            if not done.done():
                done.set_result(None) if refusal is None else done.set_exception(refusal)

    def _checkpoint(self) -> list[Row]:
        return self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    async def _group(self) -> None:
        group, self._ahead = self._ahead, []
        self._turns = _TURNS
        self._late_at = perf_counter() + _LATE_S
        try:
            while len(group) < _GROUP and (self._waiting or await self._another(group)):
                pending = self._waiting.popleft()
                group.append(pending)
                self._execute(pending)
                self._run_failed_again(group)
            if self._is_to_commit(group):
                began = perf_counter()
                self._last_group = len(group)
                await self._commit()
                self.tally.flushed(len(group), began)
                self._failing = None
        except TransactionLost as lost:
            self._fail(group, lost.reason)
            return
        except sqlite3.Error as error:
            self._fail(group, error)
            return
        for pending in group:
            if pending.collected is not None:
                self._listeners.tell(pending.collected.settled())
            self._answer(pending)

    async def _another(self, group: list[Pending]) -> bool:
        """Whether another unit comes: who is about to call joins this commit instead of waiting for the next."""
        if not self._closing.is_set():
            many = self._last_group >= _MANY
            if many:
                self._turns = _TURNS_OF_MANY if perf_counter() < self._late_at else 0
            if await self._comes():
                return True
            self._units = len(group)
            self._closing.set()
            if many:
                # For who was at leisure.
                self._turns = _TURNS
        return await self._comes()

    async def _comes(self) -> bool:
        while self._turns:
            self._turns -= 1
            await asyncio.sleep(0)
            if self._waiting:
                return True
        return False

    async def _commit(self) -> None:
        committing = self._committer.commit()
        committing.add_done_callback(lambda _: self._arrived.set())
        self._closing.set()
        self._committing.set()
        try:
            while self._last_group >= _SOME and await self._run_ahead(committing):
                self._arrived.clear()
                await self._arrived.wait()
            await committing
        finally:
            self._committing.clear()
        self._transaction.committed()

    async def _run_ahead(self, committing: "asyncio.Future[None]") -> bool:
        """Carry out units of the next group; whether another one that comes can be, too."""
        while self._waiting and len(self._ahead) < _GROUP and not committing.done():
            pending = self._waiting.popleft()
            try:
                self._execute(pending)
            except Lent:
                pending.runs = 0
                self._waiting.appendleft(pending)
                return False
            self._ahead.append(pending)
            # The thread needs the interpreter to say that it has done, and its callers wait for that.
            await asyncio.sleep(0)
        return not self._waiting and not committing.done()

    def _is_to_commit(self, group: list[Pending]) -> bool:
        self._transaction.write()
        self._run_failed_again(group)
        return self._transaction.finish()

    def _run_failed_again(self, group: list[Pending]) -> None:
        failed = self._transaction.failed()
        for pending in group if failed else ():
            if pending.collected in failed:
                self.tally.reruns += 1
                self._execute(pending)

    def _execute(self, pending: Pending) -> None:
        pending.refusal = pending.collected = None
        if not pending.is_wanted:
            return
        if pending.is_told:
            pending.refusal = Conflict("What this built on was not written. Try again.")
            return
        grouped = self._writer.in_transaction
        while pending.runs < _TRIES:
            pending.runs += 1
            unit = Unit(self._transaction.reader, self._ports, self._reactions)
            try:
                pending.result = _drive(unit.carry_out(pending.work))
                if unit.writes:
                    self._transaction.take(unit.writes)
                    pending.collected = unit.writes
                    self._foresight.tell(unit.writes)
                pending.tell()
            except LostRace:
                self.tally.reruns += 1
                continue
            except (Lent, TransactionLost):
                raise
            except sqlite3.Error as error:
                if grouped and not self._writer.in_transaction:
                    raise
                pending.refusal = self._failed(error) if is_outside(error) else error
            except Exception as error:  # noqa: BLE001 - the caller gets it, whatever it is
                pending.refusal = error
            return
        pending.refusal = Conflict("The resource is changed by others again and again. Try again.")

    def _fail(self, group: list[Pending], error: sqlite3.Error) -> None:
        self.tally.failed_flushes += 1
        _log.error("a group of %d units failed", len(group))
        with contextlib.suppress(sqlite3.Error):
            self._transaction.roll_back()
        for pending in (*group, *self._ahead):
            if pending.collected is not None:
                self._foresight.lose(pending.collected)
        # They had seen what is gone.
        for pending in reversed(self._ahead):
            pending.runs = 0
            self._waiting.appendleft(pending)
        self._ahead = []
        for pending in group:
            pending.refusal = self._failed(error)
            self._answer(pending)

    def _answer(self, pending: Pending) -> None:
        self.tally.ended(pending.refusal)
        pending.end()

    def _failed(self, error: sqlite3.Error) -> Unavailable:
        if str(error) != self._failing:
            self._failing = str(error)
            _log.error("the database does not take units: %s", error)
        return unavailable(error)


async def open_sqlite(path: Path, ports: Ports, reactions: Reactions, *, upgrade: bool = True) -> SQLiteDatabase:
    """Open or make the file and bring its schema to the head. Raises DatabaseInUse, NewerSchema.

    Without ``upgrade`` only a new database gets its tables, an older one raises OlderSchema.
    """
    return SQLiteDatabase(path, ports, reactions, upgrade=upgrade)


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


def _stopping() -> Unavailable:
    return Unavailable("The server is stopping. Try again in a moment.")
