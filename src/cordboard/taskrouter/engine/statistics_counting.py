"""What counts for what: the definitions of cumulative statistics (taskrouter.md 10.2), applied to recorded events.

An event counts for the workspace, the queue, the workflow and the worker that its facts name, on the task's channel, in the
second in which it happened. So a reservation counts for the queue where it was made, whatever becomes of the task.
"""

from collections.abc import Callable, Iterable
from itertools import chain
from typing import Any

import msgspec

from cordboard.events.journal import Event
from cordboard.taskrouter.store.statistics import (
    NOTHING,
    SECOND,
    BucketKey,
    Figures,
    Spells,
    SpellsBy,
    Split,
    Splits,
    add_spells,
    count,
    summed,
    wait_one,
    widths_of,
)

from .record import PRODUCT

ACCEPTED, CANCELED = "reservations_accepted", "tasks_canceled"
UNTIL_ACCEPTED, UNTIL_CANCELED = "wait_duration_until_accepted", "wait_duration_until_canceled"
IN_QUEUE_UNTIL_ACCEPTED = "wait_duration_in_queue_until_accepted"

# Whom an event counts for: its workspace, or whom its reservation or task names under this.
_WORKSPACE, _QUEUE, _WORKFLOW, _WORKER = "workspace_sid", "task_queue_sid", "workflow_sid", "worker_sid"
_EVERYWHERE = (_WORKSPACE, _QUEUE, _WORKFLOW)
_SCOPES = (*_EVERYWHERE, _WORKER)

# By the type of the event: the name of the count, and for whom it is one.
COUNTED: dict[str, tuple[str, tuple[str, ...]]] = {
    "task.created": ("tasks_created", (_WORKSPACE,)),
    "workflow.entered": ("tasks_entered", (_WORKFLOW,)),
    "task-queue.entered": ("tasks_entered", (_QUEUE,)),
    "task-queue.moved": ("tasks_moved", _EVERYWHERE),
    "task.canceled": (CANCELED, _EVERYWHERE),
    "task.completed": ("tasks_completed", _EVERYWHERE),
    "task.deleted": ("tasks_deleted", _EVERYWHERE),
    "task.system-deleted": ("tasks_deleted", _EVERYWHERE),
    "workflow.timeout": ("tasks_timed_out_in_workflow", (_WORKSPACE, _WORKFLOW)),
    "workflow.skipped": ("tasks_timed_out_in_workflow", (_WORKSPACE, _WORKFLOW)),
    "reservation.created": ("reservations_created", (*_EVERYWHERE, _WORKER)),
    "reservation.accepted": (ACCEPTED, (*_EVERYWHERE, _WORKER)),
    "reservation.rejected": ("reservations_rejected", (*_EVERYWHERE, _WORKER)),
    "reservation.timeout": ("reservations_timed_out", (*_EVERYWHERE, _WORKER)),
    "reservation.canceled": ("reservations_canceled", (*_EVERYWHERE, _WORKER)),
    "reservation.rescinded": ("reservations_rescinded", (*_EVERYWHERE, _WORKER)),
}

_ENDS_WAIT = frozenset((ACCEPTED, CANCELED))
_SPELLS = frozenset(("worker.created", "worker.activity.update", "worker.deleted"))

NO_CHANNEL = ""


class _Task(msgspec.Struct, frozen=True):
    created_at: int
    task_channel_sid: str
    task_queue_sid: str | None
    workflow_sid: str | None
    queue_entered_at: int | None


class _Reservation(msgspec.Struct, frozen=True):
    worker_sid: str
    task_queue_sid: str | None
    workflow_sid: str | None


class _Worker(msgspec.Struct, frozen=True):
    sid: str
    activity_sid: str
    status_changed_at: int


class _Activity(msgspec.Struct, frozen=True):
    sid: str


class Counted:
    """What happened to one subject on one channel in one bucket: figures, spells, and waits by what ended them."""

    __slots__ = ("figures", "spells", "waits")

    def __init__(self) -> None:
        self.figures: Figures = NOTHING.copy()
        self.spells: SpellsBy = {}
        self.waits: dict[str, list[int]] = {}

    @classmethod
    def together(cls, parts: list["Counted"]) -> "Counted":
        """The sum of these."""
        if len(parts) == 1:
            return parts[0]
        whole = cls()
        whole.figures = summed([part.figures for part in parts])
        for part in parts:
            add_spells(whole.spells, part.spells)
            for name, waits in part.waits.items():
                whole.waits.setdefault(name, []).extend(waits)
        return whole

    def splits(self, before: Splits) -> Splits:
        """The splits with the waits."""
        if not self.waits:
            return before
        return before | {name: before.get(name, Split()).and_more(waits) for name, waits in self.waits.items()}


Moment = tuple[str, int, str]
"""A subject, the beginning of a second, and a task channel; '' for what belongs to none."""

_Alike = tuple[str, str | None, str | None, str | None, str | None, str, int]
"""Of an event: its type; the workspace, queue and workflow, or the worker, for whom it counts; the channel and the second."""


