"""The floors of this process: a room for each workspace, with the rows that decide routing there.

A floor is a projection (design D6): it is built from rows and kept current by what units of this process change, and by
reading again the rows that events of other nodes name. Both come by ways of their own and overtake each other, so what is not a
newer version of a row changes nothing.
"""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from cordboard.routing.decisions import Offer
from cordboard.routing.skipping import Skip
from cordboard.storage.dialect import among, padded
from cordboard.storage.tables import Query, Table
from cordboard.storage.unit import View
from cordboard.storage.writes import Kind, Write
from cordboard.taskrouter.model import Task, Worker
from cordboard.taskrouter.store import activities, task_channels, task_queues, tasks, workers
from cordboard.taskrouter.store.activities import ACTIVITIES
from cordboard.taskrouter.store.task_channels import TASK_CHANNELS
from cordboard.taskrouter.store.task_queues import TASK_QUEUES
from cordboard.taskrouter.store.tasks import TASKS
from cordboard.taskrouter.store.workers import WORKERS
from cordboard.taskrouter.store.workspaces import ALL, WORKSPACES

from .rooms import Room

# How a room takes over a row. In this order the rows of a workspace make sense to its floor.
_PUT: dict[Table[Any], Callable[[Room, Any], None]] = {
    WORKSPACES: Room.put_workspace,
    ACTIVITIES: Room.put_activity,
    TASK_CHANNELS: Room.put_channel,
    TASK_QUEUES: Room.put_queue,
    WORKERS: Room.put_worker,
    TASKS: Room.put_task,
}
WATCHED = _PUT.keys()
_RANKS = {table: rank for rank, table in enumerate(WATCHED)}


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
        """Take over what a unit changes."""
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
        _PUT[table](room, fact)

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


def _workspace_of(table: Table[Any], fact: Any) -> str:  # noqa: ANN401 - a fact of the table
    sid: str = fact.sid if table is WORKSPACES else fact.workspace_sid
    return sid
