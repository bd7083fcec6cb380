"""What an alarm of TaskRouter does. Each reads again and acts only if what it was set for still stands."""

from cordboard.kernel.clock import MILLISECONDS
from cordboard.routing.lifecycle import ReservationStatus, TaskStatus
from cordboard.storage.unit import Unit, View
from cordboard.taskrouter.model import Task
from cordboard.taskrouter.store.reservations import RESERVATIONS
from cordboard.taskrouter.store.tasks import TASKS
from cordboard.timers.loop import Handler
from cordboard.timers.schedule import Timer

from . import offers, re_evaluation, retention, tasks, voice, walking
from .reservations import RESERVATION_TIMEOUT

TTL_EXCEEDED = "Task TTL Exceeded"
_PAUSE_MS = 1 * MILLISECONDS


async def reservation_timeout(unit: Unit, timer: Timer) -> None:
    """A pending reservation that nobody answered in time, or for which no call came about."""
    reservation = await unit.get(RESERVATIONS, timer.subject_sid)
    if reservation is None or reservation.reservation_status is not ReservationStatus.PENDING:
        return
    if reservation.on_hold:
        await voice.set_up_failed(unit, reservation)
    else:
        await offers.time_out(unit, reservation)


async def task_timeout(unit: Unit, timer: Timer) -> None:
    """A task that was not assigned in its time to live, that was in hand for a day, or that is over and was kept long enough."""
    task = await unit.get(TASKS, timer.subject_sid)
    if task is None:
        return
    if task.ended_at is not None:
        await retention.remove_kept(unit)
        if await unit.get(TASKS, task.sid) is not None:
            tasks.live_until(unit, task, unit.now + _PAUSE_MS)
    else:
        await task_timeout_keeping(unit, timer)


async def task_timeout_keeping(unit: Unit, timer: Timer) -> None:
    """As ``task_timeout``, where a setting says how long tasks are kept that are over."""
    task = await unit.get(TASKS, timer.subject_sid)
    if task is None or task.ended_at is not None:
        return
    if task.transfer is None and task.assignment_status in {TaskStatus.PENDING, TaskStatus.RESERVED}:
        if task.created_at + task.timeout_s * MILLISECONDS <= unit.now:
            await tasks.cancel(unit, task, TTL_EXCEEDED)
        else:
            await walking.time_out(unit, task)
    elif task.assignment_status is not TaskStatus.WRAPPING:
        await tasks.remove(unit, task, "task.system-deleted")


async def without_alarm(view: View) -> list[Task]:
    """Waiting tasks that nothing would ever end (promise 4), at most 100: there are none unless rows were lost."""
    return await view.all(_WITHOUT_ALARM)


_WITHOUT_ALARM = TASKS.where(
    "assignment_status IN ('pending', 'reserved') AND ended_at IS NULL AND NOT EXISTS (SELECT 1 FROM timers "
    f"WHERE timers.kind = '{tasks.TASK_TIMEOUT}' AND timers.subject_sid = tasks.sid) LIMIT 100"
)

HANDLERS: dict[str, Handler] = {
    RESERVATION_TIMEOUT: reservation_timeout,
    tasks.TASK_TIMEOUT: task_timeout,
    re_evaluation.RE_EVALUATION: re_evaluation.alarm,
}
