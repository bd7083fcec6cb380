"""The floor of one workspace: facts and a time in, offers out.

What a turn means, slowly: as long as there is one, take the first waiting task, in the order of `ordering`, for which an
eligible worker exists, offer it to the first of these workers, and count his slot as taken. The oracle of the tests does
exactly this. The floor does the same without looking at everything:

- Tasks of one class (`classes`) have the same eligible workers, so only the first task of each class is looked at.
- Workers and classes are filed at *booths* (`booths`, `joins`) by the values that a target compares, so a class asks only
  those who share one with it; often they all suit, and the best one is the head of a line.
- After a turn no class has both a waiting task and a worker. So only who is *fresh* matters to the others: a class that
  has come since asks all free workers at its booths, any other class only those who have come since. The classes of a
  booth at which somebody is fresh are asked in the order of their tasks, until nobody is fresh there: with a target that
  suits nearly everybody, the first of ten thousand classes takes him.

What a target asks beyond the joins is asked each time, nothing is remembered; so what is kept grows with workers, their
queues and values, and with tasks, but not with pairs of them. The time of day may give a class another verdict: it is
fresh then. Channel figures may give a worker one: he is fresh whenever they change.

Of a class that only one worker can suit, whom its tasks name (a direct offer, a known agent), he alone is asked, and only he
makes it fresh. A task that may be reserved by several workers goes on to the class of those that its next worker has reserved, and so
on for the rest of the turn, until it has as many as it may.

An offer is tentative. At the end of the turn the task has left the floor, and the worker, who stayed with one slot less,
is *away*, because the versions that the floor knows of them are spent. So whoever writes the offers puts every task that
still wants workers and every worker concerned again, written or refused, as the rows then stand. A fact older than the
one held is ignored.
"""

from collections.abc import Hashable, Iterator, Mapping

from msgspec.structs import replace

from cordboard.routing.booths import Seat, Worker
from cordboard.routing.classes import TaskClass, class_key
from cordboard.routing.decisions import Decision, Offer, WakeAt
from cordboard.routing.eligibility import Place, Reason, look
from cordboard.routing.facts import ChannelFact, Order, QueueFact, TaskFact, WorkerFact, WorkspaceFact
from cordboard.routing.namespaces import time_of_day
from cordboard.routing.ordering import TaskKey, task_key
from cordboard.routing.seating import Seating
from cordboard.routing.targets import Only
from cordboard.routing.turns import Turn

RESTING_CLASSES = 4096


