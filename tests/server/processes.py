"""``cordboard serve`` as a user starts it: another process, flags, an environment, signals."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from cordboard.testkit.http import basic

PATIENCE_S = 20


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """This process's environment without settings of its user's servers."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("CORDBOARD_")}
    # The log goes into a pipe that nobody reads before the end: a line a request would fill it, and stop the server.
    return others | {"CORDBOARD_LOG_LEVEL": "warning"} | dict(given)


class Served:
    """A running server; ``printed`` is what it said first."""

    def __init__(self, folder: Path, *flags: str, **given: str) -> None:
        command = [sys.executable, "-m", "cordboard", "serve", *flags]
        self.process = subprocess.Popen(
            command, cwd=folder, env=environment(given), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        assert self.process.stdout is not None
        self.printed = self.process.stdout.readline() + self.process.stdout.readline()
        assert self.printed.startswith("Cordboard answers at "), self.process.communicate()
        where, who = self.printed.splitlines()
        self.url, self.account_sid = where.split()[-1], who.split()[-1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.communicate()

    @cached_property
    def auth_token(self) -> str:
        """What development mode prints next."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().split()[-1]

    def stop(self) -> tuple[int, str, str]:
        """End it in order; its exit code and what else it said."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        said, complaints = self.process.stdout.read(), self.process.stderr.read()
        return self.process.wait(PATIENCE_S), said, complaints

    def connect(self) -> socket.socket:
        """A plain connection."""
        parts = urlsplit(self.url)
        assert parts.hostname is not None
        return socket.create_connection((parts.hostname, parts.port or 80), timeout=PATIENCE_S)

    def slow_create(self) -> tuple[socket.socket, bytes]:
        """A connection on which half of a call that adds a key has been sent, and the other half."""
        connection = self.connect()
        head, body = key_call(self.account_sid, self.auth_token)
        connection.sendall(head + body[:5])
        # An answer to a second call proves that the server has met the first.
        with self.connect() as other:
            other.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            read_all(other)
        return connection, body[5:]


def key_call(account_sid: str, auth_token: str) -> tuple[bytes, bytes]:
    """Head and body of a call that adds an API key."""
    body = b"FriendlyName=slow"
    head = (
        "POST /cordboard/v1/Keys HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: {basic(account_sid, auth_token)}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode(), body


def read_all(connection: socket.socket) -> bytes:
    """Everything until the other side closes."""
    read = bytearray()
    while chunk := connection.recv(65536):
        read += chunk
    return bytes(read)
