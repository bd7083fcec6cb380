"""A whole server without its socket: what tests drive in their own process and ``serving`` puts behind a port."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import NamedTuple, Protocol

from cordboard.kernel.ports import Ports
from cordboard.kernel.settings import Settings
from cordboard.rest.app import RestApp
from cordboard.storage.port import Database
from cordboard.storage.unit import Unit
from cordboard.timers.loop import Timers

from .app import OuterApp
from .line import Line
from .metrics import LATE_MS
from .seed.applying import Applied

_log = logging.getLogger(__name__)


class Credentials(NamedTuple):
    """The first account's SID and auth token."""

    account_sid: str
    auth_token: str

    def __repr__(self) -> str:
        return f"Credentials({self.account_sid})"


class Follower(Protocol):
    """What follows units and acts on what they change, such as TaskRouter's router."""

    async def start(self) -> None:
        """Catch up with the rows that are there."""
        ...

    async def run(self) -> None:
        """Follow for ever."""
        ...

    @property
    def busy(self) -> bool:
        """Whether something that has happened has not been acted on yet."""
        ...

    @property
    def problem(self) -> str | None:
        """Why the server is not ready, in a sentence."""
        ...


class System:
    """``app`` is the ASGI callable; ``first_start``: the first account was made just now; ``seeded``: what a seed file did.

    ``followers`` have the names by which it is told that one has stopped; in ``lines`` calls wait for the database.
    """

    def __init__(
        self,
        settings: Settings,
        ports: Ports,
        db: Database,
        timers: Timers,
        followers: Mapping[str, Follower],
        rest: RestApp,
        app: OuterApp,
        first_account: Credentials,
        *,
        lines: Iterable[Line],
        first_start: bool,
        seeded: Applied | None,
    ) -> None:
        self.settings = settings
        self.ports = ports
        self.db = db
        self.timers = timers
        self.rest = rest
        self.first_account = first_account
        self.first_start = first_start
        self.seeded = seeded
        self.app = app
        app.problems = self.problems
        self.stopping = False
        self._followers = followers
        self._lines = tuple(lines)
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Start alarms and routing."""
        await self.timers.start()
        for follower in self._followers.values():
            await follower.start()
        self._tasks = [_watch("alarms", self.timers.run)]
        self._tasks += [_watch(name, follower.run) for name, follower in self._followers.items()]

    async def stop(self) -> None:
        """Stop alarms and routing, finish what is being committed, and let go of the database."""
        self.stopping = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.db.close()

    @property
    def busy(self) -> bool:
        """Whether a request, a unit, a due alarm or a routing turn is under way."""
        return (
            self.app.running > 0
            or self.db.busy
            or self.timers.busy
            or any(follower.busy for follower in self._followers.values())
        )

    async def settled(self) -> None:
        """Return once nothing is under way (design D15)."""
        while self.busy:
            # A unit that wants nothing is answered when everything that waited before it is on disk.
            await self.db.run(_nothing)

    async def problems(self) -> list[str]:
        """Why the server is not ready: a sentence each, none when it is."""
        if self.stopping:
            return ["the server is stopping"]
        found = [f"{task.get_name()} stopped by a fault" for task in self._tasks if task.done()]
        wrong = await self.db.check()
        if wrong is not None:
            found.append(f"the database fails: {wrong}")
        told = [part.problem for parts in (self._followers.values(), self._lines) for part in parts]
        found += [problem for problem in told if problem is not None]
        due_at = self.timers.next_due_at
        if due_at is not None and due_at + LATE_MS < self.ports.clock.now():
            found.append("alarms are late")
        return found


async def _nothing(_unit: Unit) -> None:
    """The unit that ``settled`` waits with."""


def _watch(name: str, run: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
    async def watched() -> None:
        try:
            await run()
        except Exception:
            _log.exception("%s stopped by a fault; the server is not ready until it is started again", name)
            raise

    return asyncio.get_running_loop().create_task(watched(), name=name)
