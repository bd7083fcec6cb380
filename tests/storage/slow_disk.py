"""A disk that takes its time, and then may be full."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from cordboard.storage.port import Database
from cordboard.storage.sqlite import SQLiteDatabase


class _Waiting:
    """A connection whose COMMIT begins, waits, and then may fail."""

    def __init__(self, connection: Any, go_on: threading.Event, failure: sqlite3.Error | None) -> None:
        self._connection = connection
        self._go_on = go_on
        self._failure = failure

    def commit(self) -> None:
        self._go_on.wait()
        if self._failure is not None:
            raise self._failure
        self._connection.commit()


@contextmanager
def commits_wait(db: Database, failure: sqlite3.Error | None = None) -> Iterator[threading.Event]:
    """While it is entered, no COMMIT of this SQLite database comes to its end before the event; one that has begun may fail then."""
    go_on = threading.Event()
    committer = cast("SQLiteDatabase", db)._committer
    connection = committer._connection
    committer._connection = cast("Any", _Waiting(connection, go_on, failure))
    try:
        yield go_on
    finally:
        committer._connection = connection
        go_on.set()
