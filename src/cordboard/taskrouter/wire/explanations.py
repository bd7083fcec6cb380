"""Why a task is where it is: ``GET /cordboard/v1/Workspaces/{WorkspaceSid}/Tasks/{TaskSid}/Explanation``.

However many workers and filters there are, an answer lists at most ``Limit`` of each kind and counts the rest.
"""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from cordboard.kernel import json
from cordboard.kernel.clock import iso
from cordboard.rest.forms import Form, PathValue, sid
from cordboard.rest.routes import Urls
from cordboard.routing.capacity import Hindrance
from cordboard.routing.eligibility import Miss
from cordboard.routing.explaining import Tried
from cordboard.routing.expressions.findings import Finding, shown
from cordboard.routing.facts import WorkerFact
from cordboard.routing.lifecycle import ReservationStatus, TaskStatus
from cordboard.routing.ordering import last_reserved_us, parse_order_by
from cordboard.routing.workflow import Filter, Target
from cordboard.taskrouter.model import Reservation, Task, TaskQueue, Workflow

_LONGEST = 300
_MICROSECONDS = 1000

Limit = Annotated[int, Meta(ge=1, le=1000, description="how many of each kind are listed; the rest are counted")]

# Three that the router holds for one: who was asked once is not asked again.
PENDING_OFFER, ASKED_ALREADY, HANDS_ON = "pending_offer", "asked_already", "transfers_the_task"

SENTENCES: dict[str, str] = {
    Miss.NOT_NAMED: "the task is for another worker alone",
    Miss.QUEUE: "TargetWorkers of the queue does not hold",
    Miss.TARGET: "what the workflow's target asks does not hold",
    Miss.AWAY: "was just offered something; what came of it is not known yet",
    PENDING_OFFER: "has a pending reservation of this task",
    ASKED_ALREADY: "was asked already; is asked again when everybody has declined",
    HANDS_ON: "hands the task on",
    Hindrance.UNAVAILABLE: "is in an activity that is not available",
    Hindrance.NO_CHANNEL: "is not on the task's channel",
    Hindrance.CHANNEL_UNAVAILABLE: "is not available on the task's channel",
    Hindrance.NO_CAPACITY: "has no capacity left on the task's channel",
    Hindrance.OCCUPIED: "has an open reservation, and the workspace allows one at a time (MultiTaskEnabled=false)",
}


class OneExplanation(Form, frozen=True, kw_only=True):
    """Which task; with ``WorkerSid`` only that worker is looked at."""

    workspace_sid: PathValue
    task_sid: PathValue
    worker_sid: Annotated[str, sid("WK")] | None = None
    limit: Limit = 20


class Other(msgspec.Struct, frozen=True):
    """A worker who cannot get the task, and what decided if it was an expression."""

    worker: WorkerFact
    reason: str
    findings: list[Finding]


class Staff(msgspec.Struct, frozen=True):
    """Who can get a task, in order, and who cannot, the nearest first: how many, and the first of them."""

    count: int
    eligible: list[WorkerFact]
    by_reason: dict[str, int]
    others: list[Other]


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of a task. ``staff`` is None for one that wants nobody any more; ``ends_at`` is when it is canceled unassigned.

    ``moves_at`` is when the time of its target is over, ``moves_to`` the target and queue that come then; None: out of the workflow.
    """

    task: Task
    age_s: int
    is_stored: bool
    workflow: Workflow | None
    filters: list[Tried]
    filters_left_out: int
    filter_: Filter | None
    target: Target | None
    queue: TaskQueue | None
    tasks_before: int
    reservations: list[Reservation]
    moves_at: int | None
    moves_to: tuple[Target, TaskQueue] | None
    ends_at: int | None
    staff: Staff | None


def explanation(told: Explanation, urls: Urls) -> dict[str, Any]:
    """An explanation; SID and URL of a task that is not stored are null."""
    task = told.task
    url = f"{urls.base}/v1/Workspaces/{task.workspace_sid}/Tasks/{task.sid}/Explanation"
    return {
        "task_sid": task.sid if told.is_stored else None,
        "account_sid": task.account_sid,
        "workspace_sid": task.workspace_sid,
        "summary": summary(told),
        "assignment_status": task.assignment_status,
        "reason": task.reason,
        "age": told.age_s,
        "priority": task.priority,
        "task_channel_sid": task.task_channel_sid,
        "task_channel_unique_name": task.task_channel_unique_name,
        "routing_target": task.routing_target,
        "ignore_capacity": task.ignore_capacity,
        "transfer_to": task.transfer.to if task.transfer is not None else None,
        "workflow": _workflow(told),
        "filters": [tried(one) for one in told.filters],
        "filters_left_out": told.filters_left_out,
        "target": _target(told),
        "task_queue": _queue(told),
        "moves_on": _moves_on(told),
        "date_expires": iso(told.ends_at),
        "reservations": [_reservation(one) for one in told.reservations],
        "eligible": _eligible(told),
        "others": _others(told),
        "url": url if told.is_stored else None,
    }


def summary(told: Explanation) -> str:
    """One sentence for a person."""
    task, staff = told.task, told.staff
    held = " and ".join(one.worker_name for one in told.reservations)
    if staff is None:
        because = f": {task.reason}" if task.reason else ""
        return f"{task.assignment_status}{f', with {held}' if held else ''}{because}"
    where = f" in {told.queue.friendly_name}" if told.queue is not None else ""
    if task.assignment_status is TaskStatus.RESERVED:
        return f"reserved{where}, waiting for the answer of {held}"
    if staff.eligible:
        return f"pending{where}: {staff.eligible[0].friendly_name} is who gets it"
    if not staff.by_reason:
        return f"pending{where}: there is no worker"
    counted = ", ".join(f"{count} {reason}" for reason, count in staff.by_reason.items())
    return f"pending{where}: nobody can get it now ({counted})"


def findings(found: Sequence[Finding]) -> list[dict[str, Any]]:
    """What decided; a long text is cut, and a long value becomes a text that is."""
    return [
        {
            "part": cut(one.part),
            "holds": one.holds,
            "values": {cut(path): _bounded(value) for path, value in one.values.items()},
        }
        for one in found
    ]


def sentence(reason: str, worker: WorkerFact, task_channel_sid: str) -> str:
    """Why a worker cannot get a task of a channel."""
    channel = worker.channels.get(task_channel_sid)
    if reason == Hindrance.NO_CAPACITY and channel is not None:
        return f"has {channel.load} of {channel.configured_capacity} places on {channel.unique_name} taken"
    if reason == Hindrance.UNAVAILABLE:
        return f"is in {worker.activity_name}, which is not available"
    if reason == Hindrance.CHANNEL_UNAVAILABLE and channel is not None:
        return f"is not available on {channel.unique_name}"
    return SENTENCES[reason]


def tried(one: Tried) -> dict[str, Any]:
    """A filter, and what it has to do with the task."""
    return {
        "index": one.index,
        "friendly_name": one.name,
        "expression": cut(one.expression) if one.expression is not None else None,
        "outcome": one.outcome,
        "decided_by": findings(one.findings),
    }


def cut(text: str) -> str:
    """A text that may be long."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _workflow(told: Explanation) -> dict[str, Any] | None:
    if told.workflow is None:
        return None
    newest = told.task.configuration_number == told.workflow.configuration_number
    return {
        "sid": told.workflow.sid,
        "friendly_name": told.workflow.friendly_name,
        "configuration": "newest" if newest else "older",
    }


