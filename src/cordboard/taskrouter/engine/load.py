"""What a worker has in hand, and what it is doing: the two things of a worker's row that reservations change."""

import msgspec

from cordboard.storage.unit import Unit
from cordboard.taskrouter.model import Activity, ChannelState, Reservation, Worker
from cordboard.taskrouter.store.activities import ACTIVITIES
from cordboard.taskrouter.store.workers import WORKERS

from .record import happened


def shift(
    worker: Worker,
    task_channel_sid: str,
    *,
    pending: int = 0,
    accepted: int = 0,
    wrapping: int = 0,
    reserved_us: int | None = None,
) -> dict[str, ChannelState]:
    """The worker's channels after reservations on one of them came, moved or went."""
    state = worker.channel(task_channel_sid)
    after = msgspec.structs.replace(
        state,
        pending=state.pending + pending,
        accepted=state.accepted + accepted,
        wrapping=state.wrapping + wrapping,
        last_reserved_us=state.last_reserved_us if reserved_us is None else reserved_us,
    )
    return worker.channels | {task_channel_sid: after}


async def holder(unit: Unit, reservation: Reservation) -> Worker:
    """The worker of a reservation, as this unit leaves it. A worker with open reservations cannot be deleted."""
    worker = await unit.get(WORKERS, reservation.worker_sid)
    if worker is None:
        message = f"reservation {reservation.sid} is open, but its worker {reservation.worker_sid} is gone"
        raise LookupError(message)
    return worker


async def become(unit: Unit, worker: Worker, activity_sid: str | None) -> Worker:
    """Put a worker into an activity; None or the one it is in changes nothing. Recorded as ``worker.activity.update``."""
    if activity_sid is None or activity_sid == worker.activity_sid:
        return worker
    activity = await unit.get(ACTIVITIES, activity_sid)
    if activity is None or activity.workspace_sid != worker.workspace_sid:
        return worker  # it was deleted meanwhile; the worker stays where it is
    return await enter_activity(unit, worker, activity)


async def enter_activity(unit: Unit, worker: Worker, activity: Activity) -> Worker:
    """Put a worker into an activity of its workspace and record it with the time spent in the one before."""
    before = await unit.get(ACTIVITIES, worker.activity_sid)
    after = unit.update(
        WORKERS, worker, activity_sid=activity.sid, available=activity.available, status_changed_at=unit.now
    )
    happened(
        unit,
        "worker.activity.update",
        account_sid=worker.account_sid,
        workspace_sid=worker.workspace_sid,
        resource_sid=worker.sid,
        worker=after,
        activity=activity,
        previous_activity=before,
        time_in_previous_activity_ms=max(0, unit.now - worker.status_changed_at),
    )
    return after
