"""Where a task goes: into a workflow's queue, straight into a queue, or to one worker.

Entering happens in the unit that creates the task, so the answer shows where it stands (design D5); finding a worker is the router's
and comes after.
"""

from typing import Any, NamedTuple

import msgspec

from cordboard.routing import walk
from cordboard.routing.lifecycle import TaskStatus
from cordboard.routing.walk import Moment, Step
from cordboard.routing.workflow import Workflow as Plan
from cordboard.storage.unit import Unit, View
from cordboard.taskrouter.happenings import TaskEnded
from cordboard.taskrouter.model import NamedTask, Task, TaskChannel, TaskQueue, Workflow
from cordboard.taskrouter.store.tasks import TASKS

from .configuration import plan_of
from .tasks import KEPT_MS, live_until, task_happened
from .walking import FELL_OUT, due_at, matched, queue_of, stand


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


class Draft(NamedTuple):
    """A task as it enters, and the target that it stands in: both None for one that goes past its workflow or is lost."""

    task: Task
    queue: TaskQueue | None
    plan: Plan | None
    entered: Step | None


async def draft(view: View, new: NewTask, sid: str) -> Draft:
    """The task that would be, where it would go. No filter matches and there is no default: it would be canceled at once."""
    direct = new.queue is not None or new.worker_sid is not None
    workflow = new.workflow
    plan = plan_of(workflow.configuration) if workflow is not None and not direct else None
    entered: Step | None = None
    queue = new.queue
    if plan is not None:
        moment = Moment(new.parsed_attributes, view.now)
        entered, queue = await queue_of(view, plan, walk.enter(plan, moment), moment)
    lost = new.misses is not None or (not direct and queue is None)
    task = Task(
        sid=sid,
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
        routing_target=new.routing_target,
        ignore_capacity=new.ignore_capacity,
        assignment_counter=0,
        virtual_start_at=new.virtual_start_at,
        queue_entered_at=view.now if queue else None,
        ended_at=view.now if lost else None,
        created_at=view.now,
        updated_at=view.now,
        standing=stand(None, entered) if entered is not None else None,
    )
    return Draft(task, queue, plan, entered)


async def begin(unit: Unit, new: NewTask) -> NamedTask:
    """Make a task and let it enter where it goes."""
    task, queue, plan, entered = await draft(unit, new, unit.sid("WT"))
    task = unit.insert(TASKS, task)
    workflow = new.workflow
    direct = new.queue is not None or new.worker_sid is not None
    lost = task.ended_at is not None
    named = NamedTask(
        task, workflow.friendly_name if workflow else None, queue.friendly_name if queue else None, unit.now
    )
    # One object for all events: the journal keeps it once.
    name = _name(workflow)
    if workflow is not None and not direct:
        task_happened(unit, "workflow.entered", task, workflow=name)
    if queue is not None:
        task_happened(unit, "task-queue.entered", task, task_queue=queue)
    task_happened(unit, "task.created", task, workflow=name, task_queue=queue)
    if plan is not None and entered is not None:
        target = matched(plan, entered, new.parsed_attributes)
        task_happened(unit, "workflow.target-matched", task, workflow=name, target=target)
    if lost and not direct:
        task_happened(unit, "workflow.timeout", task, workflow=name)
    if lost:
        task_happened(unit, "task.canceled", task)
        live_until(unit, task, unit.now + KEPT_MS)
        await unit.announce(TaskEnded(task))
    else:
        live_until(unit, task, due_at(task, unit.now))
    return named


def _name(workflow: Workflow | None) -> dict[str, str] | None:
    return {"sid": workflow.sid, "friendly_name": workflow.friendly_name} if workflow else None
