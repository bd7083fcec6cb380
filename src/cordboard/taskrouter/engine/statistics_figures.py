"""Real-time statistics of a workspace: how many tasks stand where and how many workers do what, counted while facts change.

A projection like the floor beside it: it is told the same facts, in the same order, on every node. A question is answered from
counters and from the heads of heaps, so its cost does not depend on how many tasks and workers there are. Nothing is taken out of a
heap in its middle: an entry is dead when it does not say any more what its task or worker says, and is dropped at the head, or
when more than half of the heap is dead.
"""

from collections.abc import Callable, Iterable
from heapq import heapify, heappop, heappush
from typing import Any

import msgspec

from cordboard.routing.lifecycle import TaskStatus
from cordboard.storage.tables import Table
from cordboard.taskrouter.model import Task, Worker
from cordboard.taskrouter.store.tasks import TASKS
from cordboard.taskrouter.store.workers import WORKERS

_SLACK = 64
WAITING = frozenset((TaskStatus.PENDING, TaskStatus.RESERVED))

Entry = tuple[int, str]
"""A time, and the SID of what has stood since then."""


class Oldest:
    """What has stood longest. ``lives`` tells whether an entry is still true, ``so_many`` how many of its kind there are."""

    def __init__(self, lives: Callable[[Entry], bool], so_many: Callable[[], int]) -> None:
        self._lives = lives
        self._so_many = so_many
        self._heap: list[Entry] = []

    def add(self, entry: Entry) -> None:
        """Something stands since a time."""
        heappush(self._heap, entry)
        if len(self._heap) > 2 * self._so_many() + _SLACK:
            self._heap = [kept for kept in set(self._heap) if self._lives(kept)]
            heapify(self._heap)

    def first(self) -> Entry | None:
        """The one that has stood longest."""
        while self._heap and not self._lives(self._heap[0]):
            heappop(self._heap)
        return self._heap[0] if self._heap else None


class Standing(msgspec.Struct, frozen=True):
    """What counts of an open task."""

    sid: str
    workspace_sid: str
    task_queue_sid: str | None
    workflow_sid: str | None
    task_channel_sid: str
    status: TaskStatus
    priority: int
    created_at: int
    queue_entered_at: int | None

    @property
    def scopes(self) -> list[str]:
        """The workspace, queue and workflow in which it stands."""
        return [sid for sid in (self.workspace_sid, self.task_queue_sid, self.workflow_sid) if sid is not None]


class Cell:
    """The open tasks of one workspace, queue or workflow on one channel."""

    def __init__(self, scope_sid: str, task_channel_sid: str, tasks: dict[str, Standing]) -> None:
        self._scope_sid = scope_sid
        self._task_channel_sid = task_channel_sid
        self._tasks = tasks
        self.by_status: dict[TaskStatus, int] = dict.fromkeys(TaskStatus, 0)
        self.by_priority: dict[int, int] = {}
        self.oldest = Oldest(lambda entry: self._waits(entry, "created_at"), self._waiting)
        self.oldest_in_queue = Oldest(lambda entry: self._waits(entry, "queue_entered_at"), self._waiting)

    def add(self, task: Standing) -> None:
        """A task comes, or comes back changed."""
        self.by_status[task.status] += 1
        if task.status in WAITING:
            self.by_priority[task.priority] = self.by_priority.get(task.priority, 0) + 1

    def stand(self, task: Standing) -> None:
        """A waiting task stands here from now on."""
        self.oldest.add((task.created_at, task.sid))
        if task.queue_entered_at is not None and task.task_queue_sid == self._scope_sid:
            self.oldest_in_queue.add((task.queue_entered_at, task.sid))

    def remove(self, task: Standing) -> None:
        """A task goes."""
        self.by_status[task.status] -= 1
        if task.status in WAITING:
            left = self.by_priority[task.priority] - 1
            if left:
                self.by_priority[task.priority] = left
            else:
                del self.by_priority[task.priority]

    def _waiting(self) -> int:
        return sum(self.by_status[status] for status in WAITING)

    def _waits(self, entry: Entry, since: str) -> bool:
        task = self._tasks.get(entry[1])
        return (
            task is not None
            and task.status in WAITING
            and getattr(task, since) == entry[0]
            and task.task_channel_sid == self._task_channel_sid
            and self._scope_sid in task.scopes
        )


