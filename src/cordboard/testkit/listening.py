"""A Cordboard in the test process that also listens, for programs that cannot be called without a socket."""

import asyncio
import socket

import uvicorn
from starlette.types import ASGIApp

from cordboard.server.serving import http_config

from .loop import LoopThread


class Listening:
    """Serves an application at a free port of the loopback until it is stopped."""

    def __init__(self, app: ASGIApp, loop: LoopThread) -> None:
        self._loop = loop
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._server = uvicorn.Server(http_config(app))
        # Connections are accepted from here on: until the task runs they wait in the socket's queue.
        self._task = loop.call(self._serve())

    @property
    def url(self) -> str:
        """``http://127.0.0.1:<port>``."""
        host, port = self._socket.getsockname()
        return f"http://{host}:{port}"

    def stop(self) -> None:
        """Let go of the port and of all connections, whatever is under way on them."""
        self._loop.call(self._end())

    async def _serve(self) -> "asyncio.Task[None]":
        return asyncio.get_running_loop().create_task(self._server.serve(sockets=[self._socket]), name="listening")

    async def _end(self) -> None:
        # uvicorn's own way to stop takes 0.2 s, to be kind to callers that a test does not have any more.
        self._task.cancel()
        await asyncio.wait([self._task])
        if self._server.started:
            for server in self._server.servers:
                server.close()
        for connection in list(self._server.server_state.connections):
            connection.transport.close()
        self._socket.close()
