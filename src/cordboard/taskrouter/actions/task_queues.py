"""Task queues: waiting rooms, and who serves them."""

from collections.abc import Callable

from msgspec import UNSET

from cordboard.kernel.caller import Caller
from cordboard.kernel.errors import Invalid
from cordboard.kernel.json import parse
from cordboard.kernel.pages import Slice
from cordboard.storage.unit import Unit, View
from cordboard.taskrouter.engine.configuration import workflow_leading_to
from cordboard.taskrouter.engine.expressions import names_of, read_expression, serves
from cordboard.taskrouter.engine.record import happened
from cordboard.taskrouter.model import NamedTaskQueue, TaskQueue
from cordboard.taskrouter.store import activities, scope
from cordboard.taskrouter.store.selection import refuse_beyond, select
from cordboard.taskrouter.store.task_queues import BY_NAME, TASK_QUEUES
from cordboard.taskrouter.store.tasks import OPEN_OF_QUEUE
from cordboard.taskrouter.store.workers import WORKERS
from cordboard.taskrouter.wire.fields import changes
from cordboard.taskrouter.wire.ordering import read_ordering
from cordboard.taskrouter.wire.task_queues import (
    ORDERINGS,
    CreateTaskQueue,
    ListTaskQueues,
    OneTaskQueue,
    UpdateTaskQueue,
)

from .activities import usable

MOST = 5000


async def create(unit: Unit, caller: Caller, form: CreateTaskQueue) -> NamedTaskQueue:
    """A new task queue. Its workers are those whom the expression finds, from now on."""
    workspace = await scope.home(unit, caller.account_sid, form.workspace_sid)
    read_expression("TargetWorkers", form.target_workers)
    await _refuse_name(unit, workspace.sid, caller.account_sid, form.friendly_name)
    await _begin_to_apply(unit, workspace.sid, form)
    await refuse_beyond(unit, TASK_QUEUES, "workspace_sid", workspace.sid, MOST)
    queue = unit.insert(
        TASK_QUEUES,
        TaskQueue(
            sid=unit.sid("WQ"),
            version=0,
            account_sid=workspace.account_sid,
            workspace_sid=workspace.sid,
            friendly_name=form.friendly_name,
            target_workers=form.target_workers,
            max_reserved_workers=form.max_reserved_workers,
            task_order=form.task_order,
            reservation_activity_sid=form.reservation_activity_sid,
            assignment_activity_sid=form.assignment_activity_sid,
            created_at=unit.now,
            updated_at=unit.now,
        ),
    )
    _happened(unit, "task-queue.created", queue)
    return await _named(unit, queue)


async def fetch(view: View, caller: Caller, form: OneTaskQueue) -> NamedTaskQueue:
    """One task queue."""
    return await _named(view, await scope.within(view, TASK_QUEUES, caller.account_sid, form.workspace_sid, form.sid))


async def list_(view: View, caller: Caller, form: ListTaskQueues) -> Slice[NamedTaskQueue]:
    """A page of the workspace's queues; by worker or by attributes those that such a worker would serve."""
    workspace = await scope.workspace_of(view, caller.account_sid, form.workspace_sid)
    filters = {"workspace_sid": workspace.sid, "friendly_name": form.friendly_name}
    listing, arguments = select(TASK_QUEUES, filters, read_ordering(form.ordering, ORDERINGS))
    found = await view.page(listing, arguments, form.page, await _served(view, caller, form))
    names = await activities.names_of(
        view, (sid for queue in found.items for sid in (queue.reservation_activity_sid, queue.assignment_activity_sid))
    )
    items = [
        NamedTaskQueue(queue, names.get(queue.reservation_activity_sid), names.get(queue.assignment_activity_sid))
        for queue in found.items
    ]
    return Slice(items, found.before, found.after)


