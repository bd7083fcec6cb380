"""Writes of several units at once: what a group's units collected and nobody has read yet.

Units of one group mostly read nothing of each other, so their rows need not be there before the group is committed. Written
together, table by table, they take three quarters of the time: one execution has many rows, and they lie side by side. The order
of two units shows only in a row of which both say something, or in a row that one of them reads; so the batch is written
before either. Within it the order is that of one unit: what may free a unique value goes before what may take it.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from . import statements
from .tables import Table, Value
from .unit import LostRace
from .writes import WriteSet

_Last = Mapping[str, int]


class _Said(msgspec.Struct):
    """The rows of one statement."""

    rank: int
    exactly: bool
    rows: list[Sequence[Value]] = []


class Batch:
    """The writes of units, with the last position that each takes of each account."""

    def __init__(self) -> None:
        self._places: set[tuple[str, Any]] = set()
        self._sweeps: list[tuple[str, Sequence[Value]]] = []
        self._said: dict[str, _Said] = {}
        self._fed: dict[Table[Any], list[Sequence[Value]]] = {}

    def __bool__(self) -> bool:
        """Whether there is something to write."""
        return bool(self._said or self._fed or self._sweeps)

    def __contains__(self, place: object) -> bool:
        """Whether a unit here says something of a row, by its table's name and key."""
        return place in self._places

    def takes(self, writes: WriteSet) -> bool:
        """Whether the order of these writes and the batch's cannot show."""
        return not self or (not writes.sweeps and self._places.isdisjoint(writes.rows))

    def add(self, writes: WriteSet, last: _Last) -> None:
        """Take in what a unit collected, or nothing of it if its rows cannot be made."""
        made = [(write.kind.rank, *statements.of(write)) for write in writes]
        fed = [writes.feed_rows(account_sid, position) for account_sid, position in last.items()]
        self._places.update(writes.rows)
        self._sweeps += statements.of_sweeps(writes)
        for rank, sql, arguments, exactly in made:
            said = self._said.get(sql)
            if said is None:
                said = self._said[sql] = _Said(rank, exactly)
            said.rows.append(arguments)
        for of_account in fed:
            for table, rows in of_account.items():
                self._fed.setdefault(table, []).extend(rows)

    def clear(self) -> None:
        """Forget what is in it."""
        self._places.clear()
        self._sweeps.clear()
        self._said.clear()
        self._fed.clear()

    def write(self, connection: sqlite3.Connection) -> None:
        """Write everything. Raises LostRace if a guard of some unit did not hold; what is written by then stays."""
        for sql, arguments in self._sweeps:
            connection.execute(sql, arguments)
        for sql, said in sorted(self._said.items(), key=_rank):
            touched = _touched(connection, sql, said)
            if said.exactly and touched != len(said.rows):
                raise LostRace
        for table, rows in self._fed.items():
            connection.executemany(statements.insert(table), rows)


def _rank(said: tuple[str, _Said]) -> int:
    return said[1].rank


def _touched(connection: sqlite3.Connection, sql: str, said: _Said) -> int:
    if sql.startswith("SELECT"):  # a guard
        return sum(len(connection.execute(sql, row).fetchall()) for row in said.rows)
    return connection.executemany(sql, said.rows).rowcount
