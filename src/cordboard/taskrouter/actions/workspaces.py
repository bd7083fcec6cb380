"""Workspaces: what they are born with, and what goes with them."""

from typing import Any

from msgspec import UNSET

from cordboard.kernel import json
from cordboard.kernel.caller import Caller
from cordboard.kernel.errors import Invalid, NotFound
from cordboard.kernel.pages import Slice
from cordboard.storage.tables import Table
from cordboard.storage.unit import Unit, View
from cordboard.taskrouter.engine.record import happened
from cordboard.taskrouter.model import NamedWorkspace, Workspace
from cordboard.taskrouter.store import activities as activity_rows
from cordboard.taskrouter.store import scope
from cordboard.taskrouter.store.activities import ACTIVITIES
from cordboard.taskrouter.store.reservations import RESERVATIONS
from cordboard.taskrouter.store.selection import refuse_beyond, select
from cordboard.taskrouter.store.task_channels import TASK_CHANNELS
from cordboard.taskrouter.store.task_queues import TASK_QUEUES
from cordboard.taskrouter.store.tasks import TASKS
from cordboard.taskrouter.store.transfers import TRANSFERS
from cordboard.taskrouter.store.workers import WORKERS
from cordboard.taskrouter.store.workflows import CONFIGURATIONS, WORKFLOWS
from cordboard.taskrouter.store.workspaces import WORKSPACES
from cordboard.taskrouter.wire.fields import changes
from cordboard.taskrouter.wire.task_channels import CreateTaskChannel
from cordboard.taskrouter.wire.task_queues import CreateTaskQueue
from cordboard.taskrouter.wire.workflows import CreateWorkflow
from cordboard.taskrouter.wire.workspaces import CreateWorkspace, ListWorkspaces, OneWorkspace, UpdateWorkspace

from . import activities, task_channels, task_queues, workflows

MOST = 5000

# taskrouter.md 2.1: the activities by name and whether they are available, and the task channels.
FIRST = "Offline"
MULTI_TASKING = {FIRST: False, "Available": True, "Unavailable": False}
SINGLE_TASKING = {FIRST: False, "Idle": True, "Busy": False, "Reserved": False}
CHANNELS = (("default", "Default"), ("voice", "Voice"), ("chat", "Chat"), ("sms", "SMS"), ("video", "Video"))

CHILDREN: tuple[Table[Any], ...] = (
    ACTIVITIES,
    TASK_CHANNELS,
    TASK_QUEUES,
    WORKFLOWS,
    CONFIGURATIONS,
    WORKERS,
    TASKS,
    RESERVATIONS,
    TRANSFERS,
)


async def create(unit: Unit, caller: Caller, form: CreateWorkspace) -> NamedWorkspace:
    """A new workspace with what its template says."""
    await refuse_beyond(unit, WORKSPACES, "account_sid", caller.account_sid, MOST)
    born_with = MULTI_TASKING if form.multi_task_enabled else SINGLE_TASKING
    sids = {name: unit.sid("WA") for name in born_with}
    workspace = unit.insert(
        WORKSPACES,
        Workspace(
            sid=unit.sid("WS"),
            version=0,
            account_sid=caller.account_sid,
            friendly_name=form.friendly_name,
            event_callback_url=form.event_callback_url,
            events_filter=form.events_filter or None,
            multi_task_enabled=form.multi_task_enabled,
            prioritize_queue_order=form.prioritize_queue_order,
            default_activity_sid=sids[FIRST],
            timeout_activity_sid=sids[FIRST],
            created_at=unit.now,
            updated_at=unit.now,
        ),
    )
    _happened(unit, "workspace.created", workspace)
    for name, available in born_with.items():
        activities.add(unit, workspace, sids[name], name, available=available)
    for unique_name, name in CHANNELS:
        await task_channels.create(
            unit, caller, CreateTaskChannel(workspace_sid=workspace.sid, friendly_name=name, unique_name=unique_name)
        )
    if form.template == "FIFO":
        await _add_fifo(unit, caller, workspace, sids)
    return await _named(unit, workspace)


