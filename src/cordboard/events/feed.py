"""Reading what happened, by position. ``position > ?`` is the whole protocol (design D7)."""

from collections.abc import AsyncIterator, Callable

import msgspec

from cordboard.kernel.errors import Gone, Invalid
from cordboard.kernel.pages import Page, Slice
from cordboard.storage.tables import Direction, Query, Shape
from cordboard.storage.unit import View

from .journal import JOURNAL, Entry, Event, position_of

_AFTER = JOURNAL.where("account_sid = ? AND position > ? ORDER BY position LIMIT ?")
_AT = JOURNAL.where("account_sid = ? AND position >= ? ORDER BY position LIMIT 1")
_TAIL = JOURNAL.where("account_sid = ? ORDER BY position LIMIT 1")
_HEAD = JOURNAL.where("account_sid = ? ORDER BY position DESC LIMIT 1")

_ENTRIES = 50  # read at a time
_LAST = (1 << 63) - 1
# Events are in the order of commits; their times are too, but for a clock that was set back by no more than this (ms).
_SET_BACK = 3_600_000


def _range(direction: Direction) -> dict[bool, Query[Entry]]:
    """Entries between two positions, all or those that tell of a resource. Arguments: the SID, both positions, how many."""
    columns = ", ".join(f"journal.{column}" for column in JOURNAL.fields)
    told_of = (
        f"SELECT {columns} FROM journal_index JOIN journal ON journal.account_sid = journal_index.account_sid "
        "AND journal.position = journal_index.position WHERE journal_index.account_sid = ? AND journal_index.resource_sid = ? "
        "AND journal_index.position >= ? AND journal_index.position <= ? "
        f"ORDER BY journal_index.position {direction} LIMIT ?"
    )
    all_ = JOURNAL.where(f"account_sid = ? AND position >= ? AND position <= ? ORDER BY position {direction} LIMIT ?")
    return {True: Query(told_of, JOURNAL), False: all_}


_RANGES = {"ASC": _range("ASC"), "DESC": _range("DESC")}


async def after(view: View, account_sid: str, position: int, limit: int) -> list[Event]:
    """The next events of an account behind a position. Raises Gone if some of them were removed."""
    await _check_tail(view, account_sid, position)
    events: list[Event] = []
    async for entry in _entries(view, account_sid, None, position + 1, _LAST, "ASC"):
        events += (event for event in entry.events() if event.position > position)
        if len(events) >= limit:
            break
    return events[:limit]


async def between(view: View, account_sid: str, product: str, position: int, last: int, limit: int) -> list[Event]:
    """The next events of a product behind a position, none behind ``last``. Raises Gone as ``after`` does."""
    await _check_tail(view, account_sid, position)
    events: list[Event] = []
    async for entry in _entries(view, account_sid, None, position + 1, _LAST, "ASC"):
        events += (found for found in entry.events() if position < found.position <= last and found.product == product)
        if len(events) >= limit or entry.position >= last:
            break
    return events[:limit]


async def entries_after(view: View, account_sid: str, position: int, limit: int) -> list[Entry]:
    """The next entries that are there, whatever was removed before them."""
    return await view.all(_AFTER, account_sid, position, limit)


async def find(view: View, account_sid: str, event_sid: str) -> Event | None:
    """One event."""
    position = position_of(account_sid, event_sid)
    entry = await view.one(_AT, account_sid, position) if position is not None else None
    if entry is None or position is None or position < entry.first:
        return None
    return entry.events()[position - entry.first]


class Wanted(msgspec.Struct, frozen=True):
    """Which events a page shows: those of a resource or related to it, recorded from a time up to another, that ``keep`` takes."""

    resource_sid: str | None = None
    since: int | None = None
    until: int | None = None
    keep: Callable[[Event], bool] | None = None

    def takes(self, event: Event) -> bool:
        """Whether an event is among them."""
        sid = self.resource_sid
        return (
            (sid is None or sid == event.resource_sid or sid in event.related)
            and (self.since is None or event.at >= self.since)
            and (self.until is None or event.at <= self.until)
            and (self.keep is None or self.keep(event))
        )


