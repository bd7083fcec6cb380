"""Feeds: what units append, placed one behind the other (design D7).

What a unit appends for an account takes the account's next positions, without a gap. They are taken by the last statement of the
unit, so nobody knows them before; the rows are made from them in SQL or, where the last one is known, in the program.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from .tables import Table, Value


class Appended(Protocol):
    """Something in a feed. ``position`` is set when the unit is flushed."""

    account_sid: str
    position: int


class Feed(msgspec.Struct, frozen=True, eq=False):
    """``rows`` makes the rows of what one unit appends for one account, given the last position that it takes: their values by table.

    Each row has a column ``position``, which is that last one or one of the unit's before it.
    """

    rows: Callable[[Sequence[Any], int], Mapping[Table[Any], Sequence[Sequence[Value]]]]
