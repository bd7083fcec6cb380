"""Whether a database that refused a unit takes units again: what ``/readyz`` tries while it is red.

That it answers proves nothing: a database with a full disk still reads, and keeps small rows in pages that it has. So a row is
written that needs room of its own, and removed.
"""

from collections.abc import Awaitable, Callable
from functools import cache
from hashlib import blake2b
from typing import Any

import msgspec

from .tables import Table
from .unit import Unit

_NAME = "probe"
_DIGESTS = 512  # of 128 characters


class _Canary(msgspec.Struct, frozen=True):
    name: str
    sealed: str


_CANARY = Table("canary", _Canary, key=("name",), version=None)


async def probe(run: Callable[[Callable[[Unit], Awaitable[None]]], Awaitable[Any]]) -> None:
    """Write and remove a row, each in a unit. Raises Unavailable."""
    await run(_write)
    await run(_remove)


async def _write(unit: Unit) -> None:
    unit.put(_CANARY, _Canary(_NAME, _incompressible()))


async def _remove(unit: Unit) -> None:
    unit.discard(_CANARY, _NAME)


@cache
def _incompressible() -> str:
    return "".join(blake2b(bytes([n % 256, n // 256])).hexdigest() for n in range(_DIGESTS))
