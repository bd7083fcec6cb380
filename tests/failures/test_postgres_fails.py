"""A real server whose PostgreSQL stops, loses its connections, has a full disk, or swallows the answer of a commit."""

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import httpx
import pytest

from tests.crashes.invariants import Select, broken
from tests.crashes.load import Floor
from tests.crashes.test_rounds import AUTH
from tests.postgres_server import PostgresServer, running_postgres

from .callers import NOT_KNOWN, Callers, served, until
from .test_sqlite_fails import MB, SmallDisk, small_disk
from .wire import Wire

CUT = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
    "WHERE application_name LIKE 'cordboard %' AND datname = current_database()"
)


@pytest.fixture(scope="module")
def mortal() -> Iterator[PostgresServer]:
    """A server of our own with flushes, for who stops it stops it for all tests."""
    with running_postgres(durable=True) as server:
        yield server


def selecting(url: str) -> Select:
    async def selected(sql: str) -> list[tuple[object, ...]]:
        connection = await asyncpg.connect(url)
        try:
            return [tuple(row) for row in await connection.fetch(sql)]
        finally:
            await connection.close()

    return lambda sql: asyncio.run(selected(sql))


@pytest.mark.parametrize("mode", [pytest.param("fast", marks=pytest.mark.nightly), "immediate"])
def test_a_database_that_stops_under_load_and_starts_again_loses_nothing_that_was_answered(
    mortal: PostgresServer, tmp_path: Path, mode: str
) -> None:
    with mortal.database() as name, served(tmp_path, url := mortal.url(name)) as server, Callers(server.url) as callers:
        mortal.stop(mode)
        callers.until_refused(20)
        assert "the database fails: " in callers.until_unready()
        mortal.start()
        callers.until_ready()
        callers.more(10)
        callers.finish(selecting(url))


def test_connections_that_are_cut_again_and_again_under_load_lose_nothing(
    mortal: PostgresServer, tmp_path: Path
) -> None:
    with mortal.database() as name, served(tmp_path, url := mortal.url(name)) as server, Callers(server.url) as callers:
        select = selecting(url)
        ended = 0
        for _ in range(8):
            callers.more(1)
            ended += select(CUT)[0][0]
        assert ended > 30
        assert callers.refusals
        callers.until_ready()
        callers.finish(select)


def test_a_full_disk_of_postgresql_refuses_calls_loses_nothing_and_needs_no_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Its user must be able to pass, and a socket's path is short.
    with tempfile.TemporaryDirectory(dir="/tmp") as above, small_disk(Path(above), 160 * MB) as folder:
        Path(above).chmod(0o755)
        monkeypatch.setattr(tempfile, "tempdir", str(folder))
        with (
            running_postgres(durable=True) as postgres,
            postgres.database() as name,
            served(tmp_path, url := postgres.url(name)) as server,
            Callers(server.url) as callers,
        ):
            disk = SmallDisk(folder)
            disk.fill(server)
            callers.until_refused(10)
            assert "No space left on device" in callers.until_unready()
            disk.free(server)
            callers.until_ready()
            callers.more(10)
            callers.finish(selecting(url))


def test_a_commit_whose_answer_is_lost_is_said_to_be_unknown_and_its_task_is_offered(
    mortal: PostgresServer, tmp_path: Path
) -> None:
    with mortal.database() as name, Wire(mortal.folder) as wire:
        url = mortal.url(name)
        with (
            served(tmp_path, url.replace(str(mortal.folder), str(wire.folder))) as server,
            httpx.Client(base_url=server.url, auth=AUTH, timeout=20) as client,
        ):
            select, floor = selecting(url), Floor(client)
            wire.swallow_next(b"a customer of the lost commit")
            form = {"FriendlyName": "x", "Attributes": '{"who": "a customer of the lost commit"}'}
            refused = client.post(f"{floor.base}/Tasks", data=form | {"TaskChannel": "chat"})
            assert (refused.status_code, refused.json()["code"]) == (503, 90503)
            assert NOT_KNOWN in refused.json()["message"]
            assert refused.headers["retry-after"]
            assert wire.swallowed == 1
            ((task,),) = select("SELECT sid FROM tasks")
            until(lambda: select("SELECT sid FROM reservations"), lambda: f"nobody was offered {task}")
            assert broken(select) == {}


def test_a_flush_that_fails_after_the_commit_is_said_to_be_unknown(mortal: PostgresServer, tmp_path: Path) -> None:
    with mortal.database() as name, Wire(mortal.folder) as wire:
        url = mortal.url(name)
        with (
            served(tmp_path, url.replace(str(mortal.folder), str(wire.folder))) as server,
            httpx.Client(base_url=server.url, auth=AUTH, timeout=20) as client,
        ):
            wire.swallow_next(b'"positions":{"AC')  # the flush tells other nodes what it covers
            refused = client.post("/v1/Workspaces", data={"FriendlyName": "committed, perhaps not flushed"})
            assert refused.status_code == 503
            assert NOT_KNOWN in refused.json()["message"]
            assert "Nothing was changed" not in refused.json()["message"]
            assert client.post("/v1/Workspaces", data={"FriendlyName": "next"}).status_code == 201
            assert client.get("/readyz").status_code == 200


@pytest.mark.nightly
def test_a_database_that_stands_still_is_told_within_seconds_and_used_again_by_itself(
    mortal: PostgresServer, tmp_path: Path
) -> None:
    with mortal.database() as name, served(tmp_path, url := mortal.url(name)) as server, Callers(server.url) as callers:
        stands_still = [
            row[0] for row in selecting(url)("SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        ]
        for process in stands_still:
            os.kill(process, signal.SIGSTOP)
        try:
            began = time.monotonic()
            assert "no answer within 2 s" in " and ".join(callers.problems())
            assert time.monotonic() - began < 5
            assert httpx.get(f"{server.url}/healthz", timeout=5).status_code == 200
        finally:
            for process in stands_still:
                os.kill(process, signal.SIGCONT)
        callers.until_ready()
        callers.more(10)
        callers.finish(selecting(url))
