"""What a database must be set to so that an answered call survives a crash of the machine (promise 1)."""

import msgspec

from cordboard.storage.tables import Query, Shape
from cordboard.storage.unit import View


class _Mode(msgspec.Struct, frozen=True):
    name: str


class _Level(msgspec.Struct, frozen=True):
    number: int


class _Setting(msgspec.Struct, frozen=True):
    name: str
    value: str


_JOURNAL = Query("PRAGMA journal_mode", Shape(_Mode))
_FLUSHES = Query("PRAGMA synchronous", Shape(_Level))
_FULL = 2  # EXTRA is 3
# synchronous_commit is not among them: each of the server's sessions sets its own (storage/postgres.py).
_SETTINGS = Query(
    "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes') ORDER BY name", Shape(_Setting)
)
_COMMIT = Query("SELECT name, setting FROM pg_settings WHERE name = 'synchronous_commit'", Shape(_Setting))


async def sqlite_weaknesses(view: View) -> list[str]:
    """What is wrong with the view's own connection and its file."""
    found = []
    (mode,) = await view.all(_JOURNAL)
    if mode.name != "wal":
        found.append(f"journal_mode is {mode.name}, as on a disk of another machine,")
    (level,) = await view.all(_FLUSHES)
    if level.number < _FULL:
        found.append(f"synchronous is {level.number}")
    return found


async def postgres_weaknesses(view: View) -> list[str]:
    """What is wrong with the database server's settings."""
    return [f"{one.name} is {one.value}" for one in await view.all(_SETTINGS) if one.value != "on"]


async def commit_weaknesses(view: View) -> list[str]:
    """Whether a session that asked for a synchronous commit has it: some connection poolers drop what a session asks for."""
    values = [one.value for one in await view.all(_COMMIT)]
    return [f"synchronous_commit is {value} where on was asked for" for value in values if value != "on"]
