"""Statistics of workers: of all of a workspace, of those of a queue, of one.

Reservations of a queue's workers are those that were made in the queue. How long they were in their activities is summed up over
them one by one, so a queue may have only so many; of all workers of a workspace there are sums.
"""

from collections.abc import Sequence

import msgspec

from cordboard.kernel.caller import Caller
from cordboard.kernel.errors import Invalid
from cordboard.storage.unit import View
from cordboard.taskrouter.engine.expressions import names_of, serves
from cordboard.taskrouter.engine.statistics_answers import (
    Present,
    count_workers,
    durations,
    gathered,
    happened,
    present,
)
from cordboard.taskrouter.engine.statistics_reading import Total, totals
from cordboard.taskrouter.model import TaskQueue, Worker
from cordboard.taskrouter.store import activities, scope
from cordboard.taskrouter.store.statistics import SECOND
from cordboard.taskrouter.store.task_queues import BY_NAME, TASK_QUEUES
from cordboard.taskrouter.store.workers import BY_NAME_KEY, WORKERS, name_key
from cordboard.taskrouter.wire.statistics import (
    Windowed,
    WorkersCumulative,
    WorkersRealTime,
    WorkersStatistics,
    WorkerStatistics,
    read_window,
)
from cordboard.taskrouter.wire.statistics_answers import WORKER, Cumulative, Kind, RealTime, Statistics
from cordboard.taskrouter.wire.statistics_answers import WORKERS as ALL_WORKERS

from .statistics import channel_of, room_of

MOST_OF_A_QUEUE = 1000


class _Crew(msgspec.Struct, frozen=True):
    """Who is meant: whose reservations count, whose spells, and what they are doing now, by activity."""

    reservations_of: str | None
    spells_of: Sequence[str]
    now: dict[str, Present]


_NOBODY = _Crew(None, (), {})


async def real_time_of_workers(view: View, caller: Caller, form: WorkersRealTime) -> Statistics:
    """What the workers of a workspace are doing."""
    await scope.workspace_of(view, caller.account_sid, form.workspace_sid)
    return _about(
        caller, form.workspace_sid, real_time=await _stand(view, form.workspace_sid, _all(view, form.workspace_sid))
    )


async def cumulative_of_workers(view: View, caller: Caller, form: WorkersCumulative) -> Statistics:
    """What the workers of a workspace did."""
    await scope.workspace_of(view, caller.account_sid, form.workspace_sid)
    crew = _all(view, form.workspace_sid)
    return _about(caller, form.workspace_sid, cumulative=await _did(view, caller, form, crew))


async def of_workers(view: View, caller: Caller, form: WorkersStatistics) -> Statistics:
    """Both, of the workers who are meant; of nobody if there is no such queue or worker."""
    await scope.workspace_of(view, caller.account_sid, form.workspace_sid)
    crew = await _meant(view, form)
    return _about(
        caller,
        form.workspace_sid,
        real_time=await _stand(view, form.workspace_sid, crew),
        cumulative=await _did(view, caller, form, crew),
    )


async def of_worker(view: View, caller: Caller, form: WorkerStatistics) -> Statistics:
    """What one worker did."""
    worker = await scope.within(view, WORKERS, caller.account_sid, form.workspace_sid, form.worker_sid)
    cumulative = await _did(view, caller, form, _one(worker))
    return _about(caller, worker.workspace_sid, kind=WORKER, sid=worker.sid, cumulative=cumulative)


def _about(
    caller: Caller,
    workspace_sid: str,
    *,
    kind: Kind = ALL_WORKERS,
    sid: str = "",
    real_time: RealTime | None = None,
    cumulative: Cumulative | None = None,
) -> Statistics:
    return Statistics(
        kind=kind,
        account_sid=caller.account_sid,
        workspace_sid=workspace_sid,
        sid=sid,
        real_time=real_time,
        cumulative=cumulative,
    )


async def _stand(view: View, workspace_sid: str, crew: _Crew) -> RealTime:
    here = await view.all(activities.OF_WORKSPACE, workspace_sid)
    return count_workers(RealTime(), here, {activity_sid: found.count for activity_sid, found in crew.now.items()})


async def _did(view: View, caller: Caller, form: Windowed, crew: _Crew) -> Cumulative:
    window = read_window(form, view.now)
    now = view.now // SECOND * SECOND
    until = min(window.end, now)
    # The last second of the window belongs to its reservations; spells are cut where it begins.
    parts = [(window.start, until), (until, window.end + SECOND), (window.end + SECOND, now + SECOND)]
    channel_sid = await channel_of(view, form.workspace_sid, form.task_channel)

    async def read(sids: Sequence[str]) -> dict[str, list[Total]]:
        return await totals(view, caller.account_sid, form.workspace_sid, sids, parts, channel_sid, spells=True)

    spells = await read(crew.spells_of)
    made_of = crew.reservations_of
    made = spells if made_of is None or made_of in spells else await read([made_of])
    within, since, reservations = Total(), Total(), Total()
    for inside, *after in spells.values():
        within.add(inside)
        for part in after:
            since.add(part)
    for part in made[made_of][:2] if made_of is not None else ():
        reservations.add(part)
    told = happened(window, reservations, ())
    here = await view.all(activities.OF_WORKSPACE, form.workspace_sid)
    told.activity_durations = durations(here, window.start, until, within.spells, since.spells, crew.now)
    return told


async def _meant(view: View, form: WorkersStatistics) -> _Crew:
    queue: TaskQueue | None = None
    if form.task_queue_sid is not None or form.task_queue_name is not None:
        queue = await _queue(view, form)
        if queue is None:
            return _NOBODY
    if form.friendly_name is None:
        return _all(view, form.workspace_sid) if queue is None else _members(view, queue)
    worker = await view.one(BY_NAME_KEY, form.workspace_sid, name_key(form.friendly_name))
    if worker is None or worker.friendly_name != form.friendly_name:
        return _NOBODY
    if queue is not None:
        activity_name = await activities.name_of(view, worker.activity_sid)
        if not serves(queue.target_workers)(names_of(worker, activity_name)):
            return _NOBODY
    return _one(worker)


async def _queue(view: View, form: WorkersStatistics) -> TaskQueue | None:
    if form.task_queue_sid is None:
        return await view.one(BY_NAME, form.workspace_sid, form.task_queue_name)
    queue = await view.get(TASK_QUEUES, form.task_queue_sid)
    if queue is None or queue.workspace_sid != form.workspace_sid:
        return None
    return queue if form.task_queue_name in {None, queue.friendly_name} else None


def _all(view: View, workspace_sid: str) -> _Crew:
    room = room_of(view, workspace_sid)
    return _Crew(workspace_sid, [workspace_sid], present(room.figures) if room is not None else {})


def _members(view: View, queue: TaskQueue) -> _Crew:
    room = room_of(view, queue.workspace_sid)
    if room is None:
        return _NOBODY
    members = sum(room.floor.activities_of(queue.sid).values())
    if members > MOST_OF_A_QUEUE:
        message = (
            f"Worker statistics of a task queue are for at most {MOST_OF_A_QUEUE} workers, and queue {queue.sid} has {members}. "
            "Ask for the queue's own statistics, or for those of all workers"
        )
        raise Invalid(message)
    sids = [worker.sid for worker in room.floor.workers_of(queue.sid)]
    return _Crew(queue.sid, sids, gathered(room.figures.doing(sids)))


def _one(worker: Worker) -> _Crew:
    return _Crew(worker.sid, [worker.sid], gathered([(worker.activity_sid, worker.status_changed_at)]))
