"""SQLite's errors: which are the outside's, for which callers get 503, and which are faults of ours."""

import sqlite3

from cordboard.kernel.errors import Unavailable

_PRIMARY = 0xFF  # the low byte of an error code says what failed, the rest says how
_OUTSIDE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_READONLY,
}


def is_outside(error: sqlite3.Error) -> bool:
    """Whether the disk, the file or another program is to blame."""
    # The others are faults of ours: a SELECT that names no column, a value of no SQL type.
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & _PRIMARY in _OUTSIDE


def unavailable(error: sqlite3.Error) -> Unavailable:
    """What the caller is told then."""
    return Unavailable(f"The database does not take the call ({error}). Nothing was changed; try again.")
