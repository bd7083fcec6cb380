"""Whole units as one PostgreSQL statement: every table's writes a part of a WITH, fed from arrays, the guards inside.

::

    WITH w0 AS (UPDATE conversations SET name = v.name, ... FROM unnest($1::text[], ...) AS v (sid, name, ..., was_version)
                WHERE conversations.sid = v.sid AND conversations.version = v.was_version RETURNING 1),
         w1 AS (INSERT INTO messages (...) SELECT * FROM unnest($9::text[], ...) RETURNING 1),
         held AS MATERIALIZED (SELECT 1 / ((SELECT count(*) FROM w0) + 0 * (SELECT count(*) FROM w1) = $15)::int),
         f AS (INSERT INTO feed ... SELECT v.* FROM held, unnest($17::text[], $18::bigint[]) AS v ... RETURNING account_sid, position),
         e0 AS (INSERT INTO journal (...) SELECT ..., f.position + v.position, ... FROM unnest(...) AS v JOIN f ...)
    SELECT f.account_sid, f.position FROM held LEFT JOIN f ON true

The text depends on the tables only, and on what is done with each, not on how many rows or units it is done for: so it is planned
once and serves a call and a turn of the router alike. That is why an update gives all columns, changed or not.

If not as many rows were there as must be, ``held`` divides by zero: the statement fails and everything in it is undone. It reads
the parts from left to right and each takes its rows in the order of their keys, so that is the order of their locks; the feed's
rows are taken behind ``held``, so their locks are the last, and the order of positions is the order of commits (design D7). The parts
see the rows as they were before the statement, not each other; that is why a row is written once in it (``writes``).
"""

from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import chain
from operator import attrgetter
from typing import Any

import msgspec

from . import statements
from .dialect import numbered
from .tables import Table, Value
from .writes import GUARDED, Kind, Settled, Write, WriteSet

_KEY = attrgetter("key")
_ADVANCE = statements.advance_feed(
    "SELECT v.account_sid, v.position FROM held, unnest(?::text[], ?::bigint[]) AS v (account_sid, position)"
)
_AS_REMEMBERED = "1 / (SELECT count(*) FROM steady_epoch WHERE epoch = ALL(?::bigint[]))"
_RAISE_EPOCH = "UPDATE steady_epoch SET epoch = epoch + 1 RETURNING 1"


class Flushing(msgspec.Struct, frozen=True, eq=False):
    """What a unit wants done at its end.

    ``held`` are guards of rows that it holds and does not write; ``epoch`` that of the rows of steady tables that it remembered
    (``postgres_memory``), None if it did not.
    """

    writes: WriteSet
    held: Sequence[Write] = ()
    epoch: int | None = None


class Compound(msgspec.Struct, frozen=True, eq=False):
    """A statement and its arguments. It answers the last position of each account."""

    text: str
    arguments: list[Any]
    units: Sequence[WriteSet]

    def settled(self, answer: Sequence[Sequence[Any]]) -> list[Settled]:
        """What each unit changed, given the statement's rows."""
        last = {account_sid: position for account_sid, position in answer if account_sid is not None}
        settled = []
        for writes in reversed(self.units):
            writes.place(last)
            settled.append(writes.settled())
            for account_sid, count in writes.appended().items():
                last[account_sid] -= count
        return settled[::-1]


def compound(group: Sequence[Flushing]) -> Compound:
    """One statement for all, which write no row in common; who sweeps goes alone."""
    units = [flushing.writes for flushing in group]
    arguments: list[Any] = []
    sweeps: list[str] = []
    for writes in units:
        for sql, values in statements.of_sweeps(writes):
            sweeps.append(sql)
            arguments += values
    parts: dict[tuple[Kind, Table[Any]], list[Write]] = {}
    for flushing in group:
        for write in chain(flushing.writes, flushing.held):
            parts.setdefault((_kind(write), write.table), []).append(write)
    order = sorted(parts, key=_place)
    for kind, table in order:
        # One order of locks for all, so that few meet crosswise.
        rows = [_arguments(kind, table, write) for write in sorted(parts[kind, table], key=_KEY)]
        arguments += zip(*rows, strict=True)
    arguments.append(sum(len(parts[part]) for part in order if part[0] in GUARDED))
    # Two who remember rows of different epochs cannot both be right, and fail together.
    arguments.append(sorted({flushing.epoch for flushing in group if flushing.epoch is not None}))
    counts: dict[str, int] = {}
    for writes in units:
        for account_sid, count in writes.appended().items():
            counts[account_sid] = counts.get(account_sid, 0) + count
    feed_tables: list[Table[Any]] = []
    if counts:
        accounts = sorted(counts)
        arguments += [accounts, [counts[account_sid] for account_sid in accounts]]
        for table, rows_of_feed in _feed_rows(units).items():
            feed_tables.append(table)
            arguments += zip(*rows_of_feed, strict=True)
    raises = any(writes.changes_steady for writes in units)
    return Compound(_text(tuple(sweeps), tuple(order), raises, tuple(feed_tables)), arguments, units)


