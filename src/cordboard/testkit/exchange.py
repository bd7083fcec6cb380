"""One HTTP request to an ASGI application in the same process, without a socket: what uvicorn would hand it."""

import asyncio
from collections.abc import MutableMapping
from functools import cached_property
from typing import Any
from urllib.parse import unquote

import msgspec
from starlette.types import ASGIApp

Headers = list[tuple[bytes, bytes]]


class Request(msgspec.Struct, frozen=True):
    """``target`` is path and query as they stand in the request line; header names are lower-case."""

    method: str
    scheme: str
    target: str
    headers: Headers
    body: bytes


class Answer(msgspec.Struct, frozen=True, dict=True):
    """What came back. Header names are lower-case; a repeated header's values are joined with commas."""

    status: int
    headers: dict[str, str]
    body: bytes

    @cached_property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    @cached_property
    def json(self) -> Any:  # noqa: ANN401 - JSON is any of seven types
        """The body as JSON. Raises msgspec.DecodeError."""
        return msgspec.json.decode(self.body)


async def exchange(app: ASGIApp, request: Request) -> Answer:
    """Send the request and collect the whole answer. Raises what the application raises before it answers."""
    path, _, query = request.target.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": request.scheme,
        "path": unquote(path),
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "root_path": "",
        "headers": request.headers,
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 80),
    }
    status = 0
    headers: dict[str, str] = {}
    body = bytearray()
    answered = asyncio.Event()
    asked = False

    async def receive() -> dict[str, Any]:
        nonlocal asked
        if asked:
            # Only a caller that goes away makes a second message, and this one stays until it has the answer.
            await answered.wait()
            return {"type": "http.disconnect"}
        asked = True
        return {"type": "http.request", "body": request.body, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
            for name, value in message.get("headers", ()):
                known, said = name.decode("latin-1").lower(), value.decode("latin-1")
                headers[known] = f"{headers[known]}, {said}" if known in headers else said
        else:
            body.extend(message.get("body", b""))
            if not message.get("more_body", False):
                answered.set()

    await app(scope, receive, send)
    return Answer(status, headers, bytes(body))
