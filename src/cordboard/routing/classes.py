"""Waiting tasks, kept by class.

Two tasks are of one class when every worker is as good for the one as for the other: same queue, same channel, same
target, the same values of all the task attributes that the target reads, and reserved by the same workers; or the same
worker asked for directly. So if the first task of a class finds nobody, none of the class does.
"""

from collections.abc import Hashable
from heapq import heapify, heappop, heappush
from typing import Any

from cordboard.routing.facts import Order, TargetFact, TaskFact
from cordboard.routing.namespaces import Names, target_names
from cordboard.routing.ordering import Rank, TaskKey, task_key
from cordboard.routing.targets import Only, compile_target

_SLACK = 64
_NO_TARGET = TargetFact()


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
    return (task.queue_sid, task.task_channel_sid, task.target, values)


class TaskClass:
    """The waiting tasks of one class, first come first. `key` is the place of the first, while the class stands in line.

    `like` is a task of the class, for what all its tasks have in common. `only` is the one worker whom they are for, as it
    was asked or by what their target says. Other classes look for workers under their `keys`, `picky` if not everybody
    there suits. A class is `fresh` from when it came, or from when its verdict may have changed, until nobody was found
    for it; it then sits out the rest of the turn. `verdict_until` is when the time of day may change it (ms).
    """

    __slots__ = (
        "_dead",
        "_head",
        "_heap",
        "_serial",
        "_test",
        "fresh",
        "id",
        "key",
        "keys",
        "like",
        "only",
        "order",
        "picky",
        "sits_out",
        "target",
        "tasks",
        "ticket",
        "verdict_until",
    )

    def __init__(self, class_key: Hashable, like: TaskFact, order: Order) -> None:
        self.id = class_key
        self.like = like
        self.order = order
        self.key: TaskKey | None = None
        self.ticket = 0
        direct = like.worker_sid is not None
        self.target = compile_target(like.target if like.target is not None and not direct else _NO_TARGET)
        self.only = Only("sid", like.worker_sid) if direct else self.target.only(like.attributes)
        self.keys = self.target.task_keys(like.attributes)
        self._test = self.target.left_to_ask(self.keys)
        self.picky = self._test is not None or bool(like.reserved_by)
        self.tasks: dict[str, TaskFact] = {}
        self.fresh = False
        self.verdict_until = 0
        self.sits_out = False
        self._heap: list[tuple[Any, ...]] = []
        self._dead = 0
        self._head: tuple[Any, ...] | None = None
        self._serial = 0

    def rank(self, worker: Names, clock: Names) -> Rank | None:
        """A queue member's place by the target, before idleness counts; None if the target does not want him."""
        return self.target.rank(worker) if self.target.wants(self.like.attributes, worker, clock) else None

    def suits(self, sid: str, worker: Names, clock: Names) -> bool:
        """Whether a worker found under one of `keys` is wanted, and was not asked before."""
        if sid in self.like.reserved_by:
            return False
        return self._test is None or self._test(target_names(self.like.attributes, worker, clock))

    @property
    def first(self) -> TaskFact:
        """The task whose turn it is."""
        task: TaskFact = self._heap[0][-1]
        return task

    def add(self, task: TaskFact) -> bool:
        """The task waits here. Whether it is the first now."""
        self.tasks[task.sid] = task
        self._serial += 1  # settles a tie of a waiting task with its own former entry
        heappush(self._heap, (*task_key(task, self.order), self._serial, task))
        return self._renew()

    def remove(self, task: TaskFact) -> bool:
        """The task waits here no longer. Whether another is the first now."""
        del self.tasks[task.sid]
        if self._heap[0][-1] is task:
            heappop(self._heap)
        else:
            self._dead += 1
            if self._dead > len(self.tasks) + _SLACK:
                self._heap = [entry for entry in self._heap if self.tasks.get(entry[-1].sid) is entry[-1]]
                heapify(self._heap)
                self._dead = 0
        return self._renew()

    def sit_out(self) -> None:
        """Stand in no line."""
        self.sits_out = True
        self.fresh = False
        self._renew()

    def come_back(self) -> None:
        """After it has sat out."""
        self.sits_out = False
        self._renew()

    def _renew(self) -> bool:
        heap = self._heap
        while self._dead and self.tasks.get(heap[0][-1].sid) is not heap[0][-1]:
            heappop(heap)
            self._dead -= 1
        head = heap[0] if heap and not self.sits_out else None
        if head is self._head:
            return False
        self._head = head
        self.ticket = 0
        self.key = None if head is None else head[:-2]
        return head is not None
