"""Handing a task on: its worker offers it to another worker or to a queue, and has it until somebody accepts.

Known is what the JavaScript client says and what its tests expect of the service (realtime-protocols.md A.7 to A.9). The task waits
and is offered as any other, and lives by ``routing.lifecycle.TRANSFERRED`` meanwhile. Who declines a task that was handed to
them alone ends the transfer; one handed to a queue goes on to the queue's next worker. However it ends, the task is assigned again:
to who accepted it, or to who had it.
"""

from collections.abc import Mapping

from cordboard.kernel.errors import Invalid
from cordboard.routing.lifecycle import (
    TRANSFER,
    TRANSFERRED,
    IllegalMove,
    ReservationMove,
    ReservationStatus,
    TaskMove,
    TransferMove,
    TransferStatus,
    step,
)
from cordboard.storage.unit import Unit
from cordboard.taskrouter.model import Handover, Reservation, Task, TaskQueue, Transfer, TransferMode, Worker
from cordboard.taskrouter.store.reservations import RESERVATIONS
from cordboard.taskrouter.store.task_queues import TASK_QUEUES
from cordboard.taskrouter.store.tasks import TASKS
from cordboard.taskrouter.store.transfers import TRANSFERS

from . import tasks
from .reservations import lapse, open_of, wrap_up


async def initiate(
    unit: Unit, reservation: Reservation, to: Worker | TaskQueue, mode: TransferMode, changes: Mapping[str, object]
) -> Transfer:
    """Offer the task of an accepted reservation to somebody else. ``changes`` are of the task. Raises Invalid."""
    task = await tasks.of(unit, reservation)
    if reservation.reservation_status is not ReservationStatus.ACCEPTED:
        raise Invalid(
            f"Cannot transfer task {task.sid} because reservation {reservation.sid} is {reservation.reservation_status}."
        )
    try:
        status = step(TRANSFERRED, task.assignment_status, TaskMove.TRANSFER)
    except IllegalMove as error:
        raise Invalid(f"Cannot transfer task {task.sid} because it is not currently assigned.") from error
    transfer = unit.insert(
        TRANSFERS,
        Transfer(
            sid=unit.sid("TT"),
            version=0,
            account_sid=task.account_sid,
            workspace_sid=task.workspace_sid,
            task_sid=task.sid,
            initiating_reservation_sid=reservation.sid,
            initiating_worker_sid=reservation.worker_sid,
            initiating_queue_sid=task.task_queue_sid,
            initiating_workflow_sid=task.workflow_sid,
            transfer_mode=mode,
            transfer_to=to.sid,
            transfer_status=TransferStatus.INITIATED,
            transfer_failed_reason=None,
            created_at=unit.now,
            updated_at=unit.now,
        ),
    )
    # It is still in hand when the unit is flushed.
    unit.guard(RESERVATIONS, reservation)
    handover = Handover(transfer.sid, to.sid, reservation.worker_sid)
    task = unit.update(TASKS, task, assignment_status=status, transfer=handover, offered_to=(), **changes)
    if isinstance(to, TaskQueue):
        task = _into(unit, task, to)
    tasks.task_happened(unit, "task.transfer-initiated", task, transfer=transfer)
    tasks.task_happened(unit, "task.updated", task)
    return transfer


async def attempt_failed(unit: Unit, task: Task) -> None:
    """Those whom a queue asked have declined; it goes on asking."""
    transfer = await _under_way(unit, task)
    tasks.task_happened(unit, "task.transfer-attempt-failed", task, transfer=transfer)
    tasks.task_happened(unit, "task.updated", task)


async def complete(unit: Unit, task: Task, handover: Handover) -> None:
    """Somebody has accepted ``task``; of a cold transfer its former worker wraps up now."""
    transfer = await _of(unit, handover)
    transfer = unit.update(TRANSFERS, transfer, transfer_status=_after(transfer, TransferMove.COMPLETE))
    tasks.task_happened(unit, "task.transfer-completed", task, transfer=transfer)
    former = await unit.get(RESERVATIONS, transfer.initiating_reservation_sid)
    if (
        transfer.transfer_mode is TransferMode.COLD
        and former is not None
        and former.reservation_status is ReservationStatus.ACCEPTED
    ):
        await wrap_up(unit, former, task)


async def fail(unit: Unit, task: Task, reason: str) -> None:
    """Nobody took it. The task returns to its worker."""
    transfer = await _under_way(unit, task)
    transfer = unit.update(
        TRANSFERS, transfer, transfer_status=_after(transfer, TransferMove.FAIL), transfer_failed_reason=reason
    )
    await _return(unit, task, transfer, "task.transfer-failed")


async def cancel(unit: Unit, transfer: Transfer) -> Transfer:
    """Who handed the task on wants it back. Raises Invalid for a transfer that is over."""
    transfer = unit.update(TRANSFERS, transfer, transfer_status=_after(transfer, TransferMove.CANCEL))
    task = await unit.get(TASKS, transfer.task_sid)
    if task is not None:
        await _return(unit, task, transfer, "task.transfer-canceled")
    return transfer


async def take_back(unit: Unit, task: Task) -> Task:
    """The task as its worker has it, any transfer of it canceled."""
    if task.transfer is None:
        return task
    await cancel(unit, await _of(unit, task.transfer))
    return await unit.get(TASKS, task.sid) or task


async def _return(unit: Unit, task: Task, transfer: Transfer, type_: str) -> None:
    """The task is its worker's again, and what was still offered to others is canceled."""
    status = tasks.status_after(task, TaskMove.RETURN)
    task = unit.update(TASKS, task, assignment_status=status, transfer=None, offered_to=())
    for reservation in await open_of(unit, task.sid):
        if reservation.reservation_status is ReservationStatus.PENDING:
            await lapse(unit, reservation, ReservationMove.CANCEL, task)
    queue = None
    if transfer.initiating_queue_sid is not None:
        queue = await unit.get(TASK_QUEUES, transfer.initiating_queue_sid)
    if queue is not None:
        task = _into(unit, task, queue)
    tasks.task_happened(unit, type_, task, transfer=transfer)
    tasks.task_happened(unit, "task.updated", task)
    await tasks.settle(unit, task)


def _into(unit: Unit, task: Task, queue: TaskQueue) -> Task:
    if queue.sid == task.task_queue_sid:
        return task
    tasks.task_happened(unit, "task-queue.moved", task)
    task = unit.update(TASKS, task, task_queue_sid=queue.sid, queue_entered_at=unit.now)
    tasks.task_happened(unit, "task-queue.entered", task, task_queue=queue)
    return task


def _after(transfer: Transfer, move: TransferMove) -> TransferStatus:
    try:
        return step(TRANSFER, transfer.transfer_status, move)
    except IllegalMove as error:
        # The client's own tests look for this sentence, blank and all.
        raise Invalid(
            f"Transfer {transfer.sid} is already {transfer.transfer_status} . Cannot {move} transfer."
        ) from error


async def _under_way(unit: Unit, task: Task) -> Transfer:
    if task.transfer is None:
        message = f"task {task.sid} is not being transferred"
        raise LookupError(message)
    return await _of(unit, task.transfer)


async def _of(unit: Unit, handover: Handover) -> Transfer:
    transfer = await unit.get(TRANSFERS, handover.sid)
    if transfer is None:
        message = f"transfer {handover.sid} is gone, but its task is not"
        raise LookupError(message)
    return transfer
