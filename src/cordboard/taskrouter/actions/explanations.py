"""Why a task is where it is."""

from cordboard.kernel.caller import Caller
from cordboard.storage.unit import View
from cordboard.taskrouter.engine import explaining
from cordboard.taskrouter.engine.configuration import pinned
from cordboard.taskrouter.store.scope import within
from cordboard.taskrouter.store.tasks import TASKS
from cordboard.taskrouter.wire.explanations import Explanation, OneExplanation


async def fetch(view: View, caller: Caller, form: OneExplanation) -> Explanation:
    """The explanation of a task, whatever its state."""
    task = await within(view, TASKS, caller.account_sid, form.workspace_sid, form.task_sid)
    room, found = explaining.room_of(view, task.workspace_sid), await pinned(view, task)
    return await explaining.explain(view, room, task, found, explaining.Only(form.limit, form.worker_sid))
