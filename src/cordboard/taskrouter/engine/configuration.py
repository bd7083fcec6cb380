"""A workflow's configuration: as a caller gives it, checked against the workspace, and as the tasks that entered by it have it."""

from collections.abc import Mapping
from functools import lru_cache

from cordboard.kernel.errors import Invalid
from cordboard.routing.workflow import InvalidWorkflow, parse_workflow
from cordboard.routing.workflow import Workflow as Plan
from cordboard.storage.unit import Unit, View
from cordboard.taskrouter.model import Task, TaskQueue, Workflow, WorkflowConfiguration
from cordboard.taskrouter.store.activities import OF_WORKSPACE
from cordboard.taskrouter.store.task_queues import TASK_QUEUES
from cordboard.taskrouter.store.workflows import CONFIGURATIONS, MENTIONING, WORKFLOWS
from cordboard.taskrouter.wire.workflows import MOST_BYTES

MOST_QUEUES = 5000
_SHOWN = 64


async def check_configuration(unit: Unit, workspace_sid: str, text: str) -> None:
    """Raise Invalid, with the JSON path, for what cannot be routed by; its queues stay until this unit is flushed."""
    plan = read_configuration(text)
    await check_mentioned(unit, workspace_sid, plan, await unit.lock(TASK_QUEUES, *{sid for sid, _ in plan.queues}))


def read_configuration(text: str) -> Plan:
    """A configuration as a caller gives it. Raises Invalid, with the JSON path."""
    if len(text.encode()) > MOST_BYTES:
        message = f"Invalid parameter Configuration: it is longer than {MOST_BYTES} bytes"
        raise Invalid(message)
    try:
        plan = parse_workflow(text)
    except InvalidWorkflow as error:
        message = f"Invalid parameter Configuration: {error}"
        raise Invalid(message) from error
    wanted = {sid for sid, _ in plan.queues}
    if len(wanted) > MOST_QUEUES:
        message = (
            f"Invalid parameter Configuration: it leads to {len(wanted)} task queues; expected at most {MOST_QUEUES}"
        )
        raise Invalid(message)
    return plan


async def check_mentioned(view: View, workspace_sid: str, plan: Plan, found: Mapping[str, TaskQueue]) -> None:
    """Raise Invalid if it names what is not in the workspace; ``found`` are queues that were read."""
    for sid, path in plan.queues:
        queue = found.get(sid) or await view.get(TASK_QUEUES, sid)
        if queue is None or queue.workspace_sid != workspace_sid:
            raise _missing(path, "task queue", sid, workspace_sid)
    counted = list(plan.activities)
    here = {found.sid for found in await view.all(OF_WORKSPACE, workspace_sid)} if counted else set()
    for sid, path in counted:
        if sid not in here:
            raise _missing(path, "activity", sid, workspace_sid)


async def workflow_leading_to(unit: Unit, workspace_sid: str, queue_sid: str) -> Workflow | None:
    """A workflow of which a target is the queue."""
    for workflow in await unit.all(MENTIONING, workspace_sid, f"%{queue_sid}%"):
        if any(sid == queue_sid for sid, _ in plan_of(workflow.configuration).queues):
            return workflow
    return None


def keep_configuration(unit: Unit, workflow: Workflow) -> None:
    """Store a workflow's present configuration under its number, for the tasks that will be pinned to it."""
    unit.insert(
        CONFIGURATIONS,
        WorkflowConfiguration(
            workflow.sid, workflow.configuration_number, workflow.workspace_sid, workflow.configuration
        ),
    )


async def pinned(view: View, task: Task) -> tuple[Workflow, Plan] | None:
    """The task's workflow, and the configuration by which the task entered it, whatever the workflow says now."""
    workflow = await view.get(WORKFLOWS, task.workflow_sid) if task.workflow_sid is not None else None
    if workflow is None or task.configuration_number is None:
        return None
    if task.configuration_number == workflow.configuration_number:
        return workflow, plan_of(workflow.configuration)
    kept = await view.get(CONFIGURATIONS, workflow.sid, task.configuration_number)
    return None if kept is None else (workflow, plan_of(kept.configuration))


@lru_cache(maxsize=1024)
def plan_of(configuration: str) -> Plan:
    """A configuration that was checked when it came in."""
    return parse_workflow(configuration)


def _missing(path: str, what: str, sid: str, workspace_sid: str) -> Invalid:
    return Invalid(
        f"Invalid parameter Configuration: {path}: there is no {what} {sid[:_SHOWN]} in workspace {workspace_sid}"
    )
