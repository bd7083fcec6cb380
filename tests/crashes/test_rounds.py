"""A server under load is killed, again and again: what it acknowledged is there, and nothing is half done (promise 1)."""

import asyncio
import json
import shutil
import signal
import sqlite3
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from cordboard.kernel.chance import SeededChance
from tests.postgres_server import running_postgres
from tests.server.processes import Served

from .invariants import Select, broken
from .load import CHANNEL, WRITERS, Acknowledged, Floor, work

ROUNDS = 10
NIGHTLY_ROUNDS = 100
LEAST, MOST = 5, 60
CREDENTIALS = {"CORDBOARD_ACCOUNT_SID": "AC" + "1" * 32, "CORDBOARD_AUTH_TOKEN": "t" * 32}
# A long run outlives the five minutes for which tasks are kept that are over, and the rules look for the task of every invite.
SETTINGS = CREDENTIALS | {"CORDBOARD_KEEP_TASKS": "1d"}
AUTH = (CREDENTIALS["CORDBOARD_ACCOUNT_SID"], CREDENTIALS["CORDBOARD_AUTH_TOKEN"])


@contextmanager
def sqlite_database(folder: Path) -> Iterator[tuple[str, Select]]:
    file = folder / "crashes.db"

    def select(sql: str) -> Sequence[Sequence[Any]]:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            return connection.execute(sql).fetchall()

    yield f"sqlite:///{file}", select


@contextmanager
def postgres_database(_folder: Path) -> Iterator[tuple[str, Select]]:
    with running_postgres(durable=True) as server, server.database() as name:
        url = server.url(name)

        async def selected(sql: str) -> Sequence[Sequence[Any]]:
            connection = await asyncpg.connect(url)
            try:
                return [tuple(row) for row in await connection.fetch(sql)]
            finally:
                await connection.close()

        yield url, lambda sql: asyncio.run(selected(sql))


@pytest.mark.parametrize(
    ("database", "rounds"),
    [
        (sqlite_database, ROUNDS),
        (postgres_database, ROUNDS),
        pytest.param(sqlite_database, NIGHTLY_ROUNDS, marks=pytest.mark.nightly),
        pytest.param(postgres_database, NIGHTLY_ROUNDS, marks=pytest.mark.nightly),
    ],
)
def test_a_killed_server_has_lost_nothing_and_left_nothing_half_done(
    tmp_path: Path, database: Any, rounds: int
) -> None:
    chance = SeededChance(rounds)
    floor: Floor | None = None
    kept = Acknowledged()
    with database(tmp_path) as (url, select):
        for _ in range(rounds):
            with Served(tmp_path, "--port", "0", "--database", url, **SETTINGS) as served:
                with httpx.Client(base_url=served.url, auth=AUTH, timeout=20) as client:
                    _is_found(client, kept)
                    floor = floor or Floor(client)
                kept = Acknowledged()
                with ThreadPoolExecutor(WRITERS) as writers:
                    working = [writers.submit(work, served.url, AUTH, floor, kept) for _ in range(WRITERS)]
                    reached = kept.until(LEAST + int(chance.fraction() * (MOST - LEAST)))
                    served.process.send_signal(signal.SIGKILL)
                served.process.wait()
                for worker in working:
                    worker.result()
            assert reached, "the server did not get anywhere"
            assert broken(select) == {}
        with (
            Served(tmp_path, "--port", "0", "--database", url, **SETTINGS) as served,
            httpx.Client(base_url=served.url, auth=AUTH, timeout=20) as client,
        ):
            _is_found(client, kept)
            assert client.get("/readyz").status_code == 200


def _is_found(client: httpx.Client, kept: Acknowledged) -> None:
    for path, values in kept.facts:
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert all(answer.json()[name] in allowed for name, allowed in values.items()), (path, values, answer.json())


@pytest.fixture(scope="module")
def intact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a server that was stopped in order, with one interaction that waits."""
    folder = tmp_path_factory.mktemp("intact")
    with sqlite_database(folder) as (url, select):
        with Served(folder, "--port", "0", "--database", url, **SETTINGS) as served:
            with httpx.Client(base_url=served.url, auth=AUTH, timeout=20) as client:
                floor = Floor(client)
                made = client.post("/v1/Interactions", data={"Channel": CHANNEL, "Routing": floor.routing}).json()
                conversation = json.loads(made["routing"]["properties"]["attributes"])["conversationSid"]
                client.post(f"/v1/Conversations/{conversation}/Messages", data={"Body": "Hello"})
            served.stop()
        assert broken(select) == {}
    return folder / "crashes.db"


@pytest.mark.parametrize(
    ("damage", "rule"),
    [
        ("DELETE FROM timers", "an offer without an alarm"),
        (
            "DELETE FROM journal WHERE position = (SELECT position FROM journal ORDER BY position LIMIT 1 OFFSET 1)",
            "a feed with a gap",
        ),
        ("DELETE FROM flex_invites", "a channel without an invite"),
        ("DELETE FROM conversations", "a channel without its conversation"),
        ("UPDATE tasks SET assignment_status = 'assigned'", "an assigned task without one owner"),
        ("UPDATE conversation_messages SET message_index = 5", "a message index with a gap"),
        ("DELETE FROM reservations", "a reserved task without an offer"),
    ],
)
def test_the_rules_see_what_is_broken(tmp_path: Path, intact: Path, damage: str, rule: str) -> None:
    shutil.copy(intact, tmp_path / "crashes.db")
    with sqlite_database(tmp_path) as (_, select):
        with closing(sqlite3.connect(tmp_path / "crashes.db")) as connection:
            connection.execute(damage)
            connection.commit()
        assert rule in broken(select)
