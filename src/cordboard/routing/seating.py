"""Who could take a task now: workers in their lines, kept so while facts change.

There is one line for each queue and channel that somebody asked for, and those that the floor opens for a target.
`joined` and `moved` tell the floor what happened since it looked last: the lines that somebody joined, and the workers of
whom anything changed.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from cordboard.routing.capacity import Hindrance, hindrance, reserve
from cordboard.routing.facts import ChannelFact, QueueFact, WorkerFact, WorkspaceFact
from cordboard.routing.lines import Line, Queue, Seat, Worker
from cordboard.routing.ordering import IdleKey, Rank, idle_key


class Seating:
    """See the top of the file."""

    def __init__(self, workspace: WorkspaceFact) -> None:
        self._workspace = workspace
        self._optimized: set[str] = set()
        self._workers: dict[str, Worker] = {}
        self._named: dict[str, set[Worker]] = {}
        self._queues: dict[str, Queue] = {}
        self._latest_us = -1
        self.joined: set[Line] = set()
        self.moved: set[Worker] = set()

    # What the floor asks.

    def queue(self, sid: str | None) -> QueueFact | None:
        """The fact of a queue."""
        queue = self._queues.get(sid) if sid is not None else None
        return None if queue is None else queue.fact

    def queues(self) -> Iterator[QueueFact]:
        """All queues."""
        return (queue.fact for queue in self._queues.values())

    def members(self, queue_sid: str) -> int:
        """How many workers suit a queue that exists."""
        return len(self._queues[queue_sid].members)

    def workers_of(self, queue_sid: str) -> Iterator[WorkerFact]:
        """The members of a queue; none if it does not exist."""
        queue = self._queues.get(queue_sid)
        return (worker.fact for worker in queue.members.values()) if queue is not None else iter(())

    def activities_of(self, queue_sid: str) -> Mapping[str, int]:
        """How many members of a queue are in each activity; none if it does not exist."""
        queue = self._queues.get(queue_sid)
        return queue.activities if queue is not None else {}

    def deserted(self) -> "Seating":
        """The same workspace, channels and queues without anybody."""
        seating = Seating(self._workspace)
        seating._optimized = set(self._optimized)
        for fact in self.queues():
            seating.put_queue(fact)
        return seating

    def line(self, queue_sid: str, task_channel_sid: str) -> Line:
        """The line of all members of a queue that exists, on one channel."""
        queue = self._queues[queue_sid]
        lines = queue.lines.get(task_channel_sid)
        return lines[0] if lines else self.open(queue_sid, task_channel_sid, _everybody)

    def open(self, queue_sid: str, task_channel_sid: str, rank: Callable[[Worker], Rank | None]) -> Line:
        """Another line for members of a queue that exists."""
        queue, line = self._queues[queue_sid], Line(rank)
        queue.lines.setdefault(task_channel_sid, []).append(line)
        for worker in queue.members.values():
            if (seat := self.seat(worker, task_channel_sid)) is not None:
                line.admit(seat)
        return line

    def close(self, queue_sid: str, task_channel_sid: str, line: Line) -> None:
        """Nobody joins the line any more."""
        line.closed = True
        self._queues[queue_sid].lines[task_channel_sid].remove(line)

    def meant(self, key: str, value: str | None) -> Iterable[Worker]:
        """Those who are here and not away whose `key` (`sid` or `friendly_name`) is this: one, unless names are being swapped."""
        found = (self._workers.get(value or ""),) if key == "sid" else self._named.get(value or "", ())
        return (worker for worker in found if worker is not None and not worker.away)

    def is_member(self, queue_sid: str, worker: Worker) -> bool:
        """Whether he suits a queue; nobody does if it does not exist."""
        queue = self._queues.get(queue_sid)
        return queue is not None and worker.fact.sid in queue.members

    def workers(self) -> Iterator[Worker]:
        """All who are here, the away ones too."""
        return iter(self._workers.values())

    def hindrance(self, worker: Worker, task_channel_sid: str) -> Hindrance | None:
        """What keeps a worker from one more task of a channel."""
        return hindrance(worker.fact, task_channel_sid, multi_task=self._workspace.multi_task_enabled)

    def idleness(self, worker: Worker, task_channel_sid: str) -> IdleKey:
        """The place by idleness of a worker who is on the channel."""
        if task_channel_sid in self._optimized:
            return idle_key(worker.fact, worker.fact.channels[task_channel_sid].last_reserved_us)
        return idle_key(worker.fact, worker.last_reserved_us)

    def seat(self, worker: Worker, task_channel_sid: str) -> Seat | None:
        """His seat on a channel, made when first asked for; None if he does not have the channel."""
        seat = worker.seats.get(task_channel_sid)
        if seat is None and task_channel_sid in worker.fact.channels:
            seat = worker.seats[task_channel_sid] = Seat(worker, task_channel_sid, self._key(worker, task_channel_sid))
        return seat

    def reserve(self, seat: Seat, now: int) -> int:
        """Take a slot of the seat until the worker's next fact; the `last_reserved_us` that belongs to it."""
        self._latest_us = max(now * 1000, self._latest_us + 1)
        seat.worker.take(reserve(seat.worker.fact, seat.task_channel_sid, self._latest_us))
        self._refresh(seat.worker)
        return self._latest_us

    def send_away(self, worker: Worker) -> None:
        """Nothing more for him until his next fact."""
        worker.away = True
        worker.stand_up()

    # Facts.

    def put_workspace(self, fact: WorkspaceFact) -> None:
        """Capacity may count otherwise."""
        self._workspace = fact
        self._refresh_all()

    def put_channel(self, fact: ChannelFact) -> None:
        """Idleness may count otherwise."""
        if fact.channel_optimized_routing != (fact.sid in self._optimized):
            self._optimized ^= {fact.sid}
            self._refresh_all()

    def remove_channel(self, sid: str) -> None:
        """Workers' seats on it go with their own facts."""
        if sid in self._optimized:
            self._optimized.remove(sid)
            self._refresh_all()

    def put_worker(self, fact: WorkerFact) -> None:
        """He is no longer away, unless the fact is older than the one held."""
        worker = self._workers.get(fact.sid)
        if worker is None:
            worker = self._workers[fact.sid] = Worker(fact)
            self._named.setdefault(fact.friendly_name, set()).add(worker)
            self._enrol(worker)
        elif fact.version < worker.fact.version:
            return
        else:
            known = worker.fact
            if fact.friendly_name != known.friendly_name:
                self._forget_name(worker)
                self._named.setdefault(fact.friendly_name, set()).add(worker)
            worker.take(fact)
            worker.away = False
            if not _same_to_expressions(known, fact):
                self._enrol(worker)
        if worker.last_reserved_us is not None and worker.last_reserved_us > self._latest_us:
            self._latest_us = worker.last_reserved_us
        self._refresh(worker)

    def remove_worker(self, sid: str) -> None:
        """His entries die."""
        worker = self._workers.pop(sid, None)
        if worker is not None:
            self._forget_name(worker)
            worker.start_afresh()

    def put_queue(self, fact: QueueFact) -> None:
        """A new queue without lines."""
        queue = self._queues[fact.sid] = Queue(fact)
        for worker in self._workers.values():
            if queue.wants(worker.fact):
                worker.queues.append(queue)
                queue.enrol(worker)

    def remove_queue(self, sid: str) -> None:
        """With its lines."""
        queue = self._queues.pop(sid)
        for lines in queue.lines.values():
            for line in lines:
                line.closed = True
        for worker in queue.members.values():
            worker.queues.remove(queue)

    def _forget_name(self, worker: Worker) -> None:
        namesakes = self._named[worker.fact.friendly_name]
        namesakes.remove(worker)
        if not namesakes:
            del self._named[worker.fact.friendly_name]

    # Seats.

    def _enrol(self, worker: Worker) -> None:
        """Find his queues and lines afresh; where he stood before he is dead."""
        worker.start_afresh()
        worker.queues = [queue for queue in self._queues.values() if queue.wants(worker.fact)]
        for queue in worker.queues:
            queue.enrol(worker)
            for task_channel_sid, lines in queue.lines.items():
                seat = self.seat(worker, task_channel_sid)
                if seat is not None:
                    for line in lines:
                        line.admit(seat)
                    self.joined.update(lines)

    def _refresh_all(self) -> None:
        for worker in self._workers.values():
            self._refresh(worker)

    def _refresh(self, worker: Worker) -> None:
        """Whose key has changed joins his lines with the new one."""
        self.moved.add(worker)
        for seat in worker.seats.values():
            key = self._key(worker, seat.task_channel_sid)
            if key == seat.key:
                continue
            seat.key = key
            if key is None:
                continue
            closed = False
            for line, rank in seat.places:
                if line.closed:
                    closed = True
                else:
                    line.join(rank, key, seat)
                    self.joined.add(line)
            if closed:
                seat.places = [place for place in seat.places if not place[0].closed]

    def _key(self, worker: Worker, task_channel_sid: str) -> IdleKey | None:
        """None if he cannot take one more task of the channel."""
        if worker.away or self.hindrance(worker, task_channel_sid) is not None:
            return None
        return self.idleness(worker, task_channel_sid)


def _everybody(_: Worker) -> Rank:
    return ()


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
