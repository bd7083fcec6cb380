"""One unit or look on PostgreSQL: what it reads, and how it ends.

A unit reads with single statements on a connection that it borrows when it first needs one, the same thing once. What it
remembers of steady tables it does not read (``postgres_memory``).

The first row that a unit locks or claims alone, which everybody may want, is read when its turn has come in this process
(``turns``): so units of one node wait for each other without a connection, and lose no race to each other.
*Locked* rows (``unit.lock``, and every row that is read by key once a unit has lost a race) are ``FOR UPDATE`` in a
transaction, so that nobody of any node changes or guards them. Rows of steady tables, which nearly every unit reads, each in its own
order, are ``FOR SHARE`` then, unless the run before changed them. A transaction takes two round trips more, and the feed's row is
held over one of them. *Claimed* rows (``unit.claim``) are only read, and the unit's statement demands that they still are so; of
many one is soon changed, so many are locked.

*Who waits for what.* A unit that waits for a turn has no connection, and one that has a turn waits for no other. A unit that waits to
be written has no connection either, since writing may take one; or it has a transaction on its own and writes by that. So whoever has a
connection waits for rows of the database alone, and there a circle is found and broken.
"""

import contextlib
from collections.abc import Collection, Sequence
from typing import Any, Self, TypeAlias

import asyncpg
from asyncpg.transaction import Transaction

from .compound import Flushing
from .dialect import among, numbered, padded, postgres_locked, postgres_shared
from .postgres_connections import DISCONNECTED, OUTSIDE, UNKNOWN, Loan, unavailable
from .postgres_memory import Memory
from .postgres_writing import LOST, Writing, write_all
from .tables import F, Key, Table, Value
from .turns import Turns
from .unit import LostRace, Reader, Row
from .writes import GUARDED, Kind, Settled, Write, WriteSet

Place: TypeAlias = tuple[Table[Any], Key]

_FEW = 16


