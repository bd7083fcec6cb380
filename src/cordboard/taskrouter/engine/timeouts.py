"""What an alarm of TaskRouter does. Each reads again and acts only if what it was set for still stands."""

from cordboard.routing.lifecycle import ReservationStatus, TaskStatus
from cordboard.storage.unit import Unit, View
from cordboard.taskrouter.model import Task
from cordboard.taskrouter.store.reservations import RESERVATIONS
from cordboard.taskrouter.store.tasks import TASKS
from cordboard.timers.loop import Handler
from cordboard.timers.schedule import Timer

from . import offers, tasks
from .reservations import RESERVATION_TIMEOUT

TTL_EXCEEDED = "Task TTL Exceeded"


async def reservation_timeout(unit: Unit, timer: Timer) -> None:
    """A pending reservation that nobody answered in time."""
    reservation = await unit.get(RESERVATIONS, timer.subject_sid)
    if reservation is not None and reservation.reservation_status is ReservationStatus.PENDING:
        await offers.time_out(unit, reservation)


async def task_timeout(unit: Unit, timer: Timer) -> None:
    """A task that was not assigned in its time to live."""
    task = await unit.get(TASKS, timer.subject_sid)
    if task is not None and task.assignment_status in {TaskStatus.PENDING, TaskStatus.RESERVED}:
        await tasks.cancel(unit, task, TTL_EXCEEDED)


async def without_alarm(view: View) -> list[Task]:
    """Waiting tasks that nothing would ever end (promise 4), at most 100: there are none unless rows were lost."""
    return await view.all(_WITHOUT_ALARM)


_WITHOUT_ALARM = TASKS.where(
    "assignment_status IN ('pending', 'reserved') AND ended_at IS NULL AND NOT EXISTS (SELECT 1 FROM timers "
    f"WHERE timers.kind = '{tasks.TASK_TIMEOUT}' AND timers.subject_sid = tasks.sid) LIMIT 100"
)

HANDLERS: dict[str, Handler] = {RESERVATION_TIMEOUT: reservation_timeout, tasks.TASK_TIMEOUT: task_timeout}
