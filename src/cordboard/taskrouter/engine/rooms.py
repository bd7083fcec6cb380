"""One workspace of this process: its rows, handed to ``routing.Floor`` and to what is counted of it as facts."""

from collections.abc import Mapping
from typing import Any

import msgspec

from cordboard.kernel import json
from cordboard.routing.decisions import Decision, Offer
from cordboard.routing.facts import ChannelFact, ChannelLoad, QueueFact, TaskFact, WorkerFact, WorkspaceFact
from cordboard.routing.floor import Floor
from cordboard.routing.lifecycle import TaskStatus
from cordboard.routing.skipping import Counts, Entry, Skip, Skips, count
from cordboard.taskrouter.model import Activity, ChannelState, Task, TaskChannel, TaskQueue, Worker, Workspace

from .statistics_figures import Figures

_NONE: Mapping[str, Any] = {}


class Room:
    """One workspace. ``skips`` are its tasks that may have to leave their target at once, ``figures`` what is counted of it."""

    def __init__(self, workspace: Workspace) -> None:
        self.floor = Floor(_workspace_fact(workspace))
        self._versions = {workspace.sid: workspace.version}
        self._activities: dict[str, str] = {}
        self._available: set[str] = set()
        self._channels: dict[str, TaskChannel] = {}
        # Most channels of a worker are as a new one.
        self._unchanged: dict[str, ChannelLoad] = {}
        self._workers: dict[str, Worker] = {}
        self._attributes: dict[str, tuple[str, Mapping[str, Any]]] = {}
        self.skips = Skips()
        self.figures = Figures()
        self._offered: set[str] = set()
        self._most_reserved: dict[str, int] = {}

    def is_news(self, fact: Any) -> bool:  # noqa: ANN401 - a fact of a watched table
        """Whether it is a newer version than the one that stands here; it counts as standing here from now on."""
        if fact.version <= self._versions.get(fact.sid, -1):
            return False
        self._versions[fact.sid] = fact.version
        return True

    def forget(self, sid: str) -> None:
        """A row is gone, or can never change again."""
        self._versions.pop(sid, None)

    def put_workspace(self, workspace: Workspace) -> None:
        """Its settings."""
        self.floor.put_workspace(_workspace_fact(workspace))

    def put_activity(self, activity: Activity) -> None:
        """An activity's name may be asked for in expressions, so its workers are put again when it changes."""
        renamed = self._activities.get(activity.sid) != activity.friendly_name
        self._activities[activity.sid] = activity.friendly_name
        if activity.available:
            self._available.add(activity.sid)
        if renamed:
            for worker in [found for found in self._workers.values() if found.activity_sid == activity.sid]:
                self._stand(worker)

    def put_channel(self, channel: TaskChannel) -> None:
        """Every worker is on every channel, also on a new one."""
        new = channel.sid not in self._channels
        self._channels[channel.sid] = channel
        self._unchanged[channel.sid] = _load(channel, ChannelState())
        self.floor.put_channel(ChannelFact(channel.sid, channel.unique_name, channel.channel_optimized_routing))
        if new:
            self._stand_all()

    def remove_channel(self, sid: str) -> None:
        """The channel is gone, from the workers too."""
        if self._channels.pop(sid, None) is not None:
            del self._unchanged[sid]
            self.floor.remove_channel(sid)
            self._stand_all()

    def put_queue(self, queue: TaskQueue) -> None:
        """A queue, who serves it, and how many of these a waiting task in it is offered to at once."""
        before = self._most_reserved.get(queue.sid, 1)
        self._most_reserved[queue.sid] = queue.max_reserved_workers
        if (more := queue.max_reserved_workers - before) != 0:
            for task in [found for found in self.floor.waiting_in(queue.sid) if found.worker_sid is None]:
                self.floor.put_task(msgspec.structs.replace(task, max_reserved=task.max_reserved + more))
        self.floor.put_queue(QueueFact(queue.sid, queue.target_workers, queue.max_reserved_workers, queue.task_order))

    def put_worker(self, worker: Worker) -> None:
        """A worker with all that it can do."""
        self.figures.put_worker(worker)
        self._workers[worker.sid] = worker
        self._offered.discard(worker.sid)
        self._stand(worker)

    def remove_worker(self, sid: str) -> None:
        """The worker is gone."""
        self.figures.remove_worker(sid)
        self._offered.discard(sid)
        if self._workers.pop(sid, None) is not None:
            self._attributes.pop(sid, None)
            self.floor.remove_worker(sid)

    def put_task(self, task: Task) -> None:
        """Only tasks that may be offered stand on the floor: pending ones, and reserved ones whose queue asks several workers."""
        self.figures.put_task(task)
        asking = task.assignment_status is TaskStatus.RESERVED and bool(task.offered_to)
        if task.assignment_status is not TaskStatus.PENDING and not asking:
            self._clear(task.sid)
            if task.ended_at is not None:
                self.forget(task.sid)
            return
        standing = task.standing if task.transfer is None else None
        reads_task = standing is not None and standing.asks is not None and standing.asks.expression is not None
        self.floor.put_task(self.task_fact(task, self._parsed(task.sid, task.attributes) if reads_task else _NONE))
        if standing is None or standing.skip_if is None or task.assignment_counter > standing.assignments:
            self.skips.remove(task.sid)
        elif task.task_queue_sid is not None:
            self.skips.put(Entry(task.sid, task.version, standing.step, task.task_queue_sid, standing.skip_if))

    def task_fact(self, task: Task, attributes: Mapping[str, Any]) -> TaskFact:
        """What the floor knows of a task. Without an expression in its target nobody reads its ``attributes``."""
        most = 1 if task.direct_worker_sid is not None else self._most_reserved.get(task.task_queue_sid or "", 1)
        # Who hands a task on does not get it back, and does not count among those who are asked.
        former = () if task.transfer is None else (task.transfer.from_worker_sid,)
        return TaskFact(
            sid=task.sid,
            version=task.version,
            queue_sid=task.task_queue_sid,
            task_channel_sid=task.task_channel_sid,
            priority=task.priority,
            virtual_start_at=task.virtual_start_at,
            attributes=attributes,
            target=task.standing.asks if task.standing is not None and task.transfer is None else None,
            worker_sid=task.direct_worker_sid,
            ignore_capacity=task.ignore_capacity and task.transfer is None,
            max_reserved=most + len(former),
            reserved_by=frozenset((*task.offered_to, *former)),
        )

    def remove_task(self, sid: str) -> None:
        """The task is gone."""
        self.figures.remove_task(sid)
        self._clear(sid)

    def decide(self, now: int) -> list[Decision | Skip]:
        """What the floor wants; and of tasks that it could not offer at once, which are to leave their target."""
        knows_all = not self._offered
        decisions: list[Decision | Skip] = [*self.floor.decide(now)]
        offers = [decision for decision in decisions if isinstance(decision, Offer)]
        if knows_all and self.skips.waiting:
            decisions += self.skips.decide({offer.task_sid for offer in offers}, self._counts)
        self._offered.update(offer.worker_sid for offer in offers)
        return decisions

    @property
    def workers(self) -> int:
        """How many workers it has, available or not."""
        return len(self._workers)

    def _counts(self, queue_sid: str) -> Counts:
        return count(self.floor.activities_of(queue_sid), self._available)

    def _clear(self, sid: str) -> None:
        """The task does not wait any more."""
        self._attributes.pop(sid, None)
        self.skips.remove(sid)
        self.floor.remove_task(sid)

    def _stand_all(self) -> None:
        for worker in self._workers.values():
            self._stand(worker)

    def worker_fact(self, worker: Worker, attributes: Mapping[str, Any]) -> WorkerFact:
        """What the floor knows of a worker."""
        loads = dict(self._unchanged)
        for sid, state in worker.channels.items():
            if sid in loads:
                loads[sid] = _load(self._channels[sid], state)
        return WorkerFact(
            sid=worker.sid,
            version=worker.version,
            friendly_name=worker.friendly_name,
            activity_sid=worker.activity_sid,
            activity_name=self._activities.get(worker.activity_sid, ""),
            available=worker.available,
            attributes=attributes,
            channels=loads,
            created_at=worker.created_at,
        )

    def _stand(self, worker: Worker) -> None:
        self.floor.put_worker(self.worker_fact(worker, self._parsed(worker.sid, worker.attributes)))

    def _parsed(self, sid: str, text: str) -> Mapping[str, Any]:
        """The same mapping for the same text: then the floor need not evaluate its expressions again."""
        known = self._attributes.get(sid)
        if known is not None and known[0] == text:
            return known[1]
        attributes: Mapping[str, Any] = json.parse(text)
        self._attributes[sid] = (text, attributes)
        return attributes


def _load(channel: TaskChannel, state: ChannelState) -> ChannelLoad:
    return ChannelLoad(
        unique_name=channel.unique_name,
        configured_capacity=state.configured_capacity,
        available=state.available,
        load=state.load,
        assigned=state.accepted,
        last_reserved_us=state.last_reserved_us,
    )


def _workspace_fact(workspace: Workspace) -> WorkspaceFact:
    return WorkspaceFact(workspace.sid, workspace.multi_task_enabled, workspace.prioritize_queue_order)
