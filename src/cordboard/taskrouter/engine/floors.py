"""The floors of this process: for each workspace the rows that decide routing, handed to ``routing.Floor`` as facts.

A floor is a projection (design D6): it is built from rows and kept current by what settled units of this process changed, and by
reading again the rows that events of other nodes name. Both come by ways of their own and overtake each other, so what is not a
newer version of a row changes nothing.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from cordboard.kernel import json
from cordboard.routing.decisions import Decision, Offer
from cordboard.routing.facts import ChannelFact, ChannelLoad, QueueFact, TaskFact, WorkerFact, WorkspaceFact
from cordboard.routing.floor import Floor
from cordboard.routing.lifecycle import TaskStatus
from cordboard.routing.skipping import Counts, Entry, Skip, Skips, count
from cordboard.storage.dialect import among, padded
from cordboard.storage.tables import Query, Table
from cordboard.storage.unit import View
from cordboard.storage.writes import Kind, Write
from cordboard.taskrouter.model import Activity, ChannelState, Task, TaskChannel, TaskQueue, Worker, Workspace
from cordboard.taskrouter.store import activities, task_channels, task_queues, tasks, workers
from cordboard.taskrouter.store.activities import ACTIVITIES
from cordboard.taskrouter.store.task_channels import TASK_CHANNELS
from cordboard.taskrouter.store.task_queues import TASK_QUEUES
from cordboard.taskrouter.store.tasks import TASKS
from cordboard.taskrouter.store.workers import WORKERS
from cordboard.taskrouter.store.workspaces import ALL, WORKSPACES

from .statistics_figures import Figures

_NONE: Mapping[str, Any] = {}

# In this order the rows of a workspace make sense to its floor.
WATCHED: tuple[Table[Any], ...] = (WORKSPACES, ACTIVITIES, TASK_CHANNELS, TASK_QUEUES, WORKERS, TASKS)
_RANKS = {table: rank for rank, table in enumerate(WATCHED)}


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


class Decided(msgspec.Struct, frozen=True):
    """An offer and the workspace in which it was decided."""

    workspace_sid: str
    offer: Offer


class Turn(msgspec.Struct, frozen=True):
    """What is to be written after a turn: offers, then who goes on without."""

    offers: list[Decided]
    skips: list[Skip]


Named = dict[tuple[Table[Any], str], str]
"""Rows by table and SID, each with the SID of its workspace."""


class Floors:
    """All workspaces. ``wake_at`` is when one of them wants to decide again though nothing happens.

    ``unknown`` are rows that were put before their workspace was known: another node has just made it.
    """

    def __init__(self) -> None:
        self.rooms: dict[str, Room] = {}
        self.unknown: Named = {}
        self._changed: set[str] = set()
        self._wakes: dict[str, int] = {}

    async def load(self, view: View) -> None:
        """Build every floor from rows. Who asks meanwhile finds the floors that were there before."""
        fresh = Floors()
        await fresh._build(view)
        self.rooms, self.unknown = fresh.rooms, fresh.unknown
        self._changed, self._wakes = fresh._changed, fresh._wakes

    async def _build(self, view: View) -> None:
        for workspace in await view.all(ALL):
            self.put(WORKSPACES, workspace)
            rows: tuple[tuple[Table[Any], Query[Any]], ...] = (
                (ACTIVITIES, activities.OF_WORKSPACE),
                (TASK_CHANNELS, task_channels.OF_WORKSPACE),
                (TASK_QUEUES, task_queues.OF_WORKSPACE),
                (WORKERS, workers.OF_WORKSPACE),
                (TASKS, tasks.OPEN),
            )
            for table, query in rows:
                for fact in await view.all(query, workspace.sid):
                    self.put(table, fact)

    @property
    def wake_at(self) -> int | None:
        """The earliest of the times that the floors asked for."""
        return min(self._wakes.values(), default=None)

    def may_skip(self) -> bool:
        """Whether this turn looks at a task that may have to leave its target at once: then all rows must be known."""
        return any(self.rooms[sid].skips.waiting for sid in self._changed if sid in self.rooms)

    def decide(self, now: int) -> Turn:
        """What the floors want that changed since the last time, or whose time has come."""
        due = self._changed | {sid for sid, at in self._wakes.items() if at <= now}
        self._changed = set()
        turn = Turn([], [])
        for workspace_sid in sorted(due):
            self._wakes.pop(workspace_sid, None)
            room = self.rooms.get(workspace_sid)
            for decision in room.decide(now) if room is not None else ():
                if isinstance(decision, Offer):
                    turn.offers.append(Decided(workspace_sid, decision))
                elif isinstance(decision, Skip):
                    turn.skips.append(decision)
                else:
                    self._wakes[workspace_sid] = decision.at
        return turn

    def put_back(self, workspace_sid: str, task: Task | None, worker_sid: str, worker: Worker | None) -> None:
        """An offer was not written: what stands on the floor is what the rows say, not what the floor took for granted."""
        room = self.rooms.get(workspace_sid)
        if room is None:
            return
        self._changed.add(workspace_sid)
        if task is not None:
            room.is_news(task)
            room.put_task(task)
        if worker is None:
            room.remove_worker(worker_sid)
        else:
            room.is_news(worker)
            room.put_worker(worker)

    async def read_again(self, view: View, named: Named) -> None:
        """Put rows as they are now; those that are not there any more are removed."""
        for table in WATCHED:
            workspaces = {sid: workspace for (of, sid), workspace in named.items() if of is table}
            if not workspaces:
                continue
            sids = padded(list(workspaces))
            found = {fact.sid: fact for fact in await view.all(table.where(among("sid", len(sids))), *sids)}
            for sid, workspace_sid in workspaces.items():
                if sid not in found:
                    self.remove(table, workspace_sid, sid)
                elif table is WORKSPACES or workspace_sid in self.rooms:
                    self.put(table, found[sid])

    def hear(self, writes: Iterable[Write]) -> None:
        """Take over what a settled unit changed."""
        for write in sorted(writes, key=lambda write: _RANKS[write.table]):
            if write.kind is Kind.DELETE:
                self.remove(write.table, _workspace_of(write.table, write.fact), write.fact.sid)
            elif write.kind is not Kind.GUARD:
                self.put(write.table, write.fact)

    def put(self, table: Table[Any], fact: Any) -> None:  # noqa: ANN401 - a fact of the table
        """Take over a row."""
        workspace_sid = _workspace_of(table, fact)
        room = self.rooms.get(workspace_sid)
        if room is None:
            if table is WORKSPACES:
                self.rooms[workspace_sid] = Room(fact)
                self._changed.add(workspace_sid)
            else:
                self.unknown |= {(WORKSPACES, workspace_sid): workspace_sid, (table, fact.sid): workspace_sid}
            return
        if not room.is_news(fact):
            return
        self._changed.add(workspace_sid)
        if table is WORKSPACES:
            room.put_workspace(fact)
        elif table is TASKS:
            room.put_task(fact)
        elif table is WORKERS:
            room.put_worker(fact)
        elif table is TASK_QUEUES:
            room.put_queue(fact)
        elif table is TASK_CHANNELS:
            room.put_channel(fact)
        else:
            room.put_activity(fact)

    def remove(self, table: Table[Any], workspace_sid: str, sid: str) -> None:
        """Forget a row. Activities may stay: no worker is in one that is deleted."""
        if table is WORKSPACES:
            self.rooms.pop(sid, None)
            return
        room = self.rooms.get(workspace_sid)
        if room is None:
            return
        self._changed.add(workspace_sid)
        room.forget(sid)
        if table is TASKS:
            room.remove_task(sid)
        elif table is WORKERS:
            room.remove_worker(sid)
        elif table is TASK_QUEUES:
            room.floor.remove_queue(sid)
        elif table is TASK_CHANNELS:
            room.remove_channel(sid)


def _load(channel: TaskChannel, state: ChannelState) -> ChannelLoad:
    return ChannelLoad(
        unique_name=channel.unique_name,
        configured_capacity=state.configured_capacity,
        available=state.available,
        load=state.load,
        assigned=state.accepted,
        last_reserved_us=state.last_reserved_us,
    )


def _workspace_of(table: Table[Any], fact: Any) -> str:  # noqa: ANN401 - a fact of the table
    sid: str = fact.sid if table is WORKSPACES else fact.workspace_sid
    return sid


def _workspace_fact(workspace: Workspace) -> WorkspaceFact:
    return WorkspaceFact(workspace.sid, workspace.multi_task_enabled, workspace.prioritize_queue_order)
