"""Statistics of tasks: of a workspace, its queues and its workflows. How it stands is counted in memory, what happened is in rows."""

from collections.abc import Sequence

from msgspec.structs import replace

from cordboard.kernel.caller import Caller
from cordboard.kernel.pages import Slice
from cordboard.kernel.sids import is_sid
from cordboard.storage.unit import View
from cordboard.taskrouter.engine.floors import Floors
from cordboard.taskrouter.engine.rooms import Room
from cordboard.taskrouter.engine.statistics_answers import count_workers, happened, standing
from cordboard.taskrouter.engine.statistics_reading import totals
from cordboard.taskrouter.model import Activity
from cordboard.taskrouter.store import activities, scope
from cordboard.taskrouter.store.selection import select
from cordboard.taskrouter.store.statistics import SECOND
from cordboard.taskrouter.store.task_channels import BY_UNIQUE_NAME
from cordboard.taskrouter.store.task_queues import TASK_QUEUES
from cordboard.taskrouter.store.workflows import WORKFLOWS
from cordboard.taskrouter.wire.statistics import (
    BulkRealTime,
    ListTaskQueuesStatistics,
    TaskQueueRealTime,
    TaskQueueStatistics,
    WorkflowRealTime,
    WorkflowStatistics,
    WorkspaceRealTime,
    WorkspaceStatistics,
    read_thresholds,
    read_window,
)
from cordboard.taskrouter.wire.statistics_answers import (
    TASK_QUEUE,
    WORKFLOW,
    WORKSPACE,
    BulkStatistics,
    RealTime,
    Statistics,
)

_NO_CHANNEL = "none"  # the SID of no task channel


async def real_time_of_workspace(
    view: View, caller: Caller, form: WorkspaceRealTime | WorkspaceStatistics
) -> Statistics:
    """How a workspace stands."""
    return await _stands(view, await _workspace(view, caller, form), form.task_channel)


async def cumulative_of_workspace(view: View, caller: Caller, form: WorkspaceStatistics) -> Statistics:
    """What happened in a workspace."""
    return await _happened(view, await _workspace(view, caller, form), form)


async def of_workspace(view: View, caller: Caller, form: WorkspaceStatistics) -> Statistics:
    """Both."""
    return await _happened(view, await real_time_of_workspace(view, caller, form), form)


async def real_time_of_task_queue(
    view: View, caller: Caller, form: TaskQueueRealTime | TaskQueueStatistics
) -> Statistics:
    """How a queue stands."""
    return await _stands(view, await _task_queue(view, caller, form), form.task_channel)


async def cumulative_of_task_queue(view: View, caller: Caller, form: TaskQueueStatistics) -> Statistics:
    """What happened in a queue."""
    return await _happened(view, await _task_queue(view, caller, form), form)


async def of_task_queue(view: View, caller: Caller, form: TaskQueueStatistics) -> Statistics:
    """Both."""
    return await _happened(view, await real_time_of_task_queue(view, caller, form), form)


async def real_time_of_workflow(view: View, caller: Caller, form: WorkflowRealTime | WorkflowStatistics) -> Statistics:
    """How a workflow stands."""
    return await _stands(view, await _workflow(view, caller, form), form.task_channel)


async def cumulative_of_workflow(view: View, caller: Caller, form: WorkflowStatistics) -> Statistics:
    """What happened in a workflow."""
    return await _happened(view, await _workflow(view, caller, form), form)


async def of_workflow(view: View, caller: Caller, form: WorkflowStatistics) -> Statistics:
    """Both."""
    return await _happened(view, await real_time_of_workflow(view, caller, form), form)


async def list_of_task_queues(view: View, caller: Caller, form: ListTaskQueuesStatistics) -> Slice[Statistics]:
    """Both, of a page of the workspace's queues."""
    workspace = await scope.workspace_of(view, caller.account_sid, form.workspace_sid)
    window, thresholds = read_window(form, view.now), read_thresholds(form.split_by_wait_time)
    listing, arguments = select(TASK_QUEUES, {"workspace_sid": workspace.sid, "friendly_name": form.friendly_name})
    found = await view.page(listing, arguments, form.page)
    channel_sid = await channel_of(view, workspace.sid, form.task_channel)
    here = await view.all(activities.OF_WORKSPACE, workspace.sid)
    sids = [queue.sid for queue in found.items]
    part = [(window.start, window.end + SECOND)]
    sums = await totals(view, caller.account_sid, workspace.sid, sids, part, channel_sid, splits=bool(thresholds))
    items = [
        Statistics(
            kind=TASK_QUEUE,
            account_sid=caller.account_sid,
            workspace_sid=workspace.sid,
            sid=sid,
            real_time=_real_time(view, workspace.sid, sid, channel_sid, here),
            cumulative=happened(window, sums[sid][0], thresholds),
        )
        for sid in sids
    ]
    return Slice(items, found.before, found.after)


