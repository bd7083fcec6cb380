"""The floor of one workspace: facts and a time in, offers out.

What a turn means, slowly: as long as there is one, take the first waiting task, in the order of `ordering`, for which an
eligible worker exists, offer it to the first of these workers, and count his slot as taken. The oracle of the tests does
exactly this. The floor does the same without looking at everything:

- Tasks of one class (`classes`) have the same eligible workers, so only the first task of each class is looked at.
- Free workers stand in lines (`lines`, `seating`), so the best one is the head of a line.
- After a turn no class has both a waiting task and a worker. So only classes are looked at to which a task came, or in
  whose line somebody took a place, since then: these are *ready*.

A class without target uses the line of its queue and channel. One with a target looks through that line in idle order
until somebody suits. When it has asked as many workers that way as the queue has, a line of its own would have cost no
more, and it gets one if there is room: `cached_classes` bounds own lines, and half of them may belong to classes without
a task at present. A target whose verdict moves by itself (time of day, channel figures) always looks through, and is woken
when it may have moved.

An offer is tentative. The task leaves the floor; the worker stays for the rest of the turn with one slot less, and is
*away* afterwards, because the version that the floor knows of him is spent. So whoever writes the offers puts every task
still pending and every worker concerned again, written or refused, as the rows then stand. A fact older than the one held
is ignored.
"""

from collections.abc import Hashable
from heapq import heappop, heappush
from typing import Any

from cordboard.routing.classes import TaskClass, class_key
from cordboard.routing.decisions import Decision, Offer, WakeAt
from cordboard.routing.facts import ChannelFact, Order, QueueFact, TaskFact, WorkerFact, WorkspaceFact
from cordboard.routing.lines import Line, Seat, Worker
from cordboard.routing.namespaces import time_of_day
from cordboard.routing.ordering import Rank, TaskKey
from cordboard.routing.seating import Seating

CACHED_CLASSES = 512
_NO_CLOCK: dict[str, Any] = {}

_Turn = list[tuple[bool, TaskKey, TaskClass]]


