"""``cordboard migrate``, ``backup``, ``restore`` and ``doctor``: what an operator does to an installation from its machine."""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from cordboard.kernel.chance import SystemChance
from cordboard.kernel.clock import SystemClock
from cordboard.kernel.settings import BadSettings, Settings, read_settings
from cordboard.server import backup as copies
from cordboard.server import databases
from cordboard.server.doctor import examine
from cordboard.server.preconditions import CannotStart, check_database, key_file, known_keyring
from cordboard.storage.migrate import head

_REFUSED = 2
_UNWELL = 1

Database = Annotated[
    str | None, typer.Option(help="sqlite:///FILE or postgresql://...", show_default=Settings().database)
]
Config = Annotated[Path | None, typer.Option(envvar="CORDBOARD_CONFIG", help="The server's TOML file.")]


def migrate(database: Database = None, config: Config = None) -> None:
    """Bring the database's schema to that of this program, and tell what was applied.

    Production needs it after an upgrade: back up, stop the server, migrate, start the new one. In development `serve` does it.
    """
    with _refusals():
        settings = _settings(database, config)
        applied = asyncio.run(databases.migrate(settings, SystemClock()))
    for migration in applied:
        print(f"applied {migration.number:04} {migration.name}")
    print(f"The database is at schema {head()}{'' if applied else ' already'}.")


def backup(
    file: Annotated[Path, typer.Argument(help="The backup to make.")], database: Database = None, config: Config = None
) -> None:
    """Copy a SQLite database into one checked file, also while a server writes it."""
    with _refusals():
        settings = _settings(database, config)
        made = copies.back_up(settings, file)
    print(f"{file}: schema {made.schema}, {made.events} events, {made.size} bytes; whole and on the disk.")
    _tell_of_key(settings)


def restore(
    file: Annotated[Path, typer.Argument(help="The backup to put back.")],
    database: Database = None,
    config: Config = None,
) -> None:
    """Put a backup in the place of a SQLite database that no server has open. The old database is kept beside it."""
    with _refusals():
        settings = _settings(database, config)
        done = copies.restore(settings, file, known_keyring(settings, SystemChance()), SystemClock())
    print(f"Restored {file}: schema {done.schema}, {done.events} events.")
    if done.aside is not None:
        print(f"The database that was there is now {done.aside}.")
    _tell_of_key(settings)


def doctor(database: Database = None, config: Config = None) -> None:
    """Check the installation: a line each, with what to do where something is not well. Exit code 1 if anything is not."""
    raise typer.Exit(asyncio.run(_doctor(database, config)))


async def _doctor(database: str | None, config: Path | None) -> int:
    try:
        settings = read_settings({"database": database}, os.environ, config)
    except BadSettings as error:
        print(f"NO  settings       {error}")
        return _UNWELL
    unwell = 0
    async for found in examine(settings, SystemClock()):
        print(f"{'ok' if found.is_well else 'NO'}  {found.what:<13}  {found.said}")
        unwell += not found.is_well
    return _UNWELL if unwell else 0


def _settings(database: str | None, config: Path | None) -> Settings:
    settings = read_settings({"database": database}, os.environ, config)
    check_database(settings)
    return settings


def _tell_of_key(settings: Settings) -> None:
    where = "CORDBOARD_SECRET_KEY" if settings.secret_key else key_file(settings)
    print(f"The key of its secrets is not in it: keep {where} too, apart from it.")


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except (BadSettings, CannotStart, copies.CannotCopy) as refusal:
        print(f"cordboard: {refusal}", file=sys.stderr)
        raise typer.Exit(_REFUSED) from None