async def page(view: View, account_sid: str, wanted: Wanted, page: Page, *, newest_first: bool = False) -> Slice[Event]:
    """A page of an account's events. Raises Gone as ``after`` does, Invalid for a cursor that is none of this list."""
    low, high = 0, _LAST
    if wanted.since is not None:
        low = await _place_at(view, account_sid, wanted.since - _SET_BACK)
    if wanted.until is not None:
        high = await _place_at(view, account_sid, wanted.until + _SET_BACK)
    falling = page.backwards != newest_first
    read_up_to: int | None = None
    if page.cursor is not None:
        read_up_to = _position(page.cursor)
        if falling:
            high = min(high, await _place_of(view, account_sid, read_up_to))
        else:
            low = max(low, read_up_to + 1)
        if not falling and not page.backwards:
            await _check_tail(view, account_sid, read_up_to)
    found: list[Event] = []
    async for entry in _entries(view, account_sid, wanted.resource_sid, low, high, "DESC" if falling else "ASC"):
        for event in reversed(entry.events()) if falling else entry.events():
            is_behind = read_up_to is None or (event.position < read_up_to if falling else event.position > read_up_to)
            if is_behind and wanted.takes(event):
                found.append(event)
        if len(found) > page.size:
            break
    return page.cut(found, lambda event: (event.position,))


def _position(cursor: tuple[int | str, ...]) -> int:
    match cursor:
        case (int(position),):
            return position
    message = "Invalid parameter PageToken: it belongs to a list in another order"
    raise Invalid(message)


async def _entries(
    view: View, account_sid: str, resource_sid: str | None, low: int, high: int, direction: Direction
) -> AsyncIterator[Entry]:
    """Entries in a range of positions, read in little batches for as long as somebody asks."""
    query = _RANGES[direction][resource_sid is not None]
    of = [account_sid] if resource_sid is None else [account_sid, resource_sid]
    while low <= high:
        batch = await view.all(query, *of, low, high, _ENTRIES)
        for entry in batch:
            yield entry
        if len(batch) < _ENTRIES:
            return
        low, high = (batch[-1].position + 1, high) if direction == "ASC" else (low, batch[-1].position - 1)


async def _place_of(view: View, account_sid: str, position: int) -> int:
    """Where the entry stands that has the event at a position, or the first one behind it."""
    entry = await view.one(_AT, account_sid, position)
    return entry.position if entry is not None else _LAST


async def _place_at(view: View, account_sid: str, at: int) -> int:
    """Where the first entry from a time on stands, found by halving."""
    tail, head = await view.one(_TAIL, account_sid), await view.one(_HEAD, account_sid)
    if tail is None or head is None or head.at < at:
        return _LAST
    low, high = tail.position, head.position
    while low < high:
        middle = (low + high) // 2
        entry = await view.one(_AT, account_sid, middle)
        if entry is None or entry.at >= at:
            high = middle
        else:
            low = entry.position + 1
    return await _place_of(view, account_sid, low)


async def _check_tail(view: View, account_sid: str, position: int) -> None:
    tail = await view.one(_TAIL, account_sid)
    if tail is not None and position + 1 < tail.first:
        message = (
            f"The events from position {position + 1} to {tail.first - 1} were removed. "
            "Ask without PageToken for those that are there."
        )
        raise Gone(message)


class Gap(msgspec.Struct, frozen=True):
    """An account whose feed is not whole: ``first`` to ``last`` are ``count`` events, and ``position`` was the last one taken."""

    account_sid: str
    position: int
    first: int | None
    last: int | None
    count: int


# Old events may have been removed, but never an account's newest; so what is there must be whole up to the feed's position.
GAPS = Query(
    "SELECT feed.account_sid, feed.position, MIN(journal.position - journal.count + 1), MAX(journal.position), "
    "CAST(COALESCE(SUM(journal.count), 0) AS BIGINT) FROM feed LEFT JOIN journal ON journal.account_sid = feed.account_sid "
    "GROUP BY feed.account_sid, feed.position HAVING COALESCE(MAX(journal.position), 0) <> feed.position "
    "OR MAX(journal.position) - MIN(journal.position - journal.count) <> SUM(journal.count)",
    Shape(Gap),
)
