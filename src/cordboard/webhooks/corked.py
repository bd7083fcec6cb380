"""Connections on which a request goes out in one piece.

httpcore writes a request's head, its body and its end one by one, each a system call and a packet: a third of what a call costs. Here
what is written waits until the answer is read, or until there is a lot of it.
"""

import ssl
from collections.abc import Iterable
from typing import Any

import httpcore

_MOST_BYTES = 64 * 1024


class Corking(httpcore.AsyncNetworkBackend):
    """Makes such connections by way of another backend."""

    def __init__(self, network: httpcore.AsyncNetworkBackend) -> None:
        self._network = network

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """See AsyncNetworkBackend."""
        return _Corked(await self._network.connect_tcp(host, port, timeout, local_address, socket_options))


class _Corked(httpcore.AsyncNetworkStream):
    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream
        self._unsent = bytearray()

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - as above
        await self._send(timeout)
        return await self._stream.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - as above
        self._unsent += buffer
        if len(self._unsent) > _MOST_BYTES:
            await self._send(timeout)

    async def _send(self, timeout: float | None) -> None:  # noqa: ASYNC109 - as above
        if self._unsent:
            unsent = bytes(self._unsent)
            self._unsent.clear()
            await self._stream.write(unsent, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - as above
    ) -> httpcore.AsyncNetworkStream:
        return _Corked(await self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - the interface is httpcore's
        return self._stream.get_extra_info(info)
