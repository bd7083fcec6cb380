"""The SQL of single-row writes, made once per table and set of columns; the same text for both databases."""

from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import Any

from .tables import Key, Table, Value
from .writes import Kind, Write, WriteSet


@cache
def insert(table: Table[Any]) -> str:
    """Arguments: all columns."""
    places = ", ".join("?" * len(table.fields))
    return f"INSERT INTO {table.name} ({table.columns}) VALUES ({places})"


@cache
def put(table: Table[Any]) -> str:
    """Arguments: all columns."""
    return f"{insert(table)}{on_conflict(table)}"


@cache
def on_conflict(table: Table[Any]) -> str:
    """Behind an INSERT: replace the row that has the key."""
    key = ", ".join(table.key)
    rest = ", ".join(f"{column} = excluded.{column}" for column in table.fields if column not in table.key)
    return f" ON CONFLICT ({key}) DO {f'UPDATE SET {rest}' if rest else 'NOTHING'}"


@lru_cache(maxsize=4096)
def update(table: Table[Any], columns: tuple[str, ...]) -> str:
    """Arguments: the columns, the key, what ``_as_read`` takes."""
    changes = ", ".join(f"{column} = ?" for column in columns)
    return f"UPDATE {table.name} SET {changes} WHERE {_key(table)}{_as_read(table)}"


@cache
def delete(table: Table[Any], *, guarded: bool) -> str:
    """Arguments: the key, and if guarded what ``_as_read`` takes."""
    return f"DELETE FROM {table.name} WHERE {_key(table)}{_as_read(table) if guarded else ''}"


@cache
def guard(table: Table[Any]) -> str:
    """Arguments: the key, what ``_as_read`` takes."""
    return f"SELECT 1 FROM {table.name} WHERE {_key(table)}{_as_read(table)}"


@lru_cache(maxsize=4096)
def sweep(table: Table[Any], column: str, spared: int) -> str:
    """Arguments: the value, then the keys of as many rows as are to be spared."""
    return f"DELETE FROM {table.name} WHERE {column} = ?" + f" AND NOT ({_key(table)})" * spared


@cache
def advance_feed(source: str = "VALUES (?, ?)") -> str:
    """Positions of a feed: one row an account, taken behind all other locks of a unit (design D7).

    Arguments: the account's SID and how many positions it takes; ``source`` is another place to take the two from.
    """
    return (
        f"INSERT INTO feed (account_sid, position) {source} "
        "ON CONFLICT (account_sid) DO UPDATE SET position = feed.position + excluded.position RETURNING account_sid, position"
    )


def of(write: Write) -> tuple[str, Sequence[Value], bool]:
    """The statement of a write, its arguments, and whether exactly one row must be touched."""
    table = write.table
    if write.kind is Kind.INSERT:
        return insert(table), table.row(write.fact), True
    if write.kind is Kind.UPDATE:
        columns, values = table.changes(write.read, write.fact)
        # A row without a version may be deleted and put back as it was: then only the guard is left.
        sql = update(table, columns) if columns else guard(table)
        return sql, [*values, *write.key, *read_values(write)], True
    if write.kind is Kind.PUT:
        return put(table), table.row(write.fact), False
    if write.kind is Kind.DISCARD:
        return delete(table, guarded=False), list(write.key), False
    statement = delete(table, guarded=True) if write.kind is Kind.DELETE else guard(table)
    return statement, [*write.key, *read_values(write)], True


def of_sweeps(writes: WriteSet) -> Iterator[tuple[str, Sequence[Value]]]:
    """The statements of a unit's sweeps, and their arguments; they come before its single rows."""
    for swept in writes.sweeps:
        spared: list[Key] = writes.spared(swept)
        yield sweep(swept.table, swept.column, len(spared)), [swept.value, *(v for key in spared for v in key)]


@cache
def _key(table: Table[Any]) -> str:
    return " AND ".join(f"{column} = ?" for column in table.key)


@cache
def _as_read(table: Table[Any]) -> str:
    """The row is still as it was read; see ``read_values``."""
    if table.version is not None:
        return f" AND {table.version} = ?"
    return "".join(f" AND {column} IS NOT DISTINCT FROM ?" for column in read_columns(table))


@cache
def read_columns(table: Table[Any]) -> tuple[str, ...]:
    """The columns that tell whether a row is still as it was read: its version, or if it has none all but the key."""
    if table.version is not None:
        return (table.version,)
    return tuple(column for column in table.fields if column not in table.key)


def read_values(write: Write) -> list[Value]:
    """What they were when the row was read."""
    table = write.table
    if table.version is not None:
        return [getattr(write.read, table.version)]
    row = zip(table.fields, table.row(write.read), strict=True)
    return [value for column, value in row if column not in table.key]
