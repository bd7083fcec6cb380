"""Removing old events: from the tail of each account's journal only, and never its newest entry, so what is left has no gap."""

import msgspec

from cordboard.storage.slices import OWNERS, ROWS
from cordboard.storage.tables import Query, Shape
from cordboard.storage.unit import Unit

from .journal import JOURNAL, JOURNAL_INDEX


class _Feed(msgspec.Struct, frozen=True):
    account_sid: str
    position: int


_WITH_OLD_TAIL = Query(
    "SELECT feed.account_sid, feed.position FROM feed JOIN journal ON journal.account_sid = feed.account_sid "
    "AND journal.position = (SELECT MIN(tail.position) FROM journal AS tail WHERE tail.account_sid = feed.account_sid) "
    "WHERE journal.at < ? AND journal.position < feed.position LIMIT ?",
    Shape(_Feed),
)
_TAIL = JOURNAL.where("account_sid = ? AND position < ? ORDER BY position LIMIT ?")


async def sweep_events(unit: Unit, before: int) -> int:
    """One slice of what happened before then; returns how many rows went. The first younger one of an account ends its slice."""
    removed = 0
    for feed in await unit.all(_WITH_OLD_TAIL, before, OWNERS):
        for entry in await unit.all(_TAIL, feed.account_sid, feed.position, OWNERS):
            resources = {sid for event in entry.events() for sid in (event.resource_sid, *event.related)}
            if entry.at >= before or removed + len(resources) >= ROWS:
                break
            for resource_sid in resources:
                unit.discard(JOURNAL_INDEX, entry.account_sid, resource_sid, entry.position)
            unit.discard(JOURNAL, feed.account_sid, entry.position)
            removed += 1 + len(resources)
    return removed
