"""Tasks: create, list, fetch, update, delete; and ``begin``, by which other products make one in their own unit."""

from collections.abc import Callable

from msgspec import UNSET, UnsetType, structs

from cordboard.kernel import json
from cordboard.kernel.caller import Caller
from cordboard.kernel.errors import Invalid, NotFound, PreconditionFailed
from cordboard.kernel.pages import Slice
from cordboard.kernel.sids import is_sid
from cordboard.routing.lifecycle import TaskStatus
from cordboard.storage.tables import Direction, F, Table, Value
from cordboard.storage.unit import Unit, View
from cordboard.taskrouter.engine import entering, tasks, transfers, walking
from cordboard.taskrouter.engine.expressions import names_of, read_expression, serves
from cordboard.taskrouter.model import NamedTask, Task, TaskChannel, TaskOrder, TaskQueue, Worker, Workflow
from cordboard.taskrouter.store import activities, task_queues, workflows
from cordboard.taskrouter.store.scope import within
from cordboard.taskrouter.store.selection import select
from cordboard.taskrouter.store.task_channels import BY_UNIQUE_NAME, TASK_CHANNELS
from cordboard.taskrouter.store.task_queues import TASK_QUEUES
from cordboard.taskrouter.store.tasks import TASKS
from cordboard.taskrouter.store.workers import WORKERS
from cordboard.taskrouter.store.workflows import TWO_OF_WORKSPACE, WORKFLOWS
from cordboard.taskrouter.store.workspaces import WORKSPACES
from cordboard.taskrouter.wire import tasks as wire
from cordboard.taskrouter.wire.ordering import read_ordering

_DEFAULT_CHANNEL = "default"
_UNASSIGNED = frozenset((TaskStatus.PENDING, TaskStatus.RESERVED))
_ENDED = frozenset((TaskStatus.CANCELED, TaskStatus.COMPLETED))


async def create(unit: Unit, caller: Caller, form: wire.CreateTask) -> NamedTask:
    """A new task; the answer shows the queue that it entered."""
    order = TaskOrder(
        workspace_sid=form.workspace_sid,
        workflow_sid=form.workflow_sid or None,
        task_queue_sid=form.task_queue_sid or None,
        task_channel=form.task_channel or None,
        attributes=form.attributes,
        priority=form.priority,
        timeout_s=form.timeout,
        virtual_start_at=None if form.virtual_start_time is UNSET else form.virtual_start_time,
        routing_target=form.routing_target or None,
        ignore_capacity=None if form.ignore_capacity is UNSET else form.ignore_capacity,
    )
    return await begin(unit, caller.account_sid, order)


async def begin(unit: Unit, account_sid: str, order: TaskOrder) -> NamedTask:
    """Make a task as ordered. Raises NotFound for the workspace, Invalid with the vendor's parameter for the rest."""
    return await entering.begin(unit, await understood(unit, account_sid, order))


async def understood(view: View, account_sid: str, order: TaskOrder) -> entering.NewTask:
    """The task that an order means. Raises as ``begin``."""
    workspace = await view.get(WORKSPACES, order.workspace_sid)
    if workspace is None or workspace.account_sid != account_sid:
        raise NotFound
    if order.virtual_start_at is not None and order.virtual_start_at > view.now:
        raise Invalid("Invalid parameter VirtualStartTime: it lies in the future")
    channel = await _channel(view, order.workspace_sid, order.task_channel or _DEFAULT_CHANNEL)
    worker, queue, workflow = await _destination(view, account_sid, order)
    parsed = order.parsed_attributes
    if order.ignore_capacity is not None and worker is None:
        raise Invalid("Invalid parameter IgnoreCapacity: it goes with a worker as RoutingTarget only")
    return entering.NewTask(
        account_sid=account_sid,
        workspace_sid=order.workspace_sid,
        channel=channel,
        attributes=order.attributes,
        parsed_attributes=json.parse(order.attributes) if parsed is None else parsed,
        workflow=workflow,
        queue=queue,
        worker_sid=worker.sid if worker is not None else None,
        routing_target=order.routing_target,
        ignore_capacity=worker is not None and order.ignore_capacity is not False,
        priority=order.priority,
        timeout_s=order.timeout_s,
        virtual_start_at=view.now if order.virtual_start_at is None else order.virtual_start_at,
        misses=None if worker is None or queue is None else await _misses(view, worker, queue),
    )


async def find(view: View, account_sid: str, sid: str) -> NamedTask | None:
    """A task by its SID alone, for products that keep it."""
    task = await view.get(TASKS, sid)
    return await named(view, task) if task is not None and task.account_sid == account_sid else None


async def fetch(view: View, caller: Caller, form: wire.OneTask) -> NamedTask:
    """One task."""
    return await named(view, await within(view, TASKS, caller.account_sid, form.workspace_sid, form.sid))


