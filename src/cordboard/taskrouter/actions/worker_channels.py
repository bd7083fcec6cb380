"""Worker channels: a worker's capacity on each task channel. One exists for each pair, so none is made or removed."""

import msgspec

from cordboard.kernel.caller import Caller
from cordboard.kernel.errors import NotFound
from cordboard.kernel.pages import Slice
from cordboard.kernel.sids import is_sid
from cordboard.storage.unit import Unit, View
from cordboard.taskrouter.engine.record import happened
from cordboard.taskrouter.model import ChannelState, WorkerChannel
from cordboard.taskrouter.store import activities, scope
from cordboard.taskrouter.store.selection import select
from cordboard.taskrouter.store.task_channels import OF_WORKSPACE, TASK_CHANNELS, find
from cordboard.taskrouter.store.workers import WORKERS
from cordboard.taskrouter.wire.worker_channels import ListWorkerChannels, OneWorkerChannel, UpdateWorkerChannel


async def fetch(view: View, caller: Caller, form: OneWorkerChannel) -> WorkerChannel:
    """One worker channel."""
    return await _find(view, caller, form.workspace_sid, form.worker_sid, form.sid)


async def list_(view: View, caller: Caller, form: ListWorkerChannels) -> Slice[WorkerChannel]:
    """A page of the worker's channels, in the order of the task channels."""
    worker = await scope.within(view, WORKERS, caller.account_sid, form.workspace_sid, form.worker_sid)
    found = await view.page(*select(TASK_CHANNELS, {"workspace_sid": worker.workspace_sid}), form.page)
    return Slice([WorkerChannel(worker, channel) for channel in found.items], found.before, found.after)


async def update(unit: Unit, caller: Caller, form: UpdateWorkerChannel) -> WorkerChannel:
    """Change capacity and availability. A capacity below what is in hand takes nothing away (taskrouter.md 7.5)."""
    found = await _find(unit, caller, form.workspace_sid, form.worker_sid, form.sid)
    before = found.state
    after = msgspec.structs.replace(
        before,
        configured_capacity=before.configured_capacity if form.capacity is msgspec.UNSET else form.capacity,
        available=before.available if form.available is msgspec.UNSET else form.available,
    )
    if after == before:
        return found
    worker, channel = found.worker, found.task_channel
    after = msgspec.structs.replace(after, updated_at=unit.now)
    # The row's version rises, for offers are guarded by it; the date is the worker's own and stays.
    worker = unit.update(WORKERS, worker, channels=worker.channels | {channel.sid: after}, updated_at=worker.updated_at)
    changed = WorkerChannel(worker, channel)
    if after.configured_capacity != before.configured_capacity:
        await _happened(unit, "worker.capacity.update", changed, before)
    if after.available != before.available:
        await _happened(unit, "worker.channel.availability.update", changed, before)
    return changed


async def _find(view: View, caller: Caller, workspace_sid: str, worker_sid: str, name: str) -> WorkerChannel:
    """By the worker channel's SID, the task channel's, or its unique name. Raises NotFound."""
    worker = await scope.within(view, WORKERS, caller.account_sid, workspace_sid, worker_sid)
    if is_sid(name, "TC"):
        return WorkerChannel(worker, await find(view, caller.account_sid, workspace_sid, name))
    for channel in await view.all(OF_WORKSPACE, workspace_sid):
        found = WorkerChannel(worker, channel)
        if name in {found.sid, channel.sid, channel.unique_name}:
            return found
    raise NotFound


async def _happened(unit: Unit, type_: str, changed: WorkerChannel, before: ChannelState) -> None:
    worker = changed.worker
    happened(
        unit,
        type_,
        account_sid=worker.account_sid,
        workspace_sid=worker.workspace_sid,
        resource_sid=worker.sid,
        worker=worker,
        activity=await activities.used(unit, worker.activity_sid),
        task_channel=changed.task_channel,
        channel=changed.state,
        previous_channel=before,
    )
