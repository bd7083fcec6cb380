import asyncio
import json
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest
import uvloop

from cordboard.kernel.settings import Settings
from cordboard.server.compose import System, compose, system_ports
from cordboard.server.serving import GRACE_S, listener, serve
from cordboard.testkit.exchange import Request, exchange

from .processes import PATIENCE_S, Served, key_call, read_all

Story = Callable[[System, int, asyncio.Event], Awaitable[None]]


def test_a_call_that_has_begun_is_finished_and_nobody_new_is_let_in(tmp_path: Path) -> None:
    with Served(tmp_path, "--port", "0") as server:
        connection, rest = server.slow_create()
        with connection:
            server.process.send_signal(signal.SIGTERM)
            await_refusal(server)
            connection.sendall(rest)
            answer = read_all(connection)
        assert answer.startswith(b"HTTP/1.1 201 ")
        server.process.communicate(timeout=PATIENCE_S)
        assert server.process.returncode == 0
    with Served(tmp_path, "--port", "0") as server:
        keys = httpx.get(f"{server.url}/cordboard/v1/Keys", auth=(server.account_sid, server.auth_token)).json()["keys"]
        assert [key["friendly_name"] for key in keys] == ["slow"]


def test_a_second_signal_ends_at_once(tmp_path: Path) -> None:
    with Served(tmp_path, "--port", "0") as server:
        connection, _ = server.slow_create()
        with connection:
            server.process.send_signal(signal.SIGTERM)
            await_refusal(server)
            server.process.send_signal(signal.SIGTERM)
            server.process.communicate(timeout=GRACE_S / 2)
        assert server.process.returncode == -signal.SIGTERM


def test_a_call_that_outlasts_the_grace_is_answered_503_in_the_vendors_form(tmp_path: Path) -> None:
    async def story(system: System, port: int, stop: asyncio.Event) -> None:
        reader, writer = await begin(system, port)
        stop.set()
        answer = await reader.read()
        writer.close()
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: 1" in head.lower()
        assert json.loads(body)["status"] == 503
        assert json.loads(body)["code"] == 90503

    run(tmp_path, story, grace_s=0.2)


def test_an_idle_connection_is_closed_and_does_not_hold_up_the_end(tmp_path: Path) -> None:
    async def story(_system: System, port: int, stop: asyncio.Event) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200 ")
        stop.set()
        assert await reader.read() == b""
        writer.close()

    run(tmp_path, story)


def test_readyz_is_red_as_soon_as_the_server_stops(tmp_path: Path) -> None:
    async def story(system: System, port: int, stop: asyncio.Event) -> None:
        ready = Request("GET", "http", "/readyz", [(b"host", b"localhost")], b"")
        assert (await exchange(system.app, ready)).status == 200
        _, writer = await begin(system, port)
        stop.set()
        await serving_notices(system)
        answer = await exchange(system.app, ready)
        assert system.busy
        writer.close()
        assert answer.status == 503
        assert answer.json["problems"] == ["the server is stopping"]

    run(tmp_path, story)


async def begin(system: System, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection on which half of a call has been sent, and the server has met it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head, body = key_call(*system.first_account)
    writer.write(head + body[:5])
    for _ in range(10_000):
        if system.app.running:
            return reader, writer
        await asyncio.sleep(0)
    pytest.fail("the call does not begin")


async def serving_notices(system: System) -> None:
    """Until the server knows that it is to stop."""
    for _ in range(10_000):
        if system.stopping:
            return
        await asyncio.sleep(0)
    pytest.fail("the server does not notice")


def run(folder: Path, story: Story, grace_s: float = 2 * PATIENCE_S) -> None:
    """A story of a client, with a server that gives calls so long to finish; who waits for that in vain waits too long."""

    async def both() -> None:
        settings = Settings(port=0, database=f"sqlite:///{folder}/cordboard.db")
        system, stop = await compose(settings, system_ports(settings)), asyncio.Event()
        with listener(settings) as sock:
            port = sock.getsockname()[1]
            serving = asyncio.create_task(serve(system, sock, stop, grace_s=grace_s))
            try:
                await asyncio.wait_for(story(system, port, stop), PATIENCE_S)
            finally:
                stop.set()
                await asyncio.wait_for(serving, PATIENCE_S)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(both())


def await_refusal(server: Served) -> None:
    """Until the port is closed: then the signal has been handled."""
    for _ in range(10_000):
        try:
            server.connect().close()
        except ConnectionRefusedError:
            return
        except ConnectionResetError:
            continue
    pytest.fail("new connections are still accepted")
