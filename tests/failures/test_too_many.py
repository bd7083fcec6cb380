"""More calls than may wait for the database: the rest is refused at once, alarms and offers go on, and nobody has to restart."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from cordboard.server.line import AT_ONCE, WAITING
from cordboard.storage import postgres
from cordboard.storage.writes import Settled
from cordboard.testkit.exchange import Answer, Request, exchange
from cordboard.testkit.http import basic, encode
from cordboard.testkit.running import Cordboard
from tests.storage.conftest import until
from tests.storage.slow_disk import commits_wait
from tests.taskrouter.scene import Scene

MORE = 20
TASK_TIMEOUT_S = 60


@pytest.fixture(params=["sqlite", "postgres"])
def cordboard_database(request: pytest.FixtureRequest) -> str | None:
    if request.param == "sqlite":
        return None
    url: str = request.getfixturevalue("postgres_database")
    return url


@asynccontextmanager
async def no_commits(cordboard: Cordboard) -> AsyncIterator[None]:
    """Nothing gets to the disk while it is entered."""
    if cordboard.system.db.node.alone:
        with commits_wait(cordboard.system.db):
            yield
        return
    other = await asyncpg.connect(cordboard.system.settings.database)
    try:
        async with other.transaction():
            await other.execute("SELECT * FROM feed FOR UPDATE")
            yield
    finally:
        await other.close()


def test_a_full_line_refuses_the_rest_at_once_and_holds_up_neither_alarms_nor_offers(
    cordboard: Cordboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "_CHECK_S", 0.2)
    scene = Scene(cordboard)
    ending = scene.task(timeout=TASK_TIMEOUT_S, routing_target=scene.worker("away", available=False).sid)
    waiting, worker = scene.task(), scene.worker("ana", available=False)
    cordboard.settled()
    answered: list[int] = []
    heard: dict[str, int] = {}

    def hear(settled: Settled) -> None:
        for event in settled.events:
            heard.setdefault(f"{event.type} of {event.resource_sid}", len(answered))

    async def post(path: str, **form: Any) -> Answer:
        answer = await exchange(cordboard.system.app, _request(cordboard, "POST", path, form))
        answered.append(answer.status)
        return answer

    async def flood() -> tuple[list[Answer], list[Answer], Answer]:
        begin = f"/v1/Workspaces/{scene.sid}/Workers/{worker.sid}"
        async with no_commits(cordboard):
            calls = [asyncio.create_task(post(begin, ActivitySid=scene.activities["Available"]))]
            calls += [
                asyncio.create_task(post("/v1/Workspaces", FriendlyName=f"w{n}")) for n in range(AT_ONCE + WAITING - 1)
            ]
            await until(lambda: cordboard.system._lines[1].problem)
            async with asyncio.timeout(20):
                refused = await asyncio.gather(*(post("/v1/Workspaces", FriendlyName="late") for _ in range(MORE)))
                ready = await exchange(cordboard.system.app, _request(cordboard, "GET", "/readyz"))
            assert len(answered) == MORE
            cordboard.clock._clock.move_to(cordboard.system.ports.clock.now() + TASK_TIMEOUT_S * 1000)
        return await asyncio.gather(*calls), refused, ready

    cordboard.system.db.listen(hear)
    done, refused, ready = cordboard.call(flood())
    for answer in refused:
        assert (answer.status, answer.headers["retry-after"], answer.json["code"]) == (503, "1", 90503)
        assert answer.json.keys() == {"code", "message", "more_info", "status"}
        assert "Too many calls wait" in answer.json["message"]
    assert ready.status == 503
    assert "too many calls that change something wait for the database: new ones are refused" in ready.json["problems"]
    assert {answer.status for answer in done} == {200, 201}
    offer = scene.offer(waiting.sid)
    assert scene.status(ending.sid) == "canceled"
    # Both had at most those before them whom the database had let in, and a group that was under way.
    for event in (f"reservation.created of {offer.sid}", f"task.canceled of {ending.sid}"):
        assert heard[event] - MORE <= 4 * AT_ONCE, (event, heard[event])
    assert cordboard.http.get("/readyz", auth=None).status == 200
    assert len(cordboard.client.taskrouter.v1.workspaces.list()) == AT_ONCE + WAITING


def _request(cordboard: Cordboard, verb: str, path: str, form: dict[str, Any] | None = None) -> Request:
    headers = [
        (b"host", b"localhost"),
        (b"authorization", basic(cordboard.account_sid, cordboard.auth_token).encode()),
        (b"content-type", b"application/x-www-form-urlencoded"),
    ]
    return Request(verb, "http", path, headers, encode(form or {}).encode())
