"""Removing old events: from the tail of each account's feed only, and never its newest, so what is left has no gap."""

import msgspec

from cordboard.storage.slices import OWNERS, ROWS
from cordboard.storage.tables import Query, Shape
from cordboard.storage.unit import Unit

from .record import EVENTS


class _Feed(msgspec.Struct, frozen=True):
    account_sid: str
    position: int


class _Place(msgspec.Struct, frozen=True):
    position: int
    at: int


_WITH_OLD_TAIL = Query(
    "SELECT feed.account_sid, feed.position FROM feed JOIN events ON events.account_sid = feed.account_sid "
    "AND events.position = (SELECT MIN(tail.position) FROM events AS tail WHERE tail.account_sid = feed.account_sid) "
    "WHERE events.at < ? AND events.position < feed.position LIMIT ?",
    Shape(_Feed),
)
_TAIL = Query(
    "SELECT position, at FROM events WHERE account_sid = ? AND position < ? ORDER BY position LIMIT ?", Shape(_Place)
)


async def sweep_events(unit: Unit, before: int) -> int:
    """One slice of what happened before then; returns how many events went. The first younger one of a feed ends its slice."""
    removed = 0
    for feed in await unit.all(_WITH_OLD_TAIL, before, OWNERS):
        for place in await unit.all(_TAIL, feed.account_sid, feed.position, ROWS - removed):
            if place.at >= before:
                break
            unit.discard(EVENTS, feed.account_sid, place.position)
            removed += 1
        if removed >= ROWS:
            break
    return removed
