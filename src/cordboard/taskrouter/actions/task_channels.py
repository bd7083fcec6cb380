"""Task channels: kinds of work with a capacity of their own on each worker."""

from cordboard.kernel.caller import Caller
from cordboard.kernel.errors import Invalid
from cordboard.kernel.pages import Slice
from cordboard.kernel.sids import is_sid
from cordboard.storage.unit import Unit, View
from cordboard.taskrouter.engine.record import happened
from cordboard.taskrouter.model import TaskChannel
from cordboard.taskrouter.store import scope
from cordboard.taskrouter.store.selection import refuse_beyond, select
from cordboard.taskrouter.store.task_channels import BY_UNIQUE_NAME, TASK_CHANNELS, find
from cordboard.taskrouter.store.tasks import OPEN_OF_CHANNEL
from cordboard.taskrouter.wire.fields import changes
from cordboard.taskrouter.wire.task_channels import (
    CreateTaskChannel,
    ListTaskChannels,
    OneTaskChannel,
    UpdateTaskChannel,
)

MOST = 15
DEFAULT = "default"


async def create(unit: Unit, caller: Caller, form: CreateTaskChannel) -> TaskChannel:
    """A new task channel; every worker has a worker channel on it from now on."""
    workspace = await scope.home(unit, caller.account_sid, form.workspace_sid)
    if is_sid(form.unique_name, "TC"):
        message = "Invalid parameter UniqueName: it looks like a SID, so nothing could find the task channel by it"
        raise Invalid(message)
    if await unit.one(BY_UNIQUE_NAME, workspace.sid, form.unique_name):
        message = f"Task channel with unique name {form.unique_name} already exists for workspace {workspace.sid}"
        raise Invalid(message)
    await refuse_beyond(unit, TASK_CHANNELS, "workspace_sid", workspace.sid, MOST)
    channel = unit.insert(
        TASK_CHANNELS,
        TaskChannel(
            sid=unit.sid("TC"),
            version=0,
            account_sid=workspace.account_sid,
            workspace_sid=workspace.sid,
            friendly_name=form.friendly_name,
            unique_name=form.unique_name,
            channel_optimized_routing=form.channel_optimized_routing,
            created_at=unit.now,
            updated_at=unit.now,
        ),
    )
    _happened(unit, "task-channel.created", channel)
    return channel


async def fetch(view: View, caller: Caller, form: OneTaskChannel) -> TaskChannel:
    """One task channel, by SID or unique name."""
    return await find(view, caller.account_sid, form.workspace_sid, form.sid)


async def list_(view: View, caller: Caller, form: ListTaskChannels) -> Slice[TaskChannel]:
    """A page of the workspace's task channels."""
    workspace = await scope.workspace_of(view, caller.account_sid, form.workspace_sid)
    return await view.page(*select(TASK_CHANNELS, {"workspace_sid": workspace.sid}), form.page)


async def update(unit: Unit, caller: Caller, form: UpdateTaskChannel) -> TaskChannel:
    """Change its name or how idle workers are ordered; the unique name stays."""
    channel = await find(unit, caller.account_sid, form.workspace_sid, form.sid)
    if changed := changes(form, channel, "friendly_name", "channel_optimized_routing"):
        channel = unit.update(TASK_CHANNELS, channel, **changed)
        _happened(unit, "task-channel.updated", channel)
    return channel


async def delete(unit: Unit, caller: Caller, form: OneTaskChannel) -> None:
    """Remove a task channel without open tasks; with it go the workers' channels. ``default`` stays."""
    named = await find(unit, caller.account_sid, form.workspace_sid, form.sid)
    channel = await scope.hold(unit, TASK_CHANNELS, caller.account_sid, form.workspace_sid, named.sid)
    if channel.unique_name == DEFAULT:
        message = f"Task channel {channel.sid} cannot be deleted: tasks without a channel go to {DEFAULT}"
        raise Invalid(message)
    if task := await unit.one(OPEN_OF_CHANNEL, channel.workspace_sid, channel.sid):
        message = f"Task channel {channel.sid} cannot be deleted: task {task.sid} on it is {task.assignment_status}"
        raise Invalid(message)
    unit.delete(TASK_CHANNELS, channel)
    _happened(unit, "task-channel.deleted", channel)


def _happened(unit: Unit, type_: str, channel: TaskChannel) -> None:
    happened(
        unit,
        type_,
        account_sid=channel.account_sid,
        workspace_sid=channel.workspace_sid,
        resource_sid=channel.sid,
        task_channel=channel,
    )
