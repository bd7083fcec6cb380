"""The floor of one workspace: facts and a time in, offers out.

What a turn means, slowly: as long as there is one, take the first waiting task, in the order of `ordering`, for which an
eligible worker exists, offer it to the first of these workers, and count his capacity as taken. The oracle of the tests
does exactly this. The floor does the same without looking at everything:

- Tasks of one class (`classes`) have the same eligible workers, so only the first task of each class is looked at.
- Free workers stand in lines (`lines`), so the best one is the head of a line.
- After a turn no class has both a waiting task and a worker. So only classes are looked at to which a task came, or in
  whose line somebody took his place, since then: these are *ready*.

A class without target uses the line of its queue and channel. One with a target looks through that line in idle order
until somebody suits, and gets a line of its own when it comes back (its second task) and there is room for another:
`cached_classes` bounds own lines, half of them may belong to classes that have no task at present. Targets whose verdict
moves by itself (time of day, channel figures) always look through; a move wakes them.

An offer is tentative. The task leaves the floor; the worker stays for the rest of the turn with one slot less, and is
*away* afterwards, because the version that the floor knows of him is spent. So whoever writes the offers puts every task
still pending and every worker concerned again, written or refused, as the rows then stand. A fact older than the one held
is ignored.
"""

from collections.abc import Hashable, Iterable
from heapq import heappop, heappush
from typing import Any

from cordboard.routing.capacity import has_room, is_unoccupied, reserve
from cordboard.routing.classes import TaskClass, class_key
from cordboard.routing.decisions import Decision, Offer, WakeAt
from cordboard.routing.facts import ChannelFact, Order, QueueFact, TaskFact, WorkerFact, WorkspaceFact
from cordboard.routing.lines import Line, Queue, Seat, Worker, admit
from cordboard.routing.namespaces import time_of_day, worker_names
from cordboard.routing.ordering import IdleKey, Rank, TaskKey, idle_key, last_reserved_us

CACHED_CLASSES = 512

_NO_CLOCK: dict[str, Any] = {}

_Turn = list[tuple[bool, TaskKey, TaskClass]]


