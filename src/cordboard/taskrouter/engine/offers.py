"""What becomes of an offer: made, accepted, rejected, timed out, canceled, wrapped up, completed.

Each move takes the reservation, its task and its worker from one state to the next in one unit, so that the three never disagree
(taskrouter.md, section 4).
"""

from cordboard.kernel.clock import MILLISECONDS
from cordboard.kernel.errors import Gone
from cordboard.routing.lifecycle import ReservationMove, ReservationStatus, TaskMove, TaskStatus
from cordboard.storage.unit import Unit
from cordboard.taskrouter.happenings import ReservationAccepted
from cordboard.taskrouter.model import Reservation, Task, Worker
from cordboard.taskrouter.store.reservations import RESERVATIONS
from cordboard.taskrouter.store.task_queues import TASK_QUEUES
from cordboard.taskrouter.store.tasks import TASKS
from cordboard.taskrouter.store.workers import WORKERS
from cordboard.taskrouter.store.workflows import WORKFLOWS
from cordboard.timers.schedule import schedule as set_alarm

from . import tasks, transfers, walking
from .load import become, shift
from .reservations import (
    RESERVATION_TIMEOUT,
    finished,
    finishing,
    lapse,
    open_of,
    reservation_happened,
    take,
    workspace_of,
    wrapping_up,
)

MOST_OFFERS = 1000
DEFAULT_TIMEOUT_S = 120
EXHAUSTED = "Task TTL Exceeded or Max assignment count exceeded"


async def offer(unit: Unit, task: Task, worker: Worker, reserved_us: int) -> tuple[Task, Worker]:
    """Reserve a task for one more worker; returns both as they are then.

    The router decided it; who calls has claimed both rows and compared their versions.
    """
    queue = await unit.get(TASK_QUEUES, task.task_queue_sid) if task.task_queue_sid is not None else None
    workflow = await unit.get(WORKFLOWS, task.workflow_sid) if task.workflow_sid is not None else None
    timeout_s = workflow.reservation_timeout_s if workflow is not None else DEFAULT_TIMEOUT_S
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
            timeout_s=timeout_s,
            expires_at=unit.now + timeout_s * MILLISECONDS,
            created_at=unit.now,
            updated_at=unit.now,
            transfer_sid=task.transfer.sid if task.transfer is not None else None,
        ),
    )
    several = queue is not None and queue.max_reserved_workers > 1
    task = unit.update(
        TASKS,
        task,
        assignment_status=tasks.status_after(task, TaskMove.RESERVE),
        # Several reserved at once count as one (taskrouter.md 3).
        assignment_counter=task.assignment_counter + (task.assignment_status is TaskStatus.PENDING),
        offered_to=(*task.offered_to, worker.sid) if several else (),
    )
    worker = unit.update(
        WORKERS, worker, channels=shift(worker, task.task_channel_sid, pending=1, reserved_us=reserved_us)
    )
    if queue is not None and not (await workspace_of(unit, task)).multi_task_enabled:
        worker = await become(unit, worker, queue.reservation_activity_sid)
    set_alarm(unit, RESERVATION_TIMEOUT, reservation.sid, reservation.account_sid, reservation.expires_at)
    reservation_happened(unit, "reservation.created", reservation, task, worker, task_queue=queue)
    return task, worker


async def accept(unit: Unit, reservation: Reservation) -> Reservation:
    """The worker takes the task: it is assigned, sibling offers are rescinded, reactions join the agent."""
    if reservation.reservation_status is ReservationStatus.RESCINDED:
        raise Gone(f"Reservation {reservation.sid} was rescinded: another worker has task {reservation.task_sid}.")
    task = await tasks.of(unit, reservation)
    reservation, worker = await take(unit, reservation, task)
    handover = task.transfer
    task = unit.update(
        TASKS, task, assignment_status=tasks.status_after(task, TaskMove.ACCEPT), offered_to=(), transfer=None
    )
    reservation_happened(unit, "reservation.accepted", reservation, task, worker)
    tasks.live_until(unit, task, unit.now + tasks.ASSIGNED_MS)
    for sibling in await open_of(unit, task.sid):
        if sibling.reservation_status is ReservationStatus.PENDING:
            await lapse(unit, sibling, ReservationMove.RESCIND, task)
    if handover is not None:
        await transfers.complete(unit, task, handover)
    await unit.announce(ReservationAccepted(task, reservation, worker))
    return reservation