async def real_time_of_task_queues(view: View, caller: Caller, form: BulkRealTime) -> BulkStatistics:
    """How several queues stand, as often as they are named; one that is not in the workspace stands at nought."""
    workspace = await scope.workspace_of(view, caller.account_sid, form.workspace_sid)
    here = await view.all(activities.OF_WORKSPACE, workspace.sid)
    return BulkStatistics(
        caller.account_sid,
        workspace.sid,
        [
            Statistics(
                kind=TASK_QUEUE,
                account_sid=caller.account_sid,
                workspace_sid=workspace.sid,
                sid=sid,
                real_time=_real_time(view, workspace.sid, sid, None, here),
            )
            for sid in form.queue_sids
        ],
    )


async def channel_of(view: View, workspace_sid: str, sid_or_name: str | None) -> str | None:
    """The SID of the task channel that is asked for; None for all of them. Of one that is not there nothing is told."""
    if sid_or_name is None or is_sid(sid_or_name, "TC"):
        return sid_or_name
    channel = await view.one(BY_UNIQUE_NAME, workspace_sid, sid_or_name)
    return _NO_CHANNEL if channel is None else channel.sid


def room_of(view: View, workspace_sid: str) -> Room | None:
    """The workspace in memory; None while this node has not heard of it."""
    return view.ports.projections.of(Floors).rooms.get(workspace_sid)


async def _workspace(view: View, caller: Caller, form: WorkspaceRealTime | WorkspaceStatistics) -> Statistics:
    workspace = await scope.workspace_of(view, caller.account_sid, form.workspace_sid)
    return Statistics(kind=WORKSPACE, account_sid=caller.account_sid, workspace_sid=workspace.sid, sid=workspace.sid)


async def _task_queue(view: View, caller: Caller, form: TaskQueueRealTime | TaskQueueStatistics) -> Statistics:
    queue = await scope.within(view, TASK_QUEUES, caller.account_sid, form.workspace_sid, form.task_queue_sid)
    return Statistics(kind=TASK_QUEUE, account_sid=caller.account_sid, workspace_sid=queue.workspace_sid, sid=queue.sid)


async def _workflow(view: View, caller: Caller, form: WorkflowRealTime | WorkflowStatistics) -> Statistics:
    workflow = await scope.within(view, WORKFLOWS, caller.account_sid, form.workspace_sid, form.workflow_sid)
    return Statistics(
        kind=WORKFLOW, account_sid=caller.account_sid, workspace_sid=workflow.workspace_sid, sid=workflow.sid
    )


async def _stands(view: View, about: Statistics, task_channel: str | None) -> Statistics:
    here = await view.all(activities.OF_WORKSPACE, about.workspace_sid)
    channel_sid = await channel_of(view, about.workspace_sid, task_channel)
    return replace(about, real_time=_real_time(view, about.workspace_sid, about.sid, channel_sid, here))


async def _happened(view: View, about: Statistics, form: WorkspaceStatistics) -> Statistics:
    window, thresholds = read_window(form, view.now), read_thresholds(form.split_by_wait_time)
    channel_sid = await channel_of(view, about.workspace_sid, form.task_channel)
    found = await totals(
        view,
        about.account_sid,
        about.workspace_sid,
        [about.sid],
        [(window.start, window.end + SECOND)],
        channel_sid,
        splits=bool(thresholds),
    )
    return replace(about, cumulative=happened(window, found[about.sid][0], thresholds))


def _real_time(view: View, workspace_sid: str, sid: str, channel_sid: str | None, here: Sequence[Activity]) -> RealTime:
    room = room_of(view, workspace_sid)
    told = standing(room.figures.cells(sid, channel_sid) if room is not None else (), view.now)
    if room is None:
        return count_workers(told, here, {})
    if sid == workspace_sid:
        return count_workers(told, here, {activity: crew.count for activity, crew in room.figures.crews.items()})
    return count_workers(told, here, room.floor.activities_of(sid))
