"""A small internet on loopback: a receiver outside, a listener inside, and names that resolve as a test says."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from ipaddress import ip_address
from typing import Self

import httpcore
import httpx

from cordboard.webhooks.destinations import Address, Policy
from cordboard.webhooks.guarded import Resolver, guarded_transport
from tests.webhooks.tricks import PUBLIC, PUBLIC_6

SHOP = "http://shop.example/hook"
SSL = httpx.create_ssl_context()


class Listener:
    """Counts who connects and answers every request alike."""

    def __init__(self, answer: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nin") -> None:
        self.answer = answer
        self.connections = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "0.0.0.0", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while await reader.read(65_536):
                writer.write(self.answer)
                await writer.drain()
                if b"Connection: close" in self.answer:
                    break
        finally:
            writer.close()


class Dialer(httpcore.AsyncNetworkBackend):
    """Connects public addresses with the receiver outside and all others with the listener inside, loopback as it is."""

    def __init__(self, outside: Listener, inside: Listener) -> None:
        self._outside, self._inside = outside, inside
        self._network = httpcore.AnyIOBackend()
        self.dialled: list[str] = []
        self.dead: set[str] = set()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's interface
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        self.dialled.append(host)
        if host in self.dead:
            raise httpcore.ConnectError
        if host in {PUBLIC, PUBLIC_6}:
            host, port = "127.0.0.1", self._outside.port
        elif not host.startswith("127."):
            host, port = "127.0.0.1", self._inside.port
        return await self._network.connect_tcp(host, port, timeout, local_address, socket_options)


class Names:
    """Resolves by a table; each look-up takes the next answer, the last stays. The machine knows the other names."""

    def __init__(self, answers: Mapping[str, Sequence[tuple[str, ...]]]) -> None:
        self._answers: dict[str, list[tuple[str, ...]]] = {
            "shop.example": [(PUBLIC,)],
            **{name: list(each) for name, each in answers.items()},
        }
        self._machine = Resolver()
        self.asked: list[str] = []

    async def __call__(self, host: str) -> list[Address]:
        self.asked.append(host)
        if (answers := self._answers.get(host.lower())) is None:
            return await self._machine(host)
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return [ip_address(each) for each in answer]


class Unguarded(httpx.AsyncBaseTransport):
    """What httpx does by itself, on the same small internet: the proof that a trick is one."""

    def __init__(self, names: Names, dialer: Dialer) -> None:
        self._pool = httpcore.AsyncConnectionPool(SSL, network_backend=_Trusting(names, dialer))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        try:
            answer = await self._pool.request(
                request.method, target, headers=request.headers.raw, extensions=request.extensions
            )
        except (
            OSError,
            ExceptionGroup,  # anyio's, for a port that is none
            httpcore.NetworkError,
            httpcore.TimeoutException,
            httpcore.UnsupportedProtocol,
        ) as error:
            raise httpx.ConnectError(str(error)) from error
        return httpx.Response(answer.status, headers=answer.headers, content=answer.content)

    async def aclose(self) -> None:
        await self._pool.aclose()


class _Trusting(httpcore.AsyncNetworkBackend):
    """Connects with what a name resolves to, the worst of it first."""

    def __init__(self, names: Names, dialer: Dialer) -> None:
        self._names, self._dialer = names, dialer

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's interface
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = [host] if _is_address(host) else map(str, await self._names(host))
        worst = min(addresses, key=lambda address: address in {PUBLIC, PUBLIC_6})
        return await self._dialer.connect_tcp(worst, port, timeout, local_address, socket_options)


def _is_address(host: str) -> bool:
    try:
        return bool(ip_address(host))
    except ValueError:
        return False


async def call(url: str, policy: Policy, names: Names, dialer: Dialer) -> httpx.Response:
    return await _get(url, guarded_transport(policy, resolve=names, network=dialer, ssl_context=SSL))


async def call_unguarded(url: str, names: Names, dialer: Dialer) -> httpx.Response:
    return await _get(url, Unguarded(names, dialer))


async def _get(url: str, transport: httpx.AsyncBaseTransport) -> httpx.Response:
    async with httpx.AsyncClient(transport=transport, follow_redirects=True, max_redirects=1, timeout=5) as client:
        return await client.get(url)