def _target(told: Explanation) -> dict[str, Any] | None:
    target, standing = told.target, told.task.standing
    if target is None or standing is None:
        return None
    return {
        "filter_index": standing.place.filter_index,
        "filter_friendly_name": told.filter_.name if told.filter_ is not None else target.name,
        "index": standing.place.target_index,
        "count": len(told.filter_.targets) if told.filter_ is not None else 1,
        "friendly_name": target.name,
        "priority": target.priority,
        "timeout": target.timeout_ms // 1000 if target.timeout_ms is not None else None,
        "expression": cut(target.expression) if target.expression is not None else None,
        "order_by": target.asks.order_by if target.asks is not None else None,
        "skip_if": cut(target.skip_if.text) if target.skip_if is not None else None,
        "known_worker": (
            {"key": target.known_worker.key, "attribute": shown(("task", *target.known_worker.steps))}
            if target.known_worker is not None
            else None
        ),
    }


def _queue(told: Explanation) -> dict[str, Any] | None:
    if told.queue is None:
        return None
    return {
        "sid": told.queue.sid,
        "friendly_name": told.queue.friendly_name,
        "target_workers": cut(told.queue.target_workers),
        "task_order": told.queue.task_order,
        "max_reserved_workers": told.queue.max_reserved_workers,
        "tasks_before": told.tasks_before,
    }


def _moves_on(told: Explanation) -> dict[str, Any] | None:
    if told.moves_at is None:
        return None
    if told.moves_to is None:
        return {"date": iso(told.moves_at), "target": None, "task_queue": None}
    target, queue = told.moves_to
    return {
        "date": iso(told.moves_at),
        "target": target.path,
        "task_queue": {"sid": queue.sid, "friendly_name": queue.friendly_name},
    }


def _reservation(one: Reservation) -> dict[str, Any]:
    pending = one.reservation_status is ReservationStatus.PENDING
    return {
        "sid": one.sid,
        "reservation_status": one.reservation_status,
        "worker_sid": one.worker_sid,
        "worker_name": one.worker_name,
        "date_expires": iso(one.expires_at) if pending and not one.on_hold else None,
    }


def _eligible(told: Explanation) -> dict[str, Any]:
    staff = told.staff
    asks = told.target.asks if told.target is not None else None
    clauses = parse_order_by(asks.order_by) if asks is not None and asks.order_by is not None else ()
    return {
        "count": staff.count if staff is not None else 0,
        "workers": [
            {
                "worker_sid": worker.sid,
                "friendly_name": worker.friendly_name,
                "last_reserved": _moment(last_reserved_us(worker)),
                "ordered_by": [shown(("worker", *clause.steps)) for clause in clauses],
            }
            for worker in (staff.eligible if staff is not None else ())
        ],
    }


def _others(told: Explanation) -> dict[str, Any]:
    staff = told.staff
    return {
        "count": sum(staff.by_reason.values()) if staff is not None else 0,
        "by_reason": staff.by_reason if staff is not None else {},
        "workers": [
            {
                "worker_sid": other.worker.sid,
                "friendly_name": other.worker.friendly_name,
                "reason": other.reason,
                "message": sentence(other.reason, other.worker, told.task.task_channel_sid),
                "decided_by": findings(other.findings),
            }
            for other in (staff.others if staff is not None else ())
        ],
    }


def _moment(microseconds: int | None) -> str | None:
    return None if microseconds is None else iso(microseconds // _MICROSECONDS)


def _bounded(value: object) -> object:
    if isinstance(value, int | float | None):
        return value
    text = value if isinstance(value, str) else json.dump(value)
    return value if len(text) <= _LONGEST else cut(text)