class Crew:
    """The workers who are in one activity."""

    def __init__(self, activity_sid: str, workers: dict[str, tuple[str, int]]) -> None:
        self.count = 0
        self._since = Oldest(lambda entry: workers.get(entry[1]) == (activity_sid, entry[0]), lambda: self.count)

    def add(self, entry: Entry) -> None:
        """A worker enters it."""
        self.count += 1
        self._since.add(entry)

    @property
    def since(self) -> int | None:
        """When the one who has been in it longest entered it."""
        first = self._since.first()
        return first[0] if first is not None else None


class Figures:
    """See the top of the file. ``crews`` are by activity."""

    def __init__(self) -> None:
        self._tasks: dict[str, Standing] = {}
        self._workers: dict[str, tuple[str, int]] = {}
        self._cells: dict[str, dict[str, Cell]] = {}
        self.crews: dict[str, Crew] = {}

    @property
    def workers(self) -> int:
        """How many there are, whatever they do."""
        return len(self._workers)

    def doing(self, worker_sids: Iterable[str]) -> list[tuple[str, int]]:
        """In which activity each of these workers is, and since when."""
        return [self._workers[sid] for sid in worker_sids if sid in self._workers]

    def cells(self, scope_sid: str, task_channel_sid: str | None = None) -> Iterable[Cell]:
        """The cells of a workspace, queue or workflow, of all channels or of one."""
        cells = self._cells.get(scope_sid, {})
        if task_channel_sid is None:
            return cells.values()
        return [cells[task_channel_sid]] if task_channel_sid in cells else []

    def put(self, table: Table[Any], fact: Any) -> None:  # noqa: ANN401 - a fact of the table
        """Take over a row, if it is one that counts."""
        if table is TASKS:
            self._put_task(fact)
        elif table is WORKERS:
            self._put_worker(fact)

    def remove(self, table: Table[Any], sid: str) -> None:
        """A row is gone."""
        if table is TASKS:
            self._remove_task(sid)
        elif table is WORKERS:
            self._remove_worker(sid)

    def _put_task(self, task: Task) -> None:
        before = self._tasks.get(task.sid)
        if task.ended_at is not None:
            self._remove_task(task.sid)
            return
        after = Standing(
            sid=task.sid,
            workspace_sid=task.workspace_sid,
            task_queue_sid=task.task_queue_sid,
            workflow_sid=task.workflow_sid,
            task_channel_sid=task.task_channel_sid,
            status=task.assignment_status,
            priority=task.priority,
            created_at=task.created_at,
            queue_entered_at=task.queue_entered_at,
        )
        if after == before:
            return
        self._tasks[task.sid] = after
        if before is not None:
            for scope_sid in before.scopes:
                self._cells[scope_sid][before.task_channel_sid].remove(before)
        stood = before is not None and before.status in WAITING and _place(before) == _place(after)
        for scope_sid in after.scopes:
            cell = self._cell(scope_sid, after.task_channel_sid)
            cell.add(after)
            if after.status in WAITING and not stood:
                cell.stand(after)

    def _remove_task(self, sid: str) -> None:
        task = self._tasks.pop(sid, None)
        if task is not None:
            for scope_sid in task.scopes:
                self._cells[scope_sid][task.task_channel_sid].remove(task)

    def _put_worker(self, worker: Worker) -> None:
        after = (worker.activity_sid, worker.status_changed_at)
        if self._workers.get(worker.sid) == after:
            return
        self._remove_worker(worker.sid)
        self._workers[worker.sid] = after
        crew = self.crews.setdefault(worker.activity_sid, Crew(worker.activity_sid, self._workers))
        crew.add((worker.status_changed_at, worker.sid))

    def _remove_worker(self, sid: str) -> None:
        before = self._workers.pop(sid, None)
        if before is not None:
            self.crews[before[0]].count -= 1

    def _cell(self, scope_sid: str, task_channel_sid: str) -> Cell:
        cells = self._cells.setdefault(scope_sid, {})
        if task_channel_sid not in cells:
            cells[task_channel_sid] = Cell(scope_sid, task_channel_sid, self._tasks)
        return cells[task_channel_sid]


def _place(task: Standing) -> tuple[object, ...]:
    return task.task_queue_sid, task.workflow_sid, task.task_channel_sid, task.created_at, task.queue_entered_at
