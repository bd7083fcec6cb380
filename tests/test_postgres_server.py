"""The server that the tests run on PostgreSQL against keeps what it promises them."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from tests.postgres_server import PostgresServer, running_postgres

KILLED_RUN = """
import os, signal
from tests.postgres_server import running_postgres
with running_postgres() as server:
    print(server.folder, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def ask(url: str, *statements: str) -> object:
    """The first value of the last statement's answer."""

    async def run() -> object:
        connection = await asyncpg.connect(url)
        try:
            for statement in statements[:-1]:
                await connection.execute(statement)
            return await connection.fetchval(statements[-1])
        finally:
            await connection.close()

    return asyncio.run(run())


def test_asyncpg_reads_what_it_wrote(postgres_database: str) -> None:
    text = "Grüße, 你好 👋"
    answer = ask(
        postgres_database,
        "create table message (body text)",
        f"insert into message values ('{text}')",
        "select body from message",
    )
    assert answer == text


def test_each_database_starts_as_its_template(postgres_server: PostgresServer, postgres_database: str) -> None:
    ask(postgres_database, "create table left_over (a int)", "select 1")
    with postgres_server.database() as other:
        assert ask(postgres_server.url(other), "select to_regclass('left_over')") is None
    template = postgres_database.partition("?")[0].rpartition("/")[2]
    with postgres_server.database(template) as copy:
        assert ask(postgres_server.url(copy), "select to_regclass('left_over')::text") == "left_over"


def test_a_database_is_dropped_at_its_end_though_someone_is_connected(postgres_server: PostgresServer) -> None:
    async def connected() -> None:
        with pytest.raises(asyncpg.InvalidCatalogNameError):
            await asyncpg.connect(postgres_server.url(name))

    with postgres_server.database() as name:
        opened = asyncio.Runner()
        connection = opened.run(asyncpg.connect(postgres_server.url(name)))
    connection.terminate()
    opened.close()
    asyncio.run(connected())


@pytest.mark.parametrize(("durable", "fsync"), [(False, "off"), (True, "on")])
def test_flushes_are_real_only_on_request(*, durable: bool, fsync: str) -> None:
    with running_postgres(durable=durable) as server:
        assert ask(server.url("postgres"), "show fsync") == fsync
    assert not server.folder.exists()


def test_a_server_ends_with_a_run_that_was_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", KILLED_RUN],
        cwd=Path(__file__).parents[1],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as run:
        out, err = run.communicate(timeout=60)  # the keeper holds stderr: this waits for its end too
    assert (run.returncode, err) == (-signal.SIGKILL, "")
    assert not Path(out.strip()).exists()