async def fetch(view: View, caller: Caller, form: OneWorkspace) -> NamedWorkspace:
    """One workspace."""
    return await _named(view, await scope.workspace_of(view, caller.account_sid, form.sid))


async def list_(view: View, caller: Caller, form: ListWorkspaces) -> Slice[NamedWorkspace]:
    """A page of the account's workspaces."""
    filters = {"account_sid": caller.account_sid, "friendly_name": form.friendly_name}
    found = await view.page(*select(WORKSPACES, filters), form.page)
    names = await activity_rows.names_of(
        view, (sid for each in found.items for sid in (each.default_activity_sid, each.timeout_activity_sid))
    )
    items = [
        NamedWorkspace(each, names[each.default_activity_sid], names[each.timeout_activity_sid]) for each in found.items
    ]
    return Slice(items, found.before, found.after)


async def update(unit: Unit, caller: Caller, form: UpdateWorkspace) -> NamedWorkspace:
    """Change a workspace. Multi-tasking can be turned on and not off again."""
    workspace = await scope.workspace_of(unit, caller.account_sid, form.sid)
    changed = changes(
        form,
        workspace,
        "friendly_name",
        "event_callback_url",
        "multi_task_enabled",
        "prioritize_queue_order",
        "default_activity_sid",
        "timeout_activity_sid",
    )
    if form.events_filter is not UNSET and (wanted := form.events_filter or None) != workspace.events_filter:
        changed["events_filter"] = wanted
    if changed.get("multi_task_enabled") is False:
        message = "Invalid parameter MultiTaskEnabled: a multi-tasking workspace cannot become a single-tasking one"
        raise Invalid(message)
    for parameter, column in (
        ("DefaultActivitySid", "default_activity_sid"),
        ("TimeoutActivitySid", "timeout_activity_sid"),
    ):
        if column in changed:
            await activities.usable(unit, workspace.sid, parameter, changed[column])
    if changed:
        workspace = unit.update(WORKSPACES, workspace, **changed)
        _happened(unit, "workspace.updated", workspace)
    return await _named(unit, workspace)


async def delete(unit: Unit, caller: Caller, form: OneWorkspace) -> None:
    """Remove a workspace and everything in it, open tasks too. Their alarms find nothing and do nothing."""
    workspace = (await unit.lock(WORKSPACES, form.sid)).get(form.sid)
    if workspace is None or workspace.account_sid != caller.account_sid:
        raise NotFound
    for table in CHILDREN:
        unit.sweep(table, "workspace_sid", workspace.sid)
    unit.delete(WORKSPACES, workspace)
    _happened(unit, "workspace.deleted", workspace)


async def _add_fifo(unit: Unit, caller: Caller, workspace: Workspace, activity_sids: dict[str, str]) -> None:
    """One queue for everybody and the workflow that leads to it; a single-tasking workspace applies its activities there."""
    named = await task_queues.create(
        unit,
        caller,
        CreateTaskQueue(
            workspace_sid=workspace.sid,
            friendly_name="Sample Queue",
            reservation_activity_sid=activity_sids.get("Reserved"),
            assignment_activity_sid=activity_sids.get("Busy"),
        ),
    )
    filters = [{"expression": "1==1", "targets": [{"queue": named.task_queue.sid, "priority": 0}]}]
    await workflows.create(
        unit,
        caller,
        CreateWorkflow(
            workspace_sid=workspace.sid,
            friendly_name="Default Fifo Workflow",
            configuration=json.dump({"task_routing": {"filters": filters}}),
        ),
    )


async def _named(view: View, workspace: Workspace) -> NamedWorkspace:
    return NamedWorkspace(
        workspace,
        await activity_rows.name_of(view, workspace.default_activity_sid),
        await activity_rows.name_of(view, workspace.timeout_activity_sid),
    )


def _happened(unit: Unit, type_: str, workspace: Workspace) -> None:
    happened(
        unit,
        type_,
        account_sid=workspace.account_sid,
        workspace_sid=workspace.sid,
        resource_sid=workspace.sid,
        workspace=workspace,
    )
