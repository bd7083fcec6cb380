"""Removing tasks that are over, with their reservations and transfers, in slices."""

from cordboard.storage.slices import OWNERS, ROWS, belonging, remove_belongings
from cordboard.storage.unit import Unit, View
from cordboard.taskrouter.store.reservations import RESERVATIONS
from cordboard.taskrouter.store.tasks import TASKS
from cordboard.taskrouter.store.transfers import TRANSFERS
from cordboard.timers.schedule import cancel as cancel_alarm

from .tasks import KEPT_MS, TASK_TIMEOUT

_ENDED = TASKS.where("ended_at < ? ORDER BY ended_at LIMIT ?")
_BELONGINGS = (belonging(RESERVATIONS, "task_sid = ?"), belonging(TRANSFERS, "task_sid = ?"))


async def sweep_tasks(unit: Unit, before: int) -> int:
    """One slice of what was completed or canceled before then; returns how many rows went."""
    removed = 0
    for task in await unit.all(_ENDED, before, OWNERS):
        removed += await remove_belongings(unit, task.sid, _BELONGINGS, ROWS - removed)
        if removed >= ROWS:
            break
        unit.delete(TASKS, task)
        removed += 1
    return removed


async def has_kept(view: View) -> bool:
    """Whether a task is there that was kept longer than without a setting, so that no alarm of its own removes it."""
    return await view.one(_ENDED, view.now - KEPT_MS, 1) is not None


async def remove_kept(unit: Unit) -> None:
    """One slice of the tasks that were kept long enough, and their alarms: one that rings takes along what is due with it."""
    before = unit.now - KEPT_MS + 1
    due = await unit.all(_ENDED, before, OWNERS)
    await sweep_tasks(unit, before)
    for task in due:
        if await unit.get(TASKS, task.sid) is None:
            cancel_alarm(unit, TASK_TIMEOUT, task.sid)