async def list_(view: View, caller: Caller, form: wire.ListTasks) -> Slice[NamedTask]:
    """A workspace's tasks, filtered and ordered as the sheet says (taskrouter.md 1.11)."""
    workspace = await view.get(WORKSPACES, form.workspace_sid)
    if workspace is None or workspace.account_sid != caller.account_sid:
        raise NotFound
    order = _order(form.ordering)
    keep: Callable[[Task], bool] | None = None
    if form.evaluate_task_attributes is not UNSET:
        expression = read_expression("EvaluateTaskAttributes", form.evaluate_task_attributes)
        keep = lambda task: expression.holds(json.parse(task.attributes))  # noqa: E731 - a name would say no more
    columns: dict[str, Value | list[str]] = {
        "workspace_sid": form.workspace_sid,
        "priority": None if form.priority is UNSET else form.priority,
        "routing_target": form.routing_target or None,
        "workflow_sid": form.workflow_sid or None,
        "task_queue_sid": form.task_queue_sid or None,
    }
    if form.assignment_status:
        columns["assignment_status"] = [status.value for status in form.assignment_status]
    if form.workflow_name:
        flows = await view.all(workflows.BY_NAME, form.workspace_sid, form.workflow_name)
        columns["workflow_sid"] = [flow.sid for flow in flows if form.workflow_sid in {UNSET, "", flow.sid}]
    if form.task_queue_name:
        queues = await view.all(task_queues.BY_NAME, form.workspace_sid, form.task_queue_name)
        columns["task_queue_sid"] = [queue.sid for queue in queues if form.task_queue_sid in {UNSET, "", queue.sid}]
    if [] in columns.values() or form.has_addons is True:
        return Slice([])  # nothing has that name; and add-ons are the vendor's marketplace, no task here has any
    found = await view.page(*select(TASKS, columns, order), form.page, keep)
    names = [await named(view, task) for task in found.items]
    return Slice(names, found.before, found.after)


async def update(unit: Unit, caller: Caller, form: wire.UpdateTask) -> NamedTask:
    """Change a task's attributes, place in line or status. A pending task with other attributes is routed anew."""
    task = await within(unit, TASKS, caller.account_sid, form.workspace_sid, form.sid)
    _check_version(task, form.if_match)
    ending = form.assignment_status in {TaskStatus.WRAPPING, TaskStatus.COMPLETED}
    if ending and form.attributes is not UNSET:
        raise Invalid(
            "Invalid parameter Attributes: change them in a request of their own, then wrap up or complete the task"
        )
    wanted, attributes = _wanted(task, form), task.attributes
    task = await _changed(unit, task, form)
    if wanted is not UNSET:
        task = await _moved(unit, task, wanted, form.reason if form.reason is not UNSET else None)
    elif task.attributes != attributes:
        task = await walking.attributes_changed(unit, task)
    return await named(unit, task)


async def delete(unit: Unit, caller: Caller, form: wire.OneTask) -> None:
    """Remove a task in whatever state it is."""
    task = await within(unit, TASKS, caller.account_sid, form.workspace_sid, form.sid)
    _check_version(task, form.if_match)
    await tasks.remove(unit, task)


async def cancel(unit: Unit, account_sid: str, sid: str, reason: str | None) -> None:
    """Cancel a task that still waits or is offered; any other, and one that is being transferred, is left alone."""
    task = await _own(unit, account_sid, sid)
    if task is not None and task.transfer is None and task.assignment_status in _UNASSIGNED:
        await tasks.cancel(unit, task, reason)


async def wrap(unit: Unit, account_sid: str, sid: str) -> None:
    """Wrap up a task that is assigned, also while it is being transferred; any other is left alone."""
    task = await _in_hand(unit, account_sid, sid)
    if task is not None and task.assignment_status is TaskStatus.ASSIGNED:
        await tasks.wrap(unit, task, None)


async def complete(unit: Unit, account_sid: str, sid: str) -> None:
    """Complete a task that is assigned, also while it is being transferred, or wrapping; any other is left alone."""
    task = await _in_hand(unit, account_sid, sid)
    if task is not None and task.assignment_status in {TaskStatus.ASSIGNED, TaskStatus.WRAPPING}:
        await tasks.complete(unit, task, None)


async def named(view: View, task: Task) -> NamedTask:
    """A task with the names of its workflow and queue."""
    workflow = await view.get(WORKFLOWS, task.workflow_sid) if task.workflow_sid else None
    queue = await view.get(TASK_QUEUES, task.task_queue_sid) if task.task_queue_sid else None
    return NamedTask(
        task, workflow.friendly_name if workflow else None, queue.friendly_name if queue else None, view.now
    )


async def _own(unit: Unit, account_sid: str, sid: str) -> Task | None:
    task = await unit.get(TASKS, sid)
    return task if task is not None and task.account_sid == account_sid else None


async def _in_hand(unit: Unit, account_sid: str, sid: str) -> Task | None:
    task = await _own(unit, account_sid, sid)
    return await transfers.take_back(unit, task) if task is not None else None


