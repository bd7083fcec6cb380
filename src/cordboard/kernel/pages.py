"""A page of a list: what was asked for, and what was found.

Paging is by key: a page starts behind the last row of the one before it, so it is stable while rows are added (promise 5 of
the design). ``rest`` reads and writes the tokens, ``storage`` turns a page into SQL; neither knows the other.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")

DEFAULT_PAGE_SIZE = 50
MOST_PAGE_SIZE = 1000


class Slice(msgspec.Struct, Generic[T], frozen=True):
    """What was found. ``before`` and ``after`` are cursors of the pages around it, None where there is none."""

    items: list[T]
    before: tuple[int | str, ...] | None = None
    after: tuple[int | str, ...] | None = None


class Page(msgspec.Struct, frozen=True):
    """What was asked for: ``size`` rows that follow ``cursor`` in the list's order, or precede it if ``backwards``."""

    size: int = DEFAULT_PAGE_SIZE
    number: int = 0
    cursor: tuple[int | str, ...] | None = None
    backwards: bool = False

    def cut(self, found: list[T], cursor_of: Callable[[T], tuple[int | str, ...]]) -> Slice[T]:
        """What was found in this page's direction; one more than it holds shows that there is another page."""
        more = len(found) > self.size
        found = found[: self.size]
        if self.backwards:
            found.reverse()
        if not found:
            return Slice(found)
        came_from_before = self.cursor is not None and not self.backwards
        came_from_behind = self.cursor is not None and self.backwards
        return Slice(
            found,
            before=cursor_of(found[0]) if came_from_before or (self.backwards and more) else None,
            after=cursor_of(found[-1]) if came_from_behind or (not self.backwards and more) else None,
        )
