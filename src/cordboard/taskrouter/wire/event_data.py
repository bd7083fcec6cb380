"""What an event tells of the resources that it is about, in the names of callbacks (taskrouter.md 8.5).

One projection for two readers: an event callback is made of facts as they happen, the Events API of the journal's. All values are
texts, times are Unix seconds.

Facts of the journal are read as the model has them today. So a field that the model gets later has a default, or events of before
could not be read.
"""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from cordboard.events.journal import Event
from cordboard.kernel.caller import Cause
from cordboard.kernel.clock import MILLISECONDS
from cordboard.routing.capacity import available_capacity_percentage
from cordboard.routing.lifecycle import TaskStatus
from cordboard.taskrouter.model import (
    Activity,
    ChannelState,
    Reservation,
    Task,
    TaskChannel,
    TaskQueue,
    Transfer,
    Worker,
    Workspace,
)

Parameters = dict[str, str | None]

_TYPES = {
    "WS": "workspace",
    "WA": "activity",
    "TC": "task-channel",
    "WQ": "task-queue",
    "WW": "workflow",
    "WK": "worker",
    "WT": "task",
    "WR": "reservation",
}


class Named(msgspec.Struct, frozen=True, omit_defaults=True):
    """What other facts only name by a SID, as it was called when the event was recorded.

    Queue and workflow are those of the reservation or else the task, the activity is the worker's.
    """

    workspace: str = ""
    task_queue: str | None = None
    target_workers: str | None = None
    workflow: str | None = None
    activity: str | None = None


class _Target(msgspec.Struct, frozen=True):
    filter_name: str | None = None
    filter_expression: str | None = None
    target_name: str | None = None
    target_expression: str | None = None
    known_worker_sid: str | None = None


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """The facts that events of TaskRouter may have, by name."""

    named: Named = Named()
    cause: Cause | None = None
    workspace: Workspace | None = None
    activity: Activity | None = None
    previous_activity: Activity | None = None
    time_in_previous_activity_ms: int = 0
    task_channel: TaskChannel | None = None
    task_queue: TaskQueue | None = None
    workflow: dict[str, Any] | None = None
    worker: Worker | None = None
    channel: ChannelState | None = None
    previous_channel: ChannelState | None = None
    task: Task | None = None
    reservation: Reservation | None = None
    target: _Target | None = None
    previous_task_queue: dict[str, Any] | None = None
    previous_priority: int | None = None
    target_changed_reason: str | None = None
    transfer: Transfer | None = None


_decode = msgspec.json.Decoder(Facts).decode


def facts_of(event: Event) -> Facts:
    """The facts of an event of this moment."""
    return Facts(**{name: event.facts[name] for name in Facts.__struct_fields__ if name in event.facts})


def facts_read(event: Event) -> Facts:
    """The facts of an event of the journal."""
    return _decode(event.data)


def told(event: Event, facts: Facts) -> Parameters:
    """What the event tells, but for itself; without what there is nothing to say of."""
    parameters: Parameters = {
        "WorkspaceSid": event.scope_sid,
        "WorkspaceName": facts.named.workspace,
        "OperatingUnitSid": f"OU{event.account_sid[2:]}",
    }
    for part in _PARTS:
        parameters |= {name: value for name, value in part(event, facts) if value is not None}
    return parameters


def resource_type(event: Event) -> str:
    """What kind of thing the event happened to."""
    return _TYPES[event.resource_sid[:2]]


def description(event: Event, facts: Facts) -> str:
    """A sentence about an event, as people read it."""
    task, named = facts.task, facts.named
    if event.type == "worker.activity.update" and facts.worker is not None:
        return f"Worker {facts.worker.friendly_name} updated to {named.activity} Activity"
    if event.type == "task.canceled" and task is not None and task.reason:
        return task.reason
    kind, _, happened = event.type.partition(".")
    words = happened.replace(".", " ").replace("-", " ")
    if kind in {"workflow", "task-queue"} and task is not None:
        place = named.workflow if kind == "workflow" else named.task_queue
        return f"Task {task.sid} {words}: {kind.replace('-', ' ')} {place}"
    return f"{kind.replace('-', ' ').capitalize()} {event.resource_sid} {words}"


