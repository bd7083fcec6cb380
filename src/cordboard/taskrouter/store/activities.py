"""Activities."""

from collections.abc import Iterable

from cordboard.storage.dialect import among, padded
from cordboard.storage.tables import Table
from cordboard.storage.unit import View
from cordboard.taskrouter.model import Activity

ACTIVITIES = Table("activities", Activity, steady=True)

OF_WORKSPACE = ACTIVITIES.where("workspace_sid = ? ORDER BY created_at, sid")


async def name_of(view: View, sid: str) -> str:
    """The name of an activity that something uses, so that it exists."""
    return (await used(view, sid)).friendly_name


async def used(view: View, sid: str) -> Activity:
    """An activity that something uses. Guards keep it from being deleted, so LookupError is a fault of ours."""
    activity = await view.get(ACTIVITIES, sid)
    if activity is None:
        message = f"activity {sid} is used and is not there"
        raise LookupError(message)
    return activity


async def names_of(view: View, sids: Iterable[str | None]) -> dict[str | None, str]:
    """The names of many activities in one SELECT."""
    wanted = sorted({sid for sid in sids if sid is not None})
    if not wanted:
        return {}
    wanted = padded(wanted)
    found = await view.all(ACTIVITIES.where(among("sid", len(wanted))), *wanted)
    return {activity.sid: activity.friendly_name for activity in found}
