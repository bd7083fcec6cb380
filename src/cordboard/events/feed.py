"""Reading what happened, by position. ``position > ?`` is the whole protocol (design D7)."""

import msgspec

from cordboard.kernel.errors import Gone
from cordboard.kernel.pages import Page, Slice
from cordboard.storage.tables import Query, Shape
from cordboard.storage.unit import View

from .record import EVENTS, Event

_AFTER = EVENTS.where("account_sid = ? AND position > ? ORDER BY position LIMIT ?")
_BETWEEN = EVENTS.where("account_sid = ? AND position > ? AND position <= ? AND product = ? ORDER BY position LIMIT ?")
_OF_ACCOUNT = EVENTS.listing("account_sid = ?", ("position", "ASC"))
_TAIL = EVENTS.where("account_sid = ? ORDER BY position LIMIT 1")
_OF_RESOURCE = EVENTS.listing("account_sid = ? AND resource_sid = ?", ("position", "ASC"))


async def after(view: View, account_sid: str, position: int, limit: int) -> list[Event]:
    """The next events of an account behind a position. Raises Gone if some of them were removed."""
    await _check_tail(view, account_sid, position)
    return await present_after(view, account_sid, position, limit)


async def between(view: View, account_sid: str, product: str, position: int, last: int, limit: int) -> list[Event]:
    """The next events of a product behind a position, none behind ``last``. Raises Gone as ``after`` does."""
    await _check_tail(view, account_sid, position)
    return await view.all(_BETWEEN, account_sid, position, last, product, limit)


async def present_after(view: View, account_sid: str, position: int, limit: int) -> list[Event]:
    """The next events that are there, whatever was removed before them."""
    return await view.all(_AFTER, account_sid, position, limit)


async def page(view: View, account_sid: str, resource_sid: str | None, page: Page) -> Slice[Event]:
    """A page of an account's events, oldest first, or of those of one resource. Raises Gone as ``after`` does."""
    if page.cursor is not None and not page.backwards and isinstance(page.cursor[0], int):
        await _check_tail(view, account_sid, page.cursor[0])
    if resource_sid is None:
        return await view.page(_OF_ACCOUNT, [account_sid], page)
    return await view.page(_OF_RESOURCE, [account_sid, resource_sid], page)


async def _check_tail(view: View, account_sid: str, position: int) -> None:
    tail = await view.one(_TAIL, account_sid)
    if tail is not None and position + 1 < tail.position:
        message = (
            f"The events from position {position + 1} to {tail.position - 1} were removed. "
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
    "SELECT feed.account_sid, feed.position, MIN(events.position), MAX(events.position), COUNT(events.position) "
    "FROM feed LEFT JOIN events ON events.account_sid = feed.account_sid GROUP BY feed.account_sid, feed.position "
    "HAVING COALESCE(MAX(events.position), 0) <> feed.position "
    "OR MAX(events.position) - MIN(events.position) + 1 <> COUNT(events.position)",
    Shape(Gap),
)
