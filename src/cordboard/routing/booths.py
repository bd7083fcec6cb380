"""Where waiting tasks and free workers meet.

A *seat* is one worker on one task channel. Tasks of one queue, channel and target belong to a *section* of the floor,
and so do the seats of the queue's members whom the target may want. A section has a *booth* for each key (`joins`) under
which a seat or a class of tasks is filed; without a target there is one booth for all.
"""

from typing import Any

from cordboard.routing.classes import TaskClass
from cordboard.routing.expressions.compiler import compile_expression
from cordboard.routing.expressions.tokens import ExpressionError
from cordboard.routing.facts import QueueFact, TargetFact, TaskFact, WorkerFact
from cordboard.routing.joins import Key
from cordboard.routing.lines import Entry, Line
from cordboard.routing.namespaces import Names, worker_names, worker_names_with_channels
from cordboard.routing.ordering import IdleKey, Rank, last_reserved_us
from cordboard.routing.targets import Target


class Worker:
    """A worker on the floor. `away` from the end of a turn that made him an offer until his next fact arrives.

    `fresh` from when a place of his opened until a turn has found nobody who wants it. `by_load` if a target looks at his
    channel figures.
    """

    __slots__ = (
        "_lasting_names",
        "_names",
        "activity_sid",
        "away",
        "by_load",
        "fact",
        "fresh",
        "last_reserved_us",
        "queues",
        "seats",
    )

    def __init__(self, fact: WorkerFact) -> None:
        self.away = False
        self.fresh = True
        self.queues: list[Queue] = []
        self.seats: dict[str, Seat] = {}
        self.take(fact, last_reserved_us(fact))
        self.start_afresh()

    def take(self, fact: WorkerFact, latest_us: int | None) -> None:
        """Replace the fact by one that differs in what does not last: availability, load, idleness."""
        self.fact = fact
        self.last_reserved_us = latest_us
        self._names: dict[str, Any] | None = None

    def start_afresh(self) -> None:
        """Let go of everything that depends on what lasts: attributes, names, the activity, the channels he has."""
        self.stand_up()
        for seat in self.seats.values():
            for booth, _ in seat.places:
                booth.section.take_out(booth)
        self.seats = {}
        self.by_load = False
        self._lasting_names: dict[str, Any] | None = None
        for queue in self.queues:
            queue.dismiss(self)
        self.queues = []
        self.activity_sid = self.fact.activity_sid

    def stand_up(self) -> None:
        """Take no more tasks."""
        for seat in self.seats.values():
            seat.key = None
            seat.ticket = 0

    def names(self, *, by_load: bool) -> dict[str, Any]:
        """What a target sees of him now, the figures of his channels only if asked for."""
        if by_load:
            if self._names is None:
                self._names = worker_names_with_channels(self.fact)
            return self._names
        if self._lasting_names is None:
            self._lasting_names = worker_names(self.fact)
        return self._lasting_names


class Seat:
    """A worker on one channel. `key` is None, and he stands nowhere, unless he can take one more task on it.

    `places` are the booths where he is filed, with his rank there.
    """

    __slots__ = ("key", "places", "task_channel_sid", "ticket", "worker")

    def __init__(self, worker: Worker, task_channel_sid: str) -> None:
        self.worker = worker
        self.task_channel_sid = task_channel_sid
        self.key: IdleKey | None = None
        self.ticket = 0
        self.places: list[tuple[Booth, Rank]] = []


class Booth:
    """Free seats and waiting classes that are filed under one key.

    `seats` are those that no class here wanted, or that have had none to ask; `fresh` those that came since the last
    turn, by whom the waiting classes are *stirred*. `waiting` counts the classes that have tasks, `filed` the classes
    and seats for whom the booth is there.
    """

    __slots__ = ("by_load", "classes", "filed", "fresh", "id", "seats", "section", "stirred", "waiting")

    def __init__(self, section: "Section", key: Key) -> None:
        self.section = section
        self.id = key
        self.by_load = section.target.by_load
        self.seats = Line[Seat]()
        self.fresh = Line[Seat]()
        self.classes = Line[TaskClass]()
        self.filed = 0
        self.waiting = 0
        self.stirred = False

    def best(self, task_class: TaskClass, clock: Names) -> Entry | None:
        """The first seat for the class. If it is not fresh nobody in `seats` suits."""
        best = self._first(self.fresh, task_class, clock)
        if task_class.fresh:
            other = self._first(self.seats, task_class, clock)
            if best is None or (other is not None and other < best):
                return other
        return best

    def _first(self, line: Line[Seat], task_class: TaskClass, clock: Names) -> Entry | None:
        if not task_class.picky:
            return line.first()

        def suits(seat: Seat) -> bool:
            worker = seat.worker
            return task_class.suits(worker.fact.sid, worker.names(by_load=self.by_load), clock)

        return line.first_who(suits)


class Section:
    """See the top of the file. `classes` counts those that are filed here."""

    __slots__ = ("booths", "classes", "id", "queue", "target")

    def __init__(self, queue: "Queue", like: TaskFact, target: Target) -> None:
        self.queue = queue
        self.id = (like.task_channel_sid, like.target)
        self.target = target
        self.booths: dict[Key, Booth] = {}
        self.classes = 0

    def file(self, keys: list[Key]) -> list[Booth]:
        """The booths of these keys, there as long as somebody is filed under them."""
        booths = []
        for key in keys:
            booth = self.booths.get(key)
            if booth is None:
                booth = self.booths[key] = Booth(self, key)
            booth.filed += 1
            booths.append(booth)
        return booths

    def take_out(self, booth: Booth) -> None:
        """One of those who were filed at the booth is no longer."""
        booth.filed -= 1
        if not booth.filed:
            del self.booths[booth.id]

    def admit(self, seat: Seat) -> list[tuple[Booth, Rank]]:
        """Give the seat its places in this section."""
        names = seat.worker.names(by_load=False)
        rank = self.target.rank(seat.worker.names(by_load=self.target.by_load))
        places = [(booth, rank) for booth in self.file(self.target.worker_keys(names))]
        seat.places += places
        seat.worker.by_load |= self.target.by_load
        return places


class Queue:
    """A task queue: the workers who suit its expression, how many by activity, and its sections by channel and target."""

    __slots__ = ("_holds", "activities", "fact", "members", "sections")

    def __init__(self, fact: QueueFact) -> None:
        self.fact = fact
        self.members: dict[str, Worker] = {}
        self.activities: dict[str, int] = {}
        self.sections: dict[tuple[str, TargetFact | None], Section] = {}
        try:
            self._holds = compile_expression(fact.target_workers).holds
        except ExpressionError:
            # Validated where it came in. If it was not, a queue without workers beats a floor that has stopped.
            self._holds = compile_expression("").holds

    def enrol(self, worker: Worker) -> None:
        """He suits it."""
        self.members[worker.fact.sid] = worker
        self.activities[worker.activity_sid] = self.activities.get(worker.activity_sid, 0) + 1

    def dismiss(self, worker: Worker) -> None:
        """He is a member no longer, at least not by the activity in which he was enrolled."""
        del self.members[worker.fact.sid]
        self.activities[worker.activity_sid] -= 1

    def wants(self, worker: Worker) -> bool:
        """TargetWorkers holds for him."""
        return self._holds(worker.names(by_load=False))
