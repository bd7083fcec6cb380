"""The two kinds of database by their URL: nothing else names the concrete adapters. What fails is told in one sentence."""

import contextlib
import sqlite3
from collections.abc import AsyncIterator, Iterator

import msgspec

from cordboard.kernel.clock import Clock
from cordboard.kernel.errors import Unavailable
from cordboard.kernel.ports import Ports
from cordboard.kernel.settings import Mode, Settings
from cordboard.storage.migrate import Migration, NewerSchema, OlderSchema
from cordboard.storage.port import Database, Look
from cordboard.storage.sqlite import open_sqlite
from cordboard.storage.sqlite_file import DatabaseInUse, connect, locked, migrate_sqlite
from cordboard.storage.sqlite_reading import looking_at_sqlite
from cordboard.storage.tables import Query, Shape
from cordboard.storage.unit import Reactions, View

from .durability import commit_weaknesses, postgres_weaknesses, sqlite_weaknesses
from .preconditions import CannotStart, database_file


class _Count(msgspec.Struct, frozen=True):
    count: int


_SERVERS = Query(
    "SELECT COUNT(*) FROM pg_stat_activity WHERE application_name LIKE 'cordboard node %' AND datname = current_database()",
    Shape(_Count),
)


async def open_database(settings: Settings, ports: Ports, reactions: Reactions) -> Database:
    """The database, its schema at the head and its settings durable. Raises CannotStart.

    In production an older schema is not changed behind the operator's back; a new database gets its tables in both modes.
    """
    file = database_file(settings)
    upgrade = settings.mode is Mode.DEVELOPMENT
    with sentences(settings):
        if file is None:
            from cordboard.storage.postgres import open_postgres  # noqa: PLC0415 - a start on SQLite does not pay 40 ms for the driver

            db: Database = await open_postgres(settings.database, ports, reactions, upgrade=upgrade)
        else:
            db = await open_sqlite(file, ports, reactions, upgrade=upgrade)
        try:
            weak = [] if settings.allow_data_loss else await _weaknesses(db, settings, ports)
        except BaseException:
            await db.close()
            raise
    if weak:
        await db.close()
        message = (
            f"the database may lose what was answered, for {' and '.join(weak)}: set it right, or for a database of tests "
            "set CORDBOARD_ALLOW_DATA_LOSS=true"
        )
        raise CannotStart(message)
    return db


async def _weaknesses(db: Database, settings: Settings, ports: Ports) -> list[str]:
    weak = await db.run(weaknesses_of(settings))
    if database_file(settings) is None:
        from cordboard.storage.postgres import looking_at_postgres  # noqa: PLC0415 - a start on SQLite does not pay 40 ms for the driver

        async with looking_at_postgres(settings.database, ports) as view:
            weak += await commit_weaknesses(view)
    return weak


async def migrate(settings: Settings, clock: Clock) -> list[Migration]:
    """Bring the schema to the head; what was applied. Raises CannotStart, also while a server has the SQLite file."""
    file = database_file(settings)
    with sentences(settings):
        if file is None:
            from cordboard.storage.postgres import upgrade_postgres  # noqa: PLC0415 - a start on SQLite does not pay 40 ms for the driver

            return await upgrade_postgres(settings.database, clock.now())
        with locked(file), contextlib.closing(connect(file)) as connection:
            return migrate_sqlite(connection, clock.now())


@contextlib.asynccontextmanager
async def looking(settings: Settings, ports: Ports) -> AsyncIterator[View]:
    """What is committed, beside a server that runs. Nothing is made or changed. Raises CannotStart."""
    file = database_file(settings)
    with sentences(settings):
        if file is not None:
            with looking_at_sqlite(file, ports) as view:
                yield view
        else:
            from cordboard.storage.postgres import looking_at_postgres  # noqa: PLC0415 - a start on SQLite does not pay 40 ms for the driver

            async with looking_at_postgres(settings.database, ports) as view:
                yield view


def weaknesses_of(settings: Settings) -> Look[list[str]]:
    """What looks for settings of the database that may lose an answered call."""
    return postgres_weaknesses if database_file(settings) is None else sqlite_weaknesses


async def is_served(settings: Settings, view: View) -> bool:
    """Whether a server has the database open now."""
    file = database_file(settings)
    if file is None:
        (others,) = await view.all(_SERVERS)
        return others.count > 0
    try:
        with locked(file):
            return False
    except DatabaseInUse:
        return True


@contextlib.contextmanager
def sentences(settings: Settings) -> Iterator[None]:
    """What a database refuses becomes CannotStart, with one sentence."""
    try:
        yield
    except (DatabaseInUse, NewerSchema, OlderSchema, Unavailable) as error:
        raise CannotStart(str(error)) from error
    except (OSError, sqlite3.Error, ValueError) as error:
        message = f"the database {database_file(settings) or 'of CORDBOARD_DATABASE'} cannot be opened: {error}"
        raise CannotStart(message) from error
