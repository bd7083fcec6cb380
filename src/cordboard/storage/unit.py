"""The unit: one call from outside, one all-or-nothing change (design D4).

A unit is a function that may run again: it reads, decides and *collects* its writes; the database flushes them with the events,
timers and deliveries that it collected, and gives the result back only when all of that is on disk. Rules raise before
the flush, so a refused call has written nothing. When a guard is lost, the function runs again and its own reads find out why.

Inside a unit nothing may be awaited but the unit. Reading by key shows what the unit has collected so far; a SELECT shows the
rows that were there before, each with the unit's own changes in it, but not rows that the unit inserts (``added`` has those).
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import msgspec

from cordboard.kernel.caller import Cause
from cordboard.kernel.pages import Page, Slice
from cordboard.kernel.ports import Ports

from .feeds import Appended, Feed
from .tables import F, Key, Listing, Query, Table, Value
from .writes import Kind, Sweep, Write, WriteSet

Reactions = Mapping[type[msgspec.Struct], Sequence[Callable[["Unit", Any], Awaitable[None]]]]
Row = tuple[Any, ...]
T = TypeVar("T")


class Recorded(msgspec.Struct, frozen=True):
    """Announced as the last step of a unit that has appended something: what that is, by account."""

    appended: Mapping[str, Sequence[Appended]]


class LostRace(Exception):
    """A guard did not hold or a unique key was taken: somebody else was faster, so the unit runs again."""


class Unheard(Exception):
    """The unit cannot go on before somebody outside was asked. It wrote nothing; who opened it asks, and runs it again.

    ``question`` is for the one who asks; what came of it is the next run's ``heard``.
    """

    def __init__(self, question: object) -> None:
        super().__init__("nobody has asked what this unit must know")
        self.question = question


class Reader(Protocol):
    """The reading side of a backend: facts, and what they are made of."""

    async def fetch(self, sql: str, arguments: Sequence[Value], table: Table[Any] | None = None) -> Sequence[Row]:
        """All rows of a SELECT with ``?`` placeholders; ``table`` if they depend on its rows alone."""
        ...

    async def fetch_row(self, table: Table[Any], key: Key) -> Row | None:
        """The row of a table with this key."""
        ...

    async def fetch_many(self, sql: str, arguments: Sequence[Value]) -> Sequence[Row]:
        """As ``fetch`` for a SELECT that may give many rows: it must not hold up other calls."""
        ...

    async def fetch_locked(self, table: Table[Any], keys: Sequence[str]) -> Sequence[Row]:
        """The rows of a table with these keys, in key order, locked until the unit is flushed."""
        ...

    async def get(self, table: Table[F], key: Key) -> F | None:
        """The fact of ``fetch_row``."""
        row = await self.fetch_row(table, key)
        return table.fact(row) if row is not None else None

    async def all(self, query: Query[F], arguments: Sequence[Value]) -> list[F]:
        """The facts of ``fetch``."""
        fact = query.shape.fact
        return [fact(row) for row in await self.fetch(query.sql, arguments, query.alone)]

    async def lock(self, table: Table[F], keys: Sequence[str]) -> list[F]:
        """The facts of ``fetch_locked``."""
        return [table.fact(row) for row in await self.fetch_locked(table, keys)]

    async def claim(self, table: Table[F], keys: Sequence[str]) -> list[F]:
        """The same facts, which must still be so when the unit is flushed; where there is one writer that is no less than a lock."""
        return await self.lock(table, keys)


class View:
    """Reads. ``now`` is the one time of the whole call.

    ``cause`` is set by who opens it for a caller; what the program does by itself has none.
    """

    MANY = 500
    BATCH = 100

    def __init__(self, reader: Reader, ports: Ports) -> None:
        self._reader = reader
        self._known: dict[tuple[str, Key], Any] = {}
        self.ports = ports
        self.now = ports.clock.now()
        self.cause: Cause | None = None

    async def get(self, table: Table[F], *key: str | int) -> F | None:
        """The fact with this key, in a unit as that leaves it; a row is read once in a call."""
        place = (table.name, key)
        if place not in self._known:
            fact = await self._reader.get(table, key)
            self._known[place] = fact if fact is None or self._stays(table, fact) else None
        return self._known[place]  # type: ignore[no-any-return] # the table's type

    async def all(self, query: Query[F], *arguments: Value) -> list[F]:
        """All facts of a query, fetched whole."""
        return await self._reader.all(query, arguments)

    async def one(self, query: Query[F], *arguments: Value) -> F | None:
        """The first fact of a query."""
        facts = await self.all(query, *arguments)
        return facts[0] if facts else None

    def apart(self) -> "View":
        """This look with every SELECT off the loop: for who reads so much that others must have their turn in between."""
        view = View(_Apart(self._reader), self.ports)
        view.now = self.now
        return view

    def added(self, _table: Table[F]) -> list[F]:
        """What the unit inserts so far, which no SELECT shows yet; nothing in a view."""
        return []

    async def page(
        self,
        listing: Listing[F],
        arguments: Sequence[Value],
        page: Page,
        keep: Callable[[F], bool] | None = None,
    ) -> Slice[F]:
        """One page of a listing, with the cursors of its neighbours; of its rows only those that ``keep`` accepts.

        What SQL cannot decide is left to ``keep``: rows are read in batches behind the cursor until the page is full, and others
        have their turn between two of them: to compile an expression for each row takes a quarter of a millisecond.
        Raises Invalid for a cursor that is none of this listing.
        """
        # One row more than asked for tells whether there is another page.
        if keep is None:
            return page.cut(await self._rows(listing, arguments, page.cursor, page.size + 1, page), listing.cursor)
        kept: list[F] = []
        cursor = page.cursor
        while len(kept) <= page.size:
            batch = await self._rows(listing, arguments, cursor, self.BATCH, page, apart=True)
            kept += filter(keep, batch)
            if len(batch) < self.BATCH:
                break
            cursor = listing.cursor(batch[-1])
        return page.cut(kept, listing.cursor)

    def _stays(self, _table: Table[F], _fact: F) -> bool:
        """Whether a row that was read is there for who reads by this view."""
        return True

    async def _rows(
        self,
        listing: Listing[F],
        arguments: Sequence[Value],
        cursor: Key | None,
        count: int,
        page: Page,
        *,
        apart: bool = False,
    ) -> list[F]:
        query = listing.query(after_cursor=cursor is not None, backwards=page.backwards)
        behind = listing.cursor_arguments(cursor) if cursor is not None else []
        fetch = self._reader.fetch_many if apart or count > self.MANY + 1 else self._reader.fetch
        return [listing.table.fact(row) for row in await fetch(query.sql, [*arguments, *behind, count])]


class _Apart(Reader):
    """A reader that takes every SELECT for one that may give many rows."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def fetch(self, sql: str, arguments: Sequence[Value], _table: Table[Any] | None = None) -> Sequence[Row]:
        """See Reader."""
        return await self._reader.fetch_many(sql, arguments)

    async def fetch_row(self, table: Table[Any], key: Key) -> Row | None:
        """See Reader."""
        return await self._reader.fetch_row(table, key)

    async def fetch_many(self, sql: str, arguments: Sequence[Value]) -> Sequence[Row]:
        """See Reader."""
        return await self._reader.fetch_many(sql, arguments)

    async def fetch_locked(self, table: Table[Any], keys: Sequence[str]) -> Sequence[Row]:
        """See Reader."""
        return await self._reader.fetch_locked(table, keys)