class Floor:
    """See the top of the file. Not for several threads."""

    def __init__(
        self, workspace: WorkspaceFact, *, resting_classes: int = RESTING_CLASSES, seating: Seating | None = None
    ) -> None:
        self._workspace = workspace
        self._seating = seating or Seating(workspace)
        self._tasks: dict[str, tuple[TaskFact, TaskClass]] = {}
        self._classes: dict[Hashable, TaskClass] = {}
        self._resting: dict[TaskClass, None] = {}
        self._resting_classes = resting_classes
        self._fresh: dict[TaskClass, None] = {}
        # Classes that have waiting tasks, by what may give them another verdict.
        self._direct: dict[Only, set[TaskClass]] = {}
        self._timed: set[TaskClass] = set()

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
        task_class = self._class(task, None)
        clock = time_of_day(now)
        return ((worker, look(self._seating, task_class, worker, clock)) for worker in self._seating.workers())

    # Facts in.

    def put_workspace(self, fact: WorkspaceFact) -> None:
        """Replace the workspace's settings."""
        self._workspace = fact
        self._seating.put_workspace(fact)
        for task_class in set[TaskClass]().union(*self._direct.values()):
            self._freshen(task_class)

    def put_channel(self, fact: ChannelFact) -> None:
        """Add or replace a task channel. One that was never put is not optimized."""
        self._seating.put_channel(fact)

    def remove_channel(self, sid: str) -> None:
        """Forget a task channel."""
        self._seating.remove_channel(sid)

    def put_worker(self, fact: WorkerFact) -> None:
        """Add or replace a worker. He is no longer away."""
        self._seating.put_worker(fact)
        if self._direct:
            self._freshen_for(fact)

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
            if now >= task_class.verdict_until:
                task_class.verdict_until = task_class.target.verdict_until(now)
                self._freshen(task_class)
        turn = Turn(self._seating, self._workspace.prioritize_queue_order, time_of_day(now) if self._timed else {})
        decisions: list[Decision] = []
        offered: set[Worker] = set()
        spent: list[str] = []
        self._stir(turn)
        while (found := turn.next()) is not None:
            task, seat = found[0].first, found[1]
            decisions.append(self._offer(task, seat, now))
            offered.add(seat.worker)
            if task.max_reserved > 1:
                spent.append(task.sid)
            turn.call_back()
            if self._direct:
                self._freshen_for(seat.worker.fact)
            self._stir(turn)
        turn.end()
        for worker in offered:
            self._seating.send_away(worker)
        for sid in spent:
            self.remove_task(sid)
        if self._timed:
            decisions.append(WakeAt(min(task_class.verdict_until for task_class in self._timed)))
        return decisions

    def _stir(self, turn: Turn) -> None:
        for task_class in self._fresh:
            turn.ask(task_class)
        self._fresh.clear()
        turn.stir()

    def _offer(self, task: TaskFact, seat: Seat, now: int) -> Offer:
        self._withdraw(task.sid)
        if len(task.reserved_by) + 1 < task.max_reserved:
            self._admit(replace(task, reserved_by=task.reserved_by | {seat.worker.fact.sid}))
            self._freshen(self._tasks[task.sid][1])
        worker = seat.worker.fact
        last_us = self._seating.reserve(seat, now)
        return Offer(task.sid, task.version, worker.sid, worker.version, task.queue_sid, last_us)

    # Tasks in their classes.

    def _admit(self, task: TaskFact) -> None:
        key = class_key(task)
        task_class = self._classes.get(key)
        if task_class is None:
            task_class = self._classes[key] = self._class(task, key)
            self._seating.enter(task_class)
        self._tasks[task.sid] = (task, task_class)
        came = not task_class.tasks
        if task_class.add(task):
            self._seating.line_up(task_class)
        if came:
            self._watch(task_class)

    def _class(self, task: TaskFact, key: Hashable) -> TaskClass:
        queue = self._seating.queue(task.queue_sid)
        return TaskClass(key, task, queue.order if queue is not None else Order.FIFO)

    def _withdraw(self, sid: str) -> None:
        task, task_class = self._tasks.pop(sid)
        if task_class.remove(task):
            self._seating.line_up(task_class)
        if not task_class.tasks:
            self._rest(task_class)

    def _watch(self, task_class: TaskClass) -> None:
        """Its first task has come: let it be fresh now, and whenever its verdict may be another."""
        self._resting.pop(task_class, None)
        self._seating.wait(task_class, waits=True)
        if task_class.only is not None:
            self._direct.setdefault(task_class.only, set()).add(task_class)
        if task_class.target.timed:
            self._timed.add(task_class)
        self._freshen(task_class)

    def _rest(self, task_class: TaskClass) -> None:
        """Its last task has gone. The like of it may come, so it is kept for some time, without a target for ever."""
        self._fresh.pop(task_class, None)
        self._seating.wait(task_class, waits=False)
        self._timed.discard(task_class)
        only = task_class.only
        if only is not None:
            self._direct[only].discard(task_class)
            if not self._direct[only]:
                del self._direct[only]
        if only is not None or task_class.like.reserved_by:
            self._forget(task_class)
        elif task_class.like.target is not None:
            self._resting[task_class] = None
            if len(self._resting) > self._resting_classes:
                self._forget(next(iter(self._resting)))

    def _forget(self, task_class: TaskClass) -> None:
        del self._classes[task_class.id]
        self._resting.pop(task_class, None)
        self._seating.leave(task_class)

    def _freshen_for(self, worker: WorkerFact) -> None:
        """Something about him has changed: let those be fresh whose tasks are for him alone."""
        for only in (Only("sid", worker.sid), Only("friendly_name", worker.friendly_name)):
            for task_class in self._direct.get(only, ()):
                self._freshen(task_class)

    def _freshen(self, task_class: TaskClass) -> None:
        if not task_class.sits_out:
            task_class.fresh = True
            self._fresh[task_class] = None
