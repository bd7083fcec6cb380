"""The names that an expression can use (taskrouter.md 6.1, 6.5, 6.6).

    TargetWorkers, worker lists     worker attributes, bare, with the worker's own names
    filter, task lists              task attributes, bare, and `taskrouter.*` (filter only)
    target, order_by                `task.*`, `worker.*` with `worker.channel.<unique name>.*`, and `taskrouter.*`

A built-in name hides an attribute of the same name, so a worker cannot pass for another by his attributes.

Times are UTC. `currentTime` is the number HHMM; `currentHour` and `currentMin` are the strings HH and MM, which compare
with numbers as numeric strings do.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from cordboard.routing.capacity import available_capacity_percentage
from cordboard.routing.expressions.tokens import Step
from cordboard.routing.facts import WorkerFact

_MINUTE = 60_000
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
_DAYS = ("Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed")  # 1 January 1970 was a Thursday
_PERIODS = {"currentTime": _MINUTE, "currentMin": _MINUTE, "currentHour": _HOUR, "dayOfWeek": _DAY}

Names = Mapping[str, Any]


def worker_names(worker: WorkerFact) -> dict[str, Any]:
    """For TargetWorkers and TargetWorkersExpression: attributes and the worker's own names."""
    return {
        **worker.attributes,
        "sid": worker.sid,
        "friendly_name": worker.friendly_name,
        "activity_sid": worker.activity_sid,
        "activity_name": worker.activity_name,
    }


def worker_names_with_channels(worker: WorkerFact) -> dict[str, Any]:
    """What stands under `worker.` in a target."""
    names = worker_names(worker)
    names["channel"] = {
        channel.unique_name: {
            "configured_capacity": channel.configured_capacity,
            "assigned_tasks": channel.assigned,
            "available_capacity_percentage": available_capacity_percentage(channel.load, channel.configured_capacity),
        }
        for channel in worker.channels.values()
    }
    return names


def filter_names(task_attributes: Names, now: int) -> dict[str, Any]:
    """For a workflow filter."""
    return {**task_attributes, "taskrouter": time_of_day(now)}


def target_names(task_attributes: Names, worker: Names, clock: Names) -> dict[str, Any]:
    """For a target; `worker` from `worker_names_with_channels`, `clock` from `time_of_day`."""
    return {"task": task_attributes, "worker": worker, "taskrouter": clock}


def time_of_day(now: int) -> dict[str, Any]:
    """What stands under `taskrouter.` at `now` (ms)."""
    minutes = now // _MINUTE % (24 * 60)
    hour, minute = divmod(minutes, 60)
    return {
        "currentTime": hour * 100 + minute,
        "currentHour": f"{hour:02}",
        "currentMin": f"{minute:02}",
        "dayOfWeek": _DAYS[now // _DAY % 7],
    }


def period_of(mentions: Iterable[tuple[Step, ...]]) -> int | None:
    """How long (ms) a verdict stays true as far as the time of day goes; None when no path mentions it.

    Periods begin at multiples of their length.
    """
    names = [path[1] for path in mentions if path[0] == "taskrouter" and len(path) > 1]
    return min((_PERIODS[name] for name in names if isinstance(name, str) and name in _PERIODS), default=None)
