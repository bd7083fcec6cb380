"""A flush is seen before the answer (promise 1): a killed process does not prove the disk.

Each witness is shown a server that does not flush, too, and must see it.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import httpx
import pytest

from tests.crashes.test_rounds import AUTH, CREDENTIALS
from tests.postgres_server import PostgresServer, running_postgres
from tests.server.processes import Served, environment

ANSWERS = 10
ALLOWED = {**CREDENTIALS, "CORDBOARD_ALLOW_DATA_LOSS": "true"}
SERVE = "import sys; from cordboard.cli.main import main; sys.argv = ['cordboard', 'serve', '--port', '0']; main()"
FLUSHES_NEVER = {
    "sqlite": """
import cordboard.storage.sqlite as sqlite
connect = sqlite.connect
def connect_without(path, **options):
    connection = connect(path, **options)
    connection.execute("PRAGMA synchronous=OFF")
    return connection
sqlite.connect = connect_without
""",
    "postgres": """
import cordboard.storage.postgres as postgres
postgres._FLUSH = "SELECT 1"
postgres._FLUSH_AND_CALL = "SELECT pg_notify($1, $2)"
""",
}


class Program(Served):
    """A server with a changed part, or under a tracer's eyes."""

    def __init__(self, folder: Path, change: str, *tracer: str, **given: str) -> None:
        self.process = subprocess.Popen(
            [*tracer, sys.executable, "-c", change + SERVE],
            cwd=folder,
            env=environment(given),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


@pytest.mark.parametrize("flushes", [True, False])
def test_on_sqlite_every_answer_comes_after_a_flush_of_its_log(tmp_path: Path, flushes: bool) -> None:
    seen = tmp_path / "seen"
    tracer = (sys.executable, str(Path(__file__).with_name("tracer.py")), str(seen))
    if subprocess.run([*tracer, "true"], check=False).returncode:
        pytest.skip("this system does not let a process watch another one's calls: see the test below")
    change = "" if flushes else FLUSHES_NEVER["sqlite"]
    with (
        Program(tmp_path, change, *tracer, **ALLOWED) as served,
        httpx.Client(base_url=served.url, auth=AUTH, timeout=20) as client,
    ):
        seen.write_text("")
        for number in range(ANSWERS):
            assert client.post("/cordboard/v1/Keys", data={"FriendlyName": f"key {number}"}).status_code == 201
    groups = seen.read_text().split("answered 201\n")
    assert len(groups) == ANSWERS + 1
    flushed = ["cordboard.db-wal" in group for group in groups[:ANSWERS]]
    assert flushed == [flushes] * ANSWERS


def test_on_sqlite_what_was_answered_is_in_the_files_when_the_answer_comes(tmp_path: Path) -> None:
    with (
        Served(tmp_path, "--port", "0", **CREDENTIALS) as served,
        httpx.Client(base_url=served.url, auth=AUTH, timeout=20) as client,
    ):
        for number in range(ANSWERS):
            client.post("/v1/Workspaces", data={"FriendlyName": f"answered {number}"}).raise_for_status()
            assert f"answered {number}".encode() in (tmp_path / "cordboard.db-wal").read_bytes()


@pytest.fixture(scope="module")
def lazy_postgres() -> Iterator[PostgresServer]:
    """A server that flushes when a session insists, and otherwise not for a while."""
    with running_postgres(durable=True) as server:
        server.execute("ALTER SYSTEM SET synchronous_commit = off")
        server.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")
        server.execute("ALTER SYSTEM SET wal_writer_flush_after = '1GB'")
        server.execute("SELECT pg_reload_conf()")
        yield server


# Deferred, it runs at the commit: what it notes is where the log ends just before the commit's own record.
WITNESS = """
CREATE TABLE witness (lsn pg_lsn);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN INSERT INTO witness VALUES (pg_current_wal_insert_lsn()); RETURN NULL; END';
CREATE CONSTRAINT TRIGGER note AFTER INSERT ON workspaces DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION note();
"""


@pytest.mark.parametrize("flushes", [True, pytest.param(False, marks=pytest.mark.nightly)])
def test_on_postgresql_every_answer_comes_after_the_log_is_flushed_beyond_its_commit(
    lazy_postgres: PostgresServer, tmp_path: Path, flushes: bool
) -> None:
    async def compare(url: str, client: httpx.AsyncClient) -> list[bool]:
        connection = await asyncpg.connect(url)
        await connection.execute(WITNESS)
        flushed = []
        for number in range(ANSWERS):
            answer = await client.post("/v1/Workspaces", data={"FriendlyName": f"answered {number}"})
            assert answer.status_code == 201
            flushed.append(await connection.fetchval("SELECT pg_current_wal_flush_lsn() > max(lsn) FROM witness"))
        await connection.close()
        return flushed

    async def run(url: str, server: str) -> list[bool]:
        async with httpx.AsyncClient(base_url=server, auth=AUTH, timeout=20) as client:
            return await compare(url, client)

    change = "" if flushes else FLUSHES_NEVER["postgres"]
    with lazy_postgres.database() as name:
        url = lazy_postgres.url(name)
        with Program(tmp_path, change, **ALLOWED, CORDBOARD_DATABASE=url) as served:
            flushed = asyncio.run(run(url, served.url))
    # The witness's own connection, and who makes a database, flush now and then.
    assert flushed == [True] * ANSWERS if flushes else flushed.count(False) > ANSWERS // 2
