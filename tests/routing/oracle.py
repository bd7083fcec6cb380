"""The naive router: rescans everything, in the obvious way, for each offer.

It shares with the floor the expression compiler and the namespaces, which have tests of their own, and nothing that
keeps anything: no classes, lines, keys or caches.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from msgspec.structs import replace

from cordboard.routing.decisions import Decision, Offer, WakeAt
from cordboard.routing.expressions.compiler import compile_expression as compile_slowly
from cordboard.routing.facts import ChannelFact, Order, QueueFact, TaskFact, WorkerFact, WorkspaceFact
from cordboard.routing.namespaces import target_names, time_of_day, worker_names, worker_names_with_channels

MINUTE = 60_000
compile_expression = lru_cache(compile_slowly)


class Oracle:
    def __init__(self, workspace: WorkspaceFact) -> None:
        self.workspace = workspace
        self.channels: dict[str, ChannelFact] = {}
        self.workers: dict[str, WorkerFact] = {}
        self.queues: dict[str, QueueFact] = {}
        self.tasks: dict[str, TaskFact] = {}
        self.away: set[str] = set()
        self.latest_us = -1

    def put_workspace(self, fact: WorkspaceFact) -> None:
        self.workspace = fact

    def put_channel(self, fact: ChannelFact) -> None:
        self.channels[fact.sid] = fact

    def remove_channel(self, sid: str) -> None:
        self.channels.pop(sid, None)

    def put_worker(self, fact: WorkerFact) -> None:
        if fact.sid in self.workers and fact.version < self.workers[fact.sid].version:
            return
        self.workers[fact.sid] = fact
        self.away.discard(fact.sid)
        for channel in fact.channels.values():
            if channel.last_reserved_us is not None:
                self.latest_us = max(self.latest_us, channel.last_reserved_us)

    def remove_worker(self, sid: str) -> None:
        self.workers.pop(sid, None)
        self.away.discard(sid)

    def put_queue(self, fact: QueueFact) -> None:
        self.queues[fact.sid] = fact

    def remove_queue(self, sid: str) -> None:
        self.queues.pop(sid, None)

    def put_task(self, fact: TaskFact) -> None:
        if fact.sid in self.tasks and fact.version < self.tasks[fact.sid].version:
            return
        self.tasks[fact.sid] = fact
        if len(fact.reserved_by) >= fact.max_reserved:
            del self.tasks[fact.sid]

    def remove_task(self, sid: str) -> None:
        self.tasks.pop(sid, None)

    def decide(self, now: int) -> list[Decision]:
        decisions: list[Decision] = []
        while (offer := self.one_offer(now)) is not None:
            decisions.append(offer)
        for decision in decisions:
            if isinstance(decision, Offer):
                self.away.add(decision.worker_sid)
                self.tasks.pop(decision.task_sid, None)
        if (at := self.wake_at(now)) is not None:
            decisions.append(WakeAt(at))
        return decisions

    def one_offer(self, now: int) -> Offer | None:
        for task in self.tasks_in_order():
            workers = [worker for worker in self.workers.values() if self.is_eligible(worker, task, now)]
            if workers:
                return self.offer(task, min(workers, key=lambda worker: self.place(worker, task)), now)
        return None

    def tasks_in_order(self) -> list[TaskFact]:
        fifo = [task for task in self.tasks.values() if self.order(task) is Order.FIFO]
        lifo = [task for task in self.tasks.values() if self.order(task) is Order.LIFO]
        fifo.sort(key=lambda task: task.sid)
        fifo.sort(key=lambda task: task.virtual_start_at)
        fifo.sort(key=lambda task: task.priority, reverse=True)
        lifo.sort(key=lambda task: task.sid, reverse=True)
        lifo.sort(key=lambda task: task.virtual_start_at, reverse=True)
        return fifo + lifo if self.workspace.prioritize_queue_order is Order.FIFO else lifo + fifo

    def order(self, task: TaskFact) -> Order:
        queue = self.queues.get(task.queue_sid or "")
        return Order.FIFO if queue is None else queue.order

    def is_eligible(self, worker: WorkerFact, task: TaskFact, now: int) -> bool:
        if worker.sid in self.away or worker.sid in task.reserved_by or task.task_channel_sid not in worker.channels:
            return False
        if task.worker_sid is not None:
            return task.worker_sid == worker.sid and (task.ignore_capacity or self.is_free(worker, task))
        queue = self.queues.get(task.queue_sid or "")
        if queue is None or not self.is_free(worker, task):
            return False
        if not compile_expression(queue.target_workers).holds(worker_names(worker)):
            return False
        if task.target is None or task.target.expression is None:
            return True
        names = target_names(task.attributes, worker_names_with_channels(worker), time_of_day(now))
        return compile_expression(task.target.expression).holds(names)

    def is_free(self, worker: WorkerFact, task: TaskFact) -> bool:
        if not worker.available:
            return False
        if not self.workspace.multi_task_enabled:
            return sum(channel.load for channel in worker.channels.values()) == 0
        channel = worker.channels[task.task_channel_sid]
        return channel.available and channel.load < channel.configured_capacity

    def place(self, worker: WorkerFact, task: TaskFact) -> tuple[Any, ...]:
        channel = self.channels.get(task.task_channel_sid)
        if channel is not None and channel.channel_optimized_routing:
            last = worker.channels[task.task_channel_sid].last_reserved_us
        else:
            times = [load.last_reserved_us for load in worker.channels.values() if load.last_reserved_us is not None]
            last = max(times) if times else None
        idle = (last is not None, last or 0, worker.created_at, worker.sid)
        return (*self.by_order_by(worker, task), *idle)

    def by_order_by(self, worker: WorkerFact, task: TaskFact) -> Iterator[tuple[bool, int]]:
        if task.target is None or task.target.order_by is None or task.worker_sid is not None:
            return
        for clause in task.target.order_by.split(","):
            path, _, direction = clause.strip().partition(" ")
            value: Any = worker_names_with_channels(worker)
            for name in path.split(".")[1:]:
                value = value.get(name) if isinstance(value, dict) else None
            if type(value) is int:
                yield (False, -value if direction.strip() == "DESC" else value)
            else:
                yield (True, 0)

    def offer(self, task: TaskFact, worker: WorkerFact, now: int) -> Offer:
        self.latest_us = max(now * 1000, self.latest_us + 1)
        channel = worker.channels[task.task_channel_sid]
        channel = replace(channel, load=channel.load + 1, last_reserved_us=self.latest_us)
        self.workers[worker.sid] = replace(worker, channels={**worker.channels, task.task_channel_sid: channel})
        self.put_task(replace(task, reserved_by=task.reserved_by | {worker.sid}))
        return Offer(
            task_sid=task.sid,
            task_version=task.version,
            worker_sid=worker.sid,
            worker_version=worker.version,
            queue_sid=task.queue_sid,
            last_reserved_us=self.latest_us,
        )

    def wake_at(self, now: int) -> int | None:
        periods = {"currentTime": MINUTE, "currentMin": MINUTE, "currentHour": 60 * MINUTE, "dayOfWeek": 1440 * MINUTE}
        found = [
            (now // period + 1) * period
            for task in self.tasks.values()
            if task.worker_sid is None and task.target is not None and task.target.expression is not None
            for name, period in periods.items()
            if "taskrouter." + name in task.target.expression
        ]
        return min(found, default=None)
