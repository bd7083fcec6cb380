"""A page of a list: what was asked for, and what was found.

Paging is by key: a page starts behind the last row of the one before it, so it is stable while rows are added (promise 5 of
the design). ``rest`` reads and writes the tokens, ``storage`` turns a page into SQL; neither knows the other.
"""

from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")

DEFAULT_PAGE_SIZE = 50
MOST_PAGE_SIZE = 1000


class Page(msgspec.Struct, frozen=True):
    """What was asked for: ``size`` rows that follow ``cursor`` in the list's order, or precede it if ``backwards``."""

    size: int = DEFAULT_PAGE_SIZE
    number: int = 0
    cursor: tuple[int | str, ...] | None = None
    backwards: bool = False


class Slice(msgspec.Struct, Generic[T], frozen=True):
    """What was found. ``before`` and ``after`` are cursors of the pages around it, None where there is none."""

    items: list[T]
    before: tuple[int | str, ...] | None = None
    after: tuple[int | str, ...] | None = None