class Tally:
    """What events count, by second, as they come.

    Most events count one for the same few subjects as many others of their second. So these are counted first, and once for all of
    them to whom they belong: that takes a third of the time.
    """

    def __init__(self) -> None:
        self._counted: dict[Moment, Counted] = {}
        self._alike: dict[_Alike, int] = {}

    def add(self, events: Iterable[Event]) -> None:
        """Count these too."""
        task: _Task | None = None
        fact: object = None
        for event in events:
            if event.product != PRODUCT:
                continue
            if event.type in _SPELLS:
                _move(event, self._counted)
            elif event.type in COUNTED and "task" in event.facts:
                # Events of one unit have the task in common, mostly.
                if event.facts["task"] is not fact:
                    fact = event.facts["task"]
                    task = _read(event, "task")
                if task is not None:
                    self._add(event, task)

    def counted(self) -> dict[Moment, Counted]:
        """What happened to whom."""
        alike, self._alike = self._alike, {}
        for (type_, *subject_sids, task_channel_sid, second), times in alike.items():
            name, scopes = COUNTED[type_]
            for scope, subject_sid in zip(_SCOPES, subject_sids, strict=True):
                if subject_sid is not None and scope in scopes:
                    count(_at(self._counted, subject_sid, second, task_channel_sid).figures, name, times)
        return self._counted

    def _add(self, event: Event, task: _Task) -> None:
        if COUNTED[event.type][0] in _ENDS_WAIT:
            _count(event, task, self._counted)
            return
        reservation: _Reservation | None = _read(event, "reservation")
        where = reservation or task
        type_, alike, channel_sid, second = event.type, self._alike, task.task_channel_sid, event.at // SECOND * SECOND
        key: _Alike = (type_, event.scope_sid, where.task_queue_sid, where.workflow_sid, None, channel_sid, second)
        alike[key] = alike.get(key, 0) + 1
        if reservation is not None:
            key = (type_, None, None, None, reservation.worker_sid, channel_sid, second)
            alike[key] = alike.get(key, 0) + 1


def in_buckets(*found: dict[Moment, Counted]) -> dict[BucketKey, Counted]:
    """All of it in buckets of all widths, by their keys. What is in them may be the same object."""
    buckets: dict[BucketKey, list[Counted]] = {}
    for (subject_sid, second, task_channel_sid), one in chain.from_iterable(part.items() for part in found):
        for width in widths_of(subject_sid):
            buckets.setdefault((subject_sid, width, second // width * width, task_channel_sid), []).append(one)
    return {key: Counted.together(parts) for key, parts in buckets.items()}


def _count(event: Event, task: _Task, found: dict[Moment, Counted]) -> None:
    """Count an event that ends a wait."""
    name, scopes = COUNTED[event.type]
    where = _read(event, "reservation") or task
    for scope in scopes:
        subject_sid = event.scope_sid if scope == _WORKSPACE else getattr(where, scope)
        if subject_sid is None:
            continue
        one = _at(found, subject_sid, event.at, task.task_channel_sid)
        count(one.figures, name)
        if scope != _WORKER:
            _wait(event, task, name, one, in_queue=scope == _QUEUE)


def _wait(event: Event, task: _Task, name: str, one: Counted, *, in_queue: bool) -> None:
    wait = max(0, event.at - task.created_at)
    one.waits.setdefault(name, []).append(wait)
    wait_one(one.figures, UNTIL_ACCEPTED if name == ACCEPTED else UNTIL_CANCELED, wait)
    if in_queue and name == ACCEPTED and task.queue_entered_at is not None:
        wait_one(one.figures, IN_QUEUE_UNTIL_ACCEPTED, max(0, event.at - task.queue_entered_at))


def _move(event: Event, found: dict[Moment, Counted]) -> None:
    worker: _Worker | None = _read(event, "worker")
    left: _Activity | None = _read(event, "previous_activity")
    if worker is None:
        return
    entered_at = event.at - (_read(event, "time_in_previous_activity_ms") or 0)
    if event.type == "worker.deleted":
        left, entered_at = _Activity(worker.activity_sid), min(worker.status_changed_at, event.at)
    for subject_sid in (event.scope_sid, worker.sid):
        if left is not None:
            # A spell that ends as a window begins is not in the window; one of no length is where it begins.
            last = event.at - 1 if entered_at < event.at else event.at
            _spells(found, subject_sid, last, left.sid).leave(entered_at, event.at)
        if event.type != "worker.deleted":
            _spells(found, subject_sid, event.at, worker.activity_sid).enter(event.at)


def _spells(found: dict[Moment, Counted], subject_sid: str, at: int, activity_sid: str) -> Spells:
    return _at(found, subject_sid, at, NO_CHANNEL).spells.setdefault(activity_sid, Spells())


def _at(found: dict[Moment, Counted], subject_sid: str, at: int, task_channel_sid: str) -> Counted:
    moment = (subject_sid, at // SECOND * SECOND, task_channel_sid)
    one = found.get(moment)
    if one is None:
        one = found[moment] = Counted()
    return one


def _read(event: Event, name: str) -> Any:  # noqa: ANN401 - one of the facts above, or a resource that has as much
    """A fact: JSON, if the event was read in the journal, else as it was recorded. None if there is none."""
    fact = event.facts.get(name)
    return _DECODERS[name](fact) if isinstance(fact, msgspec.Raw) else fact


_DECODERS: dict[str, Callable[[Any], Any]] = {
    "task": msgspec.json.Decoder(_Task | None).decode,
    "reservation": msgspec.json.Decoder(_Reservation | None).decode,
    "worker": msgspec.json.Decoder(_Worker | None).decode,
    "previous_activity": msgspec.json.Decoder(_Activity | None).decode,
    "time_in_previous_activity_ms": msgspec.json.Decoder(int).decode,
}
