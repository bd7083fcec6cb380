"""Whether a worker can get a task now, and if not, the first reason.

    not named        the task is for another worker alone
    queue            TargetWorkers does not hold
    target           the target's expression does not hold, or the known agent is somebody else
    asked            the worker has an offer of this task, declined it while others are still asked, or hands it on
    channel, activity, capacity    `capacity.Hindrance`
    away             the worker was just offered something, and the router has not heard yet what came of it

The floor asks worker by worker where it knows whom to ask. At a booth, queue and capacity were asked of everybody who stands there, by
the same functions, when they came, and what they share with the class need not be asked again.
"""

from enum import StrEnum

from cordboard.routing.booths import Seat, Worker
from cordboard.routing.capacity import Hindrance
from cordboard.routing.classes import TaskClass
from cordboard.routing.namespaces import Names
from cordboard.routing.ordering import IdleKey, Rank
from cordboard.routing.seating import Seating


class Miss(StrEnum):
    """Why a worker gets a task in no way, or not again."""

    NOT_NAMED = "not_the_named_worker"
    QUEUE = "target_workers"
    TARGET = "target_expression"
    ASKED = "asked"
    AWAY = "offer_under_way"


Reason = Miss | Hindrance
Place = tuple[Rank, IdleKey]


def look(seating: Seating, task_class: TaskClass, worker: Worker, clock: Names) -> Place | Reason:
    """The worker's place among those who can get the first task of the class, or why it cannot.

    ``clock`` is the time of day (``namespaces.time_of_day``), for a class that reads it.
    """
    like, sid = task_class.like, worker.fact.sid
    rank: Rank = ()
    if like.worker_sid is not None:
        if like.worker_sid != sid:
            return Miss.NOT_NAMED
    elif not seating.is_member(like.queue_sid or "", worker):
        return Miss.QUEUE
    else:
        wanted = task_class.rank(worker.names(by_load=task_class.target.by_load), clock)
        if wanted is None:
            return Miss.TARGET
        rank = wanted
    if sid in like.reserved_by:
        return Miss.ASKED
    hindrance = seating.hindrance(worker, like.task_channel_sid)
    ignored = like.worker_sid is not None and like.ignore_capacity and hindrance is not Hindrance.NO_CHANNEL
    if hindrance is not None and not ignored:
        return hindrance
    if worker.away:
        return Miss.AWAY
    return rank, seating.idleness(worker, like.task_channel_sid)


def first(seating: Seating, task_class: TaskClass, clock: Names) -> Seat | None:
    """The worker whose turn it is to get a task of the class."""
    if task_class.only is None:
        return seating.best(task_class, clock)
    places = [(look(seating, task_class, worker, clock), worker) for worker in seating.meant(*task_class.only)]
    able = [(place, worker) for place, worker in places if isinstance(place, tuple)]
    return seating.seat(min(able)[1], task_class.like.task_channel_sid) if able else None
