"""A waiting task's way through its workflow: what `routing.walk` says, done to its row.

What sets a task in motion, each in a unit of its own or in the one that is the cause:

    time-out       its alarm, at the end of its target's time or of its time to live, whichever is first
    waits again    its last offer was rejected, timed out or canceled: on, if the target's time is over by now
    attributes     a pending task's at once; a reserved one's when it waits again
    skip           the router found nobody and ``skip_if`` holds (`routing.skipping`)
    new workflow   ``ReEvaluateTasks``: from the top of the newest configuration, as though it had just come

Nothing here depends on the router, a floor or a lease: whoever rings the alarm reads the row again and acts if it still applies.
A task that walks through no workflow (sent to a queue or to a worker), and one that is being transferred, stays where it is.

A queue that an older configuration names may be gone by now: its target is passed over as if it were skipped.
"""

from typing import Any

import msgspec

from cordboard.kernel.clock import MILLISECONDS
from cordboard.kernel.json import parse
from cordboard.routing import walk
from cordboard.routing.expressions.compiler import at
from cordboard.routing.lifecycle import TaskStatus
from cordboard.routing.walk import Moment, Step
from cordboard.routing.workflow import Workflow as Plan
from cordboard.storage.unit import Unit, View
from cordboard.taskrouter.model import Standing, Task, TaskQueue, Workflow
from cordboard.taskrouter.store.task_queues import TASK_QUEUES
from cordboard.taskrouter.store.tasks import TASKS

from .configuration import pinned, plan_of
from .tasks import cancel, live_until, task_happened

FELL_OUT = "Task canceled on Workflow timeout"


class Matched(msgspec.Struct, frozen=True):
    """The target that a task enters, as events tell of it. Of a known agent it says whom the task names."""

    filter_index: int | None
    filter_name: str | None
    filter_expression: str | None
    target_index: int
    target_name: str | None
    target_expression: str | None
    queue_sid: str
    priority: int | None
    known_worker_sid: str | None = None
    known_worker_friendly_name: str | None = None


async def time_out(unit: Unit, task: Task) -> None:
    """The alarm of a waiting task rang: on, if its target's time is over. Its alarm is set again."""
    task = await _on_if_over(unit, task)
    if task.ended_at is None:
        live_until(unit, task, due_at(task, unit.now))


async def waits_again(unit: Unit, task: Task) -> Task:
    """The last offer of a task has ended without being accepted: it is pending, and may have to go elsewhere."""
    if task.standing is not None and task.standing.attributes_changed:
        return await _follow_attributes(unit, task)
    return await _on_if_over(unit, task)


async def attributes_changed(unit: Unit, task: Task) -> Task:
    """A task has other attributes: they may lead it elsewhere, now or when it waits again."""
    if task.standing is None or task.transfer is not None:
        return task
    if task.assignment_status is TaskStatus.PENDING:
        return await _follow_attributes(unit, task)
    if task.assignment_status is TaskStatus.RESERVED:
        return unit.update(TASKS, task, standing=msgspec.structs.replace(task.standing, attributes_changed=True))
    return task


async def skip(unit: Unit, task: Task) -> Task:
    """On from a target that is skipped."""
    found = await pinned(unit, task)
    if found is None or task.standing is None:
        return task
    workflow, plan = found
    step = walk.skip(plan, task.standing.place, moment(task, unit.now))
    return await _go(unit, task, workflow, plan, step, because="skipped")


async def re_evaluate(unit: Unit, task: Task, workflow: Workflow) -> Task:
    """A pending task goes through its workflow's newest configuration from the top."""
    plan = plan_of(workflow.configuration)
    step = walk.enter(plan, moment(task, unit.now))
    return await _go(unit, task, workflow, plan, step, because="re-evaluated")


def moment(task: Task, now: int) -> Moment:
    """What filters see of a task at a time."""
    return Moment(parse(task.attributes), now, now - task.created_at)


def due_at(task: Task, now: int) -> int:
    """When the alarm of a waiting task is to ring next: the end of its target's time, if that is to come, or of its own."""
    ends_at = task.created_at + task.timeout_s * MILLISECONDS
    until = task.standing.place.until if task.standing is not None and task.transfer is None else None
    if until is None or task.created_at + until <= now:
        return ends_at
    return min(ends_at, task.created_at + until)


def stand(task: Task | None, step: Step) -> Standing:
    """Where a task stands after a step; None for one that is just being made."""
    target = step.target
    return Standing(
        step.place,
        step=task.standing.step + 1 if task is not None and task.standing is not None else 1,
        assignments=task.assignment_counter if task is not None else 0,
        asks=target.asks,
        skip_if=target.skip_if.text if target.skip_if is not None else None,
    )


