"""Calls on connections that are kept open, with as little of the client in the figures as there can be."""

import asyncio
from collections.abc import Iterable
from time import perf_counter
from urllib.parse import urlsplit

import uvloop

from bench.load import AUTHORIZATION, CONNECTIONS

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]

# The server closes what was idle for five seconds.
_FRESH_S = 3


class Caller:
    """Calls a server. A call that finds no connection free opens another."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._where = address.hostname, address.port
        self._head = f"Host: {address.netloc}\r\nAuthorization: {AUTHORIZATION}\r\n"
        self._idle: list[tuple[float, asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def get(self, path: str) -> bytes:
        """The body of what is there."""
        return await self._call(f"GET {path} HTTP/1.1\r\n{self._head}\r\n", b"200")

    async def post(self, path: str, body: str, status: bytes = b"200") -> bytes:
        """The body of the answer to a form."""
        kind = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        return await self._call(f"POST {path} HTTP/1.1\r\n{self._head}{kind}\r\n{body}", status)

    async def _call(self, request: str, status: bytes) -> bytes:
        reader, writer = await self._connection()
        writer.write(request.encode())
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        answer = await reader.readexactly(length)
        if b" " + status + b" " not in head.partition(b"\r\n")[0] + b" ":
            raise SystemExit(f"{request[:500]}\n{head.decode()}{answer.decode()}")
        self._idle.append((perf_counter(), reader, writer))
        return answer

    async def _connection(self) -> Connection:
        while self._idle:
            since, reader, writer = self._idle.pop()
            if perf_counter() - since < _FRESH_S:
                return reader, writer
            writer.close()
        return await asyncio.open_connection(*self._where)


def post_all(url: str, path: str, bodies: Iterable[str]) -> None:
    """Make one thing of each body, so many at a time as wrk does."""
    caller, left = Caller(url), iter(bodies)

    async def post() -> None:
        for body in left:
            await caller.post(path, body, b"201")

    async def post_some() -> None:
        async with asyncio.TaskGroup() as posts:
            for _ in range(CONNECTIONS):
                posts.create_task(post())

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(post_some())