async def reject(unit: Unit, reservation: Reservation, activity_sid: str | None = None) -> Reservation:
    """The worker declines. The task waits again; one meant for this worker alone is canceled (flex-interactions.md 2.4)."""
    task = await _without(unit, reservation)
    reservation = await lapse(unit, reservation, ReservationMove.REJECT, task, activity_sid)
    reason = f"Worker {reservation.worker_name} rejected the task"
    if task.transfer is None and task.direct_worker_sid is not None:
        await tasks.cancel(unit, task, reason)
    else:
        await _go_on(unit, task, reason)
    return reservation


async def time_out(unit: Unit, reservation: Reservation) -> Reservation:
    """Nobody answered. The task waits again and the worker goes to the workspace's time-out activity."""
    task = await _without(unit, reservation)
    workspace = await workspace_of(unit, task)
    reservation = await lapse(unit, reservation, ReservationMove.TIME_OUT, task, workspace.timeout_activity_sid)
    await _go_on(unit, task, f"Worker {reservation.worker_name} did not answer in time")
    return reservation


async def cancel(unit: Unit, reservation: Reservation) -> Reservation:
    """The offer is canceled and its task waits again."""
    task = await _without(unit, reservation)
    reservation = await lapse(unit, reservation, ReservationMove.CANCEL, task)
    await _go_on(unit, task, f"The offer to worker {reservation.worker_name} was canceled")
    return reservation


async def wrap(unit: Unit, reservation: Reservation) -> Reservation:
    """The worker wraps up, and with the last who has it the task."""
    reservation, worker = await wrapping_up(unit, reservation)
    task = await tasks.settle(unit, await tasks.of(unit, reservation))
    reservation_happened(unit, "reservation.wrapup", reservation, task, worker)
    return reservation


async def complete(unit: Unit, reservation: Reservation) -> Reservation:
    """The worker is done with it; with the last open reservation the task is completed."""
    reservation, worker = await finishing(unit, reservation)
    task = await tasks.settle(unit, await tasks.of(unit, reservation))
    await finished(unit, reservation, task, worker)
    return reservation


async def _without(unit: Unit, reservation: Reservation) -> Task:
    """The task without an offer that is about to lapse: with the last it is pending, and the offer's event says so."""
    task = await tasks.of(unit, reservation)
    if task.assignment_status is not TaskStatus.RESERVED:
        return task
    offered = [left for left in await open_of(unit, task.sid) if left.reservation_status is ReservationStatus.PENDING]
    if any(left.sid != reservation.sid for left in offered):
        return tasks.stay(unit, task)
    return unit.update(TASKS, task, assignment_status=tasks.status_after(task, TaskMove.RELEASE), offered_to=())


async def _go_on(unit: Unit, task: Task, reason: str) -> None:
    """Let a task wait of which no offer is left. ``reason`` is why the last one lapsed."""
    if task.assignment_status is not TaskStatus.PENDING:
        return
    exhausted = task.assignment_counter >= MOST_OFFERS
    if task.transfer is not None and (exhausted or task.direct_worker_sid is not None):
        await transfers.fail(unit, task, reason)
    elif exhausted:
        await tasks.cancel(unit, task, EXHAUSTED)
    elif task.transfer is not None:
        await transfers.attempt_failed(unit, task)
    else:
        await walking.waits_again(unit, task)
