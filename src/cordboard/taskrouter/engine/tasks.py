"""How a task ends: canceled, wrapped up, completed or deleted, and its reservations with it."""

from cordboard.kernel.errors import Invalid
from cordboard.routing.lifecycle import (
    TASK,
    IllegalMove,
    ReservationMove,
    ReservationStatus,
    TaskMove,
    TaskStatus,
    step,
)
from cordboard.storage.unit import Unit
from cordboard.taskrouter.model import Reservation, Task, TaskEnded
from cordboard.taskrouter.store.reservations import OF_TASK, RESERVATIONS
from cordboard.taskrouter.store.tasks import TASKS
from cordboard.timers.schedule import cancel as cancel_alarm

from .record import happened
from .reservations import finish, lapse, open_of, wrap_up

TASK_TIMEOUT = "taskrouter.task.timeout"


async def cancel(unit: Unit, task: Task, reason: str | None) -> Task:
    """Cancel a pending or reserved task and withdraw its offers."""
    status = _stepped(task, TaskMove.CANCEL, "Cannot cancel task {0} because it is not pending or reserved.")
    for reservation in await open_of(unit, task.sid):
        await lapse(unit, reservation, ReservationMove.CANCEL, task)
    return await _end(unit, task, status, reason, "task.canceled")


async def wrap(unit: Unit, task: Task, reason: str | None) -> Task:
    """Wrap up an assigned task and its accepted reservations."""
    status = _stepped(task, TaskMove.WRAP, "Cannot wrap up a task {0} because it's not currently assigned")
    task = unit.update(TASKS, task, assignment_status=status, reason=reason)
    task_happened(unit, "task.wrapup", task)
    for reservation in await open_of(unit, task.sid):
        if reservation.reservation_status is ReservationStatus.ACCEPTED:
            await wrap_up(unit, reservation, task)
    return task


async def complete(unit: Unit, task: Task, reason: str | None) -> Task:
    """Complete an assigned or wrapping task and its reservations."""
    status = _stepped(task, TaskMove.COMPLETE, "Cannot complete task {0} because it is not currently assigned.")
    await _close_reservations(unit, task)
    return await _end(unit, task, status, reason, "task.completed")


async def remove(unit: Unit, task: Task) -> None:
    """Delete a task in whatever state, with its reservations; places on workers are freed first."""
    unit.delete(TASKS, task)  # first: who reacts to the end of its reservations finds that it is gone
    await _close_reservations(unit, task)
    for reservation in await unit.all(OF_TASK, task.sid):
        unit.delete(RESERVATIONS, reservation)
    cancel_alarm(unit, TASK_TIMEOUT, task.sid)
    task_happened(unit, "task.deleted", task)
    if task.ended_at is None:
        await unit.announce(TaskEnded(task))


async def of(unit: Unit, reservation: Reservation) -> Task:
    """The task of a reservation, as this unit leaves it."""
    task = await unit.get(TASKS, reservation.task_sid)
    if task is None:
        message = f"reservation {reservation.sid} has no task"
        raise LookupError(message)
    return task


def task_happened(unit: Unit, type_: str, task: Task, **more: object) -> None:
    """Record an event of a task."""
    happened(
        unit,
        type_,
        account_sid=task.account_sid,
        workspace_sid=task.workspace_sid,
        resource_sid=task.sid,
        related=(),
        task=task,
        **more,
    )


async def _close_reservations(unit: Unit, task: Task) -> None:
    for reservation in await open_of(unit, task.sid):
        if reservation.reservation_status is ReservationStatus.PENDING:
            await lapse(unit, reservation, ReservationMove.CANCEL, task)
        else:
            await finish(unit, reservation, task)


async def _end(unit: Unit, task: Task, status: TaskStatus, reason: str | None, type_: str) -> Task:
    cancel_alarm(unit, TASK_TIMEOUT, task.sid)
    task = unit.update(TASKS, task, assignment_status=status, reason=reason or task.reason, ended_at=unit.now)
    task_happened(unit, type_, task)
    await unit.announce(TaskEnded(task))
    return task


def _stepped(task: Task, move: TaskMove, sentence: str) -> TaskStatus:
    try:
        return step(TASK, task.assignment_status, move)
    except IllegalMove as error:
        where = f"{task.sid} in workspace {task.workspace_sid} for account {task.account_sid}"
        raise Invalid(sentence.format(where)) from error
