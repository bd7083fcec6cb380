"""A SQLite file: who may write it, how it is opened, and how its schema comes to the head."""

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from .migrate import APPLIED, APPLY, HISTORY, Migration, missing


class DatabaseInUse(Exception):
    """Another process has the file open; two writers on one SQLite file would stall each other for a second and more."""


def lock(path: Path) -> int:
    """Become the one process that writes this file, until the handle is closed. Raises DatabaseInUse.

    Readers do not ask: a backup or ``doctor`` looks at the file while a server writes it.
    """
    handle = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        message = f"{path} is in use by another Cordboard. Stop it, or give this one another --database."
        raise DatabaseInUse(message) from error
    return handle


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """``lock`` for as long as the context lasts."""
    handle = lock(path)
    try:
        yield
    finally:
        os.close(handle)


# Of a value that is neither a number nor a text the module asks around how to adapt it, and so of every None: of a row of four
# that takes as long as the rest. This is a function in C that gives None for None.
sqlite3.register_adapter(type(None), {}.get)  # type: ignore[arg-type]


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection in autocommit, with the durability that the server promises; read-only it makes no file."""
    # A busy timeout would sleep on the loop; the lock file keeps other writers away.
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rwc'}",
        timeout=0,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=1024,
        uri=True,
    )
    try:
        if not read_only:
            # What a unit records is 3 to 6 KB: pages of 8 KB take a tenth off a unit. It counts for a new file only.
            connection.execute("PRAGMA page_size=8192")
            connection.execute("PRAGMA journal_mode=WAL").fetchall()
            connection.execute("PRAGMA synchronous=FULL")
            # 16 MB of log: the pages that every group changes are put into the file half as often, 4 % of a unit (ADR 0026).
            connection.execute("PRAGMA wal_autocheckpoint=2000").fetchall()
            # What was erased is not to be found in the file's free space.
            connection.execute("PRAGMA secure_delete=ON").fetchall()
        # The undo pages of savepoints stay in memory: half of what one costs.
        connection.execute("PRAGMA temp_store=MEMORY")
        # The default of 2 MB is little more than one group changes; what is not needed is not taken.
        connection.execute("PRAGMA cache_size=-32768")
    except BaseException:
        connection.close()
        raise
    return connection


def migrate_sqlite(connection: sqlite3.Connection, now: int, *, upgrade: bool = True) -> list[Migration]:
    """Apply what is missing, a transaction a file, and tell what that was. Raises NewerSchema, and see ``missing``."""
    connection.execute(HISTORY)
    applied = [number for (number,) in connection.execute(APPLIED).fetchall()]
    lacking = missing(applied, upgrade=upgrade)
    for migration in lacking:
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement in migration.statements:
                connection.execute(statement)
            connection.execute(APPLY, (migration.number, migration.name, now))
        except BaseException:
            connection.rollback()
            raise
        connection.commit()
    return lacking