async def _changed(unit: Unit, task: Task, form: wire.UpdateTask) -> Task:
    changes: dict[str, object] = {}
    if form.attributes is not UNSET:
        changes["attributes"] = form.attributes
    if form.priority is not UNSET:
        changes["priority"] = form.priority
    if form.virtual_start_time is not UNSET:
        if form.virtual_start_time > unit.now:
            raise Invalid("Invalid parameter VirtualStartTime: it lies in the future")
        changes["virtual_start_at"] = form.virtual_start_time
    if form.task_channel is not UNSET and form.task_channel:
        channel = await _channel(unit, task.workspace_sid, form.task_channel)
        changes |= {"task_channel_sid": channel.sid, "task_channel_unique_name": channel.unique_name}
    if structs.replace(task, **changes) == task:
        return task
    task = unit.update(TASKS, task, **changes)
    tasks.task_happened(unit, "task.updated", task)
    return task


def _wanted(task: Task, form: wire.UpdateTask) -> TaskStatus | UnsetType:
    """The status to which the task is to be moved: the one that it has already is none, unless that would end it twice."""
    status = form.assignment_status
    return UNSET if status is task.assignment_status and status not in _ENDED else status


async def _moved(unit: Unit, task: Task, status: TaskStatus, reason: str | None) -> Task:
    if status is TaskStatus.CANCELED:
        return await tasks.cancel(unit, task, reason)
    if status is TaskStatus.WRAPPING:
        return await tasks.wrap(unit, task, reason)
    if status is TaskStatus.COMPLETED:
        return await tasks.complete(unit, task, reason)
    raise Invalid(f"Invalid parameter AssignmentStatus: {status.value} cannot be set, TaskRouter does it")


async def _destination(
    view: View, account_sid: str, order: TaskOrder
) -> tuple[Worker | None, TaskQueue | None, Workflow | None]:
    """Who or what the task is meant for. A target that is not in the workspace is the caller's mistake: 400."""
    target = order.routing_target
    workflow_sid = target if target is not None and is_sid(target, "WW") else order.workflow_sid
    of_worker: TaskQueue | None = None
    if order.task_queue_sid is not None:
        sid = order.task_queue_sid
        of_worker = await _meant(view, TASK_QUEUES, account_sid, order.workspace_sid, sid, "TaskQueueSid")
    worker: Worker | None = None
    queue: TaskQueue | None = None
    if target is not None and is_sid(target, "WK"):
        worker = await _meant(view, WORKERS, account_sid, order.workspace_sid, target, "RoutingTarget")
        queue = of_worker
    elif target is not None and is_sid(target, "WQ"):
        queue = await _meant(view, TASK_QUEUES, account_sid, order.workspace_sid, target, "RoutingTarget")
    workflow: Workflow | None = None
    if workflow_sid is not None:
        parameter = "RoutingTarget" if workflow_sid == target else "WorkflowSid"
        workflow = await _meant(view, WORKFLOWS, account_sid, order.workspace_sid, workflow_sid, parameter)
    elif order.needs_workflow or (worker is None and queue is None):
        workflow = await _only_workflow(view, order.workspace_sid)
    return worker, queue, workflow


async def _misses(view: View, worker: Worker, queue: TaskQueue) -> str | None:
    """Why a worker cannot get a task of a queue: one outside of it never does (flex-interactions.md 2.4)."""
    if serves(queue.target_workers)(names_of(worker, await activities.name_of(view, worker.activity_sid))):
        return None
    return f"Worker {worker.friendly_name} is not in task queue {queue.friendly_name}"


async def _meant(view: View, table: Table[F], account_sid: str, workspace_sid: str, sid: str, parameter: str) -> F:
    try:
        return await within(view, table, account_sid, workspace_sid, sid)
    except NotFound as error:
        raise Invalid(f"Invalid parameter {parameter}: there is no {sid} in this workspace") from error


async def _only_workflow(view: View, workspace_sid: str) -> Workflow:
    found = await view.all(TWO_OF_WORKSPACE, workspace_sid)
    if len(found) != 1:
        raise Invalid("WorkflowSid field is required")
    return found[0]


async def _channel(view: View, workspace_sid: str, name: str) -> TaskChannel:
    if is_sid(name, "TC"):
        channel = await view.get(TASK_CHANNELS, name)
        if channel is not None and channel.workspace_sid != workspace_sid:
            channel = None
    else:
        channel = await view.one(BY_UNIQUE_NAME, workspace_sid, name)
    if channel is None:
        raise Invalid(f"Invalid parameter TaskChannel: there is no task channel {name} in this workspace")
    return channel


def _check_version(task: Task, wanted: int | None) -> None:
    if wanted is not None and wanted != task.version:
        raise PreconditionFailed(f"Task {task.sid} is at version {task.version}, not {wanted}. Fetch it and try again.")


_ORDERINGS = {"DateCreated": "created_at", "Priority": "priority", "VirtualStartTime": "virtual_start_at"}


def _order(text: str) -> tuple[tuple[str, Direction], ...]:
    """The columns of ``Attr:dir[,Attr:dir]``; only DateCreated with VirtualStartTime is no pair (taskrouter.md 1.11)."""
    order = read_ordering(text, _ORDERINGS)
    if {"created_at", "virtual_start_at"} <= {column for column, _ in order}:
        raise Invalid("Invalid parameter Ordering: DateCreated and VirtualStartTime do not go together")
    return order
