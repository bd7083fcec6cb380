"""Statistics counted anew and slowly, from the list of all events: what the server's figures must be equal to."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from cordboard.events.journal import Event

OPEN = ("pending", "reserved", "assigned", "wrapping")
_NAMES: dict[str, tuple[str, ...]] = {
    "tasks_canceled": ("task.canceled",),
    "tasks_completed": ("task.completed",),
    "tasks_deleted": ("task.deleted", "task.system-deleted"),
    "tasks_moved": ("task-queue.moved",),
    "reservations_created": ("reservation.created",),
    "reservations_accepted": ("reservation.accepted",),
    "reservations_rejected": ("reservation.rejected",),
    "reservations_timed_out": ("reservation.timeout",),
    "reservations_canceled": ("reservation.canceled",),
    "reservations_rescinded": ("reservation.rescinded",),
}
_FELL_OUT = ("workflow.timeout", "workflow.skipped")
_OF_KIND: dict[str, dict[str, tuple[str, ...]]] = {
    "workspace": {"tasks_created": ("task.created",), "tasks_timed_out_in_workflow": _FELL_OUT},
    "task_queue": {"tasks_entered": ("task-queue.entered",)},
    "workflow": {"tasks_entered": ("workflow.entered",), "tasks_timed_out_in_workflow": _FELL_OUT},
    "worker": {},
}


class Told:
    """An event with its facts read."""

    def __init__(self, event: Event) -> None:
        self.type = event.type
        self.at = event.at
        self.workspace_sid = event.scope_sid
        self.facts: dict[str, Any] = msgspec.json.decode(event.data)

    def concerns(self, kind: str, sid: str, task_channel_sid: str | None = None) -> bool:
        task, reservation = self.facts.get("task"), self.facts.get("reservation")
        if task is None or (task_channel_sid is not None and task["task_channel_sid"] != task_channel_sid):
            return False
        if kind == "workspace":
            return self.workspace_sid == sid
        found: bool = (reservation or task).get(f"{kind}_sid") == sid
        return found


def cumulative(
    events: Iterable[Told], kind: str, sid: str, start: int, end: int, task_channel_sid: str | None = None
) -> dict[str, Any]:
    """All that happened to it from ``start`` to before ``end``; waits in whole seconds."""
    meant = [told for told in events if start <= told.at < end and told.concerns(kind, sid, task_channel_sid)]
    names = {name: _NAMES[name] for name in _NAMES if kind != "worker" or name.startswith("reservations")}
    found: dict[str, Any] = {
        name: sum(told.type in types for told in meant) for name, types in (names | _OF_KIND[kind]).items()
    }
    if kind == "worker":
        return found
    accepted = [told for told in meant if told.type == "reservation.accepted"]
    until_accepted = [told.at - told.facts["task"]["created_at"] for told in accepted]
    found["wait_duration_until_accepted"] = figures(until_accepted)
    found["avg_task_acceptance_time"] = figures(until_accepted)["avg"]
    found["wait_duration_until_canceled"] = figures(
        [told.at - told.facts["task"]["created_at"] for told in meant if told.type == "task.canceled"]
    )
    if kind == "task_queue":
        in_queue = [told.at - told.facts["task"]["queue_entered_at"] for told in accepted]
        found["wait_duration_in_queue_until_accepted"] = figures(in_queue)
    return found


def split(
    events: Iterable[Told], kind: str, sid: str, start: int, end: int, thresholds: Sequence[int]
) -> dict[str, dict[str, dict[str, int]]]:
    """Above and below each threshold."""
    meant = [told for told in events if start <= told.at < end and told.concerns(kind, sid)]
    names = {"tasks_canceled": "task.canceled", "reservations_accepted": "reservation.accepted"}
    waits = {
        name: [told.at - told.facts["task"]["created_at"] for told in meant if told.type == type_]
        for name, type_ in names.items()
    }
    return {
        str(threshold): {
            "above": {name: sum(wait >= threshold * 1000 for wait in waits[name]) for name in names},
            "below": {name: sum(wait < threshold * 1000 for wait in waits[name]) for name in names},
        }
        for threshold in thresholds
    }


def durations(events: Iterable[Told], workspace_sid: str, workers: set[str], start: int, end: int) -> dict[str, Any]:
    """By activity, what the spells of these workers have in common with the time; nothing where all is nought."""
    since: dict[str, tuple[str, int]] = {}
    spells: list[tuple[str, int, int]] = []
    for told in events:
        worker = told.facts.get("worker", {})
        moves = told.type in {"worker.created", "worker.activity.update", "worker.deleted"}
        if not moves or worker["sid"] not in workers:
            continue
        assert told.workspace_sid == workspace_sid
        if worker["sid"] in since:
            spells.append((*since.pop(worker["sid"]), told.at))
        if told.type != "worker.deleted":
            since[worker["sid"]] = worker["activity_sid"], told.at
    spells += [(activity_sid, began, end) for activity_sid, began in since.values()]
    parts: dict[str, list[int]] = {}
    for activity_sid, began, over in spells:
        # A spell that is over at the start is none of this time; one that begins at the end is not yet.
        if over >= start and began < end and (over > start or began == over):
            parts.setdefault(activity_sid, []).append(min(over, end) - max(began, start))
    told_of = {activity_sid: figures(found) for activity_sid, found in parts.items()}
    return {activity_sid: found for activity_sid, found in told_of.items() if any(found.values())}


def figures(milliseconds: Sequence[int]) -> dict[str, int]:
    if not milliseconds:
        return {"avg": 0, "min": 0, "max": 0, "total": 0}
    total = sum(milliseconds)
    return {
        "avg": total // len(milliseconds) // 1000,
        "min": min(milliseconds) // 1000,
        "max": max(milliseconds) // 1000,
        "total": total // 1000,
    }
