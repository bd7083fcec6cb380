"""Reading what happened, by position. ``position > ?`` is the whole protocol (design D7)."""

from cordboard.kernel.pages import Page, Slice
from cordboard.storage.unit import View

from .record import EVENTS, Event

_AFTER = EVENTS.where("account_sid = ? AND position > ? ORDER BY position LIMIT ?")
_OF_ACCOUNT = EVENTS.listing("account_sid = ?", ("position", "ASC"))
_OF_RESOURCE = EVENTS.listing("account_sid = ? AND resource_sid = ?", ("position", "ASC"))


async def after(view: View, account_sid: str, position: int, limit: int) -> list[Event]:
    """The next events of an account behind a position."""
    return await view.all(_AFTER, account_sid, position, limit)


async def page(view: View, account_sid: str, resource_sid: str | None, page: Page) -> Slice[Event]:
    """A page of an account's events, oldest first, or of those of one resource."""
    if resource_sid is None:
        return await view.page(_OF_ACCOUNT, [account_sid], page)
    return await view.page(_OF_RESOURCE, [account_sid, resource_sid], page)
