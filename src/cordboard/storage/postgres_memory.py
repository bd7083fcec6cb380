"""What a node of several remembers of steady tables, and how it knows that it still holds.

Whoever changes a row of a steady table raises ``steady_epoch`` in the same transaction. A memory belongs to one epoch: it was made
when a flush had answered that number, so whatever was read since is of that epoch or newer. A unit that used a memory proves that the
number still stands: in the statement that writes, or if it writes nothing by the flush for which every answer waits. So
it may as well have read those rows then. If the number was raised, the unit runs again and reads everything.

A memory is let go when a flush fails or its connection is lost: the server may have crashed, and what was read and the number with
it may be gone, and the number be given to another change. So a unit writes only while its memory is the present one.
"""

from collections.abc import Sequence
from typing import Any

from .tables import Key, Table, Value
from .unit import Row

_MOST = 10_000
_MOST_FOUND = 1000


class Memory:
    """Rows of steady tables by key, and answers of SELECTs that depend on one such table alone."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        self.rows: dict[tuple[Table[Any], Key], Row | None] = {}
        self.found: dict[tuple[str, tuple[Value, ...]], Sequence[Row]] = {}

    def keep_row(self, place: tuple[Table[Any], Key], row: Row | None) -> None:
        """Remember the row with this key, or that there is none."""
        if len(self.rows) >= _MOST:
            self.rows.clear()
        self.rows[place] = row

    def keep_found(self, question: tuple[str, tuple[Value, ...]], rows: Sequence[Row]) -> None:
        """Remember the answer of a SELECT."""
        if len(self.found) >= _MOST_FOUND:
            self.found.clear()
        self.found[question] = rows
