"""Copies of a SQLite database: taken while a server writes it, checked, and put back.

A copy is of one moment: it is read in one go beside the writer, whom a reader does not stop; only the log grows meanwhile. It is
written under another name, checked, flushed, and then renamed, so a file of the name that was asked for is a whole backup. The
key of secrets is in no copy: who finds a backup must not find the tokens in it.
"""

import contextlib
import itertools
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import msgspec

from cordboard.events.feed import GAPS
from cordboard.kernel.clock import Clock, iso
from cordboard.kernel.keyring import Keyring, WrongKey
from cordboard.kernel.settings import Settings
from cordboard.storage.migrate import APPLIED, missing
from cordboard.storage.sqlite_file import connect, locked

from .databases import sentences
from .preconditions import database_file

_PATIENCE_MS = 10_000
_CANARY = "SELECT sealed FROM canary WHERE name = 'key'"
_PARTS = ("-shm", "-wal", "")
_EVENTS = "SELECT COALESCE(SUM(count), 0) FROM journal"


class CannotCopy(Exception):
    """No backup was made, or none put back; the sentence says why. What was there is as it was."""


class Copied(msgspec.Struct, frozen=True):
    """What was copied; ``aside`` is where the database is kept whose place the copy took."""

    schema: int
    events: int
    size: int
    aside: Path | None = None


def back_up(settings: Settings, target: Path) -> Copied:
    """A copy of the database in one new file that its owner alone may read. Raises CannotCopy, CannotStart."""
    file = _file(settings)
    if not file.exists():
        raise CannotCopy(f"there is no database {file}: name it with --database")
    if target.exists():
        raise CannotCopy(f"{target} is there already: give the backup another name")
    beside = target.with_name(f"{target.name}.partial")
    with sentences(settings), _removed_on_failure(beside):
        copied = _copy(file, beside)
        _put_in_place(beside, target)
    return copied


def restore(settings: Settings, source: Path, keyring: Keyring | None, clock: Clock) -> Copied:
    """Put a backup in the database's place, while no server has it; the old one is kept beside. Raises CannotCopy, CannotStart.

    ``keyring`` holds the keys that the server would start with, None if there are none yet: it must open the backup's secrets.
    """
    file = _file(settings)
    if not source.is_file():
        raise CannotCopy(f"there is no backup {source}")
    beside = file.with_name(f"{file.name}.restoring")
    with sentences(settings), locked(file), _removed_on_failure(beside):
        copied = _copy(source, beside)
        _check_key(beside, keyring, source)
        aside = _set_aside(file, clock.now())
        _put_in_place(beside, file)
    return msgspec.structs.replace(copied, aside=aside)


def _file(settings: Settings) -> Path:
    file = database_file(settings)
    if file is None:
        raise CannotCopy("PostgreSQL is backed up by its own programs: pg_dump, or continuous archiving")
    return file


def _copy(source: Path, target: Path) -> Copied:
    target.unlink(missing_ok=True)
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    try:
        with (
            contextlib.closing(connect(source, read_only=True)) as read,
            contextlib.closing(sqlite3.connect(target, isolation_level=None)) as written,
        ):
            read.execute(f"PRAGMA busy_timeout = {_PATIENCE_MS}").fetchall()
            read.backup(written)
            # One file, complete without a log beside it; a server that opens it brings its log back.
            written.execute("PRAGMA journal_mode = DELETE").fetchall()
            schema, events = _check(written, source)
    except sqlite3.DatabaseError as error:
        raise CannotCopy(f"{source} cannot be copied: {error}") from error
    return Copied(schema, events, target.stat().st_size)


def _check(copy: sqlite3.Connection, source: Path) -> tuple[int, int]:
    """The schema's number and the number of events of a sound copy. Raises CannotCopy, NewerSchema."""
    (verdict,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
    if verdict != "ok":
        raise CannotCopy(f"{source} is damaged: {verdict}")
    if not copy.execute("SELECT 1 FROM sqlite_master WHERE name = 'schema_versions'").fetchall():
        raise CannotCopy(f"{source} is no database of Cordboard")
    applied = [number for (number,) in copy.execute(APPLIED).fetchall()]
    missing(applied)
    gaps = copy.execute(GAPS.sql).fetchall()
    if gaps:
        raise CannotCopy(f"{source} lacks events of {len(gaps)} accounts, such as {gaps[0][0]}")
    return applied[-1], copy.execute(_EVENTS).fetchone()[0]


def _check_key(copy: Path, keyring: Keyring | None, source: Path) -> None:
    with contextlib.closing(connect(copy, read_only=True)) as connection:
        sealed = connection.execute(_CANARY).fetchone()
    if keyring is not None and sealed is not None:
        try:
            keyring.open(sealed[0])
        except WrongKey as error:
            raise CannotCopy(f"{source} was written under another key: {error}") from error


def _set_aside(file: Path, now: int) -> Path | None:
    """Rename the database and what is left of its log: beside another file the log would be taken for that one's."""
    if not any(Path(f"{file}{end}").exists() for end in _PARTS):
        return None
    # Where the log can be put into the file, one file is kept; a damaged database may be why somebody restores, so it may fail.
    if file.exists():
        with contextlib.suppress(sqlite3.Error), contextlib.closing(connect(file)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    stem = f"{file.name}.{str(iso(now)).replace(':', '')}"
    names = (stem if number == 0 else f"{stem}.{number}" for number in itertools.count())
    aside = next(path for path in map(file.with_name, names) if not path.exists())
    for end in _PARTS:
        part = Path(f"{file}{end}")
        if part.exists():
            part.rename(f"{aside}{end}")
    return aside


def _put_in_place(beside: Path, target: Path) -> None:
    with beside.open("rb") as written:
        os.fsync(written.fileno())
    beside.replace(target)
    folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextlib.contextmanager
def _removed_on_failure(file: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        file.unlink(missing_ok=True)
        raise
