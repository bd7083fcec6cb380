"""Activities: what a worker can be doing."""

from cordboard.kernel.caller import Caller
from cordboard.kernel.errors import Invalid
from cordboard.kernel.pages import Slice
from cordboard.storage.unit import Unit, View
from cordboard.taskrouter.engine.record import happened
from cordboard.taskrouter.model import Activity, Workspace
from cordboard.taskrouter.store import scope
from cordboard.taskrouter.store.activities import ACTIVITIES
from cordboard.taskrouter.store.selection import refuse_beyond, select
from cordboard.taskrouter.store.task_queues import APPLYING_ACTIVITY
from cordboard.taskrouter.store.workers import IN_ACTIVITY
from cordboard.taskrouter.wire.activities import CreateActivity, ListActivities, OneActivity, UpdateActivity
from cordboard.taskrouter.wire.fields import changes

MOST = 100


async def create(unit: Unit, caller: Caller, form: CreateActivity) -> Activity:
    """A new activity. Names may repeat; workers tell activities by their SIDs."""
    workspace = await scope.home(unit, caller.account_sid, form.workspace_sid)
    await refuse_beyond(unit, ACTIVITIES, "workspace_sid", workspace.sid, MOST)
    return add(unit, workspace, unit.sid("WA"), form.friendly_name, available=form.available)


def add(unit: Unit, workspace: Workspace, sid: str, friendly_name: str, *, available: bool) -> Activity:
    """Make an activity with a SID that the workspace may know already: its first one is its default."""
    activity = unit.insert(
        ACTIVITIES,
        Activity(
            sid=sid,
            version=0,
            account_sid=workspace.account_sid,
            workspace_sid=workspace.sid,
            friendly_name=friendly_name,
            available=available,
            created_at=unit.now,
            updated_at=unit.now,
        ),
    )
    _happened(unit, "activity.created", activity)
    return activity


async def fetch(view: View, caller: Caller, form: OneActivity) -> Activity:
    """One activity."""
    return await scope.within(view, ACTIVITIES, caller.account_sid, form.workspace_sid, form.sid)


async def list_(view: View, caller: Caller, form: ListActivities) -> Slice[Activity]:
    """A page of the workspace's activities."""
    workspace = await scope.workspace_of(view, caller.account_sid, form.workspace_sid)
    filters = {"workspace_sid": workspace.sid, "friendly_name": form.friendly_name, "available": form.available}
    return await view.page(*select(ACTIVITIES, filters), form.page)


async def update(unit: Unit, caller: Caller, form: UpdateActivity) -> Activity:
    """Rename it. Whether it is available never changes."""
    activity = await scope.within(unit, ACTIVITIES, caller.account_sid, form.workspace_sid, form.sid)
    if changed := changes(form, activity, "friendly_name"):
        activity = unit.update(ACTIVITIES, activity, **changed)
        _happened(unit, "activity.updated", activity)
    return activity


async def delete(unit: Unit, caller: Caller, form: OneActivity) -> None:
    """Remove an activity that nothing uses."""
    activity = await scope.hold(unit, ACTIVITIES, caller.account_sid, form.workspace_sid, form.sid)
    workspace = await scope.workspace_of(unit, caller.account_sid, form.workspace_sid)
    if activity.sid == workspace.default_activity_sid:
        raise _in_use(activity, "it is the workspace's DefaultActivitySid")
    if activity.sid == workspace.timeout_activity_sid:
        raise _in_use(activity, "it is the workspace's TimeoutActivitySid")
    if queue := await unit.one(APPLYING_ACTIVITY, workspace.sid, activity.sid, activity.sid):
        raise _in_use(activity, f"task queue {queue.sid} applies it")
    if worker := await unit.one(IN_ACTIVITY, activity.sid):
        raise _in_use(activity, f"worker {worker.sid} is in it")
    unit.delete(ACTIVITIES, activity)
    _happened(unit, "activity.deleted", activity)


async def usable(unit: Unit, workspace_sid: str, parameter: str, sid: str) -> Activity:
    """An activity that this unit begins to use: it cannot be deleted meanwhile. Raises Invalid if it is not there."""
    activity = await unit.get(ACTIVITIES, sid)
    if activity is None or activity.workspace_sid != workspace_sid:
        message = f"Invalid parameter {parameter}: there is no activity {sid} in workspace {workspace_sid}"
        raise Invalid(message)
    unit.guard(ACTIVITIES, activity)
    return activity


def _in_use(activity: Activity, reason: str) -> Invalid:
    return Invalid(f"Activity {activity.sid} cannot be deleted: {reason}")


def _happened(unit: Unit, type_: str, activity: Activity) -> None:
    happened(
        unit,
        type_,
        account_sid=activity.account_sid,
        workspace_sid=activity.workspace_sid,
        resource_sid=activity.sid,
        activity=activity,
    )
