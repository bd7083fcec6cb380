"""How a task ends: canceled, wrapped up, completed or deleted, and its reservations with it.

A task has one alarm as long as it is there, and what it means goes with the task: its time to live while it waits, a day from
its last acceptance, and the minutes for which a task is kept that is over (taskrouter.md 3, Timers).
"""

from cordboard.kernel.clock import MILLISECONDS
from cordboard.kernel.errors import Invalid
from cordboard.routing.lifecycle import (
    TASK,
    TRANSFERRED,
    IllegalMove,
    ReservationMove,
    ReservationStatus,
    TaskMove,
    TaskStatus,
    step,
)
from cordboard.storage.unit import Unit
from cordboard.taskrouter.happenings import TaskEnded
from cordboard.taskrouter.model import Reservation, Task
from cordboard.taskrouter.store.reservations import OF_TASK, RESERVATIONS
from cordboard.taskrouter.store.tasks import TASKS
from cordboard.taskrouter.store.transfers import OF_TASK as TRANSFERS_OF_TASK
from cordboard.taskrouter.store.transfers import TRANSFERS
from cordboard.timers.schedule import cancel as cancel_alarm
from cordboard.timers.schedule import schedule as set_alarm

from .record import happened
from .reservations import finish, lapse, open_of, wrap_up

TASK_TIMEOUT = "taskrouter.task.timeout"

ASSIGNED_MS = 86_400 * MILLISECONDS
KEPT_MS = 300 * MILLISECONDS


async def cancel(unit: Unit, task: Task, reason: str | None) -> Task:
    """Cancel a pending or reserved task and withdraw its offers."""
    status = _stepped(task, TaskMove.CANCEL, "Cannot cancel task {0} because it is not pending or reserved.")
    task = _ended(unit, task, status, reason)
    for reservation in await open_of(unit, task.sid):
        await lapse(unit, reservation, ReservationMove.CANCEL, task)
    task_happened(unit, "task.canceled", task)
    await unit.announce(TaskEnded(task))
    return task


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
    task = _ended(unit, task, status, reason)
    task_happened(unit, "task.completed", task)
    # After the task, as the vendor tells of it.
    await _close_reservations(unit, task)
    await unit.announce(TaskEnded(task))
    return task


async def settle(unit: Unit, task: Task) -> Task:
    """Let a task in hand follow its reservations: it wraps up with the last accepted one and is completed with the last."""
    left = {reservation.reservation_status for reservation in await open_of(unit, task.sid)}
    in_hand = task.assignment_status in {TaskStatus.ASSIGNED, TaskStatus.WRAPPING}
    if in_hand and not left:
        return await complete(unit, task, reason=None)
    if task.assignment_status is TaskStatus.ASSIGNED and ReservationStatus.ACCEPTED not in left:
        task = unit.update(TASKS, task, assignment_status=status_after(task, TaskMove.WRAP))
        task_happened(unit, "task.wrapup", task)
        return task
    return stay(unit, task)


def stay(unit: Unit, task: Task) -> Task:
    """Leave a task as it is, though one of its reservations moves: of two that move at once, each has to see the other."""
    return unit.update(TASKS, task)


async def remove(unit: Unit, task: Task, type_: str = "task.deleted") -> None:
    """Delete a task in whatever state, with its reservations; places on workers are freed first."""
    unit.delete(TASKS, task)  # first: who reacts to the end of its reservations finds that it is gone
    await _close_reservations(unit, task)
    for reservation in await unit.all(OF_TASK, task.sid):
        unit.delete(RESERVATIONS, reservation)
    for transfer in await unit.all(TRANSFERS_OF_TASK, task.sid):
        unit.delete(TRANSFERS, transfer)
    cancel_alarm(unit, TASK_TIMEOUT, task.sid)
    task_happened(unit, type_, task)
    if task.ended_at is None:
        await unit.announce(TaskEnded(task))


async def of(unit: Unit, reservation: Reservation) -> Task:
    """The task of a reservation, as this unit leaves it."""
    task = await unit.get(TASKS, reservation.task_sid)
    if task is None:
        message = f"reservation {reservation.sid} has no task"
        raise LookupError(message)
    return task


def status_after(task: Task, move: TaskMove) -> TaskStatus:
    """The task's status after a move of the table by which it lives. Raises IllegalMove."""
    return step(TASK if task.transfer is None else TRANSFERRED, task.assignment_status, move)


def live_until(unit: Unit, task: Task, at: int) -> None:
    """Set the task's alarm, which is moved if it is set already."""
    set_alarm(unit, TASK_TIMEOUT, task.sid, task.account_sid, at)


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


def _ended(unit: Unit, task: Task, status: TaskStatus, reason: str | None) -> Task:
    task = unit.update(
        TASKS, task, assignment_status=status, reason=reason or task.reason, offered_to=(), ended_at=unit.now
    )
    live_until(unit, task, unit.now + KEPT_MS)
    return task


def _stepped(task: Task, move: TaskMove, sentence: str) -> TaskStatus:
    try:
        return status_after(task, move)
    except IllegalMove as error:
        where = f"{task.sid} in workspace {task.workspace_sid} for account {task.account_sid}"
        if task.transfer is not None:
            sentence = f"{sentence.partition(' because ')[0]} because its transfer {task.transfer.sid} is under way."
        raise Invalid(sentence.format(where)) from error