class Floor:
    """See the top of the file. Not for several threads."""

    def __init__(self, workspace: WorkspaceFact, *, cached_classes: int = CACHED_CLASSES) -> None:
        self._workspace = workspace
        self._cached_classes = cached_classes
        self._channels: dict[str, ChannelFact] = {}
        self._workers: dict[str, Worker] = {}
        self._queues: dict[str, Queue] = {}
        self._classes: dict[Hashable, TaskClass] = {}
        self._tasks: dict[str, tuple[TaskFact, TaskClass]] = {}
        self._direct: dict[str, set[TaskClass]] = {}
        self._own_lines: dict[TaskClass, Line] = {}
        self._resting: dict[TaskClass, None] = {}
        self._timed: set[TaskClass] = set()
        self._by_load: set[TaskClass] = set()
        self._ready: set[TaskClass] = set()
        self._latest_us = -1

    # Facts in.

    def put_workspace(self, fact: WorkspaceFact) -> None:
        """Replace the workspace's settings."""
        self._workspace = fact
        for worker in self._workers.values():
            self._refresh(worker)

    def put_channel(self, fact: ChannelFact) -> None:
        """Add or replace a task channel."""
        self._channels[fact.sid] = fact
        for worker in self._workers.values():
            self._refresh(worker)

    def remove_channel(self, sid: str) -> None:
        """Forget a task channel; workers' seats on it go with their own facts."""
        if self._channels.pop(sid, None) is not None:
            for worker in self._workers.values():
                self._refresh(worker)

    def put_worker(self, fact: WorkerFact) -> None:
        """Add or replace a worker. He is no longer away."""
        worker = self._workers.get(fact.sid)
        if worker is None:
            worker = self._workers[fact.sid] = Worker(fact)
            self._enrol(worker)
        elif fact.version < worker.fact.version:
            return
        else:
            known = worker.fact
            worker.take(fact)
            worker.away = False
            if not _same_to_expressions(known, fact):
                self._enrol(worker)
        latest = last_reserved_us(fact)
        if latest is not None and latest > self._latest_us:
            self._latest_us = latest
        self._refresh(worker)

    def remove_worker(self, sid: str) -> None:
        """Forget a worker."""
        worker = self._workers.pop(sid, None)
        if worker is None:
            return
        _stand_up(worker)
        for queue in worker.queues:
            del queue.members[sid]

    def put_queue(self, fact: QueueFact) -> None:
        """Add or replace a task queue."""
        known = self._queues.get(fact.sid)
        if known is None or known.fact != fact:
            self._replace_queue(fact.sid, Queue(fact))

    def remove_queue(self, sid: str) -> None:
        """Forget a task queue. Tasks that name it wait until it comes back or they are put with another."""
        if sid in self._queues:
            self._replace_queue(sid, None)

    def put_task(self, fact: TaskFact) -> None:
        """Add or replace a waiting task."""
        known = self._tasks.get(fact.sid)
        if known is not None:
            if fact.version < known[0].version:
                return
            self._withdraw(fact.sid)
        self._admit_task(fact)

    def remove_task(self, sid: str) -> None:
        """Forget a task that waits no longer."""
        if sid in self._tasks:
            self._withdraw(sid)

    # Decisions out.

    def decide(self, now: int) -> list[Decision]:
        """Offers of this turn, in the order they were decided, then the time to be woken at, if there is one."""
        for task_class in self._timed:
            if task_class.target is not None and now >= task_class.verdict_until:
                task_class.verdict_until = task_class.target.verdict_until(now)
                self._ready.add(task_class)
        decisions: list[Decision] = []
        offered: dict[str, Worker] = {}
        turn: _Turn = []
        self._line_up(turn)
        while turn:
            _, _, task_class = heappop(turn)
            task_class.queued = False
            first = task_class.first()
            seat = self._find(task_class, now) if first is not None else None
            if first is None or seat is None:
                continue
            decisions.append(self._offer(first[1], seat, now))
            offered[seat.worker.fact.sid] = seat.worker
            self._ready.add(task_class)
            self._line_up(turn)
        for worker in offered.values():
            worker.away = True
            _stand_up(worker)
        if self._timed:
            decisions.append(WakeAt(min(task_class.verdict_until for task_class in self._timed)))
        return decisions

    def _line_up(self, turn: _Turn) -> None:
        prior = self._workspace.prioritize_queue_order
        for task_class in self._ready:
            first = None if task_class.queued else task_class.first()
            if first is not None:
                task_class.queued = True
                heappush(turn, (task_class.order is not prior, first[0], task_class))
        self._ready.clear()

    def _find(self, task_class: TaskClass, now: int) -> Seat | None:
        like = task_class.like
        if like.worker_sid is not None:
            return self._direct_seat(like)
        queue = self._queues.get(like.queue_sid) if like.queue_sid is not None else None
        if queue is None:
            return None
        if task_class.target is None:
            return queue.line(like.task_channel_sid).first()
        line = self._own_lines.get(task_class) or self._own_line(task_class, queue)
        return line.first() if line is not None else self._look_through(task_class, queue, now)

    def _direct_seat(self, task: TaskFact) -> Seat | None:
        worker = self._workers.get(task.worker_sid or "")
        if worker is None or worker.away:
            return None
        seat = worker.seats.get(task.task_channel_sid)
        return seat if seat is not None and (task.ignore_capacity or seat.key is not None) else None

    def _look_through(self, task_class: TaskClass, queue: Queue, now: int) -> Seat | None:
        """The first of the queue's line who suits the target; with an `order_by`, the best of all."""
        target = task_class.target
        if target is None:
            return None
        clock = time_of_day(now) if target.timed else _NO_CLOCK
        best: tuple[Rank, Seat] | None = None
        for seat in queue.line(task_class.like.task_channel_sid).in_order():
            rank = target.rank(task_class.attributes, seat.worker.names, clock)
            if rank is None:
                continue
            if not target.ordered:
                return seat
            if best is None or rank < best[0]:
                best = (rank, seat)
        return best[1] if best is not None else None

    def _offer(self, task: TaskFact, seat: Seat, now: int) -> Offer:
        worker = seat.worker
        self._latest_us = max(now * 1000, self._latest_us + 1)
        worker.take(reserve(worker.fact, seat.task_channel_sid, self._latest_us))
        self._withdraw(task.sid)
        self._refresh(worker)
        return Offer(
            task_sid=task.sid,
            task_version=task.version,
            worker_sid=worker.fact.sid,
            worker_version=worker.fact.version,
            queue_sid=task.queue_sid,
            last_reserved_us=self._latest_us,
        )

    # Workers in their lines.

    def _enrol(self, worker: Worker) -> None:
        """Find his queues and lines afresh; all that he stood in before is dead."""
        _stand_up(worker)
        sid = worker.fact.sid
        for queue in worker.queues:
            del queue.members[sid]
        names = worker_names(worker.fact)
        worker.queues = [queue for queue in self._queues.values() if queue.expression.holds(names)]
        worker.seats = {channel: Seat(worker, channel) for channel in worker.fact.channels}
        for queue in worker.queues:
            self._join(worker, queue)

    def _join(self, worker: Worker, queue: Queue) -> None:
        queue.members[worker.fact.sid] = worker
        for task_channel_sid, lines in queue.lines.items():
            seat = worker.seats.get(task_channel_sid)
            if seat is not None:
                for line in lines:
                    admit(line, seat)

    def _refresh(self, worker: Worker) -> None:
        """Seats free or not, keys as they are now; who has a new key joins his lines with it."""
        for seat in worker.seats.values():
            key = self._key(seat)
            if key == seat.key:
                continue
            seat.key = key
            if key is not None:
                for line in seat.join():
                    self._ready |= line.watchers
        self._ready |= self._direct.get(worker.fact.sid, set())
        if self._by_load:
            own = {queue.fact.sid for queue in worker.queues}
            self._ready.update(task_class for task_class in self._by_load if task_class.like.queue_sid in own)

    def _key(self, seat: Seat) -> IdleKey | None:
        fact = seat.worker.fact
        if seat.worker.away or not fact.available:
            return None
        sid = seat.task_channel_sid
        if not (has_room(fact.channels[sid]) if self._workspace.multi_task_enabled else is_unoccupied(fact)):
            return None
        channel = self._channels.get(sid)
        return idle_key(fact, sid, optimized=channel is not None and channel.channel_optimized_routing)

    def _replace_queue(self, sid: str, queue: Queue | None) -> None:
        tasks = [task for task, _ in self._tasks.values() if task.queue_sid == sid]
        for task in tasks:
            self._withdraw(task.sid)
        for task_class in [known for known in self._classes.values() if known.like.queue_sid == sid]:
            self._forget(task_class)
        if (former := self._queues.pop(sid, None)) is not None:
            former.dissolve()
        if queue is not None:
            self._queues[sid] = queue
            for worker in self._workers.values():
                if queue.expression.holds(worker_names(worker.fact)):
                    worker.queues.append(queue)
                    queue.members[worker.fact.sid] = worker
        for task in tasks:
            self._admit_task(task)

    # Tasks in their classes.

    def _admit_task(self, task: TaskFact) -> None:
        key = class_key(task)
        task_class = self._classes.get(key)
        if task_class is None:
            queue = self._queues.get(task.queue_sid) if task.queue_sid is not None else None
            order = queue.fact.order if queue is not None else Order.FIFO
            task_class = self._classes[key] = TaskClass(key, task, order)
        task_class.add(task)
        self._tasks[task.sid] = (task, task_class)
        self._ready.add(task_class)
        if len(task_class.tasks) == 1:
            self._wake(task_class)

    def _wake(self, task_class: TaskClass) -> None:
        """Its first task has come: watch for workers."""
        self._resting.pop(task_class, None)
        if task_class.like.worker_sid is not None:
            self._direct.setdefault(task_class.like.worker_sid, set()).add(task_class)
        for line in self._watched(task_class):
            line.watchers.add(task_class)
        if task_class.target is not None and task_class.target.timed:
            self._timed.add(task_class)
        if task_class.target is not None and task_class.target.by_load:
            self._by_load.add(task_class)

    def _rest(self, task_class: TaskClass) -> None:
        """Its last task has gone."""
        for line in self._watched(task_class):
            line.watchers.discard(task_class)
        self._timed.discard(task_class)
        self._by_load.discard(task_class)
        if (worker_sid := task_class.like.worker_sid) is not None:
            self._direct[worker_sid].discard(task_class)
            if not self._direct[worker_sid]:
                del self._direct[worker_sid]
            self._forget(task_class)
        elif task_class.target is not None:
            self._resting[task_class] = None
            if len(self._resting) > self._cached_classes // 2:
                self._forget(next(iter(self._resting)))

    def _watched(self, task_class: TaskClass) -> Iterable[Line]:
        """The line in which the class looks for workers, if it has one."""
        like = task_class.like
        queue = self._queues.get(like.queue_sid) if like.queue_sid is not None else None
        if like.worker_sid is not None or queue is None:
            return ()
        return (self._own_lines.get(task_class) or queue.line(like.task_channel_sid),)

    def _own_line(self, task_class: TaskClass, queue: Queue) -> Line | None:
        """A line of its own for a class that has come back, if its verdicts last and there is room."""
        target = task_class.target
        if task_class.seen == 1 or len(self._own_lines) >= self._cached_classes or target is None or not target.lasting:
            return None
        for line in self._watched(task_class):
            line.watchers.discard(task_class)
        line = self._own_lines[task_class] = Line(task_class)
        line.watchers.add(task_class)
        queue.open(task_class.like.task_channel_sid, line)
        return line

    def _forget(self, task_class: TaskClass) -> None:
        del self._classes[task_class.key]
        self._resting.pop(task_class, None)
        line = self._own_lines.pop(task_class, None)
        if line is not None and task_class.like.queue_sid is not None:
            self._queues[task_class.like.queue_sid].close(task_class.like.task_channel_sid, line)

    def _withdraw(self, sid: str) -> None:
        task, task_class = self._tasks.pop(sid)
        task_class.remove(task)
        if not task_class.tasks:
            self._rest(task_class)


def _stand_up(worker: Worker) -> None:
    for seat in worker.seats.values():
        seat.key = None


def _same_to_expressions(known: WorkerFact, fact: WorkerFact) -> bool:
    """What lasting verdicts read is unchanged, and so are the channels.

    Python's == takes 1, 1.0 and True for one value; expressions do not, so equal attributes are compared as text too.
    """
    return (
        (
            fact.attributes is known.attributes
            or (fact.attributes == known.attributes and repr(fact.attributes) == repr(known.attributes))
        )
        and fact.friendly_name == known.friendly_name
        and fact.activity_sid == known.activity_sid
        and fact.activity_name == known.activity_name
        and fact.channels.keys() == known.channels.keys()
    )
