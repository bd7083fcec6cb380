"""The database as everybody but the composition sees it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from .nodes import Node
from .tables import Table
from .tally import Tally
from .unit import Unit, View
from .writes import Hear, Settled, Write

T = TypeVar("T")

Work = Callable[[Unit], Awaitable[T]]
Look = Callable[[View], Awaitable[T]]


class Begun(msgspec.Struct, Generic[T], frozen=True):
    """A unit that is carried out. ``settled`` is done when it is on disk, and raises when it never will be.

    Nobody may cancel it, so who awaits it shields it.
    """

    result: T
    settled: "asyncio.Future[Any]"


class Database(Protocol):
    """Runs units and looks. Both raise ``kernel.errors.Unavailable`` when the outside fails; the server goes on.

    On PostgreSQL a unit may have been kept although it raised: when the connection breaks between a commit and its answer, or
    the flush that was to cover it fails. ``tally`` is what the database counts of itself; ``node`` is this process among
    those that share it.
    """

    tally: Tally
    node: Node

    async def run(self, work: Work[T]) -> T:
        """Run a unit; the result comes back when all it wrote is on disk. ``work`` may be called again, at most 5 times."""
        ...

    async def begin(self, work: Work[T]) -> Begun[T]:
        """Run a unit; it comes back once it is carried out, where that is sooner than on disk, and never runs again after that.

        Only for who can take back what he does with it: nobody outside may see anything of it before it is settled.
        """
        ...

    async def read(self, look: Look[T], *, flushed: bool = False) -> T:
        """Read what is committed, outside any unit. ``flushed``: what other nodes wrote is on disk too before it is given."""
        ...

    def listen(self, hear: Callable[[Settled], None]) -> None:
        """Have every settled unit of this process told before its caller is answered, each account's in order of positions.

        Positions may skip: what another node committed, or what was committed when the answer was lost, is not told. Who must
        know everything reads the feed across the hole.
        """
        ...

    def watch(self, hear: Callable[[list[Write]], None], *tables: Table[Any]) -> None:
        """As ``listen``, but only of changes of rows of these tables."""
        ...

    def foresee(self, hear: Hear, lose: Hear, *tables: Table[Any]) -> None:
        """As ``watch``, but told when a unit is carried out, where that is sooner than on disk, and only for who can take it back.

        ``lose`` is told what will not be like that as soon as that is known, and no unit begins between that and its call.
        """
        ...

    async def read_ahead(self, look: Look[T]) -> T:
        """Read all that was foreseen by now, and nothing that is foreseen later; what other nodes wrote is on disk."""
        ...

    async def leisure(self, is_little: Callable[[int], bool]) -> None:
        """Return when the loop has time for work that no answer waits for, or when no flush is to come soon.

        Under load that is while a flush is under way: then all callers wait for it, and the loop would stand idle. But what is little
        beside the units that are about to be flushed, given their number, is done just before, and what it begins is flushed with them.
        """
        ...

    @property
    def busy(self) -> bool:
        """Whether a unit waits, runs or is being committed."""
        ...

    async def check(self) -> str | None:
        """None when the database answers and its schema is at head; else what is wrong, for ``/readyz``."""
        ...

    async def scrub(self) -> None:
        """Have what was overwritten or deleted nowhere in the database's files, as far as this program can; else Unavailable."""
        ...

    async def close(self) -> None:
        """Finish what is under way and let go of files and connections."""
        ...
