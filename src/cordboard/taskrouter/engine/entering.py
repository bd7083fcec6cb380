"""Where a task goes: into a workflow's queue, straight into a queue, or to one worker.

Entering happens in the unit that creates the task, so the answer shows where it stands (design D5); finding a worker is the router's
and comes after.
"""

from functools import lru_cache
from typing import Any

import msgspec

from cordboard.kernel.clock import MILLISECONDS
from cordboard.kernel.json import parse
from cordboard.routing.lifecycle import TaskStatus
from cordboard.routing.workflow import Entered, enter, parse_workflow
from cordboard.routing.workflow import Workflow as Plan
from cordboard.storage.unit import Unit
from cordboard.taskrouter.model import (
    NamedTask,
    Task,
    TaskChannel,
    TaskEnded,
    TaskQueue,
    Workflow,
    WorkflowConfiguration,
)
from cordboard.taskrouter.store.task_queues import TASK_QUEUES
from cordboard.taskrouter.store.tasks import TASKS
from cordboard.taskrouter.store.workflows import CONFIGURATIONS
from cordboard.timers.schedule import schedule as set_alarm

from .tasks import TASK_TIMEOUT, cancel, task_happened

DEFAULT_RESERVATION_TIMEOUT_S = 120
FELL_OUT = "Task canceled on Workflow timeout"


class NewTask(msgspec.Struct, frozen=True, kw_only=True):
    """A task that is to be: what it is, and where it goes: ``workflow``, or ``queue`` or ``worker_sid`` directly."""

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


async def begin(unit: Unit, new: NewTask) -> NamedTask:
    """Make a task and let it enter where it goes. No filter matches and there is no default: it is canceled at once."""
    entered: Entered | None = None
    queue = new.queue
    direct = new.queue is not None or new.worker_sid is not None
    if new.workflow is not None and not direct:
        entered = enter(_plan(new.workflow.configuration), new.parsed_attributes, unit.now)
        queue = await unit.get(TASK_QUEUES, entered.queue_sid) if entered is not None else None
    lost = not direct and queue is None
    workflow = new.workflow
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
            reason=FELL_OUT if lost else None,
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
    if entered is not None:
        task_happened(unit, "workflow.target-matched", task, workflow=_name(workflow), target=entered)
    if lost:
        task_happened(unit, "workflow.timeout", task, workflow=_name(workflow))
        task_happened(unit, "task.canceled", task)
        await unit.announce(TaskEnded(task))
    else:
        set_alarm(unit, TASK_TIMEOUT, task.sid, task.account_sid, unit.now + new.timeout_s * MILLISECONDS)
    return named


async def re_enter(unit: Unit, task: Task) -> Task:
    """A pending task whose attributes changed goes through its configuration again, from the top (taskrouter.md 5.9)."""
    if task.workflow_sid is None or task.configuration_number is None or task.routing_target is not None:
        return task
    pinned = await unit.get(CONFIGURATIONS, task.workflow_sid, task.configuration_number)
    if pinned is None:
        return task
    entered = enter(_plan(pinned.configuration), parse(task.attributes), unit.now)
    queue = await unit.get(TASK_QUEUES, entered.queue_sid) if entered is not None else None
    if entered is None or queue is None:
        task_happened(unit, "workflow.timeout", task)
        return await cancel(unit, task, FELL_OUT)
    moved = queue.sid != task.task_queue_sid
    if moved:
        task_happened(unit, "task-queue.moved", task)
    task = unit.update(
        TASKS,
        task,
        task_queue_sid=queue.sid,
        queue_entered_at=unit.now if moved else task.queue_entered_at,
        priority=task.priority if entered.priority is None else entered.priority,
    )
    if moved:
        task_happened(unit, "task-queue.entered", task, task_queue=queue)
    task_happened(unit, "workflow.target-matched", task, target=entered)
    return task


def keep_configuration(unit: Unit, workflow: Workflow) -> None:
    """Store a workflow's present configuration under its number, for the tasks that will be pinned to it."""
    unit.insert(
        CONFIGURATIONS,
        WorkflowConfiguration(
            workflow.sid, workflow.configuration_number, workflow.workspace_sid, workflow.configuration
        ),
    )


def _name(workflow: Workflow | None) -> dict[str, str] | None:
    return {"sid": workflow.sid, "friendly_name": workflow.friendly_name} if workflow else None


@lru_cache(maxsize=1024)
def _plan(configuration: str) -> Plan:
    return parse_workflow(configuration)
