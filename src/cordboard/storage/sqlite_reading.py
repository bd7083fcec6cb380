"""Reading on SQLite: inside a unit, beside units, and from a file that another process has open.

Looks use a second, read-only connection, always fetched whole: a forgotten cursor would keep the log from being reset. Lists
of more than 500 rows leave the loop: they are read in a thread by a third connection.
"""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from cordboard.kernel.ports import Ports

from .dialect import among, padded
from .sqlite_file import connect
from .sqlite_memory import UNKNOWN, Memory, Place
from .tables import F, Key, Query, Table, Value
from .unit import Reader, Row, View


class Direct(Reader):
    """Reads inline on the loop."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def fetch(self, sql: str, arguments: Sequence[Value], _table: Table[Any] | None = None) -> Sequence[Row]:
        """See Reader."""
        return self._connection.execute(sql, arguments).fetchall()

    async def fetch_many(self, sql: str, arguments: Sequence[Value]) -> Sequence[Row]:
        """See Reader."""
        return await self.fetch(sql, arguments)

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


class Remembering(Direct):
    """Reads of units: what is remembered is not read again.

    ``before`` is called before a read of the file, for what it may find must be there. A row that is remembered because a unit has
    said it must be there as well: ``is_owed`` tells whether it is not written yet.
    """

    def __init__(
        self, connection: sqlite3.Connection, before: Callable[[], None], is_owed: Callable[[Place], bool]
    ) -> None:
        super().__init__(connection)
        self.memory = Memory()
        self._before = before
        self._is_owed = is_owed

    async def fetch(self, sql: str, arguments: Sequence[Value], _table: Table[Any] | None = None) -> Sequence[Row]:
        """See Reader."""
        self._before()
        return await super().fetch(sql, arguments)

    async def fetch_row(self, table: Table[Any], key: Key) -> Row | None:
        """See Reader."""
        self._before()
        return await super().fetch_row(table, key)

    async def get(self, table: Table[F], key: Key) -> F | None:
        """See Reader."""
        place = (table.name, key)
        fact: F | None = self._known(place)
        if fact is UNKNOWN:
            fact = await super().get(table, key)
            if table.remembered:
                self.memory.keep(place, fact)
        return fact

    async def all(self, query: Query[F], arguments: Sequence[Value]) -> list[F]:
        """See Reader."""
        table = query.alone
        if table is None or not table.steady:
            return await super().all(query, arguments)
        question = (query.sql, tuple(arguments))
        found = self.memory.found(table, question)
        if found is None:
            found = await super().all(query, arguments)
            self.memory.keep_found(table, question, found)
        return list(found)

    async def lock(self, table: Table[F], keys: Sequence[str]) -> list[F]:
        """See Reader."""
        facts: dict[str, F | None] = {key: self._known((table.name, (key,))) for key in keys}
        unknown = [key for key, fact in facts.items() if fact is UNKNOWN]
        facts |= dict.fromkeys(unknown)
        for fact in await super().lock(table, unknown):
            place = (table.name, table.key_of(fact))
            facts[getattr(fact, table.key[0])] = fact
            self.memory.keep(place, fact)
        return [fact for fact in facts.values() if fact is not None]

    def _known(self, place: Place) -> Any:  # noqa: ANN401 - see Memory.fact
        fact = self.memory.fact(place)
        if fact is not UNKNOWN and self._is_owed(place):
            self._before()
            # It may have turned out that it cannot be written.
            fact = self.memory.fact(place)
        return fact


class Looking(Direct):
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
        """Let go of the connections."""
        self._thread.shutdown()
        for connection in (self._connection, self._long):
            if connection is not None:
                connection.close()


@contextlib.contextmanager
def looking_at_sqlite(path: Path, ports: Ports) -> Iterator[View]:
    """What is committed in a file, whoever else has it open; nothing is made or changed."""
    with contextlib.closing(connect(path, read_only=True)) as connection:
        yield View(Direct(connection), ports)
