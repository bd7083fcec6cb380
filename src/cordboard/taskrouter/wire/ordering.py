"""``Ordering=DateUpdated:desc,FriendlyName:asc`` of lists.

For which attributes the vendor takes it is documented for tasks only (taskrouter.md 16.5); each list names its own.
"""

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta

from cordboard.kernel.errors import Invalid
from cordboard.storage.tables import Direction

Ordering = Annotated[str, Meta(max_length=256)]

_DIRECTIONS: dict[str, Direction] = {"asc": "ASC", "desc": "DESC"}


def read_ordering(text: str, columns: Mapping[str, str]) -> tuple[tuple[str, Direction], ...]:
    """The columns to order by; ``columns`` gives one for each attribute that may be named. Raises Invalid."""
    order: dict[str, Direction] = {}
    for part in text.split(","):
        attribute, _, direction = part.strip().partition(":")
        if attribute not in columns or direction not in _DIRECTIONS:
            message = f"expected {', '.join(columns)}, each with :asc or :desc, got '{part.strip()[:64]}'"
            raise _refused(message)
        if columns[attribute] in order:
            message = f"{attribute} is named twice"
            raise _refused(message)
        order[columns[attribute]] = _DIRECTIONS[direction]
    return tuple(order.items())


def _refused(reason: str) -> Invalid:
    return Invalid(f"Invalid parameter Ordering: {reason}")
