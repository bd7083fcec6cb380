"""The command line as an operator uses it, and databases for it to work on."""

import asyncio
import contextlib
import logging
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from cordboard.cli.main import main
from cordboard.kernel.settings import Settings
from cordboard.server.compose import System, compose, system_ports
from cordboard.storage.migrate import head, migrations
from cordboard.testkit.exchange import Answer, Request, exchange
from cordboard.testkit.http import basic


class Said(NamedTuple):
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str


class Operator:
    """Calls commands in a folder of their own, with nothing set but what is given."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.database = folder / "cordboard.db"
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        monkeypatch.chdir(folder)

    def __call__(self, *words: str, **given: str) -> Said:
        with self._monkeypatch.context() as patch, _logging_as_it_was():
            for name, value in given.items():
                patch.setenv(f"CORDBOARD_{name}", value)
            patch.setattr(sys, "argv", ["cordboard", *words])
            with pytest.raises(SystemExit) as ended:
                main()
        said = self._capsys.readouterr()
        return Said(int(ended.value.code or 0), said.out, said.err)

    def refusal(self, *words: str, **given: str) -> str:
        """The one sentence with which a command refuses."""
        said = self(*words, **given)
        assert (said.code, said.out, len(said.err.splitlines())) == (2, "", 1), said
        assert said.err.startswith("cordboard: ")
        return said.err

    def doctor(self, *words: str, **given: str) -> dict[str, tuple[bool, str]]:
        """What the doctor found, by what it looked at."""
        said = self("doctor", *words, **given)
        found = {line[4:17].strip(): (line[:2] == "ok", line[19:]) for line in said.out.splitlines()}
        assert said.code == (0 if all(is_well for is_well, _ in found.values()) else 1)
        return found

    def served(self, *names: str, secret_key: str = "") -> list[str]:
        """Start a server once, add an API key of each name, and give the names of all its keys."""

        async def serve() -> list[str]:
            settings = Settings(database=f"sqlite:///{self.database}", secret_key=secret_key)
            system = await compose(settings, system_ports(settings))
            for name in names:
                assert (await call(system, "POST", "/cordboard/v1/Keys", f"FriendlyName={name}")).status == 201
            found = await call(system, "GET", "/cordboard/v1/Keys")
            await system.stop()
            return [key["friendly_name"] for key in found.json["keys"]]

        return asyncio.run(serve())

    def change(self, *statements: str) -> None:
        """Do something to the database behind everybody's back."""
        with contextlib.closing(sqlite3.connect(self.database)) as connection, connection:
            for statement in statements:
                connection.execute(statement)


@contextlib.contextmanager
def _logging_as_it_was() -> Iterator[None]:
    """A command sets up the log of its process, which is that of the tests here."""
    server, root = logging.getLogger("cordboard"), logging.getLogger()
    before = server.level, root.level, root.handlers[:]
    try:
        yield
    finally:
        server.setLevel(before[0])
        root.setLevel(before[1])
        root.handlers[:] = before[2]


def older(path: Path) -> None:
    """A database that lacks the newest migration."""
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE schema_versions (number BIGINT PRIMARY KEY, name TEXT, applied_at BIGINT)")
        for migration in migrations()[: head() - 1]:
            for statement in migration.statements:
                connection.execute(statement)
            connection.execute("INSERT INTO schema_versions VALUES (?, ?, 0)", (migration.number, migration.name))


async def call(system: System, verb: str, path: str, body: str = "") -> Answer:
    """A call with the first account's credentials."""
    headers = [
        (b"host", b"localhost"),
        (b"authorization", basic(*system.first_account).encode()),
        (b"content-type", b"application/x-www-form-urlencoded"),
    ]
    return await exchange(system.app, Request(verb, "http", path, headers, body.encode()))
