"""Real-time statistics of a workspace: how many tasks stand where and how many workers do what, counted while facts change.

A projection like the floor beside it: it is told the same facts, in the same order, on every node. A question is answered from
counters and from the heads of heaps, so its cost does not depend on how many tasks and workers there are. A task is counted in one
*cell*, for tasks come far more often than questions; who asks for a workspace adds up the cells of its queues. Nothing is taken out
of a heap in its middle: an entry is dead when it does not say any more what its task or worker says, and is dropped at the head, or
when more than half of the heap is dead.
"""

from collections.abc import Callable, Iterable
from heapq import heapify, heappop, heappush

import msgspec

from cordboard.routing.lifecycle import TaskStatus
from cordboard.taskrouter.model import Task, Worker

_SLACK = 64
WAITING = frozenset((TaskStatus.PENDING, TaskStatus.RESERVED))

Entry = tuple[int, str]
"""A time, and the SID of what has stood since then."""

Place = tuple[str | None, str | None, str]
"""The queue and the workflow in which a task stands, and its channel."""


class Oldest:
    """What has stood longest. ``lives`` tells whether an entry is still true."""

    def __init__(self, lives: Callable[[Entry], bool]) -> None:
        self._lives = lives
        self._heap: list[Entry] = []

    def add(self, entry: Entry, so_many: int) -> None:
        """Something stands since a time; with it there are ``so_many`` of its kind."""
        heappush(self._heap, entry)
        if len(self._heap) > 2 * so_many + _SLACK:
            self._heap = [kept for kept in set(self._heap) if self._lives(kept)]
            heapify(self._heap)

    def first(self) -> Entry | None:
        """The one that has stood longest."""
        while self._heap and not self._lives(self._heap[0]):
            heappop(self._heap)
        return self._heap[0] if self._heap else None


class Standing(msgspec.Struct, frozen=True, gc=False):
    """What counts of an open task."""

    place: Place
    status: TaskStatus
    priority: int
    created_at: int
    queue_entered_at: int | None


class Cell:
    """The open tasks of one place."""

    def __init__(self, place: Place, tasks: dict[str, Standing]) -> None:
        self.place = place
        self._tasks = tasks
        self.by_status: dict[TaskStatus, int] = dict.fromkeys(TaskStatus, 0)
        self.by_priority: dict[int, int] = {}
        self.oldest = Oldest(lambda entry: self._waits(entry, "created_at"))
        self.oldest_in_queue = Oldest(lambda entry: self._waits(entry, "queue_entered_at"))

    @property
    def task_channel_sid(self) -> str:
        """The channel."""
        return self.place[2]

    def add(self, task: Standing) -> None:
        """A task comes, or comes back changed."""
        self.by_status[task.status] += 1
        if task.status in WAITING:
            self.by_priority[task.priority] = self.by_priority.get(task.priority, 0) + 1

    def stand(self, sid: str, task: Standing) -> None:
        """A waiting task that was added stands here from now on."""
        waiting = self.by_status[TaskStatus.PENDING] + self.by_status[TaskStatus.RESERVED]
        self.oldest.add((task.created_at, sid), waiting)
        if task.queue_entered_at is not None:
            self.oldest_in_queue.add((task.queue_entered_at, sid), waiting)

    def remove(self, task: Standing) -> None:
        """A task goes."""
        self.by_status[task.status] -= 1
        if task.status in WAITING:
            left = self.by_priority[task.priority] - 1
            if left:
                self.by_priority[task.priority] = left
            else:
                del self.by_priority[task.priority]

    def _waits(self, entry: Entry, since: str) -> bool:
        task = self._tasks.get(entry[1])
        return (
            task is not None
            and task.status in WAITING
            and getattr(task, since) == entry[0]
            and task.place == self.place
        )


class Crew:
    """The workers who are in one activity."""

    def __init__(self, activity_sid: str, workers: dict[str, tuple[str, int]]) -> None:
        self.count = 0
        self._since = Oldest(lambda entry: workers.get(entry[1]) == (activity_sid, entry[0]))

    def add(self, entry: Entry) -> None:
        """A worker enters it."""
        self.count += 1
        self._since.add(entry, self.count)

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
        self._cells: dict[Place, Cell] = {}
        self._cells_of: dict[str, list[Cell]] = {}
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
        cells = self._cells_of.get(scope_sid, ())
        if task_channel_sid is None:
            return cells
        return [cell for cell in cells if cell.task_channel_sid == task_channel_sid]

    def put_task(self, task: Task) -> None:
        """A task as it is now."""
        if task.ended_at is not None:
            self.remove_task(task.sid)
            return
        place = task.task_queue_sid, task.workflow_sid, task.task_channel_sid
        cell = self._cells.get(place) or self._open(task.workspace_sid, place)
        # The cell's tuple is one for all its tasks.
        after = Standing(cell.place, task.assignment_status, task.priority, task.created_at, task.queue_entered_at)
        before = self._tasks.get(task.sid)
        if after == before:
            return
        self._tasks[task.sid] = after
        if before is not None:
            self._cells[before.place].remove(before)
        cell.add(after)
        if after.status in WAITING and not _has_stood(before, after):
            cell.stand(task.sid, after)

    def remove_task(self, sid: str) -> None:
        """A task is over, or gone."""
        task = self._tasks.pop(sid, None)
        if task is not None:
            self._cells[task.place].remove(task)

    def put_worker(self, worker: Worker) -> None:
        """A worker as it is now."""
        after = (worker.activity_sid, worker.status_changed_at)
        if self._workers.get(worker.sid) == after:
            return
        self.remove_worker(worker.sid)
        self._workers[worker.sid] = after
        crew = self.crews.setdefault(worker.activity_sid, Crew(worker.activity_sid, self._workers))
        crew.add((worker.status_changed_at, worker.sid))

    def remove_worker(self, sid: str) -> None:
        """A worker is gone."""
        before = self._workers.pop(sid, None)
        if before is not None:
            self.crews[before[0]].count -= 1

    def _open(self, workspace_sid: str, place: Place) -> Cell:
        cell = self._cells[place] = Cell(place, self._tasks)
        for scope_sid in (workspace_sid, *place[:2]):
            if scope_sid is not None:
                self._cells_of.setdefault(scope_sid, []).append(cell)
        return cell


def _has_stood(before: Standing | None, after: Standing) -> bool:
    """Whether a waiting task has an entry already that says where it waits, and since when."""
    return (
        before is not None
        and before.status in WAITING
        and before.place == after.place
        and before.queue_entered_at == after.queue_entered_at
    )
