"""Explanations put together: the task from its row, its way from the configuration that it entered by, the workers from the floor.

Verdicts are those of ``routing``. Each node has a floor, which is behind the rows by what is under way, or on SQLite ahead of them.
"""

from itertools import islice
from typing import NamedTuple

import msgspec

from cordboard.kernel import json
from cordboard.kernel.clock import MILLISECONDS
from cordboard.kernel.errors import Unavailable
from cordboard.routing import explaining
from cordboard.routing.eligibility import Miss, Reason
from cordboard.routing.explaining import Tried
from cordboard.routing.facts import TaskFact, WorkerFact
from cordboard.routing.lifecycle import ReservationStatus, TaskStatus
from cordboard.routing.walk import Moment, Place, filter_at
from cordboard.routing.workflow import Target
from cordboard.routing.workflow import Workflow as Plan
from cordboard.storage.unit import View
from cordboard.taskrouter.model import Reservation, Task, TaskQueue, Workflow
from cordboard.taskrouter.store.reservations import OPEN_OF_TASK
from cordboard.taskrouter.store.task_queues import TASK_QUEUES
from cordboard.taskrouter.wire.explanations import ASKED_ALREADY, HANDS_ON, PENDING_OFFER, Explanation, Other, Staff

from .floors import Floors
from .rooms import Room
from .walking import queue_of


class Only(NamedTuple):
    """How much is told: at most so many of a kind; with ``worker_sid`` only that worker."""

    limit: int
    worker_sid: str | None = None


_WAITING = (TaskStatus.PENDING, TaskStatus.RESERVED)


def room_of(view: View, workspace_sid: str) -> Room:
    """The workspace in memory. Raises Unavailable while this node has not heard of it."""
    room = view.ports.projections.of(Floors).rooms.get(workspace_sid)
    if room is None:
        message = f"Workspace {workspace_sid} was just made and is not known to the router here. Try again in a moment."
        raise Unavailable(message)
    return room


async def explain(
    view: View,
    room: Room,
    task: Task,
    found: tuple[Workflow, Plan] | None,
    only: Only,
    *,
    is_stored: bool = True,
) -> Explanation:
    """Explain a task of a workflow's configuration, or of none; it may be one that is not stored."""
    plan = found[1] if found is not None else None
    standing, attributes = task.standing, json.parse(task.attributes)
    place = standing.place if standing is not None else None
    reservations = await view.all(OPEN_OF_TASK, task.sid) if is_stored else []
    queue = await view.get(TASK_QUEUES, task.task_queue_sid) if task.task_queue_sid is not None else None
    waits = task.assignment_status in _WAITING
    fact = room.task_fact(task, attributes)
    moves_at: int | None = None
    moves_to: tuple[Target, TaskQueue] | None = None
    if waits and task.transfer is None and plan is not None and place is not None and place.until is not None:
        moves_at = task.created_at + place.until
        moves_to = await _next(view, plan, place, Moment(attributes, view.now, view.now - task.created_at))
    tried = filters_tried(task, plan)
    ends_at = task.created_at + task.timeout_s * MILLISECONDS if waits and task.transfer is None else None
    return Explanation(
        task=task,
        age_s=max(0, (task.ended_at or view.now) - task.created_at) // MILLISECONDS,
        is_stored=is_stored,
        workflow=found[0] if found is not None else None,
        filters=tried[-only.limit :],
        filters_left_out=max(0, len(tried) - only.limit),
        filter_=filter_at(plan, place) if plan is not None and place is not None else None,
        target=_target(plan, place) if plan is not None and place is not None else None,
        queue=queue,
        tasks_before=room.floor.before(fact) if waits and queue is not None else 0,
        reservations=reservations,
        moves_at=moves_at,
        moves_to=moves_to,
        ends_at=ends_at,
        staff=_staff(room, task, fact, reservations, view.now, only) if waits else None,
    )


def filters_tried(task: Task, plan: Plan | None) -> list[Tried]:
    """The filters that a task of this configuration went down. What time of day they saw follows from when it entered its filter."""
    if plan is None or task.direct_worker_sid is not None or (task.standing is None and task.ended_at is None):
        return []
    place = task.standing.place if task.standing is not None else None
    age = place.counted_from if place is not None else 0
    moment = Moment(json.parse(task.attributes), task.created_at + age, age)
    return list(explaining.filters_tried(plan, place, moment))


async def _next(view: View, plan: Plan, place: Place, moment: Moment) -> tuple[Target, TaskQueue] | None:
    step, queue = await queue_of(view, plan, explaining.moves_on(plan, place, moment), moment)
    return (step.target, queue) if step is not None and queue is not None else None


def _target(plan: Plan, place: Place) -> Target | None:
    entered = filter_at(plan, place)
    return entered.targets[place.target_index] if entered is not None else plan.default


def _staff(room: Room, task: Task, fact: TaskFact, reservations: list[Reservation], now: int, only: Only) -> Staff:
    pending = {one.worker_sid for one in reservations if one.reservation_status is ReservationStatus.PENDING}
    former = task.transfer.from_worker_sid if task.transfer is not None else None
    fact = msgspec.structs.replace(fact, reserved_by=fact.reserved_by | pending)

    def spelled(reason: Reason, worker: WorkerFact) -> str:
        if worker.sid in pending:
            return PENDING_OFFER
        if reason is not Miss.ASKED:
            return reason.value
        return HANDS_ON if worker.sid == former else ASKED_ALREADY

    looked = explaining.who(room.floor, fact, now)
    by_reason: dict[str, int] = {}
    shown: list[tuple[WorkerFact, Reason, str]] = []
    for reason, workers in looked.others.items():
        for worker in workers:
            word = spelled(reason, worker)
            by_reason[word] = by_reason.get(word, 0) + 1
            if len(shown) < only.limit and only.worker_sid in {None, worker.sid}:
                shown.append((worker, reason, word))
    others = [
        Other(worker, word, explaining.why_not(room.floor, fact, worker, reason, now)) for worker, reason, word in shown
    ]
    eligible = (worker for worker in looked.eligible if only.worker_sid in {None, worker.sid})
    return Staff(len(looked.eligible), list(islice(eligible, only.limit)), by_reason, others)