async def update(unit: Unit, caller: Caller, form: UpdateTaskQueue) -> NamedTaskQueue:
    """Change a queue. Another expression takes effect at once, also for the tasks that wait."""
    queue = await scope.within(unit, TASK_QUEUES, caller.account_sid, form.workspace_sid, form.sid)
    changed = changes(
        form,
        queue,
        "friendly_name",
        "target_workers",
        "max_reserved_workers",
        "task_order",
        "reservation_activity_sid",
        "assignment_activity_sid",
    )
    if "target_workers" in changed:
        read_expression("TargetWorkers", changed["target_workers"])
    if "friendly_name" in changed:
        await _refuse_name(unit, queue.workspace_sid, queue.account_sid, changed["friendly_name"])
    await _begin_to_apply(unit, queue.workspace_sid, form)
    if changed:
        queue = unit.update(TASK_QUEUES, queue, **changed)
        if "target_workers" in changed:
            _happened(unit, "task-queue.expression.updated", queue)
        if changed.keys() != {"target_workers"}:
            _happened(unit, "task-queue.updated", queue)
    return await _named(unit, queue)


async def delete(unit: Unit, caller: Caller, form: OneTaskQueue) -> None:
    """Remove a queue in which no task is and to which no workflow leads."""
    queue = await scope.hold(unit, TASK_QUEUES, caller.account_sid, form.workspace_sid, form.sid)
    if workflow := await workflow_leading_to(unit, queue.workspace_sid, queue.sid):
        message = f"Task queue {queue.sid} cannot be deleted: workflow {workflow.sid} leads to it"
        raise Invalid(message)
    if task := await unit.one(OPEN_OF_QUEUE, queue.workspace_sid, queue.sid):
        message = f"Task queue {queue.sid} cannot be deleted: task {task.sid} in it is {task.assignment_status}"
        raise Invalid(message)
    unit.delete(TASK_QUEUES, queue)
    _happened(unit, "task-queue.deleted", queue)


async def _served(view: View, caller: Caller, form: ListTaskQueues) -> Callable[[TaskQueue], bool] | None:
    """What the filters that look into expressions leave; None if there is none of them."""
    asked = []
    if form.evaluate_worker_attributes is not None:
        asked.append(parse(form.evaluate_worker_attributes))
    if form.worker_sid is not None:
        worker = await view.get(WORKERS, form.worker_sid)
        if worker is None or (worker.account_sid, worker.workspace_sid) != (caller.account_sid, form.workspace_sid):
            return lambda _: False
        asked.append(names_of(worker, await activities.name_of(view, worker.activity_sid)))
    if not asked:
        return None
    return lambda queue: all(map(serves(queue.target_workers), asked))


async def _named(view: View, queue: TaskQueue) -> NamedTaskQueue:
    reservation, assignment = queue.reservation_activity_sid, queue.assignment_activity_sid
    return NamedTaskQueue(
        queue,
        None if reservation is None else await activities.name_of(view, reservation),
        None if assignment is None else await activities.name_of(view, assignment),
    )


async def _begin_to_apply(unit: Unit, workspace_sid: str, form: CreateTaskQueue | UpdateTaskQueue) -> None:
    for parameter, sid in (
        ("ReservationActivitySid", form.reservation_activity_sid),
        ("AssignmentActivitySid", form.assignment_activity_sid),
    ):
        if sid is not None and sid is not UNSET:
            await usable(unit, workspace_sid, parameter, sid)


async def _refuse_name(unit: Unit, workspace_sid: str, account_sid: str, friendly_name: str) -> None:
    if await unit.one(BY_NAME, workspace_sid, friendly_name):
        message = f"Queue named {friendly_name} already exists for workspace {workspace_sid} for account {account_sid}"
        raise Invalid(message)


def _happened(unit: Unit, type_: str, queue: TaskQueue) -> None:
    happened(
        unit,
        type_,
        account_sid=queue.account_sid,
        workspace_sid=queue.workspace_sid,
        resource_sid=queue.sid,
        task_queue=queue,
    )