class Session(Reader):
    """``turns`` are of units that hold nothing yet. Another holds what it reads by key: ``holding`` are rows that it may change.

    ``remembers`` tells whether anything of ``memory`` was used.
    """

    def __init__(
        self,
        loan: Loan,
        memory: Memory | None = None,
        turns: Turns | None = None,
        holding: Collection[Place] | None = None,
    ) -> None:
        self.memory = memory
        self.remembers = False
        self._loan = loan
        self._turns = turns
        self._turn: Place | None = None
        self._rows: dict[Place, Row | None] = {}
        self._found: dict[tuple[str, tuple[Value, ...]], Sequence[Row]] = {}
        self._claimed: list[tuple[Table[Any], Any]] = []
        self._holding = holding
        self._transaction: Transaction | None = None

    @property
    def claims(self) -> bool:
        """Whether something was claimed, which only the unit's statement proves."""
        return bool(self._claimed)

    async def fetch(self, sql: str, arguments: Sequence[Value], table: Table[Any] | None = None) -> Sequence[Row]:
        """See Reader."""
        memory = self.memory
        question = (sql, tuple(arguments))
        if memory is None or table is None or not table.steady:
            rows = self._found.get(question)
            if rows is None or self._turns is None:
                rows = self._found[question] = await self._fetch(sql, arguments)
            return rows
        rows = memory.found.get(question)
        if rows is None:
            rows = await self._fetch(sql, arguments)
            memory.keep_found(question, rows)
        else:
            self.remembers = True
        return rows

    async def fetch_many(self, sql: str, arguments: Sequence[Value]) -> Sequence[Row]:
        """See Reader."""
        return await self._fetch(sql, arguments)

    async def fetch_row(self, table: Table[Any], key: Key) -> Row | None:
        """See Reader."""
        if self._holding is not None:
            hold = postgres_shared if table.steady and (table, key) not in self._holding else postgres_locked
            await self._begin()
            return await self._fetch_one(hold(table.by_key.sql), key)
        memory = self.memory
        if memory is None or not table.steady:
            row = self._rows[table, key] = await self._fetch_one(table.by_key.sql, key)
            return row
        place = (table, key)
        if place in memory.rows:
            self.remembers = True
            return memory.rows[place]
        row = await self._fetch_one(table.by_key.sql, key)
        memory.keep_row(place, row)
        return row

    async def fetch_locked(self, table: Table[Any], keys: Sequence[str]) -> Sequence[Row]:
        """See Reader."""
        if not keys:
            return []
        await self._take_turn(table, keys)
        await self._begin()
        # What is read from now on is no older than the locks.
        self._found.clear()
        sql, arguments = _of_keys(table, keys)
        return await self._fetch(postgres_locked(sql), arguments)

    async def claim(self, table: Table[F], keys: Sequence[str]) -> list[F]:
        """See Reader."""
        if self._turns is None or self._transaction is not None or len(keys) > _FEW:
            return await self.lock(table, keys)
        if not keys:
            return []
        await self._take_turn(table, keys)
        row = self._rows.get((table, (keys[0],))) if len(keys) == 1 else None
        rows = await self._fetch(*_of_keys(table, keys)) if row is None else [row]
        facts = [table.fact(row) for row in rows]
        self._claimed += [(table, fact) for fact in facts]
        return facts

    async def flush(self, writes: WriteSet, writing: Writing) -> Settled:
        """Write everything and commit. Raises LostRace, Unavailable."""
        flushing = self._flushing(writes)
        if self._transaction is None:
            await self._loan.give_back()
            return await writing.write(flushing)
        (settled,) = await write_all(await self._loan.connection(), [flushing])
        try:
            await self._transaction.commit()
        except LOST as error:
            raise LostRace from error
        except DISCONNECTED as error:
            raise unavailable(error, UNKNOWN) from error
        self._transaction = None
        return settled

    def _flushing(self, writes: WriteSet) -> Flushing:
        held = []
        for table, fact in self._claimed:
            said = writes.find(table, table.key_of(fact))
            if said is None or said.kind not in GUARDED:
                held.append(Write(Kind.GUARD, table, table.key_of(fact), fact, fact))
        epoch = self.memory.epoch if self.memory is not None and self.remembers else None
        return Flushing(writes, held, epoch)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Undo what was not committed, and let others go on. The outside's errors become Unavailable, lost races LostRace."""
        try:
            if self._transaction is not None:
                await self._undo(self._transaction)
            await self._loan.__aexit__(kind, error, trace)
        finally:
            if self._turn is not None and self._turns is not None:
                self._turns.give_up(self._turn)
        if isinstance(error, LOST):
            raise LostRace from error

    async def _take_turn(self, table: Table[Any], keys: Sequence[str]) -> None:
        """Wait for the turn of the first row that is locked or claimed alone."""
        turns = self._turns
        if turns is None or self._turn is not None or self._transaction is not None or len(keys) > 1:
            return
        place = (table, (keys[0],))
        if turns.is_taken(place):
            await self._loan.give_back()
            # It will be changed by then.
            self._rows.clear()
            self._found.clear()
        await turns.take(place)
        self._turn = place

    async def _begin(self) -> None:
        if self._transaction is None:
            self._transaction = (await self._loan.connection()).transaction()
            await self._transaction.start()

    async def _undo(self, transaction: Transaction) -> None:
        try:
            await transaction.rollback()
        except (*OUTSIDE, asyncpg.InterfaceError):
            with contextlib.suppress(asyncpg.InterfaceError):
                (await self._loan.connection()).terminate()

    async def _fetch(self, sql: str, arguments: Sequence[Value]) -> Sequence[Row]:
        connection = await self._loan.connection()
        return await connection.fetch(numbered(sql), *arguments)  # type: ignore[return-value] # a Record is a row

    async def _fetch_one(self, sql: str, key: Key) -> Row | None:
        connection = await self._loan.connection()
        return await connection.fetchrow(numbered(sql), *key)  # type: ignore[return-value] # a Record is a row


def _of_keys(table: Table[Any], keys: Sequence[str]) -> tuple[str, Sequence[str]]:
    arguments = padded(list(keys))
    return table.where(f"{among(table.key[0], len(arguments))} ORDER BY {table.key[0]}").sql, arguments
