"""What ``cordboard doctor`` looks at: an installation from outside, beside a server that runs or instead of one that does not.

Nothing is changed. A check that cannot be made because an earlier one failed is left out: the earlier line says what to do.
"""

import os
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from statistics import median
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec

from cordboard.accounts.actions.first_start import check_key
from cordboard.events.feed import GAPS
from cordboard.kernel.chance import Chance, SystemChance
from cordboard.kernel.clock import MILLISECONDS, Clock, iso
from cordboard.kernel.keyring import Keyring, WrongKey, new_key, parse_keys
from cordboard.kernel.ports import Ports
from cordboard.kernel.settings import Settings
from cordboard.kernel.sids import Sids
from cordboard.storage.migrate import APPLIED, head
from cordboard.storage.tables import Query, Shape
from cordboard.storage.unit import View
from cordboard.taskrouter.engine.timeouts import without_alarm
from cordboard.timers.schedule import late

from . import preconditions
from .databases import is_served, looking, weaknesses_of
from .durability import commit_weaknesses
from .preconditions import CannotStart, database_file, key_file, known_keyring
from .resealing import sealed_with

_LEAST_FREE = 1 << 30  # bytes: a busy day of events
_SLOW_FLUSH_MS = 20.0
_FLUSHES = 9
_SKEW_MS = 1 * MILLISECONDS
_LATE_MS = 5 * MILLISECONDS
_GIGABYTE = 1e9


class Finding(NamedTuple):
    """One line: what was looked at, whether it is well, and what was found or is to be done."""

    what: str
    is_well: bool
    said: str


class _Number(msgspec.Struct, frozen=True):
    number: int


class _Moment(msgspec.Struct, frozen=True):
    at: int | None


_APPLIED = Query(APPLIED, Shape(_Number))
_NEWEST = Query("SELECT MAX(at) FROM journal", Shape(_Moment))
_POSTGRES_NOW = Query("SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)", Shape(_Moment))
_POSTGRES_FLUSH = Query("SELECT CAST(pg_logical_emit_message(true, 'cordboard', '') - '0/0' AS BIGINT)", Shape(_Number))
_HISTORY = {
    True: Query("SELECT COUNT(*) FROM sqlite_master WHERE name = 'schema_versions'", Shape(_Number)),
    False: Query("SELECT COUNT(*) FROM pg_tables WHERE tablename = 'schema_versions'", Shape(_Number)),
}


async def examine(settings: Settings, clock: Clock) -> AsyncIterator[Finding]:
    """All findings in order, those of the database behind those of the machine."""
    chance = SystemChance()
    try:
        preconditions.check(settings)
    except CannotStart as error:
        yield Finding("settings", False, str(error))
        return
    yield Finding("settings", True, f"{settings.mode} mode, {settings.host} port {settings.port}")
    keyring, finding = _look_at_key(settings, chance)
    yield finding
    file = database_file(settings)
    if file is not None:
        if not file.exists():
            yield Finding(
                "database", False, f"there is no {file}: `cordboard serve` makes it, or name another --database"
            )
            return
        yield _disk(file.parent)
        yield _flush_time(_flushes_of(file.parent))
    # A view opens no secret, so any key will do where there is none yet.
    ports = Ports(clock, chance, Sids(clock, chance), keyring or Keyring(parse_keys(new_key(chance)), chance))
    try:
        async with looking(settings, ports) as view:
            yield Finding("database", True, _without_password(settings.database))
            async for finding in _look_at_database(settings, view, clock, keyring):
                yield finding
    except CannotStart as error:
        yield Finding("database", False, str(error))


def _look_at_key(settings: Settings, chance: Chance) -> tuple[Keyring | None, Finding]:
    try:
        found = known_keyring(settings, chance)
    except CannotStart as error:
        return None, Finding("secret key", False, str(error))
    if settings.secret_key:
        return found, Finding("secret key", True, f"CORDBOARD_SECRET_KEY holds {len(settings.secret_key.split(','))}")
    file = key_file(settings)
    if found is None:
        return None, Finding("secret key", True, f"{file} will be made at the first start")
    if file.stat().st_mode & 0o077:
        return found, Finding("secret key", False, f"others may read {file}: chmod 600 {file}")
    return found, Finding("secret key", True, f"{file}: back it up apart from the database")


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    said = f"{free / _GIGABYTE:.1f} GB free in {folder.absolute()}"
    if free < _LEAST_FREE:
        return Finding(
            "disk", False, f"{said}: make room, or set a time after which things are removed (CORDBOARD_KEEP_...)"
        )
    return Finding("disk", True, said)


def _flushes_of(folder: Path) -> list[float]:
    """Milliseconds that a small write took to be on the disk, several times."""
    probe = folder / f".cordboard-doctor-{os.getpid()}"
    handle = os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        taken = []
        for _ in range(_FLUSHES):
            started = time.perf_counter()
            os.write(handle, bytes(4096))
            os.fsync(handle)
            taken.append((time.perf_counter() - started) * MILLISECONDS)
        return taken
    finally:
        os.close(handle)
        probe.unlink()


def _flush_time(taken: list[float]) -> Finding:
    took = median(taken)
    said = f"{took:.1f} ms until a write is on the disk"
    if took > _SLOW_FLUSH_MS:
        return Finding("flush", False, f"{said}, and every answer waits for one: use a faster disk")
    return Finding("flush", True, said)


