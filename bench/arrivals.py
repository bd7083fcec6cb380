"""Calls at a rate that does not wait for answers: an open loop, as customers come.

They arrive at random (a Poisson process, the same in each run). A call that finds no connection free opens another, and its time
runs from when it was due, so that a server that stands still is not spared the calls of that time.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import uvloop

from bench.load import AUTHORIZATION


def arrive(url: str, path: str, body: str, rate: float, seconds: float) -> list[float]:
    """POST ``body`` so many times a second; the seconds that each answer took, in no order."""
    chance = random.Random(7)
    due, at = [], 0.0
    while (at := at + chance.expovariate(rate)) < seconds:
        due.append(at)
    caller = _Caller(url, path, body)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_arrive(due, caller.call))


async def _arrive(due: list[float], call: Callable[[], Awaitable[None]]) -> list[float]:
    took: list[float] = []
    began = time.perf_counter()

    async def one(at: float) -> None:
        await call()
        took.append(time.perf_counter() - began - at)

    async with asyncio.TaskGroup() as calls:
        for at in due:
            # Late or not: what is due now goes out now.
            await asyncio.sleep(max(began + at - time.perf_counter(), 0))
            calls.create_task(one(at))
    return took


class _Caller:
    def __init__(self, url: str, path: str, body: str) -> None:
        address = urlsplit(url)
        self._where = address.hostname, address.port
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: {AUTHORIZATION}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self._request = (head + body).encode()

    async def call(self) -> None:
        connection = self._idle.pop() if self._idle else await asyncio.open_connection(*self._where)
        reader, writer = connection
        writer.write(self._request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        answer = await reader.readexactly(length)
        if b" 201 " not in head.partition(b"\r\n")[0]:
            raise SystemExit(f"{head.decode()}{answer.decode()}")
        self._idle.append(connection)
