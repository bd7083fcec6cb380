"""The processes that share a database, each a *node*, and the *leases* by which only one of them does something at a time."""

import asyncio
import math
from collections.abc import Callable, Mapping
from typing import Protocol

Heard = Callable[[Mapping[str, int]], None]


class Lease:
    """The right of one node to do something. It saves work; guards by version give safety (design D6).

    It ends by itself on ``steady``, seconds of a clock that nobody sets, so a node that stood still for a while finds on waking
    that it holds it no longer.
    """

    def __init__(self, name: str, steady: Callable[[], float], until: float = -math.inf) -> None:
        self.name = name
        self.until = until
        self._steady = steady
        self._gained: list[Callable[[], None]] = []

    @property
    def held(self) -> bool:
        """Whether this node may, as far as it knows."""
        return self._steady() < self.until

    def hold(self, until: float) -> None:
        """It is this node's until then."""
        was_held = self.held
        self.until = until
        if not was_held:
            for tell in self._gained:
                tell()

    def lose(self) -> None:
        """It is another's, or nobody's."""
        self.until = -math.inf

    def listen(self, gained: Callable[[], None]) -> None:
        """Be told each time that this node begins to hold it."""
        self._gained.append(gained)


class Node(Protocol):
    """This process among those that have the database. ``alone``: there can be no other."""

    name: str
    alone: bool

    def lease(self, name: str) -> Lease:
        """Try for this lease from the start on, and keep it."""
        ...

    def listen(self, hear: Heard) -> None:
        """Be told how far other nodes' events are on disk: positions by account SID; nothing means: look for yourself.

        What is told may come late or never; it costs who looks now and then only time.
        """
        ...

    async def start(self) -> None:
        """Join the others. Raises Unavailable."""
        ...

    async def run(self) -> None:
        """Be one of them for ever; when it is cancelled, give back all leases."""
        ...

    @property
    def busy(self) -> bool:
        """Whether it is not known who holds the leases."""
        ...

    @property
    def problem(self) -> str | None:
        """Why this node does not hear of others, if that lasts."""
        ...


class OnlyNode:
    """The one process that has a SQLite file: every lease is its own."""

    name = "only"
    alone = True
    busy = False
    problem = None

    def lease(self, name: str) -> Lease:
        """See Node."""
        return Lease(name, lambda: 0.0, math.inf)

    def listen(self, hear: Heard) -> None:
        """See Node: there is nobody to hear of."""

    async def start(self) -> None:
        """See Node."""

    async def run(self) -> None:
        """See Node."""
        await asyncio.get_running_loop().create_future()