def matched(plan: Plan, step: Step, attributes: dict[str, Any]) -> Matched:
    """What is told of a step."""
    entered = walk.filter_at(plan, step.place)
    target, known = step.target, step.target.known_worker
    meant = at(attributes, known.steps) if known is not None else None
    return Matched(
        filter_index=step.place.filter_index,
        filter_name=entered.name if entered is not None else None,
        filter_expression=entered.expression.text if entered is not None and entered.expression is not None else None,
        target_index=step.place.target_index,
        target_name=target.name,
        target_expression=target.expression,
        queue_sid=target.queue_sid,
        priority=step.priority,
        known_worker_sid=meant if known is not None and known.key == "sid" and isinstance(meant, str) else None,
        known_worker_friendly_name=(
            meant if known is not None and known.key == "friendly_name" and isinstance(meant, str) else None
        ),
    )


async def queue_of(
    view: View, plan: Plan, step: Step | None, asked: Moment
) -> tuple[Step, TaskQueue] | tuple[None, None]:
    """The step with its queue; from a target whose queue is gone the task is on its way to the next."""
    while step is not None:
        queue = await view.get(TASK_QUEUES, step.target.queue_sid)
        if queue is not None:
            return step, queue
        step = walk.skip(plan, step.place, asked)
    return None, None


async def _on_if_over(unit: Unit, task: Task) -> Task:
    standing, asked = task.standing, moment(task, unit.now)
    if standing is None or task.assignment_status is not TaskStatus.PENDING:
        return task
    until = standing.place.until
    found = await pinned(unit, task) if until is not None and until <= asked.age else None
    if found is None:
        return task
    workflow, plan = found
    step = walk.time_out(plan, standing.place, asked)
    return await _go(unit, task, workflow, plan, step, because="timeout")


async def _follow_attributes(unit: Unit, task: Task) -> Task:
    found = await pinned(unit, task)
    if found is None or task.standing is None:
        return task
    workflow, plan = found
    place = task.standing.place
    step = walk.enter(plan, moment(task, unit.now), place.outlived)
    if step is None or step.place.filter_index != place.filter_index:
        return await _go(unit, task, workflow, plan, step, because="attributes")
    if task.standing.attributes_changed:
        task = unit.update(TASKS, task, standing=msgspec.structs.replace(task.standing, attributes_changed=False))
    return await _on_if_over(unit, task)


async def _go(unit: Unit, task: Task, workflow: Workflow, plan: Plan, step: Step | None, *, because: str) -> Task:
    """Put a pending task where a step leads, or let it fall out, and tell why."""
    asked = moment(task, unit.now)
    named = {"sid": workflow.sid, "friendly_name": workflow.friendly_name}
    left = await unit.get(TASK_QUEUES, task.task_queue_sid) if task.task_queue_sid is not None else None
    if because == "timeout":
        task_happened(unit, "task-queue.timeout", task, workflow=named, task_queue=left)
    step, queue = await queue_of(unit, plan, step, asked)
    if step is None or queue is None:
        type_ = "workflow.skipped" if because == "skipped" else "workflow.timeout"
        task_happened(unit, type_, task, workflow=named, task_queue=left)
        return await cancel(unit, task, FELL_OUT)
    unit.guard(TASK_QUEUES, queue)
    before = {"previous_priority": task.priority, "previous_task_queue": _name(left), "target_changed_reason": because}
    moves = queue.sid != task.task_queue_sid
    if moves:
        task_happened(unit, "task-queue.moved", task, workflow=named, task_queue=left, next_task_queue=_name(queue))
    task = unit.update(
        TASKS,
        task,
        configuration_number=workflow.configuration_number if because == "re-evaluated" else task.configuration_number,
        task_queue_sid=queue.sid,
        queue_entered_at=unit.now if moves else task.queue_entered_at,
        priority=task.priority if step.priority is None else step.priority,
        standing=stand(task, step),
    )
    live_until(unit, task, due_at(task, unit.now))
    if moves:
        task_happened(unit, "task-queue.entered", task, workflow=named, task_queue=queue, **before)
    target = matched(plan, step, asked.attributes)
    task_happened(unit, "workflow.target-matched", task, workflow=named, task_queue=queue, target=target, **before)
    return task


def _name(queue: TaskQueue | None) -> dict[str, str] | None:
    return {"sid": queue.sid, "friendly_name": queue.friendly_name} if queue is not None else None
