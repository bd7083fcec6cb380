"""The disk of a real server is full, or its file is locked, under load: 503, red, and then on without a restart."""

import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Protocol

import httpx
import pytest

from tests.crashes.test_rounds import AUTH, CREDENTIALS, sqlite_database
from tests.server.processes import PATIENCE_S, Served, environment

from .callers import Callers, served

MB = 1 << 20


class Disk(Protocol):
    """Where a database lies."""

    folder: Path

    def fill(self, server: Served) -> None:
        """No room any more for what the server writes."""

    def free(self, server: Served) -> None:
        """Room again."""


class SmallDisk:
    """A file system of its own: a write fails with ENOSPC, the nearest to a disk that is full."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self, _server: Served) -> None:
        with self._ballast.open("wb", buffering=0) as ballast:
            try:
                while ballast.write(bytes(4096)):
                    pass
            except OSError:
                pass

    def free(self, _server: Served) -> None:
        self._ballast.unlink()


class LimitedFiles:
    """Every write to a file fails, with EFBIG. Everybody may do that to his own processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self, server: Served) -> None:
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))

    def free(self, server: Served) -> None:
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Path]:
    """A file system in memory. Only root may make one: others have the limit on files, which the tests below try too."""
    mounted = folder / "disk"
    mounted.mkdir()
    mount = shutil.which("mount")
    options = f"size={size // MB}m,mode=1777"
    if (
        os.geteuid()
        or mount is None
        or subprocess.run([mount, "-t", "tmpfs", "-o", options, "tmpfs", mounted], check=False).returncode
    ):
        pytest.skip("only root may mount a small disk; the limit on the size of files proves the same")
    try:
        yield mounted
    finally:
        subprocess.run(["umount", "-l", mounted], check=True)


@pytest.fixture(params=[pytest.param("small disk", marks=pytest.mark.nightly), "limited files"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    if request.param == "limited files":
        yield LimitedFiles(tmp_path)
        return
    with small_disk(tmp_path, 24 * MB) as folder:
        yield SmallDisk(folder)


def test_a_full_disk_refuses_calls_loses_nothing_and_needs_no_restart(disk: Disk) -> None:
    with (
        sqlite_database(disk.folder) as (url, select),
        served(disk.folder, url) as server,
        Callers(server.url) as callers,
    ):
        disk.fill(server)
        callers.until_refused(30)
        assert "the database fails: " in callers.until_unready()
        disk.free(server)
        callers.until_ready()
        callers.more(10)
        callers.finish(select)


def test_a_database_that_another_process_locks_refuses_calls_and_goes_on_when_it_lets_go(tmp_path: Path) -> None:
    with (
        sqlite_database(tmp_path) as (url, select),
        served(tmp_path, url) as server,
        Callers(server.url) as callers,
        closing(sqlite3.connect(tmp_path / "crashes.db", isolation_level=None, timeout=PATIENCE_S)) as other,
    ):
        for _ in range(2):
            other.execute("BEGIN IMMEDIATE")
            callers.until_refused(20)
            assert "the database fails: database is locked" in callers.until_unready()
            other.execute("ROLLBACK")
            callers.until_ready()
            callers.more(5)
        callers.finish(select)


def test_a_new_database_that_is_locked_at_the_start_is_a_sentence_and_nothing_is_made(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "cordboard.db", isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("BEGIN IMMEDIATE")
        ended = subprocess.run(
            [sys.executable, "-m", "cordboard", "serve", "--port", "0"],
            cwd=tmp_path,
            env=environment(CREDENTIALS),
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        other.execute("ROLLBACK")
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == []
    assert (ended.returncode, ended.stdout) == (2, "")
    (sentence,) = ended.stderr.splitlines()
    assert "database is locked" in sentence


def test_a_database_that_is_locked_at_the_start_is_read_and_is_written_when_it_is_let_go(tmp_path: Path) -> None:
    with sqlite_database(tmp_path) as (url, _):
        with served(tmp_path, url):
            pass
        with closing(sqlite3.connect(tmp_path / "crashes.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with served(tmp_path, url) as server, httpx.Client(base_url=server.url, auth=AUTH) as client:
                assert client.get("/v1/Workspaces").json()["workspaces"] == []
                assert client.post("/v1/Workspaces", data={"FriendlyName": "locked"}).status_code == 503
                assert client.get("/readyz").status_code == 503
                other.execute("ROLLBACK")
                assert client.get("/readyz").status_code == 200
                assert client.post("/v1/Workspaces", data={"FriendlyName": "open"}).status_code == 201
