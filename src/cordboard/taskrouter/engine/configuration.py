"""A workflow's configuration as a caller gives it: read, and checked against the queues of the workspace."""

from cordboard.kernel.errors import Invalid, NotBuilt
from cordboard.routing.workflow import InvalidWorkflow, NotBuiltYet, parse_workflow
from cordboard.storage.unit import Unit
from cordboard.taskrouter.model import Workflow
from cordboard.taskrouter.store.task_queues import TASK_QUEUES
from cordboard.taskrouter.store.workflows import MENTIONING
from cordboard.taskrouter.wire.workflows import MOST_BYTES

MOST_QUEUES = 5000


async def check_configuration(unit: Unit, workspace_sid: str, text: str) -> None:
    """Raise Invalid or NotBuilt, with the JSON path, for what cannot be routed by; its queues stay until this unit is flushed."""
    if len(text.encode()) > MOST_BYTES:
        message = f"Invalid parameter Configuration: it is longer than {MOST_BYTES} bytes"
        raise Invalid(message)
    try:
        plan = parse_workflow(text)
    except InvalidWorkflow as error:
        message = f"Invalid parameter Configuration: {error}"
        raise Invalid(message) from error
    except NotBuiltYet as error:
        message = f"Cordboard does not have {error.part} yet ({error.path} of the workflow's configuration)"
        raise NotBuilt(message) from error
    wanted = {sid for sid, _ in plan.queues}
    if len(wanted) > MOST_QUEUES:
        message = (
            f"Invalid parameter Configuration: it leads to {len(wanted)} task queues; expected at most {MOST_QUEUES}"
        )
        raise Invalid(message)
    found = await unit.lock(TASK_QUEUES, *wanted)
    for sid, path in plan.queues:
        queue = found.get(sid) or await unit.get(TASK_QUEUES, sid)
        if queue is None or queue.workspace_sid != workspace_sid:
            message = f"Invalid parameter Configuration: {path}: there is no task queue {sid[:64]} in workspace {workspace_sid}"
            raise Invalid(message)


async def workflow_leading_to(unit: Unit, workspace_sid: str, queue_sid: str) -> Workflow | None:
    """A workflow of which a target is the queue."""
    for workflow in await unit.all(MENTIONING, workspace_sid, f"%{queue_sid}%"):
        if any(sid == queue_sid for sid, _ in parse_workflow(workflow.configuration).queues):
            return workflow
    return None
