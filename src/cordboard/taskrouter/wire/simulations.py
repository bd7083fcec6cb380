"""What would be if: ``POST /cordboard/v1/Workspaces/{WorkspaceSid}/Simulations``. Nothing is stored.

Type         what is tried, of these parameters
task         a task: those of ``POST Tasks``
worker       a worker: Attributes, FriendlyName, ActivitySid, Capacity
expression   Expression against Attributes
workflow     Configuration of WorkflowSid against the tasks that wait in it
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from cordboard.kernel.clock import iso
from cordboard.rest.forms import Form, PathValue, sid
from cordboard.rest.routes import Urls
from cordboard.routing.explaining import Tried
from cordboard.routing.expressions.findings import Finding
from cordboard.routing.facts import TaskFact, WorkerFact
from cordboard.routing.workflow import Target
from cordboard.taskrouter.model import Task, TaskQueue

from .explanations import Explanation, Limit, cut, explanation, findings, sentence, tried
from .fields import ActivitySid, Expression, FriendlyName, WorkerAttributes
from .tasks import MOST_TIMEOUT_S, Name, Priority
from .workflows import Configuration

MOST_LOOKED_AT = 1000


class Simulate(Form, frozen=True, kw_only=True):
    """See the top of the file; a parameter that does not belong to the type is ignored."""

    workspace_sid: PathValue
    type: Literal["task", "worker", "expression", "workflow"]
    limit: Limit = 20
    attributes: WorkerAttributes = "{}"
    # A task.
    workflow_sid: Annotated[str, sid("WW")] | None = None
    task_queue_sid: Annotated[str, sid("WQ")] | None = None
    task_channel: Name | None = None
    priority: Priority = 0
    timeout: Annotated[int, Meta(ge=1, le=MOST_TIMEOUT_S)] = 86_400
    routing_target: Annotated[str, sid("WK", "WQ", "WW")] | None = None
    ignore_capacity: bool | None = None
    # A worker.
    friendly_name: FriendlyName = "a worker"
    activity_sid: ActivitySid | None = None
    capacity: Annotated[int, Meta(ge=0, le=50)] = 1
    # The others.
    expression: Expression | None = None
    configuration: Configuration | None = None


class Service(msgspec.Struct, frozen=True):
    """Whether a worker serves a queue, and why."""

    queue: TaskQueue
    serves: bool
    findings: list[Finding]


class Refused(msgspec.Struct, frozen=True):
    """A waiting task that a worker cannot get."""

    task: TaskFact
    reason: str
    findings: list[Finding]


class TriedWorker(msgspec.Struct, frozen=True):
    """What a worker would serve, and which waiting tasks it would be asked for, were it here and nobody else."""

    worker: WorkerFact
    serves: int
    queues: list[Service]
    queues_left_out: int
    names: dict[str, str]
    count: int
    tasks: list[TaskFact]
    by_reason: dict[str, int]
    others: list[Refused]


class TriedExpression(msgspec.Struct, frozen=True):
    """Whether an expression holds."""

    expression: str
    holds: bool
    findings: list[Finding]


class Move(msgspec.Struct, frozen=True):
    """A waiting task under another configuration; without ``target`` it falls out."""

    task: Task
    queue: TaskQueue | None
    target: Target | None
    to: TaskQueue | None
    priority: int
    filters: list[Tried]


class TriedWorkflow(msgspec.Struct, frozen=True):
    """Where waiting tasks would go: how many from which queue to which, and the first that would leave theirs."""

    looked_at: int
    has_more: bool
    counts: Sequence[tuple[TaskQueue | None, TaskQueue | None, int]]
    moves: list[Move]


Simulation = Explanation | TriedWorker | TriedExpression | TriedWorkflow


def simulation(told: Simulation, urls: Urls) -> dict[str, Any]:
    """What a simulation found."""
    match told:
        case Explanation():
            return {"type": "task", **explanation(told, urls)}
        case TriedWorker():
            return {"type": "worker", **_worker(told)}
        case TriedExpression():
            return {
                "type": "expression",
                "expression": cut(told.expression),
                "holds": told.holds,
                "decided_by": findings(told.findings),
            }
        case TriedWorkflow():
            return {"type": "workflow", **_workflow(told)}


def _worker(told: TriedWorker) -> dict[str, Any]:
    return {
        "friendly_name": told.worker.friendly_name,
        "activity_sid": told.worker.activity_sid,
        "activity_name": told.worker.activity_name,
        "available": told.worker.available,
        "task_queues": {
            "count": told.serves,
            "left_out": told.queues_left_out,
            "task_queues": [
                {
                    "sid": one.queue.sid,
                    "friendly_name": one.queue.friendly_name,
                    "target_workers": cut(one.queue.target_workers),
                    "serves": one.serves,
                    "decided_by": findings(one.findings),
                }
                for one in told.queues
            ],
        },
        "eligible": {"count": told.count, "tasks": [_task(told, one) for one in told.tasks]},
        "others": {
            "count": sum(told.by_reason.values()),
            "by_reason": told.by_reason,
            "tasks": [
                {
                    **_task(told, one.task),
                    "reason": one.reason,
                    "message": sentence(one.reason, told.worker, one.task.task_channel_sid),
                    "decided_by": findings(one.findings),
                }
                for one in told.others
            ],
        },
    }


def _task(told: TriedWorker, task: TaskFact) -> dict[str, Any]:
    return {
        "task_sid": task.sid,
        "priority": task.priority,
        "virtual_start_time": iso(task.virtual_start_at),
        "task_queue_sid": task.queue_sid,
        "task_queue_friendly_name": told.names.get(task.queue_sid or ""),
    }


def _workflow(told: TriedWorkflow) -> dict[str, Any]:
    return {
        "looked_at": told.looked_at,
        "has_more": told.has_more,
        "moves": [
            {"from": _queue(before), "to": _queue(after), "count": count} for before, after, count in told.counts
        ],
        "tasks": [
            {
                "task_sid": move.task.sid,
                "from": _queue(move.queue),
                "to": _queue(move.to),
                "target": move.target.path if move.target is not None else None,
                "priority": move.priority,
                "filters": [tried(one) for one in move.filters],
            }
            for move in told.moves
        ],
    }


def _queue(queue: TaskQueue | None) -> dict[str, str] | None:
    return {"sid": queue.sid, "friendly_name": queue.friendly_name} if queue is not None else None
