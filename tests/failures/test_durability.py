"""A database that is set so that it may lose what was answered is refused at the start, with the setting's name (promise 1)."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cordboard.kernel.settings import Settings
from cordboard.server.compose import compose, system_ports
from cordboard.server.preconditions import CannotStart
from cordboard.storage.sqlite_file import connect
from tests.postgres_server import PostgresServer, running_postgres

from .wire import Wire

KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


def start(database: str, **given: Any) -> None:
    async def once() -> None:
        settings = Settings(database=database, secret_key=KEY, **given)
        await (await compose(settings, system_ports(settings))).stop()

    asyncio.run(once())


def refusal(database: str) -> str:
    with pytest.raises(CannotStart) as refused:
        start(database)
    start(database, allow_data_loss=True)
    return str(refused.value)


@pytest.mark.parametrize(
    ("pragma", "named"),
    [
        ("journal_mode=DELETE", "journal_mode is delete"),
        ("journal_mode=MEMORY", "journal_mode is memory"),
        ("synchronous=NORMAL", "synchronous is 1"),
        ("synchronous=OFF", "synchronous is 0"),
    ],
)
def test_a_sqlite_connection_that_does_not_keep_what_it_commits_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pragma: str, named: str
) -> None:
    def weak(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
        connection = connect(path, read_only=read_only)
        if not read_only:
            connection.execute(f"PRAGMA {pragma}").fetchall()
        return connection

    monkeypatch.setattr("cordboard.storage.sqlite.connect", weak)
    assert named in refusal(f"sqlite:///{tmp_path}/cordboard.db")


def test_a_sqlite_file_of_another_journal_mode_is_brought_to_the_one_that_is_promised(tmp_path: Path) -> None:
    file = tmp_path / "cordboard.db"
    with closing(sqlite3.connect(file)) as other:
        assert other.execute("PRAGMA journal_mode=TRUNCATE").fetchall() == [("truncate",)]
        other.execute("CREATE TABLE others (sid TEXT)")
    start(f"sqlite:///{file}")
    with closing(sqlite3.connect(file)) as other:
        assert other.execute("PRAGMA journal_mode").fetchall() == [("wal",)]


@pytest.fixture(scope="module")
def own_postgres() -> Iterator[PostgresServer]:
    with running_postgres(durable=True) as server:
        yield server


@pytest.fixture
def durable(own_postgres: PostgresServer) -> Iterator[PostgresServer]:
    """Its sessions commit without a flush, unless they ask for one."""
    own_postgres.execute("ALTER SYSTEM SET synchronous_commit = off")
    own_postgres.execute("SELECT pg_reload_conf()")
    yield own_postgres
    own_postgres.execute("ALTER SYSTEM RESET ALL")
    own_postgres.execute("SELECT pg_reload_conf()")


def test_a_postgresql_is_refused_for_what_cannot_be_set_by_a_session_and_for_nothing_else(
    durable: PostgresServer,
) -> None:
    with durable.database() as name:
        start(durable.url(name))
        durable.execute("ALTER SYSTEM SET full_page_writes = off")
        durable.execute("ALTER SYSTEM SET fsync = off")
        durable.execute("SELECT pg_reload_conf()")
        assert "for fsync is off and full_page_writes is off:" in refusal(durable.url(name))


def test_a_pooler_that_drops_what_a_session_asks_for_is_refused(durable: PostgresServer) -> None:
    with durable.database() as name, Wire(durable.folder) as wire:
        wire.alter(b"synchronous_commit\0on\0", b"pooler.dropped_one\0on\0")
        url = durable.url(name).replace(str(durable.folder), str(wire.folder))
        assert "synchronous_commit is off where on was asked for" in refusal(url)
