"""Waiting tasks, kept by class.

Two tasks are of one class when every worker is as good for the one as for the other: same queue, same channel, same
target, the same values of all the task attributes that the target reads, and reserved by the same workers; or the same
worker asked for directly. So if the first task of a class finds nobody, none of the class does.
"""

from collections.abc import Hashable
from heapq import heapify, heappop, heappush

from cordboard.routing.facts import Order, TaskFact
from cordboard.routing.namespaces import Names
from cordboard.routing.ordering import Rank, TaskKey, task_key
from cordboard.routing.targets import Target, compile_target

_SLACK = 64


def class_key(task: TaskFact) -> Hashable:
    """The same for two tasks exactly if they are of one class."""
    if task.reserved_by:
        return (_key(task), task.reserved_by)
    return _key(task)


def _key(task: TaskFact) -> Hashable:
    if task.worker_sid is not None:
        return (task.queue_sid, task.task_channel_sid, task.worker_sid, task.ignore_capacity)
    if task.target is None:
        return (task.queue_sid, task.task_channel_sid)
    values = compile_target(task.target).values(task.attributes)
    return (task.queue_sid, task.task_channel_sid, task.target, values, "target")


class TaskClass:
    """The waiting tasks of one class, first come first.

    `like` is a task of the class, for what all its tasks have in common. `looked_at` counts the workers that were asked
    for it one by one. `verdict_until` is when the time of day may bring another answer than the last one (ms). `queued`
    is the place that it has in the turn under way. `only` is the one worker whom its target can want, if it names one.
    """

    __slots__ = (
        "_heap",
        "_serial",
        "key",
        "like",
        "looked_at",
        "only",
        "order",
        "queued",
        "target",
        "tasks",
        "verdict_until",
    )

    def __init__(self, key: Hashable, like: TaskFact, order: Order) -> None:
        self.key = key
        self.like = like
        self.order = order
        self.target: Target | None = None
        if like.target is not None and like.worker_sid is None:
            self.target = compile_target(like.target)
        self.only = self.target.only(like.attributes) if self.target is not None else None
        self.tasks: dict[str, TaskFact] = {}
        self.looked_at = 0
        self.queued: TaskKey | None = None
        self.verdict_until = 0
        self._heap: list[tuple[TaskKey, int, TaskFact]] = []
        self._serial = 0

    @property
    def timed(self) -> bool:
        """Its target reads the time of day."""
        return self.target is not None and self.target.timed

    @property
    def by_load(self) -> bool:
        """Its target reads workers' channel figures."""
        return self.target is not None and self.target.by_load

    def rank(self, worker: Names, clock: Names) -> Rank | None:
        """A queue member's place by the target, before idleness counts; None if the target does not want him."""
        return () if self.target is None else self.target.rank(self.like.attributes, worker, clock)

    def add(self, task: TaskFact) -> None:
        """The task waits here."""
        self.tasks[task.sid] = task
        self._serial += 1  # settles a tie of a waiting task with its own former entry
        heappush(self._heap, (task_key(task, self.order), self._serial, task))

    def remove(self, task: TaskFact) -> None:
        """The task waits here no longer."""
        del self.tasks[task.sid]
        if len(self._heap) > 2 * len(self.tasks) + _SLACK:
            self._heap = [entry for entry in self._heap if self.tasks.get(entry[2].sid) is entry[2]]
            heapify(self._heap)

    def first(self) -> tuple[TaskKey, TaskFact] | None:
        """The task whose turn it is, with its place among all."""
        heap = self._heap
        while heap:
            key, _, task = heap[0]
            if self.tasks.get(task.sid) is task:
                return key, task
            heappop(heap)
        return None
