"""`ReEvaluateTasks`: the waiting tasks of a workflow go through its newest configuration from the top (taskrouter.md 5.9).

The first of them go in the unit that changes the workflow, so that its answer is true of a small workspace. There may be a
hundred thousand, so the rest follow by an alarm, some at a time; which they are stands in the workflow's row
(``re_evaluated_number``), and a node that stops in between leaves the alarm to the others. The alarm rings once more than it
must: another node may have put a task in by the old configuration while this one was looking.

Only pending tasks go. One that is offered to somebody stays with the configuration it has, as one in hand does.
"""

from cordboard.kernel.clock import MILLISECONDS
from cordboard.routing.lifecycle import TaskStatus
from cordboard.storage.unit import Unit
from cordboard.taskrouter.model import Workflow
from cordboard.taskrouter.store.tasks import LEFT_BEHIND, TASKS
from cordboard.taskrouter.store.workflows import WORKFLOWS
from cordboard.timers.schedule import Timer
from cordboard.timers.schedule import schedule as set_alarm

from .walking import re_evaluate

RE_EVALUATION = "taskrouter.workflow.re-evaluation"
A_UNIT = 200
_ONCE_MORE_MS = 5 * MILLISECONDS


async def re_evaluate_some(unit: Unit, workflow: Workflow) -> None:
    """Let the first tasks through, and see to it that the others follow."""
    found = await unit.all(LEFT_BEHIND, workflow.workspace_sid, workflow.sid, workflow.re_evaluated_number, A_UNIT)
    # Locked, so that offers made meanwhile do not make this unit run again and again.
    for task in (await unit.lock(TASKS, *(task.sid for task in found))).values():
        if task.assignment_status is TaskStatus.PENDING:
            await re_evaluate(unit, task, workflow)
    again_at = unit.now if len(found) == A_UNIT else unit.now + _ONCE_MORE_MS
    set_alarm(unit, RE_EVALUATION, workflow.sid, workflow.account_sid, again_at)


async def alarm(unit: Unit, timer: Timer) -> None:
    """There are tasks left, or there may be."""
    workflow = await unit.get(WORKFLOWS, timer.subject_sid)
    if workflow is None:
        return
    left = await unit.one(LEFT_BEHIND, workflow.workspace_sid, workflow.sid, workflow.re_evaluated_number, 1)
    if left is not None:
        await re_evaluate_some(unit, workflow)