class Floor:
    """See the top of the file. Not for several threads."""

    def __init__(self, workspace: WorkspaceFact, *, cached_classes: int = CACHED_CLASSES) -> None:
        self._workspace = workspace
        self._cached_classes = cached_classes
        self._seating = Seating(workspace)
        self._tasks: dict[str, tuple[TaskFact, TaskClass]] = {}
        self._classes: dict[Hashable, TaskClass] = {}
        self._resting: dict[TaskClass, None] = {}
        self._own_lines: dict[TaskClass, Line] = {}
        # Classes that have waiting tasks, by what may wake them.
        self._ready: set[TaskClass] = set()
        self._watching: dict[Line, set[TaskClass]] = {}
        self._direct: dict[str, set[TaskClass]] = {}
        self._timed: set[TaskClass] = set()
        self._by_load: set[TaskClass] = set()

    @property
    def waiting(self) -> int:
        """How many tasks wait."""
        return len(self._tasks)

    # Facts in.

    def put_workspace(self, fact: WorkspaceFact) -> None:
        """Replace the workspace's settings."""
        self._workspace = fact
        self._seating.put_workspace(fact)

    def put_channel(self, fact: ChannelFact) -> None:
        """Add or replace a task channel. One that was never put is not optimized."""
        self._seating.put_channel(fact)

    def remove_channel(self, sid: str) -> None:
        """Forget a task channel."""
        self._seating.remove_channel(sid)

    def put_worker(self, fact: WorkerFact) -> None:
        """Add or replace a worker. He is no longer away."""
        self._seating.put_worker(fact)

    def remove_worker(self, sid: str) -> None:
        """Forget a worker. Tasks for him alone go on waiting."""
        self._seating.remove_worker(sid)

    def put_queue(self, fact: QueueFact) -> None:
        """Add or replace a task queue."""
        if self._seating.queue(fact.sid) != fact:
            self._replace_queue(fact.sid, fact)

    def remove_queue(self, sid: str) -> None:
        """Forget a task queue. Tasks that name it wait until it comes back or they are put with another."""
        self._replace_queue(sid, None)

    def put_task(self, fact: TaskFact) -> None:
        """Add or replace a waiting task."""
        known = self._tasks.get(fact.sid)
        if known is not None:
            if fact.version < known[0].version:
                return
            self._withdraw(fact.sid)
        self._admit(fact)

    def remove_task(self, sid: str) -> None:
        """Forget a task that waits no longer."""
        if sid in self._tasks:
            self._withdraw(sid)

    def _replace_queue(self, sid: str, fact: QueueFact | None) -> None:
        tasks = [task for task, _ in self._tasks.values() if task.queue_sid == sid]
        for task in tasks:
            self._withdraw(task.sid)
        for task_class in [known for known in self._classes.values() if known.like.queue_sid == sid]:
            self._forget(task_class)
        if self._seating.queue(sid) is not None:
            self._seating.remove_queue(sid)
        if fact is not None:
            self._seating.put_queue(fact)
        for task in tasks:
            self._admit(task)

    # Decisions out.

    def decide(self, now: int) -> list[Decision]:
        """Offers of this turn, in the order they were decided, then the time to be woken at, if there is one."""
        for task_class in self._timed:
            if task_class.target is not None and now >= task_class.verdict_until:
                task_class.verdict_until = task_class.target.verdict_until(now)
                self._ready.add(task_class)
        decisions: list[Decision] = []
        offered: set[Worker] = set()
        turn: _Turn = []
        self._line_up(turn)
        while turn:
            task_class = heappop(turn)[2]
            task_class.queued = False
            first = task_class.first()
            seat = self._find(task_class, now) if first is not None else None
            if first is None or seat is None:
                continue
            decisions.append(self._offer(first[1], seat, now))
            offered.add(seat.worker)
            self._ready.add(task_class)
            self._line_up(turn)
        for worker in offered:
            self._seating.send_away(worker)
        if self._timed:
            decisions.append(WakeAt(min(task_class.verdict_until for task_class in self._timed)))
        return decisions

    def _line_up(self, turn: _Turn) -> None:
        """Queue the classes that have become ready by their first tasks."""
        self._wake()
        prior = self._workspace.prioritize_queue_order
        for task_class in self._ready:
            first = None if task_class.queued else task_class.first()
            if first is not None:
                task_class.queued = True
                heappush(turn, (task_class.order is not prior, first[0], task_class))
        self._ready.clear()

    def _wake(self) -> None:
        seating = self._seating
        for line in seating.joined:
            self._ready |= self._watching.get(line, set())
        if self._direct or self._by_load:
            for worker in seating.moved:
                self._ready |= self._direct.get(worker.fact.sid, set())
                queues = {queue.fact.sid for queue in worker.queues}
                self._ready.update(known for known in self._by_load if known.like.queue_sid in queues)
        seating.joined.clear()
        seating.moved.clear()

    def _find(self, task_class: TaskClass, now: int) -> Seat | None:
        like = task_class.like
        if like.worker_sid is not None:
            return self._direct_seat(like.worker_sid, like)
        line = self._line(task_class)
        first = line.first() if line is not None else None
        if line is None or first is None or task_class.target is None or task_class in self._own_lines:
            return first
        if (own := self._own_line(task_class)) is not None:
            return own.first()
        return _look_through(task_class, line, time_of_day(now) if task_class.timed else _NO_CLOCK)

    def _direct_seat(self, worker_sid: str, task: TaskFact) -> Seat | None:
        worker = self._seating.worker(worker_sid)
        seat = self._seating.seat(worker, task.task_channel_sid) if worker is not None else None
        return seat if seat is not None and (task.ignore_capacity or seat.key is not None) else None

    def _offer(self, task: TaskFact, seat: Seat, now: int) -> Offer:
        self._withdraw(task.sid)
        return Offer(
            task_sid=task.sid,
            task_version=task.version,
            worker_sid=seat.worker.fact.sid,
            worker_version=seat.worker.fact.version,
            queue_sid=task.queue_sid,
            last_reserved_us=self._seating.reserve(seat, now),
        )

    # Tasks in their classes.

    def _admit(self, task: TaskFact) -> None:
        key = class_key(task)
        task_class = self._classes.get(key)
        if task_class is None:
            queue = self._seating.queue(task.queue_sid)
            task_class = self._classes[key] = TaskClass(key, task, queue.order if queue is not None else Order.FIFO)
        if not task_class.tasks:
            self._watch(task_class)
        task_class.add(task)
        self._tasks[task.sid] = (task, task_class)
        self._ready.add(task_class)

    def _withdraw(self, sid: str) -> None:
        task, task_class = self._tasks.pop(sid)
        task_class.remove(task)
        if not task_class.tasks:
            self._rest(task_class)

    def _watch(self, task_class: TaskClass) -> None:
        """Its first task has come: let it be woken by what may bring it a worker."""
        self._resting.pop(task_class, None)
        if (line := self._line(task_class)) is not None:
            self._watching.setdefault(line, set()).add(task_class)
        if (worker_sid := task_class.like.worker_sid) is not None:
            self._direct.setdefault(worker_sid, set()).add(task_class)
        if task_class.timed:
            self._timed.add(task_class)
        if task_class.by_load:
            self._by_load.add(task_class)

    def _rest(self, task_class: TaskClass) -> None:
        """Its last task has gone: wake it no more. One that looks through lines is kept for some time."""
        if (line := self._line(task_class)) is not None:
            _discard(self._watching, line, task_class)
        if (worker_sid := task_class.like.worker_sid) is not None:
            _discard(self._direct, worker_sid, task_class)
        self._timed.discard(task_class)
        self._by_load.discard(task_class)
        if line is None:
            self._forget(task_class)
        elif task_class.target is not None:
            self._resting[task_class] = None
            if len(self._resting) > self._cached_classes // 2:
                self._forget(next(iter(self._resting)))

    def _forget(self, task_class: TaskClass) -> None:
        del self._classes[task_class.key]
        self._resting.pop(task_class, None)
        own = self._own_lines.pop(task_class, None)
        if own is not None and task_class.like.queue_sid is not None:
            self._seating.close(task_class.like.queue_sid, task_class.like.task_channel_sid, own)

    def _line(self, task_class: TaskClass) -> Line | None:
        """Where the class looks for workers: its own line, or that of its queue."""
        like = task_class.like
        if like.worker_sid is not None or like.queue_sid is None or self._seating.queue(like.queue_sid) is None:
            return None
        return self._own_lines.get(task_class) or self._seating.line(like.queue_sid, like.task_channel_sid)

    def _own_line(self, task_class: TaskClass) -> Line | None:
        """Open a line of its own for a class that looks for workers in its queue's line, if it has earned one."""
        like, target = task_class.like, task_class.target
        if like.queue_sid is None or target is None or not target.lasting:
            return None
        if task_class.looked_at < self._seating.members(like.queue_sid):
            return None
        if len(self._own_lines) >= self._cached_classes:
            return None
        _discard(self._watching, self._seating.line(like.queue_sid, like.task_channel_sid), task_class)
        own = self._seating.open(
            like.queue_sid,
            like.task_channel_sid,
            lambda worker: task_class.rank(worker.names(by_load=False), _NO_CLOCK),
        )
        self._own_lines[task_class] = own
        self._watching[own] = {task_class}
        return own


def _look_through(task_class: TaskClass, line: Line, clock: dict[str, Any]) -> Seat | None:
    """The first of the line who suits the class; with an `order_by`, the best of all."""
    best: tuple[Rank, Seat] | None = None
    for seat in line.in_order():
        task_class.looked_at += 1
        rank = task_class.rank(seat.worker.names(by_load=task_class.by_load), clock)
        if rank == ():
            return seat
        if rank is not None and (best is None or rank < best[0]):
            best = (rank, seat)
    return best[1] if best is not None else None


def _discard(classes: dict[Any, set[TaskClass]], key: object, task_class: TaskClass) -> None:
    classes[key].discard(task_class)
    if not classes[key]:
        del classes[key]
