"""Invites."""

from cordboard.flex.model import Invite
from cordboard.storage.tables import Table
from cordboard.storage.unit import View

INVITES = Table("flex_invites", Invite)

OF_CHANNEL = INVITES.listing("channel_sid = ?", ("created_at", "ASC"))
_ALL = INVITES.where("channel_sid = ? ORDER BY created_at, sid")
_NEWEST = INVITES.where("channel_sid = ? ORDER BY created_at DESC, sid DESC LIMIT 1")
_BY_TASK = INVITES.where("task_sid = ?")


async def of(view: View, channel_sid: str) -> list[Invite]:
    """All invites of a channel, oldest first."""
    return await view.all(_ALL, channel_sid)


async def newest(view: View, channel_sid: str) -> Invite | None:
    """The last invite of a channel."""
    return await view.one(_NEWEST, channel_sid)


async def by_task(view: View, task_sid: str) -> Invite | None:
    """The invite that made a task; None for a task of TaskRouter's own."""
    return await view.one(_BY_TASK, task_sid)