def _feed_rows(units: Sequence[WriteSet]) -> dict[Table[Any], list[list[Value]]]:
    """By table, positions counted back from the account's last one in the statement; behind each row its account."""
    behind: dict[str, int] = {}
    found: dict[Table[Any], list[list[Value]]] = {}
    for writes in reversed(units):
        for account_sid, count in writes.appended().items():
            last = behind.get(account_sid, 0)
            behind[account_sid] = last - count
            for table, rows in writes.feed_rows(account_sid, last).items():
                found.setdefault(table, []).extend([*row, account_sid] for row in rows)
    return {table: found[table] for table in sorted(found, key=attrgetter("name"))}


def _kind(write: Write) -> Kind:
    # A row that is only a key may be deleted and put back as it was: then nothing is left but the guard.
    return Kind.GUARD if write.kind is Kind.UPDATE and len(write.table.fields) == len(write.table.key) else write.kind


def _place(part: tuple[Kind, Table[Any]]) -> tuple[int, str, str]:
    kind, table = part
    return kind.rank, table.name, kind.name


def _arguments(kind: Kind, table: Table[Any], write: Write) -> Sequence[Value]:
    if kind in {Kind.INSERT, Kind.PUT}:
        return table.row(write.fact)
    if kind is Kind.DISCARD:
        return write.key
    return [*(table.row(write.fact) if kind is Kind.UPDATE else write.key), *statements.read_values(write)]


@lru_cache(maxsize=4096)
def _text(
    sweeps: tuple[str, ...], parts: tuple[tuple[Kind, Table[Any]], ...], raises: bool, feeds: tuple[Table[Any], ...]
) -> str:
    withs = [f"s{index} AS ({sql} RETURNING 1)" for index, sql in enumerate(sweeps)]
    withs += [f"w{index} AS ({_part(kind, table)})" for index, (kind, table) in enumerate(parts)]
    counts = [f"0 * (SELECT count(*) FROM s{index})" for index in range(len(sweeps))]
    for index, (kind, _) in enumerate(parts):
        counts.append(f"{'' if kind in GUARDED else '0 * '}(SELECT count(*) FROM w{index})")
    if raises:
        withs.append(f"raised AS ({_RAISE_EPOCH})")
        counts.append("0 * (SELECT count(*) FROM raised)")
    withs.append(f"held AS MATERIALIZED (SELECT 1 / ({' + '.join(counts) or '0'} = ?::bigint)::int + {_AS_REMEMBERED})")
    if feeds:
        withs.append(f"f AS ({_ADVANCE})")
        withs += [f"e{index} AS ({_feed_part(table)})" for index, table in enumerate(feeds)]
    last = "SELECT f.account_sid, f.position FROM held LEFT JOIN f ON true" if feeds else "SELECT NULL, NULL FROM held"
    return numbered(f"WITH {', '.join(withs)} {last}")


@cache
def _part(kind: Kind, table: Table[Any]) -> str:
    """Arguments: see ``_arguments``, each in an array of its column."""
    if kind in {Kind.INSERT, Kind.PUT}:
        sql = f"INSERT INTO {table.name} ({table.columns}) SELECT * FROM {_arrays(table, table.fields)}"
        return f"{sql}{statements.on_conflict(table) if kind is Kind.PUT else ''} RETURNING 1"
    given = table.fields if kind is Kind.UPDATE else table.key
    source = f"{_arrays(table, given, () if kind is Kind.DISCARD else statements.read_columns(table))}"
    where = " AND ".join(f"{table.name}.{column} = v.{column}" for column in table.key)
    if kind is not Kind.DISCARD:
        same = "=" if table.version is not None else "IS NOT DISTINCT FROM"
        where += "".join(
            f" AND {table.name}.{column} {same} v.was_{column}" for column in statements.read_columns(table)
        )
    if kind is Kind.UPDATE:
        changes = ", ".join(f"{column} = v.{column}" for column in table.fields if column not in table.key)
        return f"UPDATE {table.name} SET {changes} FROM {source} WHERE {where} RETURNING 1"
    if kind is Kind.GUARD:
        return f"SELECT 1 FROM {table.name}, {source} WHERE {where} FOR SHARE OF {table.name}"
    return f"DELETE FROM {table.name} USING {source} WHERE {where} RETURNING 1"


@cache
def _feed_part(table: Table[Any]) -> str:
    columns = ", ".join("f.position + v.position" if column == "position" else f"v.{column}" for column in table.fields)
    arrays = _arrays(table, table.fields, last=", for_account", last_array=", ?::text[]")
    return f"INSERT INTO {table.name} ({table.columns}) SELECT {columns} FROM {arrays} JOIN f ON f.account_sid = v.for_account"


def _arrays(
    table: Table[Any], columns: Sequence[str], were: Sequence[str] = (), last: str = "", last_array: str = ""
) -> str:
    """Rows from arrays: the columns, and how others were when they were read."""
    arrays = ", ".join(
        f"?::{'bigint' if table.kinds[column] in (int, bool) else 'text'}[]" for column in (*columns, *were)
    )
    names = ", ".join([*columns, *(f"was_{column}" for column in were)])
    return f"unnest({arrays}{last_array}) AS v ({names}{last})"
