"""What becomes of an offer: made, accepted, rejected, timed out, canceled, wrapped up, completed.

Each move takes the reservation, its task and its worker from one state to the next in one unit, so that the three never disagree
(taskrouter.md, section 4).
"""

from cordboard.kernel.clock import MILLISECONDS
from cordboard.kernel.errors import Gone
from cordboard.routing.lifecycle import TASK, ReservationMove, ReservationStatus, TaskMove, TaskStatus, step
from cordboard.storage.unit import Unit
from cordboard.taskrouter.model import Reservation, ReservationAccepted, Task, Worker
from cordboard.taskrouter.store.reservations import RESERVATIONS
from cordboard.taskrouter.store.task_queues import TASK_QUEUES
from cordboard.taskrouter.store.tasks import TASKS
from cordboard.taskrouter.store.workers import WORKERS
from cordboard.timers.schedule import cancel as cancel_alarm
from cordboard.timers.schedule import schedule as set_alarm

from . import tasks
from .load import become, shift
from .reservations import (
    RESERVATION_TIMEOUT,
    finish,
    lapse,
    open_of,
    reservation_happened,
    take,
    workspace_of,
    wrap_up,
)


async def offer(unit: Unit, task: Task, worker: Worker, reserved_us: int) -> Reservation:
    """Reserve a pending task for a worker. The router decided it; who calls has locked both rows and compared their versions."""
    queue = await unit.get(TASK_QUEUES, task.task_queue_sid) if task.task_queue_sid is not None else None
    reservation = unit.insert(
        RESERVATIONS,
        Reservation(
            sid=unit.sid("WR"),
            version=0,
            account_sid=task.account_sid,
            workspace_sid=task.workspace_sid,
            task_sid=task.sid,
            worker_sid=worker.sid,
            worker_name=worker.friendly_name,
            reservation_status=ReservationStatus.PENDING,
            task_queue_sid=task.task_queue_sid,
            workflow_sid=task.workflow_sid,
            task_channel_sid=task.task_channel_sid,
            worker_previous_activity_sid=worker.activity_sid,
            timeout_s=task.reservation_timeout_s,
            expires_at=unit.now + task.reservation_timeout_s * MILLISECONDS,
            created_at=unit.now,
            updated_at=unit.now,
        ),
    )
    task = unit.update(
        TASKS,
        task,
        assignment_status=step(TASK, task.assignment_status, TaskMove.RESERVE),
        assignment_counter=task.assignment_counter + 1,
    )
    worker = unit.update(
        WORKERS, worker, channels=shift(worker, task.task_channel_sid, pending=1, reserved_us=reserved_us)
    )
    if queue is not None and not (await workspace_of(unit, task)).multi_task_enabled:
        worker = await become(unit, worker, queue.reservation_activity_sid)
    set_alarm(unit, RESERVATION_TIMEOUT, reservation.sid, reservation.account_sid, reservation.expires_at)
    reservation_happened(unit, "reservation.created", reservation, task, worker, task_queue=queue)
    return reservation


async def accept(unit: Unit, reservation: Reservation) -> Reservation:
    """The worker takes the task: it is assigned, sibling offers are rescinded, reactions join the agent."""
    if reservation.reservation_status is ReservationStatus.RESCINDED:
        raise Gone(f"Reservation {reservation.sid} was rescinded: another worker has task {reservation.task_sid}.")
    task = await tasks.of(unit, reservation)
    reservation, worker = await take(unit, reservation, task)
    task = unit.update(TASKS, task, assignment_status=step(TASK, task.assignment_status, TaskMove.ACCEPT))
    cancel_alarm(unit, tasks.TASK_TIMEOUT, task.sid)
    for sibling in await open_of(unit, task.sid):
        if sibling.reservation_status is ReservationStatus.PENDING:
            await lapse(unit, sibling, ReservationMove.RESCIND, task)
    await unit.announce(ReservationAccepted(task, reservation, worker))
    return reservation


async def reject(unit: Unit, reservation: Reservation, activity_sid: str | None = None) -> Reservation:
    """The worker declines. The task waits again; one meant for this worker alone is canceled (flex-interactions.md 2.4)."""
    task = await tasks.of(unit, reservation)
    reservation = await lapse(unit, reservation, ReservationMove.REJECT, task, activity_sid)
    if task.direct_worker_sid is not None:
        await tasks.cancel(unit, task, f"Worker {reservation.worker_name} rejected the task")
    else:
        await _release(unit, task)
    return reservation


async def time_out(unit: Unit, reservation: Reservation) -> Reservation:
    """Nobody answered. The task waits again and the worker goes to the workspace's time-out activity."""
    task = await tasks.of(unit, reservation)
    workspace = await workspace_of(unit, task)
    reservation = await lapse(unit, reservation, ReservationMove.TIME_OUT, task, workspace.timeout_activity_sid)
    await _release(unit, task)
    return reservation


async def cancel(unit: Unit, reservation: Reservation) -> Reservation:
    """The offer is canceled and its task waits again."""
    task = await tasks.of(unit, reservation)
    reservation = await lapse(unit, reservation, ReservationMove.CANCEL, task)
    await _release(unit, task)
    return reservation


async def wrap(unit: Unit, reservation: Reservation) -> Reservation:
    """The worker wraps up, and with it the task."""
    task = await tasks.of(unit, reservation)
    reservation = await wrap_up(unit, reservation, task)
    if task.assignment_status is TaskStatus.ASSIGNED:
        task = unit.update(TASKS, task, assignment_status=step(TASK, task.assignment_status, TaskMove.WRAP))
        tasks.task_happened(unit, "task.wrapup", task)
    return reservation


async def complete(unit: Unit, reservation: Reservation) -> Reservation:
    """The worker is done with it; with the last open reservation the task is completed."""
    task = await tasks.of(unit, reservation)
    reservation = await finish(unit, reservation, task)
    if not await open_of(unit, task.sid):
        await tasks.complete(unit, task, reason=None)
    return reservation


async def _release(unit: Unit, task: Task) -> None:
    if task.assignment_status is TaskStatus.RESERVED and not await open_of(unit, task.sid):
        unit.update(TASKS, task, assignment_status=step(TASK, task.assignment_status, TaskMove.RELEASE))
