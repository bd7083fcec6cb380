import asyncio
import logging

import pytest

from cordboard.rest.requests import Message, Scope
from tests.rest.fakes import Answer, Server

SLOW = "/v1/Broken/Slow"


def test_after_drain_new_calls_are_503_in_the_vendors_form() -> None:
    served = Server()
    served.app.drain()
    refused = served.call("GET", "/v1/Workspaces/WS1/Tasks")
    assert (refused.status, refused.json["code"], refused.headers["retry-after"]) == (503, 90503, "1")
    assert not served.world.opened


def test_draining_waits_for_a_call_that_is_under_way() -> None:
    async def story(served: Server) -> Answer:
        call = asyncio.create_task(served.send("POST", SLOW))
        await served.world.running.wait()
        drained = asyncio.create_task(served.app.drain_running(60))
        await asyncio.sleep(0)
        assert (await served.send("POST", SLOW)).status == 503
        assert not drained.done()
        served.world.release.set()
        await drained
        return call.result()

    answered = asyncio.run(story(Server()))
    assert (answered.status, answered.json["result"]) == (200, "done")


def test_a_call_that_outlasts_the_time_out_is_cut_and_still_answered() -> None:
    async def story(served: Server) -> Answer:
        call = asyncio.create_task(served.send("POST", SLOW))
        await served.world.running.wait()
        await served.app.drain_running(0)
        return await call

    answered = asyncio.run(story(Server()))
    assert (answered.status, answered.json["code"]) == (503, 90503)
    assert "look whether it took place" in answered.json["message"]


def test_a_server_without_calls_is_drained_at_once() -> None:
    asyncio.run(Server().app.drain_running(60))


def test_a_call_that_somebody_else_cancels_is_cancelled() -> None:
    async def story(served: Server) -> None:
        call = asyncio.create_task(served.send("POST", SLOW))
        await served.world.running.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await served.app.drain_running(60)

    asyncio.run(story(Server()))


@pytest.mark.parametrize("before", [[], [{"type": "http.request", "body": b"Friendly", "more_body": True}]])
def test_a_caller_who_goes_away_in_the_middle_of_a_body_leaves_no_trace(
    before: list[Message], caplog: pytest.LogCaptureFixture
) -> None:
    served = Server()
    incoming: list[Message] = [*before, {"type": "http.disconnect"}]
    sent: list[Message] = []

    async def receive() -> Message:
        return incoming.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    with caplog.at_level(logging.DEBUG, logger="cordboard"):
        asyncio.run(served.app(request(), receive, send))
    assert not sent
    assert not caplog.records
    assert not served.world.opened


def test_a_caller_who_goes_away_before_the_answer_leaves_no_trace(caplog: pytest.LogCaptureFixture) -> None:
    async def receive() -> Message:
        return {"type": "http.request", "body": b"FriendlyName=Ada"}

    async def send(_message: Message) -> None:
        raise OSError

    served = Server()
    with caplog.at_level(logging.DEBUG, logger="cordboard"):
        asyncio.run(served.app(request(), receive, send))
    assert served.world.opened == ["unit"]
    assert not caplog.records


def request() -> Scope:
    return {
        "type": "http",
        "method": "POST",
        "scheme": "http",
        "path": "/v1/Workspaces/WS1/Tasks",
        "query_string": b"",
        "client": None,
        "headers": [
            (b"host", b"localhost"),
            (b"authorization", b"Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDpzZWNyZXQ="),
            (b"content-type", b"application/x-www-form-urlencoded"),
        ],
    }