def seconds(at: int | None) -> str | None:
    """A time as callbacks have it."""
    return None if at is None else str(at // MILLISECONDS)


def age(task: Task, at: int) -> str:
    """Whole seconds since the task was created; stands still when it has ended."""
    return str(max(0, (task.ended_at or at) - task.created_at) // MILLISECONDS)


_Said = Iterator[tuple[str, str | None]]


def _task(event: Event, facts: Facts) -> _Said:
    task = facts.task
    if task is None:
        return
    yield "TaskSid", task.sid
    yield "TaskAttributes", task.attributes
    yield "TaskAge", age(task, event.at)
    yield "TaskPriority", str(task.priority)
    yield "TaskAssignmentStatus", task.assignment_status.value
    yield "TaskVersion", str(task.version)
    yield "TaskDateCreated", seconds(task.created_at)
    yield "TaskVirtualStartTime", seconds(task.virtual_start_at)
    yield "TaskIgnoreCapacity", _truth(task.ignore_capacity)
    yield "TaskChannelSid", task.task_channel_sid
    yield "TaskChannelUniqueName", task.task_channel_unique_name
    yield "TaskRoutingTarget", task.routing_target
    yield "TaskQueueEnteredDate", seconds(task.queue_entered_at)
    yield "Reason", task.reason
    if task.reason and (name := _ENDED.get(task.assignment_status)):
        yield name, task.reason


_ENDED = {TaskStatus.CANCELED: "TaskCanceledReason", TaskStatus.COMPLETED: "TaskCompletedReason"}


def _place(_event: Event, facts: Facts) -> _Said:
    """A reservation's queue and workflow are those in which it was made, whatever became of the task."""
    of = facts.reservation or facts.task
    if of is None:
        return
    if of.task_queue_sid is not None:
        yield "TaskQueueSid", of.task_queue_sid
        yield "TaskQueueName", facts.named.task_queue
        yield "TaskQueueTargetExpression", facts.named.target_workers
    if of.workflow_sid is not None:
        yield "WorkflowSid", of.workflow_sid
        yield "WorkflowName", facts.named.workflow


def _reservation(_event: Event, facts: Facts) -> _Said:
    reservation, worker = facts.reservation, facts.worker
    if reservation is None:
        return
    yield "ReservationSid", reservation.sid
    yield "ReservationVersion", str(reservation.version)
    yield "TaskTransferSid", reservation.transfer_sid
    if worker is not None:
        state = worker.channel(reservation.task_channel_sid)
        yield "WorkerChannelCapacity", str(state.configured_capacity)
        yield "WorkerChannelConsumedCapacity", str(state.load)


def _worker(_event: Event, facts: Facts) -> _Said:
    worker = facts.worker
    if worker is None:
        return
    yield "WorkerSid", worker.sid
    yield "WorkerName", worker.friendly_name
    yield "WorkerAttributes", worker.attributes
    yield "WorkerVersion", str(worker.version)
    yield "WorkerActivitySid", worker.activity_sid
    yield "WorkerActivityName", facts.named.activity


def _previous_activity(_event: Event, facts: Facts) -> _Said:
    activity = facts.previous_activity
    if activity is None:
        return
    yield "WorkerPreviousActivitySid", activity.sid
    yield "WorkerPreviousActivityName", activity.friendly_name
    yield "WorkerTimeInPreviousActivity", str(facts.time_in_previous_activity_ms // MILLISECONDS)
    yield "WorkerTimeInPreviousActivityMs", str(facts.time_in_previous_activity_ms)


def _worker_channel(_event: Event, facts: Facts) -> _Said:
    state, before = facts.channel, facts.previous_channel
    if state is None or before is None:
        return
    yield "WorkerChannelAvailable", _truth(state.available)
    yield "WorkerChannelAvailableCapacity", str(available_capacity_percentage(state.load, state.configured_capacity))
    yield "WorkerChannelCapacity", str(state.configured_capacity)
    yield "WorkerChannelPreviousCapacity", str(before.configured_capacity)
    yield "WorkerChannelTaskCount", str(state.accepted)


def _task_channel(_event: Event, facts: Facts) -> _Said:
    channel = facts.task_channel
    if channel is None:
        return
    yield "TaskChannelSid", channel.sid
    yield "TaskChannelName", channel.friendly_name
    yield "TaskChannelUniqueName", channel.unique_name
    yield "TaskChannelOptimizedRouting", _truth(channel.channel_optimized_routing)


def _activity(event: Event, facts: Facts) -> _Said:
    # A worker's own parameters say what it does.
    if facts.activity is None or not event.type.startswith("activity."):
        return
    yield "ActivitySid", facts.activity.sid
    yield "ActivityName", facts.activity.friendly_name
    yield "ActivityAvailable", _truth(facts.activity.available)


def _queue(_event: Event, facts: Facts) -> _Said:
    queue = facts.task_queue
    if queue is None or facts.reservation is not None or facts.task is not None:
        return
    yield "TaskQueueSid", queue.sid
    yield "TaskQueueName", queue.friendly_name
    yield "TaskQueueTargetExpression", queue.target_workers


def _workflow(_event: Event, facts: Facts) -> _Said:
    if facts.workflow is not None:
        yield "WorkflowSid", facts.workflow["sid"]
        yield "WorkflowName", facts.workflow["friendly_name"]


def _target(_event: Event, facts: Facts) -> _Said:
    target = facts.target
    if target is None:
        return
    yield "WorkflowFilterName", target.filter_name
    yield "WorkflowFilterExpression", target.filter_expression
    yield "WorkflowFilterTargetName", target.target_name
    yield "WorkflowFilterTargetExpression", target.target_expression
    yield "KnownWorkerSid", target.known_worker_sid


def _previous_queue(_event: Event, facts: Facts) -> _Said:
    queue, reason = facts.previous_task_queue, facts.target_changed_reason
    if queue is None:
        return
    yield "PreviousTaskQueueSid", queue["sid"]
    yield "PreviousTaskQueueName", queue["friendly_name"]
    yield "PreviousTaskPriority", None if facts.previous_priority is None else str(facts.previous_priority)
    yield "TargetChangedReason", reason
    yield "TaskReEvaluatedReason", reason if reason in _RE_EVALUATED else None


_RE_EVALUATED = frozenset(("attributes", "re-evaluated"))


def _transfer(_event: Event, facts: Facts) -> _Said:
    transfer = facts.transfer
    if transfer is None:
        return
    yield "TaskTransferSid", transfer.sid
    yield "TransferMode", transfer.transfer_mode.value
    yield "TransferStatus", transfer.transfer_status.value
    yield "TransferTo", transfer.transfer_to
    yield "TransferType", transfer.transfer_type
    yield "TransferInitiatingWorkerSid", transfer.initiating_worker_sid
    yield "TransferInitiatingReservationSid", transfer.initiating_reservation_sid
    yield "TransferStarted", seconds(transfer.created_at)
    yield "TransferFailedReason", transfer.transfer_failed_reason


# What is more particular comes later.
_PARTS: tuple[Callable[[Event, Facts], _Said], ...] = (
    _task,
    _place,
    _workflow,
    _queue,
    _reservation,
    _worker,
    _previous_activity,
    _task_channel,
    _worker_channel,
    _activity,
    _target,
    _previous_queue,
    _transfer,
)


def _truth(value: bool) -> str:
    return "true" if value else "false"
