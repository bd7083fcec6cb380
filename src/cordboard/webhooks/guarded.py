"""Connecting to where deliveries may go and to nowhere else: an HTTP transport that judges addresses when it connects.

A name is resolved once for each connection; all its addresses are judged, and one of those is connected to by its number. So DNS
that says another thing the next time (rebinding) changes nothing, and a redirect is a request like the first. A name with one
refused address among good ones is refused: nobody has such a name by accident. A connection that is kept open was judged when
it was made. Proxies of the environment are not used: they would resolve names themselves.

Resolving has threads of its own, for a name whose name servers do not answer holds one for as long as the machine's resolver
waits. Each name has at most one.
"""

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from ipaddress import ip_address

import httpcore
import httpx

from .destinations import Address, Policy, Refused, host_address

Resolve = Callable[[str], Awaitable[Sequence[Address]]]
"""The addresses of a name, best first. Raises OSError where there are none."""

LOOKUPS = 32
# More addresses of a receiver than these are not tried.
_TRIES = 4


class Forbidden(httpx.ConnectError):
    """The policy refuses where a request leads, at first or after a redirect; nothing was connected to."""


def guarded_transport(
    policy: Policy,
    *,
    limits: httpx.Limits | None = None,
    ssl_context: ssl.SSLContext | None = None,
    resolve: Resolve | None = None,
    network: httpcore.AsyncNetworkBackend | None = None,
) -> httpx.AsyncBaseTransport:
    """A transport for ``httpx.AsyncClient`` that raises Forbidden for what ``policy`` refuses.

    ``resolve`` is asked for names, the machine by default; ``network`` is given judged addresses to connect to.
    """
    backend = _Guarded(policy, resolve or Resolver(), network or httpcore.AnyIOBackend())
    limits = limits or httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=5)
    pool = httpcore.AsyncConnectionPool(
        ssl_context or httpx.create_ssl_context(),
        max_connections=limits.max_connections,
        max_keepalive_connections=limits.max_keepalive_connections,
        keepalive_expiry=limits.keepalive_expiry,
        network_backend=backend,
    )
    return _Transport(policy, pool)


def machine_addresses(host: str) -> list[Address]:
    """What the machine's resolver says: ``/etc/hosts``, DNS and whatever else it is set up to ask. Raises OSError. Blocks."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(ip_address(entry[4][0]) for entry in found))


class Resolver:
    """Asks ``addresses``, which blocks, in threads of its own: at most 32, and one for a name."""

    def __init__(self, addresses: Callable[[str], list[Address]] = machine_addresses) -> None:
        self._addresses = addresses
        self._under_way: dict[str, asyncio.Task[list[Address]]] = {}
        self._free = asyncio.Semaphore(LOOKUPS)

    async def __call__(self, host: str) -> list[Address]:
        """See Resolve."""
        lookup = self._under_way.get(host)
        if lookup is None:
            lookup = self._under_way[host] = asyncio.create_task(self._look_up(host), name=f"resolving {host}")
            lookup.add_done_callback(lambda done: self._ended(host, done))
        # Who gives up waiting leaves the lookup to the next one who asks, and its thread counted.
        return await asyncio.shield(lookup)

    def _ended(self, host: str, lookup: "asyncio.Task[list[Address]]") -> None:
        del self._under_way[host]
        if not lookup.cancelled():
            lookup.exception()  # seen, also when nobody waits any more

    async def _look_up(self, host: str) -> list[Address]:
        async with self._free:
            answer: Future[list[Address]] = Future()
            answer.set_running_or_notify_cancel()
            # A daemon: the end of the process does not wait for name servers.
            threading.Thread(target=self._ask, args=(host, answer), name="resolving", daemon=True).start()
            return await asyncio.wrap_future(answer)

    def _ask(self, host: str, answer: Future[list[Address]]) -> None:
        try:
            answer.set_result(self._addresses(host))
        except (OSError, ValueError) as error:
            answer.set_exception(error)


class _Guarded(httpcore.AsyncNetworkBackend):
    """Makes the connections of the pool; a socket file or anything else is refused by the base."""

    def __init__(self, policy: Policy, resolve: Resolve, network: httpcore.AsyncNetworkBackend) -> None:
        self._policy = policy
        self._resolve = resolve
        self._network = network

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to an address of ``host`` that was judged. Raises Refused and what httpcore raises."""
        try:
            async with asyncio.timeout(timeout):
                *others, last = (await self._judged(host))[:_TRIES]
                share = None if timeout is None else timeout / (len(others) + 1)
                for address in others:
                    with contextlib.suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                        return await self._network.connect_tcp(str(address), port, share, local_address, socket_options)
                return await self._network.connect_tcp(str(last), port, share, local_address, socket_options)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"no connection to {host} within {timeout} s") from error

    async def _judged(self, host: str) -> Sequence[Address]:
        address = host_address(host)
        try:
            addresses = [address] if address is not None else await self._resolve(host)
        except (OSError, ValueError) as error:
            raise httpcore.ConnectError(f"{host} cannot be resolved: {error}") from error
        if not addresses:
            raise httpcore.ConnectError(f"{host} has no address")
        for each in addresses:
            self._policy.check_address(host, each)
        return addresses


class _Transport(httpx.AsyncBaseTransport):
    def __init__(self, policy: Policy, pool: httpcore.AsyncConnectionPool) -> None:
        self._policy = policy
        self._pool = pool

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert isinstance(request.stream, httpx.AsyncByteStream)  # noqa: S101 - httpx's own clients see to it
        url = request.url
        with _as_httpx():
            self._policy.check(str(url))
            answer = await self._pool.handle_async_request(
                httpcore.Request(
                    request.method,
                    httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer), extensions=answer.extensions)

    async def aclose(self) -> None:
        await self._pool.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _as_httpx():
            async for part in self._answer.aiter_stream():
                yield part

    async def aclose(self) -> None:
        await self._answer.aclose()


@contextlib.contextmanager
def _as_httpx() -> Iterator[None]:
    """What httpcore and the policy raise as what users of httpx catch; both families have the same names."""
    try:
        yield
    except Refused as refused:
        raise Forbidden(str(refused)) from refused
    except (
        httpcore.TimeoutException,
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.UnsupportedProtocol,
    ) as error:
        raise getattr(httpx, type(error).__name__)(str(error)) from error
