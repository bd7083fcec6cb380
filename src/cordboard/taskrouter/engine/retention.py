"""Removing tasks that ended long ago, with their reservations."""

from cordboard.storage.slices import OWNERS, ROWS, belonging, remove_belongings
from cordboard.storage.unit import Unit
from cordboard.taskrouter.store.reservations import RESERVATIONS
from cordboard.taskrouter.store.tasks import TASKS

_ENDED = TASKS.where("ended_at < ? ORDER BY ended_at LIMIT ?")
_BELONGINGS = (belonging(RESERVATIONS, "task_sid = ?"),)


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
