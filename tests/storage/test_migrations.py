"""The schema comes to its head once, and never back."""

import asyncio
import sqlite3
from pathlib import Path

import asyncpg
import pytest

from cordboard.storage.migrate import NewerSchema, head, migrations
from cordboard.storage.postgres import open_postgres
from cordboard.storage.sqlite import open_sqlite
from cordboard.storage.sqlite_file import DatabaseInUse

from .conftest import new_ports

pytestmark = pytest.mark.anyio

NUMBERS = "SELECT number FROM schema_versions ORDER BY number"
EXPECTED = [migration.number for migration in migrations()]


def sqlite_rows(path: Path, sql: str) -> list[int]:
    connection = sqlite3.connect(path)
    rows = [row[0] for row in connection.execute(sql).fetchall()]
    connection.commit()
    connection.close()
    return rows


async def postgres_rows(url: str, sql: str) -> list[int]:
    connection = await asyncpg.connect(url)
    rows = [row[0] for row in await connection.fetch(sql)]
    await connection.close()
    return rows


@pytest.fixture
def postgres_template() -> str:
    return "template1"


def test_migrations_are_numbered_without_a_gap() -> None:
    assert list(range(1, head() + 1)) == EXPECTED


async def test_a_sqlite_file_is_brought_to_the_head_once(tmp_path: Path) -> None:
    path = tmp_path / "cordboard.db"
    for _ in range(2):
        db = await open_sqlite(path, new_ports(), {})
        assert await db.check() is None
        await db.close()
        assert sqlite_rows(path, NUMBERS) == EXPECTED


async def test_a_newer_sqlite_file_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "cordboard.db"
    await (await open_sqlite(path, new_ports(), {})).close()
    sqlite_rows(path, "INSERT INTO schema_versions VALUES (9999, 'newer', 0)")
    for _ in range(2):
        with pytest.raises(NewerSchema, match="run the newer Cordboard"):
            await open_sqlite(path, new_ports(), {})


async def test_a_second_process_on_the_same_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "cordboard.db"
    first = await open_sqlite(path, new_ports(), {})
    with pytest.raises(DatabaseInUse, match="in use by another Cordboard"):
        await open_sqlite(path, new_ports(), {})
    await first.close()
    await (await open_sqlite(path, new_ports(), {})).close()


async def test_of_nodes_that_start_at_once_on_a_new_postgresql_one_brings_it_to_the_head(
    postgres_database: str,
) -> None:
    nodes = await asyncio.gather(*(open_postgres(postgres_database, new_ports(), {}) for _ in range(3)))
    assert [await node.check() for node in nodes] == [None] * 3
    for node in nodes:
        await node.close()
    assert await postgres_rows(postgres_database, NUMBERS) == EXPECTED


async def test_a_newer_postgresql_is_not_touched_and_one_that_became_newer_is_not_ready(postgres_database: str) -> None:
    running = await open_postgres(postgres_database, new_ports(), {})
    await postgres_rows(postgres_database, "INSERT INTO schema_versions VALUES (9999, 'newer', 0)")
    with pytest.raises(NewerSchema, match="run the newer Cordboard"):
        await open_postgres(postgres_database, new_ports(), {})
    assert "9999" in str(await running.check())
    await running.close()


async def test_every_text_column_of_postgresql_sorts_by_code_point(postgres_database: str) -> None:
    await (await open_postgres(postgres_database, new_ports(), {})).close()
    others = await postgres_rows(
        postgres_database,
        "SELECT table_name || '.' || column_name FROM information_schema.columns "
        "WHERE table_schema = 'public' AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'",
    )
    assert others == []
