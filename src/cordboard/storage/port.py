"""The database as everybody but the composition sees it."""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from .unit import Unit, View
from .writes import Settled

T = TypeVar("T")

Work = Callable[[Unit], Awaitable[T]]
Look = Callable[[View], Awaitable[T]]


class Database(Protocol):
    """Runs units and looks. Both raise ``kernel.errors.Unavailable`` when the outside fails; the server goes on."""

    async def run(self, work: Work[T]) -> T:
        """Run a unit; the result comes back when all it wrote is on disk. ``work`` may be called again, at most 5 times."""
        ...

    async def read(self, look: Look[T]) -> T:
        """Read what is committed, outside any unit."""
        ...

    def listen(self, hear: Callable[[Settled], None]) -> None:
        """Have every settled unit of this process told, in the order of commits, before its caller is answered."""
        ...

    @property
    def busy(self) -> bool:
        """Whether a unit waits, runs or is being committed."""
        ...

    async def check(self) -> str | None:
        """None when the database answers and its schema is at head; else what is wrong, for ``/readyz``."""
        ...

    async def close(self) -> None:
        """Finish what is under way and let go of files and connections."""
        ...
