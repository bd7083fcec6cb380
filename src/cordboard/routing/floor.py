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
when it may have moved. Of a target that only one worker can suit, whom its task names (a known agent), he alone is asked,
and nothing but he wakes it.

A task that may be reserved by several workers goes on to the class of those that its next worker has reserved, and so
on for the rest of the turn, until it has as many as it may.

An offer is tentative. At the end of the turn the task has left the floor, and the worker, who stayed with one slot less,
is *away*, because the versions that the floor knows of them are spent. So whoever writes the offers puts every task that
still wants workers and every worker concerned again, written or refused, as the rows then stand. A fact older than the
one held is ignored.
"""

from collections.abc import Hashable, Iterator, Mapping
from heapq import heappop, heappush
from typing import Any

from msgspec.structs import replace

from cordboard.routing.classes import TaskClass, class_key
from cordboard.routing.decisions import Decision, Offer, WakeAt
from cordboard.routing.eligibility import Place, Reason, look
from cordboard.routing.facts import ChannelFact, Order, QueueFact, TaskFact, WorkerFact, WorkspaceFact
from cordboard.routing.lines import Line, Seat, Worker
from cordboard.routing.namespaces import time_of_day
from cordboard.routing.ordering import Rank, TaskKey, task_key
from cordboard.routing.seating import Seating
from cordboard.routing.targets import Only

CACHED_CLASSES = 512
_NO_CLOCK: dict[str, Any] = {}

_Turn = list[tuple[bool, TaskKey, TaskClass]]


class Floor:
    """See the top of the file. Not for several threads."""

    def __init__(
        self, workspace: WorkspaceFact, *, cached_classes: int = CACHED_CLASSES, seating: Seating | None = None
    ) -> None:
        self._workspace = workspace
        self._cached_classes = cached_classes
        self._seating = seating or Seating(workspace)
        self._tasks: dict[str, tuple[TaskFact, TaskClass]] = {}
        self._classes: dict[Hashable, TaskClass] = {}
        self._resting: dict[TaskClass, None] = {}
        self._own_lines: dict[TaskClass, Line] = {}
        # Classes that have waiting tasks, by what may wake them.
        self._ready: set[TaskClass] = set()
        self._watching: dict[Line, set[TaskClass]] = {}
        self._direct: dict[Only, set[TaskClass]] = {}
        self._timed: set[TaskClass] = set()
        self._by_load: set[TaskClass] = set()

    @property
    def waiting(self) -> int:
        """How many tasks wait."""
        return len(self._tasks)

    def workers_of(self, queue_sid: str) -> Iterator[WorkerFact]:
        """The workers who suit a queue's expression, whatever they are doing; none if it is not there."""
        return self._seating.workers_of(queue_sid)

    def activities_of(self, queue_sid: str) -> Mapping[str, int]:
        """How many of these are in each activity; zeros may be among them."""
        return self._seating.activities_of(queue_sid)

    def waiting_in(self, queue_sid: str) -> list[TaskFact]:
        """The tasks that wait in a queue."""
        return [task for task, _ in self._tasks.values() if task.queue_sid == queue_sid]

    def queue(self, sid: str | None) -> QueueFact | None:
        """A queue, if it is there."""
        return self._seating.queue(sid)

    def queues(self) -> Iterator[QueueFact]:
        """All queues."""
        return self._seating.queues()

    def classes(self) -> Iterator[TaskClass]:
        """The waiting tasks, by class."""
        return (task_class for task_class in self._classes.values() if task_class.tasks)

    def before(self, task: TaskFact) -> int:
        """How many of the waiting tasks of its queue are to be offered before a task, which need not stand here."""
        order = self._class(task, None).order
        mine = task_key(task, order)
        return sum(task_key(other, order) < mine for other in self.waiting_in(task.queue_sid or ""))

    def turn_of(self, task_class: TaskClass, task: TaskFact) -> tuple[bool, TaskKey]:
        """The place of a task among all that wait."""
        return task_class.order is not self._workspace.prioritize_queue_order, task_key(task, task_class.order)

    def deserted(self) -> "Floor":
        """The same workspace, channels and queues with nobody and nothing in it."""
        return Floor(self._workspace, seating=self._seating.deserted())

    def looks(self, task: TaskFact, now: int) -> Iterator[tuple[Worker, Place | Reason]]:
        """Each worker's place for a task, which need not stand here, or why it cannot get it. Nothing changes."""
        task_class = self._class(task, class_key(task))
        clock = time_of_day(now)
        return ((worker, look(self._seating, task_class, worker, clock)) for worker in self._seating.workers())

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
        if len(fact.reserved_by) < fact.max_reserved:
            self._admit(fact)

    def remove_task(self, sid: str) -> None:
        """Forget a task that waits no longer."""
        if sid in self._tasks:
            self._withdraw(sid)

    def _replace_queue(self, sid: str, fact: QueueFact | None) -> None:
        tasks = self.waiting_in(sid)
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
        spent: set[str] = set()
        turn: _Turn = []
        self._line_up(turn)
        while turn:
            _, place, task_class = heappop(turn)
            if task_class.queued != place:
                continue  # an earlier task has come into the class since, and had it queued anew
            task_class.queued = None
            first = task_class.first()
            seat = self._find(task_class, now) if first is not None else None
            if first is None or seat is None:
                continue
            task = first[1]
            decisions.append(self._offer(task, seat, now))
            offered.add(seat.worker)
            if task.max_reserved > 1:
                spent.add(task.sid)
            self._ready.add(task_class)
            self._line_up(turn)
        for worker in offered:
            self._seating.send_away(worker)
        for sid in spent:
            self.remove_task(sid)
        if self._timed:
            decisions.append(WakeAt(min(task_class.verdict_until for task_class in self._timed)))
        return decisions

    def _line_up(self, turn: _Turn) -> None:
        """Queue the classes that have become ready by their first tasks."""
        self._wake()
        prior = self._workspace.prioritize_queue_order
        for task_class in self._ready:
            first = task_class.first()
            if first is not None and task_class.queued != first[0]:
                task_class.queued = first[0]
                heappush(turn, (task_class.order is not prior, first[0], task_class))
        self._ready.clear()

    def _wake(self) -> None:
        seating = self._seating
        for line in seating.joined:
            self._ready |= self._watching.get(line, set())
        if self._direct or self._by_load:
            for worker in seating.moved:
                self._ready |= self._direct.get(Only("sid", worker.fact.sid), set())
                self._ready |= self._direct.get(Only("friendly_name", worker.fact.friendly_name), set())
                queues = {queue.fact.sid for queue in worker.queues}
                self._ready.update(known for known in self._by_load if known.like.queue_sid in queues)
        seating.joined.clear()
        seating.moved.clear()

    def _find(self, task_class: TaskClass, now: int) -> Seat | None:
        like = task_class.like
        if (only := _directed(task_class)) is not None:
            return self._seat_of(only, task_class, now)
        line = self._line(task_class)
        first = line.first() if line is not None else None
        if like.reserved_by and line is not None:
            return _look_through(task_class, line, time_of_day(now) if task_class.timed else _NO_CLOCK)
        if line is None or first is None or task_class.target is None or task_class in self._own_lines:
            return first
        if (own := self._own_line(task_class)) is not None:
            return own.first()
        return _look_through(task_class, line, time_of_day(now) if task_class.timed else _NO_CLOCK)

    def _seat_of(self, only: Only, task_class: TaskClass, now: int) -> Seat | None:
        """As if all workers were looked at, of whom nobody else can suit."""
        best: tuple[Place, Worker] | None = None
        clock = time_of_day(now) if task_class.timed else _NO_CLOCK
        for worker in self._seating.meant(*only):
            found = look(self._seating, task_class, worker, clock)
            if isinstance(found, tuple) and (best is None or found < best[0]):
                best = found, worker
        return self._seating.seat(best[1], task_class.like.task_channel_sid) if best is not None else None

    def _offer(self, task: TaskFact, seat: Seat, now: int) -> Offer:
        self._withdraw(task.sid)
        if len(task.reserved_by) + 1 < task.max_reserved:
            self._admit(replace(task, reserved_by=task.reserved_by | {seat.worker.fact.sid}))
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
            task_class = self._classes[key] = self._class(task, key)
        if not task_class.tasks:
            self._watch(task_class)
        task_class.add(task)
        self._tasks[task.sid] = (task, task_class)
        self._ready.add(task_class)

    def _class(self, task: TaskFact, key: Hashable) -> TaskClass:
        queue = self._seating.queue(task.queue_sid)
        return TaskClass(key, task, queue.order if queue is not None else Order.FIFO)

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
        if (only := _directed(task_class)) is not None:
            self._direct.setdefault(only, set()).add(task_class)
        if task_class.timed:
            self._timed.add(task_class)
        if task_class.by_load:
            self._by_load.add(task_class)

    def _rest(self, task_class: TaskClass) -> None:
        """Its last task has gone: wake it no more. One that looks through lines is kept for some time."""
        if (line := self._line(task_class)) is not None:
            _discard(self._watching, line, task_class)
        if (only := _directed(task_class)) is not None:
            _discard(self._direct, only, task_class)
        self._timed.discard(task_class)
        self._by_load.discard(task_class)
        if line is None or task_class.like.reserved_by:
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
        if _directed(task_class) is not None or like.queue_sid is None or self._seating.queue(like.queue_sid) is None:
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
        if seat.worker.fact.sid in task_class.like.reserved_by:
            continue
        task_class.looked_at += 1
        rank = task_class.rank(seat.worker.names(by_load=task_class.by_load), clock)
        if rank == ():
            return seat
        if rank is not None and (best is None or rank < best[0]):
            best = (rank, seat)
    return best[1] if best is not None else None


def _directed(task_class: TaskClass) -> Only | None:
    """The one worker whom its tasks are for: as it was asked, or by what their target says."""
    worker_sid = task_class.like.worker_sid
    return Only("sid", worker_sid) if worker_sid is not None else task_class.only


def _discard(classes: dict[Any, set[TaskClass]], key: object, task_class: TaskClass) -> None:
    classes[key].discard(task_class)
    if not classes[key]:
        del classes[key]
