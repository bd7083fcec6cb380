"""Positions on SQLite: nobody but this process writes the file, so it knows them, and writes the feed's rows once a group."""

import sqlite3
from collections.abc import Callable

from .statements import advance_feed

_LAST = "SELECT position FROM feed WHERE account_sid = ?"


class Positions:
    """The last position of each account's feed. ``owed`` are those that were taken and are not in the feed's rows yet.

    ``before`` is called before the connection is used to learn one.
    """

    def __init__(self, connection: sqlite3.Connection, before: Callable[[], None]) -> None:
        self._connection = connection
        self._before = before
        self._last: dict[str, int] = {}
        self._owed: dict[str, int] = {}
        self._of_unit: dict[str, int] = {}

    def begin_unit(self) -> None:
        """What is taken from now on is the next unit's."""
        self._of_unit.clear()

    def take(self, account_sid: str, count: int) -> int:
        """Take so many positions; returns the last of them."""
        last = self._last.get(account_sid)
        if last is None:
            self._before()
            rows = self._connection.execute(_LAST, (account_sid,)).fetchall()
            last = rows[0][0] if rows else 0
        self._last[account_sid] = last + count
        self._owed[account_sid] = self._owed.get(account_sid, 0) + count
        self._of_unit[account_sid] = count
        return last + count

    def give_back(self) -> None:
        """The present unit takes none."""
        for account_sid, count in self._of_unit.items():
            self._last[account_sid] -= count
            self._owed[account_sid] -= count
        self._of_unit.clear()

    def write(self) -> None:
        """Write what is owed, before the COMMIT."""
        for account_sid, count in self._owed.items():
            if count:
                self._connection.execute(advance_feed(), (account_sid, count)).fetchall()
        self._owed.clear()

    def forget(self) -> None:
        """The transaction was rolled back."""
        self._last.clear()
        self._owed.clear()
        self._of_unit.clear()
