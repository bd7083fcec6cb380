"""Removing and rewriting much in little units.

A slice of removing takes what belongs to a row before the row itself, so the next slice finds the rest. A slice has at most
``ROWS`` rows, so that no call waits for it longer than for another call, and it appends no event, so that it never holds the feed.
Whoever goes through a table goes slice by slice, and between two of them others have the database.
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from .tables import F, Query, Table
from .unit import Unit

ROWS = 500
# Of the rows that something belongs to: each costs a SELECT for every table of its belongings.
OWNERS = 100

# A table, and its rows of an owner: arguments are the owner's SID and how many rows.
Belongings = tuple[Table[Any], Query[Any]]


def belonging(table: Table[Any], condition: str) -> Belongings:
    """The rows of a table that belong to an owner; the condition has one placeholder, for the owner's SID."""
    return table, table.where(f"{condition} LIMIT ?")


async def remove_belongings(unit: Unit, sid: str, belongings: Sequence[Belongings], most: int) -> int:
    """Remove at most so many rows that belong to an owner; returns how many. As many as asked for: there may be more."""
    removed = 0
    for table, of_owner in belongings:
        if removed < most:
            rows = await unit.all(of_owner, sid, most - removed)
            for row in rows:
                unit.discard(table, *table.key_of(row))
            removed += len(rows)
    return removed


class Rewritten(msgspec.Struct, frozen=True):
    """What a slice of rewriting did: how many rows it changed, and behind which the next one begins; None at the end."""

    count: int
    behind: str | None


async def rewrite(unit: Unit, table: Table[F], behind: str, change: Callable[[F], dict[str, object]]) -> Rewritten:
    """Change what ``change`` says of the next rows in the order of their SIDs. ``updated_at`` stays: nobody of the account did it.

    All accounts' rows are read, for an account's alone could be any number of rows apart.
    """
    rows = await unit.all(table.where("sid > ? ORDER BY sid LIMIT ?"), behind, ROWS)
    count = 0
    for row in rows:
        changes = change(row)
        if any(getattr(row, column) != value for column, value in changes.items()):
            unit.update(table, row, updated_at=row.updated_at, **changes)  # type: ignore[attr-defined] # all versioned rows have it
            count += 1
    return Rewritten(count, rows[-1].sid if len(rows) == ROWS else None)  # type: ignore[attr-defined] # as its key says