async def _look_at_database(
    settings: Settings, view: View, clock: Clock, keyring: Keyring | None
) -> AsyncIterator[Finding]:
    on_sqlite = database_file(settings) is not None
    weak = await weaknesses_of(settings)(view)
    if not on_sqlite:
        weak += await commit_weaknesses(view)
        yield _flush_time([await _flush(view) for _ in range(_FLUSHES)])
    if weak and not settings.allow_data_loss:
        yield Finding(
            "durability", False, f"{' and '.join(weak)}: what was answered may be lost when the machine crashes"
        )
    else:
        yield Finding("durability", True, "allowed to lose data" if weak else "what is answered is on the disk")
    schema = await _schema(view, on_sqlite=on_sqlite)
    yield schema
    if not schema.is_well:
        return
    looks: list[Callable[[], Awaitable[Finding]]] = [
        lambda: _key(view, keyring),
        lambda: _clock(view, clock, on_sqlite=on_sqlite),
        lambda: _feed(view),
        lambda: _alarms(settings, view),
        lambda: _waiting_tasks(view),
    ]
    for look in looks:
        yield await look()


async def _schema(view: View, *, on_sqlite: bool) -> Finding:
    (tables,) = await view.all(_HISTORY[on_sqlite])
    applied = [row.number for row in await view.all(_APPLIED)] if tables.number else []
    if not applied:
        return Finding("schema", False, "the database is empty: `cordboard serve` makes its tables")
    if applied[-1] < head():
        return Finding("schema", False, f"at {applied[-1]}, this program needs {head()}: run `cordboard migrate`")
    if applied[-1] > head():
        return Finding("schema", False, f"at {applied[-1]}, this program knows {head()}: run the newer Cordboard")
    return Finding("schema", True, f"at {head()}, as this program needs it")


async def _key(view: View, keyring: Keyring | None) -> Finding:
    if keyring is None:
        return Finding(
            "secrets", False, "the database has secrets and there is no key to open them: bring the key back"
        )
    try:
        await check_key(view)
    except WrongKey as error:
        return Finding("secrets", False, str(error))
    return _sealed(keyring, await sealed_with(view))


def _sealed(keyring: Keyring, counts: dict[str, int]) -> Finding:
    """Whether every secret can be opened, and which keys nobody needs any more."""
    unknown = {name: count for name, count in counts.items() if name not in {keyring.first, *keyring.others}}
    if unknown:
        lost = ", ".join(f"{count} with {name}" for name, count in unknown.items())
        return Finding("secrets", False, f"some were encrypted with a key that is not given: {lost}. Bring it back")
    said = [f"key {keyring.first} opens them" if not keyring.others else f"key {keyring.first} encrypts"]
    for name in keyring.others:
        left = counts.get(name, 0)
        said.append(f"{name} has {left} left: start the server to move them" if left else f"{name} can be dropped")
    return Finding("secrets", True, "; ".join(said))


async def _clock(view: View, clock: Clock, *, on_sqlite: bool) -> Finding:
    if not on_sqlite:
        (theirs,) = await view.all(_POSTGRES_NOW)
        skew = clock.now() - (theirs.at or 0)
        if abs(skew) > _SKEW_MS:
            return Finding("clock", False, f"{skew} ms off the database server's: let both follow a time server")
    (newest,) = await view.all(_NEWEST)
    if newest.at is not None and newest.at > clock.now() + _SKEW_MS:
        said = f"the newest event is of {iso(newest.at)}, which has not come yet: set the clock right"
        return Finding("clock", False, said)
    return Finding("clock", True, f"{iso(clock.now())}")


async def _feed(view: View) -> Finding:
    gaps = await view.all(GAPS)
    if gaps:
        one = gaps[0]
        said = (
            f"{len(gaps)} accounts lack events, such as {one.account_sid}: {one.count} from {one.first} to {one.last}, and "
            f"{one.position} were taken. Restore a backup and report it"
        )
        return Finding("feed", False, said)
    return Finding("feed", True, "every event is there")


async def _alarms(settings: Settings, view: View) -> Finding:
    found = await late(view, view.now - _LATE_MS)
    if found and await is_served(settings, view):
        said = (
            f"{len(found)} or more are late, such as {found[0].kind} of {found[0].subject_sid}: see /readyz and the log"
        )
        return Finding("alarms", False, said)
    return Finding("alarms", True, "late ones ring at the next start" if found else "none is late")


async def _waiting_tasks(view: View) -> Finding:
    found = await without_alarm(view)
    if found:
        said = f"{len(found)} or more have none, such as {found[0].sid}: cancel them and report it"
        return Finding("waiting tasks", False, said)
    return Finding("waiting tasks", True, "each has an alarm")


async def _flush(view: View) -> float:
    started = time.perf_counter()
    await view.all(_POSTGRES_FLUSH)
    return (time.perf_counter() - started) * MILLISECONDS


def _without_password(database: str) -> str:
    if database.startswith(preconditions.SQLITE):
        return database
    parts = urlsplit(database)
    return f"PostgreSQL {parts.path.removeprefix('/')} at {parts.hostname or 'this machine'}"
