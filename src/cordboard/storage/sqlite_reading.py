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
from .tables import Key, Table, Value
from .unit import Row, View
from .writes import WriteSet


class Direct:
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
    """Reads of units. Rows of steady tables are remembered, for nobody but this process writes the file (a tenth of a unit).

    ``before`` is called before a read of the file: what it may find must be there.
    """

    _MOST = 10_000
    _MOST_FOUND = 100  # answers for each table, of any number of rows

    def __init__(self, connection: sqlite3.Connection, before: Callable[[], None]) -> None:
        super().__init__(connection)
        self._before = before
        self._kept: dict[tuple[str, Key], Row | None] = {}
        self._found: dict[Table[Any], dict[tuple[str, Sequence[Value]], Sequence[Row]]] = {}

    async def fetch(self, sql: str, arguments: Sequence[Value], table: Table[Any] | None = None) -> Sequence[Row]:
        """See Reader."""
        if table is None or not table.steady:
            self._before()
            return await super().fetch(sql, arguments)
        found = self._found.setdefault(table, {})
        question = (sql, tuple(arguments))
        if question not in found:
            if len(found) >= self._MOST_FOUND:
                found.clear()
            self._before()
            found[question] = await super().fetch(sql, arguments)
        return found[question]

    async def fetch_row(self, table: Table[Any], key: Key) -> Row | None:
        """See Reader."""
        if not table.steady:
            self._before()
            return await super().fetch_row(table, key)
        place = (table.name, key)
        if place not in self._kept:
            if len(self._kept) >= self._MOST:
                self._kept.clear()
            self._before()
            self._kept[place] = await super().fetch_row(table, key)
        return self._kept[place]

    def forget(self, writes: WriteSet) -> None:
        """A unit is about to change these rows."""
        for write in writes:
            if write.table.steady:
                self._kept.pop((write.table.name, write.key), None)
                self._found.pop(write.table, None)
        if any(sweep.table.steady for sweep in writes.sweeps):
            self.forget_all()

    def forget_all(self) -> None:
        """What was read may have been rolled back."""
        self._kept.clear()
        self._found.clear()


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
