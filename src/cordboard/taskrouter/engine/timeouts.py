"""What an alarm of TaskRouter does. Each reads again and acts only if what it was set for still stands."""

from cordboard.routing.lifecycle import ReservationStatus, TaskStatus
from cordboard.storage.unit import Unit
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


HANDLERS: dict[str, Handler] = {RESERVATION_TIMEOUT: reservation_timeout, tasks.TASK_TIMEOUT: task_timeout}
