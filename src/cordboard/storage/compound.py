"""A whole unit as one PostgreSQL statement: every write a part of a WITH, the guards inside.

::

    WITH w0 AS (UPDATE conversations SET ... WHERE sid = $1 AND version = $2 RETURNING 1),
         w1 AS (INSERT INTO messages ... RETURNING 1),
         held AS MATERIALIZED (SELECT 1 / (SELECT count(*) FROM w0) + 1 / (SELECT count(*) FROM w1)),
         f0 AS (INSERT INTO feed ... SELECT $9, $10 FROM held ... RETURNING position),
         e0 AS (INSERT INTO journal (position, ...) VALUES ((SELECT position FROM f0) + $11, ...))
    SELECT (SELECT position FROM f0) FROM held

A write that must touch one row and touches none divides by zero: the statement fails and the unit is undone as a whole.
``held`` reads the parts from left to right, so that is the order of their locks; the feed's row reads ``held``, so its lock is
the last of the unit, and the order of positions is the order of commits (design D7). The parts see the rows as they were before
the statement, not each other; that is why a unit writes a row once (``writes``).

The text depends on the shape of a unit only: it is made and planned once for all units that write into the same tables.
"""

from functools import lru_cache
from typing import Any

from . import statements
from .dialect import numbered, postgres_counted
from .tables import Table, Value
from .writes import WriteSet


def compound(writes: WriteSet) -> tuple[str, list[Value]]:
    """The statement and its arguments. It answers one row: the last position of each account of ``writes.appended``."""
    parts: list[tuple[str, bool]] = []
    arguments: list[Value] = []
    for sql, values, exactly_one in statements.of_all(writes):
        parts.append((sql, exactly_one))
        arguments += values
    counts = writes.appended()
    for taken in counts.items():
        arguments += taken
    rows: list[tuple[Table[Any], int]] = []
    for feed, account_sid in enumerate(counts):
        # The statement puts the account's last position where the 0 is.
        for table, row in writes.feed_rows(account_sid, 0):
            rows.append((table, feed))
            arguments += table.row(row)
    return _text(tuple(parts), len(counts), tuple(rows)), arguments


@lru_cache(maxsize=4096)
def _text(parts: tuple[tuple[str, bool], ...], feeds: int, rows: tuple[tuple[Table[Any], int], ...]) -> str:
    withs = [f"w{index} AS ({postgres_counted(sql)})" for index, (sql, _) in enumerate(parts)]
    touched = [f"{'1 / ' if one else ''}(SELECT count(*) FROM w{index})" for index, (_, one) in enumerate(parts)]
    withs.append(f"held AS MATERIALIZED (SELECT {' + '.join(touched) or '1'})")
    for index in range(feeds):
        # Each account's row is taken behind the one before it.
        source = f"SELECT ?::text, ?::bigint FROM {f'f{index - 1}' if index else 'held'}"
        withs.append(f"f{index} AS ({statements.advance_feed(source)})")
    for index, (table, feed) in enumerate(rows):
        withs.append(f"e{index} AS ({statements.insert(table, f'(SELECT position FROM f{feed}) + ?')})")
    last = ", ".join(f"(SELECT position FROM f{index})" for index in range(feeds))
    return numbered(f"WITH {', '.join(withs)} SELECT {last or '1'} FROM held")
