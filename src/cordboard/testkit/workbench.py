"""What all tests of a session share: the loop's thread, a folder in memory, and the template of every test's database.

A test's database is a copy of a file that already has the schema and the first account, so a test pays for neither. The account
was born long before the time at which tests begin, and its SIDs and secrets are the same in every run.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self

from cordboard.kernel.chance import SeededChance
from cordboard.kernel.clock import parse_iso
from cordboard.kernel.keyring import Keyring, parse_keys
from cordboard.kernel.ports import Ports
from cordboard.kernel.settings import Settings
from cordboard.kernel.sids import Sids
from cordboard.server.compose import System, compose

from .clock import MovableClock
from .faults import Faults
from .loop import LoopThread
from .running import Cordboard

ACCOUNT_SID = "AC00000000000000000000000000000001"
AUTH_TOKEN = "cordboard0token0of0all0the0tests"  # noqa: S105 - a known one is the point
START = "2026-01-01T00:00:00Z"

_SECRET_KEY = "Y29yZGJvYXJkIHRlc3RraXQsIDMyIGJ5dGVzIGxvbmc="  # noqa: S105 - guards nothing
_BORN = "2020-01-01T00:00:00Z"
_IN_MEMORY = Path("/dev/shm")  # noqa: S108 - mkdtemp makes a folder of our own in it


class Workbench:
    """Makes servers. A context manager; the plugin holds one for the session."""

    def __init__(self) -> None:
        self._loop = LoopThread()
        self._folder = _folder_in_memory()
        self._count = 0
        self._template = b""
        self._ending = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.callback(shutil.rmtree, self._folder)
            stack.enter_context(self._loop)
            self._template = self._make_template()
            self._ending = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.close()

    @contextmanager
    def cordboard(
        self, seed: int, start: str = START, database: str | None = None, floor: Path | None = None
    ) -> Iterator[Cordboard]:
        """A server that knows nothing but the first account. ``start`` is ISO 8601. Raises ServerFault at the end.

        ``database`` is the URL of an empty one to run on; without it the server has a SQLite file of its own. ``floor`` is a
        seed file, of which CannotStart is raised if something is wrong with it.
        """
        self._count += 1
        folder = self._folder / str(self._count)
        folder.mkdir()
        try:
            if database is None:
                file = folder / "cordboard.db"
                file.write_bytes(self._template)
                database = f"sqlite:///{file}"
            clock = MovableClock(parse_iso(start))
            with Faults() as faults:
                system = self._loop.call(_start(database, clock, seed, floor))
                running = Cordboard(system, clock, self._loop, faults, seed)
                try:
                    yield running
                finally:
                    running.stop()
            faults.raise_any()
        finally:
            shutil.rmtree(folder)

    def _make_template(self) -> bytes:
        file = self._folder / "template.db"
        self._loop.call(_make(file))
        # The last connection that closes puts the log into the file.
        return file.read_bytes()


async def _start(database: str, clock: MovableClock, seed: int, floor: Path | None = None) -> System:
    chance = SeededChance(seed)
    settings = Settings(
        database=database,
        account_sid=ACCOUNT_SID,
        auth_token=AUTH_TOKEN,
        secret_key=_SECRET_KEY,
        hosts=("*.twilio.com",),
        seed="" if floor is None else str(floor),
        allow_data_loss=True,
    )
    keyring = Keyring(parse_keys(_SECRET_KEY), chance)
    system = await compose(settings, Ports(clock, chance, Sids(clock, chance), keyring))
    await system.start()
    return system


async def _make(file: Path) -> None:
    system = await _start(f"sqlite:///{file}", MovableClock(parse_iso(_BORN)), seed=0)
    await system.settled()
    await system.stop()


def _folder_in_memory() -> Path:
    """A new folder where a flush costs nothing, or in the temporary folder of the machine."""
    try:
        return Path(tempfile.mkdtemp(prefix="cordboard-", dir=_IN_MEMORY))
    except OSError:
        return Path(tempfile.mkdtemp(prefix="cordboard-"))
