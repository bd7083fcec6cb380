"""Lines of workers who could take a task, longest idle first.

A *seat* is one worker on one task channel. A *line* holds the free seats that suit one class of tasks. There is one
line for each queue and channel that ever had a task, and one for a target's class that comes back often enough
(`floor`). A worker stands in as many lines as there are classes he suits, so leaving must be cheap: nobody is taken
out of a line. Each time a seat becomes free, or its place in the order changes, it gets a new key object and joins its
lines anew with it; an entry whose key is not the seat's own object any more is dead, and is dropped when it comes
to the head.
"""

from collections.abc import Iterator
from heapq import heapify, heappop, heappush
from typing import Any

from cordboard.routing.classes import TaskClass
from cordboard.routing.expressions.compiler import Expression, compile_expression
from cordboard.routing.expressions.tokens import ExpressionError
from cordboard.routing.facts import QueueFact, WorkerFact
from cordboard.routing.namespaces import worker_names_with_channels
from cordboard.routing.ordering import IdleKey, Rank

_SLACK = 64
_NO_CLOCK: dict[str, Any] = {}


class Worker:
    """A worker on the floor. `away` from an offer of an earlier turn until his next fact arrives."""

    __slots__ = ("_names", "away", "fact", "queues", "seats")

    def __init__(self, fact: WorkerFact) -> None:
        self.fact = fact
        self.away = False
        self.queues: list[Queue] = []
        self.seats: dict[str, Seat] = {}
        self._names: dict[str, Any] | None = None

    def take(self, fact: WorkerFact) -> None:
        """Replace the fact."""
        self.fact = fact
        self._names = None

    @property
    def names(self) -> dict[str, Any]:
        """What a target sees of him now."""
        if self._names is None:
            self._names = worker_names_with_channels(self.fact)
        return self._names


class Seat:
    """A worker on one channel. `key` is None unless he can take one more task on it."""

    __slots__ = ("key", "places", "task_channel_sid", "worker")

    def __init__(self, worker: Worker, task_channel_sid: str) -> None:
        self.worker = worker
        self.task_channel_sid = task_channel_sid
        self.key: IdleKey | None = None
        self.places: list[tuple[Line, Rank]] = []

    def join(self) -> list["Line"]:
        """Stand in all lines with the present key; the lines."""
        if self.key is None:
            return []
        if any(line.closed for line, _ in self.places):
            self.places = [place for place in self.places if not place[0].closed]
        for line, rank in self.places:
            line.join(rank, self.key, self)
        return [line for line, _ in self.places]


class Line:
    """Free seats in order, for a queue's channel (`target_class` None) or for one class with a target.

    `watchers` are the classes with waiting tasks that look for a worker here.
    """

    __slots__ = ("_joined", "_limit", "closed", "heap", "target_class", "watchers")

    def __init__(self, target_class: TaskClass | None = None) -> None:
        self.target_class = target_class
        self.watchers: set[TaskClass] = set()
        self.closed = False
        self.heap: list[tuple[Rank, IdleKey, int, Seat]] = []
        self._joined = 0
        self._limit = _SLACK

    def rank(self, worker: Worker) -> Rank | None:
        """His place in this line before idleness counts; None if it is not for him."""
        like = self.target_class
        if like is None or like.target is None:
            return ()
        return like.target.rank(like.attributes, worker.names, _NO_CLOCK)

    def join(self, rank: Rank, key: IdleKey, seat: Seat) -> None:
        """Stand in line."""
        self._joined += 1  # settles a tie of a living entry with a dead one of the same worker
        heappush(self.heap, (rank, key, self._joined, seat))
        if len(self.heap) > self._limit:
            self.heap = [entry for entry in self.heap if entry[1] is entry[3].key]
            heapify(self.heap)
            self._limit = 2 * len(self.heap) + _SLACK

    def first(self) -> Seat | None:
        """The seat whose turn it is; it stays in line."""
        heap = self.heap
        while heap:
            _, key, _, seat = heap[0]
            if key is seat.key:
                return seat
            heappop(heap)
        return None

    def in_order(self) -> Iterator[Seat]:
        """All seats, first come first, as lazily as a heap allows. The line may not change meanwhile."""
        heap = self.heap
        if self.first() is None:
            return
        front = [(heap[0], 0)]
        while front:
            (_, key, _, seat), index = heappop(front)
            if key is seat.key:
                yield seat
            for child in (2 * index + 1, 2 * index + 2):
                if child < len(heap):
                    heappush(front, (heap[child], child))


class Queue:
    """A task queue on the floor: who suits its expression, and the lines of each channel, its own first."""

    __slots__ = ("expression", "fact", "lines", "members")

    def __init__(self, fact: QueueFact) -> None:
        self.fact = fact
        self.members: dict[str, Worker] = {}
        self.lines: dict[str, list[Line]] = {}
        self.expression: Expression
        try:
            self.expression = compile_expression(fact.target_workers)
        except ExpressionError:
            # Validated where it came in; if not, a queue without workers is better than a floor that has stopped.
            self.expression = compile_expression("")

    def line(self, task_channel_sid: str) -> Line:
        """The line of all members on a channel, opened when first asked for."""
        lines = self.lines.get(task_channel_sid)
        if lines is None:
            lines = self.lines[task_channel_sid] = []
            self.open(task_channel_sid, Line())
        return lines[0]

    def open(self, task_channel_sid: str, line: Line) -> None:
        """Let everybody whom the line suits join it."""
        self.lines[task_channel_sid].append(line)
        for worker in self.members.values():
            seat = worker.seats.get(task_channel_sid)
            if seat is not None:
                admit(line, seat)

    def close(self, task_channel_sid: str, line: Line) -> None:
        """Nobody joins it any more."""
        line.closed = True
        self.lines[task_channel_sid].remove(line)

    def dissolve(self) -> None:
        """Let go of all members and close all lines."""
        for lines in self.lines.values():
            for line in lines:
                line.closed = True
        for worker in self.members.values():
            worker.queues.remove(self)


def admit(line: Line, seat: Seat) -> None:
    """Give the seat a place in the line if it suits, now and whenever the seat becomes free."""
    rank = line.rank(seat.worker)
    if rank is None:
        return
    seat.places.append((line, rank))
    if seat.key is not None:
        line.join(rank, seat.key, seat)
