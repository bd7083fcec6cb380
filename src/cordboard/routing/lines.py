"""Lines of workers who could take a task, longest idle first.

A *seat* is one worker on one task channel. A *line* holds the free seats that suit some tasks. A worker stands in as many
lines as there are kinds of tasks he suits, so leaving must be cheap: nobody is taken out of a line. Each time a seat
becomes free, or its place in the order changes, it gets a new key object and joins its lines anew with it. An entry whose
key is not the seat's own object any more is dead, and is dropped when it comes to the head.
"""

from collections.abc import Callable, Iterator
from heapq import heapify, heappop, heappush
from typing import Any

from cordboard.routing.expressions.compiler import compile_expression
from cordboard.routing.expressions.tokens import ExpressionError
from cordboard.routing.facts import QueueFact, WorkerFact
from cordboard.routing.namespaces import worker_names, worker_names_with_channels
from cordboard.routing.ordering import IdleKey, Rank, last_reserved_us

_SLACK = 64
# Dead entries inside a line are passed over by everyone who looks through it. Burying them costs a walk along the line;
# it is done when they have cost about as much, a step over a dead one being some eight times a step of the walk.
_WASTE_PART = 8


class Worker:
    """A worker on the floor. `away` from the end of a turn that made him an offer until his next fact arrives."""

    __slots__ = ("_lasting_names", "_names", "activity_sid", "away", "fact", "last_reserved_us", "queues", "seats")

    def __init__(self, fact: WorkerFact) -> None:
        self.activity_sid = fact.activity_sid
        self.away = False
        self.queues: list[Queue] = []
        self.seats: dict[str, Seat] = {}
        self._lasting_names: dict[str, Any] | None = None
        self.take(fact)

    def take(self, fact: WorkerFact) -> None:
        """Replace the fact by one that differs in what does not last: availability, load, idleness."""
        self.fact = fact
        self.last_reserved_us = last_reserved_us(fact)
        self._names: dict[str, Any] | None = None

    def start_afresh(self) -> None:
        """Let go of everything that depends on what lasts: attributes, names, the activity, the channels he has."""
        self.stand_up()
        self.seats = {}
        self._lasting_names = None
        for queue in self.queues:
            queue.dismiss(self)
        self.queues = []
        self.activity_sid = self.fact.activity_sid

    def stand_up(self) -> None:
        """Take no more tasks."""
        for seat in self.seats.values():
            seat.key = None

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
    """A worker on one channel. `key` is None unless he can take one more task on it."""

    __slots__ = ("key", "places", "task_channel_sid", "worker")

    def __init__(self, worker: Worker, task_channel_sid: str, key: IdleKey | None) -> None:
        self.worker = worker
        self.task_channel_sid = task_channel_sid
        self.key = key
        self.places: list[tuple[Line, Rank]] = []


class Line:
    """Free seats in order. `rank` is a worker's place before idleness counts, None if the line is not for him."""

    __slots__ = ("_heap", "_limit", "_serial", "_waste", "closed", "rank")

    def __init__(self, rank: Callable[[Worker], Rank | None]) -> None:
        self.rank = rank
        self.closed = False
        self._heap: list[tuple[Rank, IdleKey, int, Seat]] = []
        self._serial = 0
        self._limit = _SLACK
        self._waste = 0

    def admit(self, seat: Seat) -> None:
        """Give the seat a place, if it suits, for now and for whenever it becomes free."""
        rank = self.rank(seat.worker)
        if rank is not None:
            seat.places.append((self, rank))
            if seat.key is not None:
                self.join(rank, seat.key, seat)

    def join(self, rank: Rank, key: IdleKey, seat: Seat) -> None:
        """Stand in line."""
        self._serial += 1  # settles a tie of a living entry with a dead one of the same worker
        heappush(self._heap, (rank, key, self._serial, seat))
        if len(self._heap) > self._limit:
            self._bury()

    def first(self) -> Seat | None:
        """The seat whose turn it is; it stays in line."""
        heap = self._heap
        while heap:
            _, key, _, seat = heap[0]
            if key is seat.key:
                return seat
            heappop(heap)
        return None

    def in_order(self) -> Iterator[Seat]:
        """All seats, first come first, as lazily as a heap allows. The line may not change meanwhile."""
        if self._waste > _SLACK + len(self._heap) // _WASTE_PART:
            self._bury()
        heap = self._heap
        if self.first() is None:
            return
        front = [(heap[0], 0)]
        while front:
            (_, key, _, seat), index = heappop(front)
            if key is seat.key:
                yield seat
            else:
                self._waste += 1
            for child in (2 * index + 1, 2 * index + 2):
                if child < len(heap):
                    heappush(front, (heap[child], child))

    def _bury(self) -> None:
        self._heap = [entry for entry in self._heap if entry[1] is entry[3].key]
        heapify(self._heap)
        self._limit = 2 * len(self._heap) + _SLACK
        self._waste = 0


class Queue:
    """A task queue: the workers who suit its expression, how many by activity, and by task channel the lines in which they stand.

    The first line of a channel is for all members.
    """

    __slots__ = ("_holds", "activities", "fact", "lines", "members")

    def __init__(self, fact: QueueFact) -> None:
        self.fact = fact
        self.members: dict[str, Worker] = {}
        self.activities: dict[str, int] = {}
        self.lines: dict[str, list[Line]] = {}
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

    def wants(self, worker: WorkerFact) -> bool:
        """TargetWorkers holds for him."""
        return self._holds(worker_names(worker))
