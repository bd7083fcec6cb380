"""The floors of this process: for each workspace the rows that decide routing, handed to ``routing.Floor`` as facts.

A floor is a projection (design D6): it is built from rows and kept current by what settled units of this process changed, and by
reading again the rows that events of other nodes name. Both come by ways of their own and overtake each other, so what is not a
newer version of a row changes nothing.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from cordboard.kernel import json
from cordboard.routing.decisions import Offer
from cordboard.routing.facts import ChannelFact, ChannelLoad, QueueFact, TaskFact, WorkerFact, WorkspaceFact
from cordboard.routing.floor import Floor
from cordboard.routing.lifecycle import TaskStatus
from cordboard.storage.dialect import among, padded
from cordboard.storage.tables import Query, Table
from cordboard.storage.unit import View
from cordboard.storage.writes import Kind, Write
from cordboard.taskrouter.model import Activity, Task, TaskChannel, TaskQueue, Worker, Workspace
from cordboard.taskrouter.store import activities, task_channels, task_queues, tasks, workers
from cordboard.taskrouter.store.activities import ACTIVITIES
from cordboard.taskrouter.store.task_channels import TASK_CHANNELS
from cordboard.taskrouter.store.task_queues import TASK_QUEUES
from cordboard.taskrouter.store.tasks import TASKS
from cordboard.taskrouter.store.workers import WORKERS
from cordboard.taskrouter.store.workspaces import ALL, WORKSPACES

# In this order the rows of a workspace make sense to its floor.
WATCHED: tuple[Table[Any], ...] = (WORKSPACES, ACTIVITIES, TASK_CHANNELS, TASK_QUEUES, WORKERS, TASKS)


class Room:
    """One workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self.floor = Floor(_workspace_fact(workspace))
        self._versions = {workspace.sid: workspace.version}
        self._activities: dict[str, str] = {}
        self._channels: dict[str, TaskChannel] = {}
        self._workers: dict[str, Worker] = {}
        self._attributes: dict[str, tuple[str, dict[str, Any]]] = {}

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
        if renamed:
            for worker in [found for found in self._workers.values() if found.activity_sid == activity.sid]:
                self._stand(worker)

    def put_channel(self, channel: TaskChannel) -> None:
        """Every worker is on every channel, also on a new one."""
        new = channel.sid not in self._channels
        self._channels[channel.sid] = channel
        self.floor.put_channel(ChannelFact(channel.sid, channel.unique_name, channel.channel_optimized_routing))
        if new:
            self._stand_all()

    def remove_channel(self, sid: str) -> None:
        """The channel is gone, from the workers too."""
        if self._channels.pop(sid, None) is not None:
            self.floor.remove_channel(sid)
            self._stand_all()

    def put_queue(self, queue: TaskQueue) -> None:
        """A queue and who serves it."""
        self.floor.put_queue(QueueFact(queue.sid, queue.target_workers, queue.max_reserved_workers, queue.task_order))

    def put_worker(self, worker: Worker) -> None:
        """A worker with all that it can do."""
        self._workers[worker.sid] = worker
        self._stand(worker)

    def remove_worker(self, sid: str) -> None:
        """The worker is gone."""
        if self._workers.pop(sid, None) is not None:
            self._attributes.pop(sid, None)
            self.floor.remove_worker(sid)

    def put_task(self, task: Task) -> None:
        """Only waiting tasks stand on the floor."""
        if task.assignment_status is not TaskStatus.PENDING:
            self.floor.remove_task(task.sid)
            if task.ended_at is not None:
                self.forget(task.sid)
            return
        self.floor.put_task(
            TaskFact(
                sid=task.sid,
                version=task.version,
                queue_sid=task.task_queue_sid,
                task_channel_sid=task.task_channel_sid,
                priority=task.priority,
                virtual_start_at=task.virtual_start_at,
                attributes={},  # only target expressions look at them, and workflows with those are refused so far
                worker_sid=task.direct_worker_sid,
                ignore_capacity=task.ignore_capacity,
            )
        )

    @property
    def workers(self) -> int:
        """How many workers it has, available or not."""
        return len(self._workers)

    def _stand_all(self) -> None:
        for worker in self._workers.values():
            self._stand(worker)

    def _stand(self, worker: Worker) -> None:
        # The same mapping for the same text: then the floor need not evaluate its expressions again.
        text, attributes = self._attributes.get(worker.sid, ("", {}))
        if text != worker.attributes:
            attributes = json.parse(worker.attributes)
            self._attributes[worker.sid] = (worker.attributes, attributes)
        loads: dict[str, ChannelLoad] = {}
        for channel in self._channels.values():
            state = worker.channel(channel.sid)
            loads[channel.sid] = ChannelLoad(
                unique_name=channel.unique_name,
                configured_capacity=state.configured_capacity,
                available=state.available,
                load=state.load,
                assigned=state.accepted,
                last_reserved_us=state.last_reserved_us,
            )
        self.floor.put_worker(
            WorkerFact(
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
        )


class Decided(msgspec.Struct, frozen=True):
    """An offer and the workspace in which it was decided."""

    workspace_sid: str
    offer: Offer


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
        """Build every floor from rows."""
        self.rooms.clear()
        self.unknown.clear()
        self._wakes.clear()
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

    def decide(self, now: int) -> list[Decided]:
        """What the floors want that changed since the last time, or whose time has come."""
        due = self._changed | {sid for sid, at in self._wakes.items() if at <= now}
        self._changed = set()
        decided: list[Decided] = []
        for workspace_sid in sorted(due):
            self._wakes.pop(workspace_sid, None)
            room = self.rooms.get(workspace_sid)
            for decision in room.floor.decide(now) if room is not None else ():
                if isinstance(decision, Offer):
                    decided.append(Decided(workspace_sid, decision))
                else:
                    self._wakes[workspace_sid] = decision.at
        return decided

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
        for write in sorted(writes, key=lambda write: WATCHED.index(write.table)):
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
            room.floor.remove_task(sid)
        elif table is WORKERS:
            room.remove_worker(sid)
        elif table is TASK_QUEUES:
            room.floor.remove_queue(sid)
        elif table is TASK_CHANNELS:
            room.remove_channel(sid)


def _workspace_of(table: Table[Any], fact: Any) -> str:  # noqa: ANN401 - a fact of the table
    sid: str = fact.sid if table is WORKSPACES else fact.workspace_sid
    return sid


def _workspace_fact(workspace: Workspace) -> WorkspaceFact:
    return WorkspaceFact(workspace.sid, workspace.multi_task_enabled, workspace.prioritize_queue_order)
