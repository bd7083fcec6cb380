"""Where a task goes: into a workflow's queue, straight into a queue, or to one worker.

Entering happens in the unit that creates the task, so the answer shows where it stands (design D5); finding a worker is the router's
and comes after.
"""

from typing import Any

import msgspec

from cordboard.routing import walk
from cordboard.routing.lifecycle import TaskStatus
from cordboard.routing.walk import Moment, Step
from cordboard.storage.unit import Unit
from cordboard.taskrouter.happenings import TaskEnded
from cordboard.taskrouter.model import NamedTask, Task, TaskChannel, TaskQueue, Workflow
from cordboard.taskrouter.store.tasks import TASKS

from .configuration import plan_of
from .tasks import KEPT_MS, live_until, task_happened
from .walking import FELL_OUT, due_at, matched, queue_of, stand

DEFAULT_RESERVATION_TIMEOUT_S = 120


class NewTask(msgspec.Struct, frozen=True, kw_only=True):
    """A task that is to be: what it is, and where it goes: ``workflow``, or ``queue`` or ``worker_sid`` directly.

    ``misses`` says why nobody can ever get it; then it is canceled at once.
    """

    account_sid: str
    workspace_sid: str
    channel: TaskChannel
    attributes: str
    parsed_attributes: dict[str, Any]
    workflow: Workflow | None
    queue: TaskQueue | None
    worker_sid: str | None
    routing_target: str | None
    ignore_capacity: bool
    priority: int
    timeout_s: int
    virtual_start_at: int
    misses: str | None = None


async def begin(unit: Unit, new: NewTask) -> NamedTask:
    """Make a task and let it enter where it goes. No filter matches and there is no default: it is canceled at once."""
    direct = new.queue is not None or new.worker_sid is not None
    workflow = new.workflow
    plan = plan_of(workflow.configuration) if workflow is not None and not direct else None
    entered: Step | None = None
    queue = new.queue
    if plan is not None:
        moment = Moment(new.parsed_attributes, unit.now)
        entered, queue = await queue_of(unit, plan, walk.enter(plan, moment), moment)
    lost = new.misses is not None or (not direct and queue is None)
    task = unit.insert(
        TASKS,
        Task(
            sid=unit.sid("WT"),
            version=0,
            account_sid=new.account_sid,
            workspace_sid=new.workspace_sid,
            workflow_sid=workflow.sid if workflow else None,
            configuration_number=workflow.configuration_number if workflow else None,
            task_queue_sid=queue.sid if queue else None,
            task_channel_sid=new.channel.sid,
            task_channel_unique_name=new.channel.unique_name,
            assignment_status=TaskStatus.CANCELED if lost else TaskStatus.PENDING,
            attributes=new.attributes,
            addons="{}",
            priority=entered.priority if entered is not None and entered.priority is not None else new.priority,
            reason=new.misses or (FELL_OUT if lost else None),
            timeout_s=new.timeout_s,
            reservation_timeout_s=workflow.reservation_timeout_s if workflow else DEFAULT_RESERVATION_TIMEOUT_S,
            routing_target=new.routing_target,
            ignore_capacity=new.ignore_capacity,
            assignment_counter=0,
            virtual_start_at=new.virtual_start_at,
            queue_entered_at=unit.now if queue else None,
            ended_at=unit.now if lost else None,
            created_at=unit.now,
            updated_at=unit.now,
            standing=stand(None, entered) if entered is not None else None,
        ),
    )
    named = NamedTask(
        task, workflow.friendly_name if workflow else None, queue.friendly_name if queue else None, unit.now
    )
    if workflow is not None and not direct:
        task_happened(unit, "workflow.entered", task, workflow=_name(workflow))
    if queue is not None:
        task_happened(unit, "task-queue.entered", task, task_queue=queue)
    task_happened(unit, "task.created", task, workflow=_name(workflow), task_queue=queue)
    if plan is not None and entered is not None:
        target = matched(plan, entered, new.parsed_attributes)
        task_happened(unit, "workflow.target-matched", task, workflow=_name(workflow), target=target)
    if lost and not direct:
        task_happened(unit, "workflow.timeout", task, workflow=_name(workflow))
    if lost:
        task_happened(unit, "task.canceled", task)
        live_until(unit, task, unit.now + KEPT_MS)
        await unit.announce(TaskEnded(task))
    else:
        live_until(unit, task, due_at(task, unit.now))
    return named


def _name(workflow: Workflow | None) -> dict[str, str] | None:
    return {"sid": workflow.sid, "friendly_name": workflow.friendly_name} if workflow else None
