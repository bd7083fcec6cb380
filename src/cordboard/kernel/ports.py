"""What a unit takes from outside itself besides rows."""

from typing import Any, TypeVar

import msgspec

from .chance import Chance
from .clock import Clock
from .keyring import Keyring
from .sids import Sids

T = TypeVar("T")


class Projections:
    """What this process keeps in memory of the rows, for questions that no SELECT answers at the same cost whatever is there.

    The composition puts them in, one of a kind; a view asks for them. They follow settled units, so they are behind a view's
    rows by what is under way.
    """

    def __init__(self) -> None:
        self._kept: dict[type, Any] = {}

    def keep(self, projection: object) -> None:
        """Have it asked for by its type."""
        self._kept[type(projection)] = projection

    def of(self, kind: type[T]) -> T:
        """The projection of this type."""
        return self._kept[kind]  # type: ignore[no-any-return] # it is kept under its type


class Ports(msgspec.Struct, frozen=True):
    """Time, chance, SIDs and the keys of secrets; tests give movable and seeded ones (design D8). And the projections."""

    clock: Clock
    chance: Chance
    sids: Sids
    keyring: Keyring
    projections: Projections = msgspec.field(default_factory=Projections)
