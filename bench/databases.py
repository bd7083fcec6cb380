"""Databases to measure on: SQLite in a file, PostgreSQL from the wheel of the tests. Both flush as in service.

A copy starts each run where the others started. PostgreSQL's files are in the temporary folder, SQLite's in the current one:
both must be on a disk, and better on the same.
"""

import shutil
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from tests.postgres_server import PostgresServer, running_postgres

KINDS = ("sqlite", "postgresql")


class Databases(Protocol):
    name: str

    def empty(self) -> AbstractContextManager[str]:
        """The URL of a new database."""

    def copy(self, url: str) -> AbstractContextManager[str]:
        """The URL of a copy of a database that nobody uses."""


class Sqlite:
    name = "SQLite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count()

    @contextmanager
    def empty(self) -> Iterator[str]:
        file = self._folder / f"{next(self._numbers)}.db"
        yield f"sqlite:///{file}"
        for part in self._folder.glob(f"{file.name}*"):
            part.unlink()

    @contextmanager
    def copy(self, url: str) -> Iterator[str]:
        with self.empty() as copied:
            shutil.copy(url.removeprefix("sqlite:///"), copied.removeprefix("sqlite:///"))
            yield copied


class Postgres:
    name = "PostgreSQL"

    def __init__(self, server: PostgresServer) -> None:
        self._server = server

    @contextmanager
    def empty(self) -> Iterator[str]:
        with self._server.database() as name:
            yield self._server.url(name)

    @contextmanager
    def copy(self, url: str) -> Iterator[str]:
        with self._server.database(urlsplit(url).path.strip("/")) as name:
            yield self._server.url(name)


@contextmanager
def databases(kind: str, folder: Path) -> Iterator[Databases]:
    if kind == "sqlite":
        yield Sqlite(folder)
        return
    with running_postgres(durable=True) as server:
        if server.folder.stat().st_dev != folder.stat().st_dev:
            print(f"the figures differ by disk: {server.folder} is not on that of {folder} (TMPDIR)", file=sys.stderr)
        yield Postgres(server)
