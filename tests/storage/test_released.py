"""A database of every released schema comes to the head with its rows, and serves (scripts/released_database.py writes the dumps)."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from rich.console import Console

from cordboard import __version__
from cordboard.cli.story import Teller, tell
from cordboard.storage.dialect import postgres_ddl
from cordboard.storage.migrate import head, migrations
from cordboard.storage.postgres import open_postgres
from cordboard.storage.sqlite import open_sqlite
from cordboard.testkit.running import Cordboard
from cordboard.testkit.workbench import Workbench
from tests.postgres_server import PostgresServer

from .conftest import new_ports

RELEASED = sorted((Path(__file__).parent / "released").glob("*.sql"))
SQLITE_SCHEMA = "SELECT type, name, sql FROM sqlite_master ORDER BY type, name"
POSTGRES_SCHEMA = """
SELECT table_name, column_name, data_type, is_nullable, collation_name, '' FROM information_schema.columns
WHERE table_schema = 'public'
UNION ALL SELECT tablename, indexname, '', '', '', indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2
"""


def earlier(number: int) -> str:
    """The schema as it was after a migration, without rows."""
    history = (
        "CREATE TABLE schema_versions (number BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL);"
    )
    done = migrations()[:number]
    applied = [f"INSERT INTO schema_versions VALUES ({one.number}, '{one.name}', 0);" for one in done]
    return "\n".join([history, *(f"{text};" for one in done for text in one.statements), *applied])


EVERY = {path.stem: path.read_text("utf-8") for path in RELEASED}
EVERY |= {f"after {number:04}": earlier(number) for number in range(1, head() + 1)}


@pytest.fixture
def postgres_template() -> str:
    return "template1"


def sqlite_rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return [tuple(row) for row in connection.execute(sql)]


def load_sqlite(path: Path, text: str) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(text)


async def load_postgres(url: str, text: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(postgres_ddl(text))
    await connection.close()


async def postgres_schema(url: str) -> list[tuple[object, ...]]:
    connection = await asyncpg.connect(url)
    rows = [tuple(row) for row in await connection.fetch(POSTGRES_SCHEMA)]
    await connection.close()
    return rows


def test_this_release_has_its_dump() -> None:
    assert f"{__version__}.sql" in [path.name for path in RELEASED]


@pytest.mark.parametrize("text", EVERY.values(), ids=EVERY)
@pytest.mark.anyio
async def test_a_sqlite_file_of_every_schema_becomes_what_a_new_one_is(tmp_path: Path, text: str) -> None:
    load_sqlite(tmp_path / "old.db", text)
    for name in ("old.db", "new.db"):
        await (await open_sqlite(tmp_path / name, new_ports(), {})).close()
    assert sqlite_rows(tmp_path / "old.db", SQLITE_SCHEMA) == sqlite_rows(tmp_path / "new.db", SQLITE_SCHEMA)
    assert sqlite_rows(tmp_path / "old.db", "PRAGMA integrity_check") == [("ok",)]


@pytest.mark.parametrize("text", EVERY.values(), ids=EVERY)
def test_a_postgresql_of_every_schema_becomes_what_a_new_one_is(
    postgres_server: PostgresServer, postgres_database: str, text: str
) -> None:
    async def upgraded(database: str) -> list[tuple[object, ...]]:
        await (await open_postgres(database, new_ports(), {})).close()
        return await postgres_schema(database)

    asyncio.run(load_postgres(postgres_database, text))
    with postgres_server.database() as name:
        assert asyncio.run(upgraded(postgres_database)) == asyncio.run(upgraded(postgres_server.url(name)))


@pytest.fixture
def sqlite_database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/cordboard.db"


@pytest.fixture(params=["sqlite_database", "postgres_database"])
def released_database(request: pytest.FixtureRequest) -> str:
    """The URL of a database of either kind with the rows of a release."""
    url: str = request.getfixturevalue(request.param)
    return url


@pytest.fixture
def upgraded(
    request: pytest.FixtureRequest, released_database: str, cordboard_workbench: Workbench
) -> Iterator[Cordboard]:
    """A server on the rows of the release that the test names."""
    text = EVERY[request.param]
    if released_database.startswith("sqlite"):
        load_sqlite(Path(released_database.removeprefix("sqlite:///")), text)
    else:
        asyncio.run(load_postgres(released_database, text))
    with cordboard_workbench.cordboard(seed=2, database=released_database) as running:
        yield running


@pytest.mark.parametrize("upgraded", [path.stem for path in RELEASED], indirect=True)
def test_the_rows_of_a_release_are_there_and_the_server_goes_on_from_them(upgraded: Cordboard) -> None:
    client = upgraded.client
    (workspace,) = client.taskrouter.v1.workspaces.list()
    (task,) = workspace.tasks.list()
    (conversation,) = client.conversations.v1.conversations.list()
    assert (task.assignment_status, conversation.state) == ("completed", "closed")
    assert [message.body for message in conversation.messages.list()][-1] == "Thank you!"
    before = upgraded.http.get("/cordboard/v1/Events", {"PageSize": 1000}).json["events"]
    assert [event["position"] for event in before] == list(range(1, len(before) + 1))
    # It asserts what the server then holds, the feed from its first event on too.
    tell(client, upgraded.url, Teller(Console(quiet=True)))
