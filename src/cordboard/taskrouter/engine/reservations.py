"""One reservation's moves, with what they do to its worker; its task is moved by who calls.

The table of ``routing.lifecycle`` says which moves exist; a move that it does not have changes nothing and is refused.
"""

from cordboard.kernel.errors import Invalid
from cordboard.routing.lifecycle import (
    ON_HOLD,
    RESERVATION,
    IllegalMove,
    ReservationMove,
    ReservationStatus,
    step,
)
from cordboard.storage.unit import Unit
from cordboard.taskrouter.happenings import ReservationCompleted, ReservationEnded
from cordboard.taskrouter.model import Reservation, Task, Worker, Workspace
from cordboard.taskrouter.store.reservations import OPEN_OF_TASK, RESERVATIONS
from cordboard.taskrouter.store.task_queues import TASK_QUEUES
from cordboard.taskrouter.store.workers import WORKERS
from cordboard.taskrouter.store.workspaces import WORKSPACES
from cordboard.timers.schedule import cancel as cancel_alarm

from .load import become, holder, shift
from .record import happened

RESERVATION_TIMEOUT = "taskrouter.reservation.timeout"

_OPEN = frozenset((ReservationStatus.PENDING, ReservationStatus.ACCEPTED, ReservationStatus.WRAPPING))


async def open_of(unit: Unit, task_sid: str) -> list[Reservation]:
    """The task's open reservations, as this unit leaves them."""
    return [found for found in await unit.all(OPEN_OF_TASK, task_sid) if found.reservation_status in _OPEN]


async def lapse(
    unit: Unit, reservation: Reservation, move: ReservationMove, task: Task, activity_sid: str | None = None
) -> Reservation:
    """End a pending offer without acceptance: the place is free again and the worker goes to the activity, if one is given."""
    reservation = moved(unit, reservation, move)
    cancel_alarm(unit, RESERVATION_TIMEOUT, reservation.sid)
    worker = await reloaded(unit, reservation, pending=-1)
    if activity_sid is not None:
        worker = await become(unit, worker, activity_sid)
    elif not (await workspace_of(unit, task)).multi_task_enabled:
        worker = await become(unit, worker, reservation.worker_previous_activity_sid)
    reservation_happened(unit, f"reservation.{reservation.reservation_status.value}", reservation, task, worker)
    await unit.announce(ReservationEnded(task, reservation, worker))
    return reservation


async def take(unit: Unit, reservation: Reservation, task: Task) -> tuple[Reservation, Worker]:
    """Turn a pending offer into an accepted one; in a single-tasking workspace the queue says what the worker does now."""
    reservation = moved(unit, reservation, ReservationMove.ACCEPT)
    cancel_alarm(unit, RESERVATION_TIMEOUT, reservation.sid)
    worker = await reloaded(unit, reservation, pending=-1, accepted=1)
    if task.task_queue_sid is not None and not (await workspace_of(unit, task)).multi_task_enabled:
        queue = await unit.get(TASK_QUEUES, task.task_queue_sid)
        worker = await become(unit, worker, queue.assignment_activity_sid if queue is not None else None)
    return reservation, worker


async def wrap_up(unit: Unit, reservation: Reservation, task: Task) -> Reservation:
    """The worker wraps up, as the task does by now; the place stays taken."""
    reservation, worker = await wrapping_up(unit, reservation)
    reservation_happened(unit, "reservation.wrapup", reservation, task, worker)
    return reservation


async def wrapping_up(unit: Unit, reservation: Reservation) -> tuple[Reservation, Worker]:
    """Turn an accepted reservation into one that is wrapped up. Its task follows it before anybody is told."""
    reservation = moved(unit, reservation, ReservationMove.WRAP)
    return reservation, await reloaded(unit, reservation, accepted=-1, wrapping=1)


async def finish(unit: Unit, reservation: Reservation, task: Task) -> Reservation:
    """The worker is done, as the task is by now."""
    reservation, worker = await finishing(unit, reservation)
    await finished(unit, reservation, task, worker)
    return reservation


async def finishing(unit: Unit, reservation: Reservation) -> tuple[Reservation, Worker]:
    """Complete a reservation: the place is free again, the activity stays as it is. Its task follows before anybody is told."""
    wrapping = reservation.reservation_status is ReservationStatus.WRAPPING
    reservation = moved(unit, reservation, ReservationMove.COMPLETE)
    return reservation, await reloaded(
        unit, reservation, accepted=0 if wrapping else -1, wrapping=-1 if wrapping else 0
    )


async def finished(unit: Unit, reservation: Reservation, task: Task, worker: Worker) -> None:
    """Tell of a completed reservation."""
    reservation_happened(unit, "reservation.completed", reservation, task, worker)
    await unit.announce(ReservationCompleted(task, reservation, worker))


def moved(unit: Unit, reservation: Reservation, move: ReservationMove) -> Reservation:
    """The reservation after a move of the table. Raises Invalid for one that the table does not have."""
    try:
        status = step(ON_HOLD if reservation.on_hold else RESERVATION, reservation.reservation_status, move)
    except IllegalMove as error:
        is_now = "on hold until the call to its worker is set up" if reservation.on_hold else error.status
        raise Invalid(
            f"Cannot {move.value.replace('_', ' ')} reservation {reservation.sid} of task {reservation.task_sid} "
            f"because it is {is_now}."
        ) from error
    return unit.update(RESERVATIONS, reservation, reservation_status=status, on_hold=False)


async def reloaded(
    unit: Unit, reservation: Reservation, *, pending: int = 0, accepted: int = 0, wrapping: int = 0
) -> Worker:
    """The worker with so many reservations more or less on the reservation's channel."""
    worker = await holder(unit, reservation)
    channels = shift(worker, reservation.task_channel_sid, pending=pending, accepted=accepted, wrapping=wrapping)
    return unit.update(WORKERS, worker, channels=channels)


async def workspace_of(unit: Unit, task: Task) -> Workspace:
    """The workspace in which a task stands."""
    workspace = await unit.get(WORKSPACES, task.workspace_sid)
    if workspace is None:
        message = f"task {task.sid} has no workspace"
        raise LookupError(message)
    return workspace


def reservation_happened(
    unit: Unit, type_: str, reservation: Reservation, task: Task, worker: Worker, **more: object
) -> None:
    """Record an event of a reservation."""
    happened(
        unit,
        type_,
        account_sid=reservation.account_sid,
        workspace_sid=reservation.workspace_sid,
        resource_sid=reservation.sid,
        reservation=reservation,
        task=task,
        worker=worker,
        related=(task.sid, worker.sid),
        **more,
    )
