"""``cordboard migrate``; that every released schema comes to the head is proved in tests/storage/test_released.py."""

import asyncio

import asyncpg

from cordboard.storage.migrate import head, migrations
from tests.server.processes import Served

from .commands import Operator, older

KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
PRODUCTION = {"MODE": "production", "AUTH_TOKEN": "a1b2c3", "SECRET_KEY": KEY, "PORT": "0"}
NEWEST = f"applied {head():04} {migrations()[-1].name}\n"


def test_an_older_database_comes_to_the_head_and_what_was_applied_is_told(operator: Operator) -> None:
    older(operator.database)
    assert operator("migrate") == (0, f"{NEWEST}The database is at schema {head()}.\n", "")
    assert operator("migrate") == (0, f"The database is at schema {head()} already.\n", "")


def test_in_production_serve_leaves_an_older_database_to_migrate(operator: Operator) -> None:
    older(operator.database)
    sentence = operator.refusal("serve", **PRODUCTION)
    assert f"at schema {head() - 1}, this program needs {head()}" in sentence
    assert "cordboard migrate" in sentence
    assert operator("migrate", **PRODUCTION).out.startswith(NEWEST)
    with Served(operator.folder, **{f"CORDBOARD_{name}": value for name, value in PRODUCTION.items()}) as server:
        assert server.stop()[0] == 0


def test_in_development_serve_migrates_by_itself(operator: Operator) -> None:
    older(operator.database)
    assert operator.served("one") == ["one"]
    assert operator("migrate").out == f"The database is at schema {head()} already.\n"


def test_a_newer_database_is_left_alone_with_a_sentence(operator: Operator) -> None:
    operator.served()
    operator.change("INSERT INTO schema_versions (number, name, applied_at) VALUES (9999, 'later', 0)")
    for command in ("migrate", "serve"):
        assert "run the newer Cordboard that wrote it" in operator.refusal(command, PORT="0")


def test_a_database_that_a_server_has_open_is_not_migrated(operator: Operator) -> None:
    with Served(operator.folder, "--port", "0"):
        assert "in use by another Cordboard" in operator.refusal("migrate")


def test_a_postgresql_database_comes_to_the_head(operator: Operator, postgres_database: str) -> None:
    applied = operator("migrate", "--database", postgres_database).out.splitlines()
    assert applied[:-1] == [f"applied {one.number:04} {one.name}" for one in migrations()]
    assert operator("migrate", DATABASE=postgres_database).out == f"The database is at schema {head()} already.\n"


def test_in_production_serve_leaves_an_older_postgresql_to_migrate(operator: Operator, postgres_database: str) -> None:
    async def make_older() -> None:
        connection = await asyncpg.connect(postgres_database)
        await connection.execute(f"DELETE FROM schema_versions WHERE number = {head()}")
        await connection.close()

    operator("migrate", "--database", postgres_database)
    asyncio.run(make_older())
    assert "cordboard migrate" in operator.refusal("serve", DATABASE=postgres_database, **PRODUCTION)


def test_a_database_of_no_known_kind_is_told(operator: Operator) -> None:
    assert "mysql" in operator.refusal("migrate", "--database", "mysql://localhost/x")
