"""A receiver that does what a test tells it: good, slow, silent, rude. It listens on the loopback, in the server's own loop."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from twilio.request_validator import RequestValidator

from cordboard.testkit.running import Cordboard

OK = b"HTTP/1.1 204 No Content\r\n\r\n"
HUGE = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"20000\r\n" + b"x" * 0x20000 + b"\r\n"
GARBAGE = b"whatever you say\r\n\r\n"
SILENCE = b""


def answer(status: int, body: str = "", **headers: str) -> bytes:
    """``content_type`` becomes ``Content-Type``."""
    given = {
        "Content-Length": str(len(body.encode())),
        **{name.replace("_", "-"): each for name, each in headers.items()},
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"HTTP/1.1 {status} Whatever\r\n{lines}\r\n{body}".encode()


def says(body: str, content_type: str = "application/json") -> bytes:
    return answer(200, body, content_type=content_type)


ACCEPT, REJECT = says('{"instruction": "accept"}'), says('{"instruction": "reject"}')


class Call(NamedTuple):
    """One request as it came in."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def form(self) -> dict[str, str]:
        query = urlsplit(self.url).query if self.method == "GET" else self.body.decode()
        return dict(parse_qsl(query, keep_blank_values=True))

    @property
    def token(self) -> str:
        return self.headers["i-twilio-idempotency-token"]

    def is_signed_by(self, auth_token: str) -> bool:
        """What the official library says."""
        is_form = self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
        said: Any = self.form if is_form else self.body.decode() if self.body else {}
        valid: bool = RequestValidator(auth_token).validate(self.url, said, self.headers["x-twilio-signature"])
        return valid


class Gate:
    """Keeps calls waiting for their answer until it is opened."""

    def __init__(self, cordboard: Cordboard, reply: bytes = OK) -> None:
        self._cordboard = cordboard
        self.reply = reply
        self._calls = 0
        self._came = cordboard.call(_event())
        self._opened = cordboard.call(_event())

    async def passed(self) -> bytes:
        self._calls += 1
        self._came.set()
        await self._opened.wait()
        return self.reply

    def wait_for_calls(self, count: int = 1) -> None:
        self._cordboard.call(self._until(count))

    async def _until(self, count: int) -> None:
        while self._calls < count:
            self._came.clear()
            await self._came.wait()

    def open(self) -> None:
        self._cordboard.call(self._open())

    async def _open(self) -> None:
        self._opened.set()


async def _event() -> asyncio.Event:
    return asyncio.Event()


Behaviour = bytes | None | Gate
"""What is sent back; None closes the connection."""
Script = Callable[[Call], Behaviour]


class HostileReceiver:
    """``calls`` are all that came, in their order; ``script`` says what each gets."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.connections = 0
        self.at_once = 0
        self.most_at_once = 0
        self.script: Script = lambda _call: OK
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def forms(self) -> list[dict[str, str]]:
        return [call.form for call in self.calls]

    def told(self, name: str) -> list[str]:
        """One parameter of all calls that have it."""
        return [form[name] for form in self.forms if name in form]

    def behaves(self, *behaviours: Behaviour) -> None:
        """Each call gets the next one, and the last one is for all others."""
        left = list(behaviours)
        self.script = lambda _call: left.pop(0) if len(left) > 1 else left[0]

    async def start(self, place: socket.socket | None = None) -> None:
        """``place`` is bound, to where the receiver shall listen; else it is anywhere."""
        place = place or socket.create_server(("127.0.0.1", 0))
        self._server = await asyncio.start_server(self._serve, sock=place)
        self.port = place.getsockname()[1]

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            while call := await self._read(reader):
                self.calls.append(call)
                self.at_once += 1
                self.most_at_once = max(self.most_at_once, self.at_once)
                behaviour = self.script(call)
                try:
                    if isinstance(behaviour, Gate):
                        behaviour = await behaviour.passed()
                finally:
                    self.at_once -= 1
                if behaviour is None:
                    return
                writer.write(behaviour)
                await writer.drain()
                if behaviour is GARBAGE:
                    return
        except (asyncio.CancelledError, ConnectionError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> Call | None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return None
        start, *lines = head.decode("latin-1").strip().split("\r\n")
        method, target, _ = start.split(" ")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        return Call(method, f"http://{headers['host']}{target}", headers, body)


@contextmanager
def listening(cordboard: Cordboard, place: socket.socket | None = None) -> Iterator[HostileReceiver]:
    receiver = HostileReceiver()
    cordboard.call(receiver.start(place))
    try:
        yield receiver
    finally:
        cordboard.call(receiver.stop())
