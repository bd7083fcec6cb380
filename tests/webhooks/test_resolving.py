"""Names whose name servers do not answer: they hold up nobody but those who call them."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address

import httpx
import pytest

from cordboard.kernel.settings import Mode, Settings
from cordboard.webhooks.destinations import Address, Policy
from cordboard.webhooks.guarded import LOOKUPS, Forbidden, Resolver, guarded_transport
from tests.webhooks.network import SSL, Dialer, Listener
from tests.webhooks.tricks import PUBLIC

POLICY = Policy.of(Settings(mode=Mode.PRODUCTION))


class NameServers:
    """Answers at once for names under ``good``, and for others when it is told to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answering = threading.Event()

    def __call__(self, host: str) -> list[Address]:
        self.asked.append(host)
        if not host.endswith(".good"):
            self.answering.wait(10)
        if host.startswith("nobody."):
            raise OSError("no such name")
        return [ip_address("10.0.0.1" if host.startswith("inside.") else PUBLIC)]


@contextmanager
def name_servers() -> Iterator[NameServers]:
    made = NameServers()
    try:
        yield made
    finally:
        made.answering.set()


async def get(url: str, resolve: Resolver, patience_s: float = 5) -> str:
    outside = Listener(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nout")
    async with Listener() as inside, outside:
        transport = guarded_transport(POLICY, resolve=resolve, network=Dialer(outside, inside), ssl_context=SSL)
        async with httpx.AsyncClient(transport=transport, timeout=patience_s) as client:
            return (await client.get(url)).text


def test_a_name_that_many_wait_for_is_asked_once() -> None:
    async def story(servers: NameServers) -> list[list[Address]]:
        resolve = Resolver(servers)
        waiting = [asyncio.create_task(resolve("slow.example")) for _ in range(50)]
        await asyncio.sleep(0)
        servers.answering.set()
        return await asyncio.gather(*waiting)

    with name_servers() as servers:
        assert asyncio.run(story(servers)) == [[ip_address(PUBLIC)]] * 50
        assert servers.asked == ["slow.example"]


def test_who_waits_for_a_name_gives_up_in_time_and_others_are_called_meanwhile() -> None:
    async def story(servers: NameServers) -> None:
        resolve = Resolver(servers)
        slow = [asyncio.create_task(get(f"http://{each}.example/", resolve, 0.05)) for each in range(LOOKUPS - 1)]
        assert await get("http://shop.good/", resolve) == "out"
        for task in slow:
            with pytest.raises(httpx.ConnectTimeout):
                await task

    with name_servers() as servers:
        asyncio.run(story(servers))


def test_no_more_names_are_asked_at_the_same_time_than_there_are_threads() -> None:
    async def story(servers: NameServers) -> None:
        resolve = Resolver(servers)
        # Those who wait have gone; their lookups have not.
        for each in range(LOOKUPS + 10):
            with pytest.raises(httpx.ConnectTimeout):
                await get(f"http://{each}.example/", resolve, 0.001)
        assert len(servers.asked) == LOOKUPS
        servers.answering.set()
        assert await get("http://shop.good/", resolve) == "out"

    with name_servers() as servers:
        asyncio.run(story(servers))


def test_a_name_that_does_not_exist_is_a_failed_connection_and_one_inside_is_refused() -> None:
    with name_servers() as servers:
        with pytest.raises(httpx.ConnectError, match=r"nobody\.good cannot be resolved: no such name"):
            asyncio.run(get("http://nobody.good/", Resolver(servers)))
        with pytest.raises(Forbidden, match=r"inside\.good leads to a private address"):
            asyncio.run(get("http://inside.good/", Resolver(servers)))