class Unit(View):
    """Reads, and collects writes. A fresh one for every run of the function.

    ``heard`` is what came of the question that an earlier run of the same call raised (``Unheard``).
    """

    def __init__(self, reader: Reader, ports: Ports, reactions: Reactions) -> None:
        super().__init__(reader, ports)
        self._reactions = reactions
        self.writes = WriteSet()
        self.heard: Any = None

    async def carry_out(self, work: Callable[["Unit"], Awaitable[T]]) -> T:
        """Run the unit's function, and then show what it has appended to those who react to that."""
        result = await work(self)
        if self.writes.appends:
            await self.announce(Recorded(self.writes.appends))
        return result

    def sid(self, prefix: str) -> str:
        """A fresh SID."""
        return self.ports.sids.new(prefix)

    async def all(self, query: Query[F], *arguments: Value) -> list[F]:
        """All facts of a query that were there before this unit, as this unit leaves them."""
        return self._as_left(query.table, await super().all(query, *arguments))

    def added(self, table: Table[F]) -> list[F]:
        """See View."""
        return [write.fact for write in self.writes if write.kind is Kind.INSERT and write.table is table]

    async def lock(self, table: Table[F], *keys: str) -> dict[str, F]:
        """The facts with these keys (one text each), by key; nobody changes or guards them before this unit is flushed."""
        return self._as_taken(table, keys, await self._reader.lock(table, sorted(set(keys))))

    async def claim(self, table: Table[F], *keys: str) -> dict[str, F]:
        """The same for rows that everybody wants, and cheaper: if somebody changes one of them first, this unit runs again.

        It is enough for a unit that decides by these rows, and by what nobody changes without changing them. Who looks at
        other rows next (is it used? does anybody serve it?) needs ``lock``, unless everybody who changes those touches the row.
        """
        return self._as_taken(table, keys, await self._reader.claim(table, sorted(set(keys))))

    def _as_taken(self, table: Table[F], keys: Sequence[str], facts: list[F]) -> dict[str, F]:
        left: dict[str, F] = {getattr(fact, table.key[0]): fact for fact in self._as_left(table, facts)}
        for key in keys:
            if self.writes.find(table, (key,)) is None:
                self._known[table.name, (key,)] = left.get(key)
        return left

    def insert(self, table: Table[F], fact: F) -> F:
        """A new row. A key or a unique index that is taken already is a lost race."""
        self._say(Write(Kind.INSERT, table, table.key_of(fact), fact))
        return fact

    def update(self, table: Table[F], fact: F, **changes: object) -> F:
        """Change a row that was read as ``fact``; returns the fact afterwards, its version raised and ``updated_at`` set."""
        if table.version is None:
            message = f"{table.name} has no version: put or delete its rows"
            raise TypeError(message)
        key = table.key_of(fact)
        said = self.writes.find(table, key)
        if table.stamp is not None:
            changes.setdefault(table.stamp, self.now)
        if said is not None and said.kind is not Kind.GUARD:
            if not said.kind.leaves:
                message = f"{table.name} {key} is deleted in this unit"
                raise LookupError(message)
            said.fact = self._known[table.name, key] = msgspec.structs.replace(said.fact, **changes)
            return said.fact  # type: ignore[no-any-return] # the table's type
        changes[table.version] = getattr(fact, table.version) + 1
        after = msgspec.structs.replace(fact, **changes)
        self._say(Write(Kind.UPDATE, table, key, after, fact))
        return after

    def delete(self, table: Table[F], fact: F) -> None:
        """Remove a row that was read as ``fact``; if somebody changed it since, the race is lost."""
        self._say(Write(Kind.DELETE, table, table.key_of(fact), fact, fact))

    def guard(self, table: Table[F], fact: F) -> None:
        """Demand that the row still is as it was read when the unit is flushed."""
        self.writes.add(Write(Kind.GUARD, table, table.key_of(fact), fact, fact))

    def touch(self, table: Table[F], fact: F) -> None:
        """Leave a row as it is and raise its version, so that whoever has claimed it or guards it runs again."""
        said = self.writes.find(table, table.key_of(fact))
        if said is None or said.kind is Kind.GUARD:
            self.update(table, fact, **({} if table.stamp is None else {table.stamp: getattr(fact, table.stamp)}))

    def put(self, table: Table[F], fact: F) -> F:
        """Insert or replace a row, unguarded: the last one wins."""
        self._say(Write(Kind.PUT, table, table.key_of(fact), fact))
        return fact

    def discard(self, table: Table[Any], *key: str | int) -> None:
        """Delete a row if it is there, unguarded."""
        self._say(Write(Kind.DISCARD, table, key, None))

    def sweep(self, table: Table[Any], column: str, value: str) -> None:
        """Delete all rows of a table in which the column has this value, but those of which this unit says something else."""
        self.writes.sweeps.append(Sweep(table, column, value))
        for place, fact in self._known.items():
            is_row = fact is not None and place[0] == table.name
            if is_row and place not in self.writes.rows and not self._stays(table, fact):
                self._known[place] = None

    def append(self, feed: Feed, event: Appended) -> None:
        """Append to a feed; ``position`` is the account's next one, taken when the unit is flushed (design D7)."""
        self.writes.append(feed, event)

    async def announce(self, happening: msgspec.Struct) -> None:
        """Tell what happened to those who react in the same unit (design D12); any of them may refuse."""
        for react in self._reactions.get(type(happening), ()):
            await react(self, happening)

    def _say(self, write: Write) -> None:
        self.writes.add(write)
        self._known[write.table.name, write.key] = write.fact if write.kind.leaves else None

    def _as_left(self, table: Table[F] | None, facts: list[F]) -> list[F]:
        if table is None or not self.writes:
            return facts
        left: list[F] = []
        for fact in facts:
            said = self.writes.find(table, table.key_of(fact))
            if said is None:
                if self._stays(table, fact):
                    left.append(fact)
            elif said.kind.leaves:
                left.append(said.fact)
        return left

    def _stays(self, table: Table[F], fact: F) -> bool:
        sweeps = self.writes.sweeps
        return not sweeps or all(
            sweep.table is not table or getattr(fact, sweep.column) != sweep.value for sweep in sweeps
        )
