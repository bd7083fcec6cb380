"""Who could take a task now: workers and classes of tasks at their booths, kept so while facts change."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import count

from cordboard.routing.booths import Booth, Queue, Seat, Section, Worker
from cordboard.routing.capacity import Hindrance, hindrance, reserve
from cordboard.routing.classes import TaskClass
from cordboard.routing.facts import ChannelFact, QueueFact, WorkerFact, WorkspaceFact
from cordboard.routing.lines import Entry
from cordboard.routing.namespaces import Names
from cordboard.routing.ordering import IdleKey, idle_key, last_reserved_us


class Seating:
    """See the top of the file. `eager` are the seats that may be fresh: without any, no booth need be looked at."""

    def __init__(self, workspace: WorkspaceFact) -> None:
        self._workspace = workspace
        self._booths: dict[TaskClass, list[Booth]] = {}
        self._optimized: set[str] = set()
        self._workers: dict[str, Worker] = {}
        self._named: dict[str, set[Worker]] = {}
        self._queues: dict[str, Queue] = {}
        self._latest_us = -1
        self._tickets = count(1)
        self._stirred: list[Booth] = []
        self._seen = 0
        self.eager: set[Seat] = set()

    # What the floor asks.

    def queue(self, sid: str | None) -> QueueFact | None:
        """The fact of a queue."""
        queue = self._queues.get(sid) if sid is not None else None
        return None if queue is None else queue.fact

    def queues(self) -> Iterator[QueueFact]:
        """All queues."""
        return (queue.fact for queue in self._queues.values())

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
            seat = worker.seats[task_channel_sid] = Seat(worker, task_channel_sid)
            seat.key, seat.ticket = self._key(worker, task_channel_sid), next(self._tickets)
        return seat

    def reserve(self, seat: Seat, now: int) -> int:
        """Take a slot of the seat until the worker's next fact; the `last_reserved_us` that belongs to it."""
        self._latest_us = max(now * 1000, self._latest_us + 1)
        worker = seat.worker
        worker.take(reserve(worker.fact, seat.task_channel_sid, self._latest_us), self._latest_us)
        self._refresh(worker)
        return self._latest_us

    def send_away(self, worker: Worker) -> None:
        """Nothing more for him until his next fact."""
        worker.away = True
        worker.stand_up()

    def booths(self, task_class: TaskClass) -> list[Booth]:
        """Where the class looks for workers."""
        return self._booths[task_class]

    def stirred(self) -> list[Booth]:
        """Booths with waiting classes at which somebody took a place since the floor looked last."""
        booths = self._stirred[self._seen :]
        self._seen = len(self._stirred)
        return booths

    def settle(self) -> None:
        """Nobody wants those who are still fresh."""
        for booth in self._stirred:
            booth.stirred = False
            for entry in booth.fresh.leave(all_dead=not self.eager):
                entry[-1].worker.fresh = False
                booth.seats.join(entry)
        self.eager.clear()
        self._stirred = []
        self._seen = 0

    # Classes of tasks.

    def enter(self, task_class: TaskClass) -> None:
        """File the class at the booths where it looks for workers, if it can have any."""
        like = task_class.like
        queue = self._queues.get(like.queue_sid or "")
        self._booths[task_class] = []
        if queue is not None and task_class.only is None and task_class.keys:
            section = self._section(queue, task_class)
            section.classes += 1
            self._booths[task_class] = section.file(task_class.keys)

    def leave(self, task_class: TaskClass) -> None:
        """Forget the class. A section goes with its last one."""
        booths = self._booths.pop(task_class)
        for booth in booths:
            booth.section.take_out(booth)
        if booths:
            section = booths[0].section
            section.classes -= 1
            if not section.classes:
                self._close(section)

    def wait(self, task_class: TaskClass, *, waits: bool) -> None:
        """The class has its first task, or has lost its last one."""
        for booth in self._booths[task_class]:
            booth.waiting += 1 if waits else -1

    def line_up(self, task_class: TaskClass) -> None:
        """The class has another first task."""
        if task_class.key is None:
            return
        task_class.ticket = next(self._tickets)
        entry = (*task_class.key, task_class.ticket, task_class)
        for booth in self._booths[task_class]:
            booth.classes.join(entry)

    def best(self, task_class: TaskClass, clock: Names) -> Seat | None:
        """The first at the booths of the class."""
        best: Entry | None = None
        for booth in self._booths[task_class]:
            entry = booth.best(task_class, clock)
            if entry is not None and (best is None or entry < best):
                best = entry
        return None if best is None else best[-1]

    def _section(self, queue: Queue, task_class: TaskClass) -> Section:
        like = task_class.like
        section = queue.sections.get((like.task_channel_sid, like.target))
        if section is None:
            section = queue.sections[like.task_channel_sid, like.target] = Section(queue, like, task_class.target)
            for worker in queue.members.values():
                seat = self.seat(worker, like.task_channel_sid)
                if seat is not None:
                    for booth, rank in section.admit(seat):
                        if seat.key is not None:
                            booth.seats.join((*rank, *seat.key, seat.ticket, seat))
        return section

    def _close(self, section: Section) -> None:
        del section.queue.sections[section.id]
        for worker in section.queue.members.values():
            seat = worker.seats.get(section.id[0])
            if seat is not None:
                seat.places = [place for place in seat.places if place[0].section is not section]
            if section.target.by_load:
                worker.by_load = any(booth.by_load for seat in worker.seats.values() for booth, _ in seat.places)

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
            worker.take(fact, last_reserved_us(fact))
            worker.away = False
            if not _same_to_expressions(known, fact):
                self._enrol(worker)
        if worker.last_reserved_us is not None and worker.last_reserved_us > self._latest_us:
            self._latest_us = worker.last_reserved_us
        worker.fresh = True
        self._refresh(worker)

    def remove_worker(self, sid: str) -> None:
        """His entries die."""
        worker = self._workers.pop(sid, None)
        if worker is not None:
            self._forget_name(worker)
            self.eager.difference_update(worker.seats.values())
            worker.start_afresh()

    def put_queue(self, fact: QueueFact) -> None:
        """A new queue without sections."""
        queue = self._queues[fact.sid] = Queue(fact)
        for worker in self._workers.values():
            if queue.wants(worker):
                worker.queues.append(queue)
                queue.enrol(worker)

    def remove_queue(self, sid: str) -> None:
        """Without sections any more: its classes have left."""
        queue = self._queues.pop(sid)
        for worker in queue.members.values():
            worker.queues.remove(queue)

    def _forget_name(self, worker: Worker) -> None:
        namesakes = self._named[worker.fact.friendly_name]
        namesakes.remove(worker)
        if not namesakes:
            del self._named[worker.fact.friendly_name]

    # Seats.

    def _enrol(self, worker: Worker) -> None:
        """Find his queues and booths afresh; where he stood before he is dead."""
        self.eager.difference_update(worker.seats.values())
        worker.start_afresh()
        worker.queues = [queue for queue in self._queues.values() if queue.wants(worker)]
        for queue in worker.queues:
            queue.enrol(worker)
            for section in queue.sections.values():
                seat = worker.seats.get(section.id[0])
                if seat is None and section.id[0] in worker.fact.channels:
                    seat = worker.seats[section.id[0]] = Seat(worker, section.id[0])
                if seat is not None:
                    section.admit(seat)

    def _refresh_all(self) -> None:
        for worker in self._workers.values():
            worker.fresh = True
            self._refresh(worker)

    def _refresh(self, worker: Worker) -> None:
        """Whose key has changed joins his lines with the new one."""
        for seat in worker.seats.values():
            key = self._key(worker, seat.task_channel_sid)
            if key != seat.key or worker.by_load:
                seat.key, seat.ticket = key, 0
                self.eager.discard(seat)
                if key is not None:
                    self._stand(seat, key)

    def _stand(self, seat: Seat, key: IdleKey) -> None:
        self.eager.add(seat)
        seat.ticket = next(self._tickets)
        fresh, entry = seat.worker.fresh, (*key, seat.ticket, seat)
        for booth, lasting in seat.places:
            rank = booth.section.target.rank(seat.worker.names(by_load=True)) if booth.by_load else lasting
            mine = (*rank, *entry) if rank else entry
            if booth.waiting and (fresh or booth.by_load):
                booth.fresh.join(mine)
                if not booth.stirred:
                    booth.stirred = True
                    self._stirred.append(booth)
            else:
                booth.seats.join(mine)

    def _key(self, worker: Worker, task_channel_sid: str) -> IdleKey | None:
        """None if he cannot take one more task of the channel."""
        fact = worker.fact
        if worker.away or hindrance(fact, task_channel_sid, multi_task=self._workspace.multi_task_enabled) is not None:
            return None
        return self.idleness(worker, task_channel_sid)


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
