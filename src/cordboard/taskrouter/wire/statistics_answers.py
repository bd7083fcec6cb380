"""Statistics in the vendor's names: which figures are told of whom (taskrouter.md 10 and 1.14)."""

from typing import Any

import msgspec

from cordboard.kernel.clock import iso
from cordboard.rest.routes import Urls

from .statistics import Window


class Kind(msgspec.Struct, frozen=True):
    """Whom statistics are about: the path behind the workspace's, the name of the SID, and the figures that are told."""

    path: str
    sid_name: str | None
    real_time: tuple[str, ...]
    cumulative: tuple[str, ...]


_STANDING = (
    "total_tasks",
    "tasks_by_status",
    "tasks_by_priority",
    "longest_task_waiting_age",
    "longest_task_waiting_sid",
)
_LONGEST_IN_QUEUE = ("longest_relative_task_age_in_queue", "longest_relative_task_sid_in_queue")
QUEUE_BUT_LONGEST = (*_STANDING, "activity_statistics", "total_eligible_workers", "total_available_workers")
_RESERVATIONS = (
    "reservations_created",
    "reservations_accepted",
    "reservations_rejected",
    "reservations_timed_out",
    "reservations_canceled",
    "reservations_rescinded",
)
_WINDOW = ("start_time", "end_time")
_TASKS = (
    *_WINDOW,
    *_RESERVATIONS,
    "avg_task_acceptance_time",
    "tasks_canceled",
    "tasks_completed",
    "tasks_deleted",
    "tasks_moved",
    "wait_duration_until_accepted",
    "wait_duration_until_canceled",
    "split_by_wait_time",
)
_WORKERS = (*_WINDOW, *_RESERVATIONS, "activity_durations")

WORKSPACE = Kind(
    "",
    None,
    (*_STANDING, "activity_statistics", "total_workers"),
    (*_TASKS, "tasks_created", "tasks_timed_out_in_workflow"),
)
TASK_QUEUE = Kind(
    "/TaskQueues/{}",
    "task_queue_sid",
    (*QUEUE_BUT_LONGEST, *_LONGEST_IN_QUEUE),
    (*_TASKS, "tasks_entered", "wait_duration_in_queue_until_accepted"),
)
WORKFLOW = Kind("/Workflows/{}", "workflow_sid", _STANDING, (*_TASKS, "tasks_entered", "tasks_timed_out_in_workflow"))
WORKERS = Kind("/Workers", None, ("activity_statistics", "total_workers"), _WORKERS)
WORKER = Kind("/Workers/{}", "worker_sid", (), _WORKERS)


class RealTime(msgspec.Struct, kw_only=True):
    """How it stands. Ages are whole seconds."""

    tasks_by_status: dict[str, int] = {}
    tasks_by_priority: dict[str, int] = {}
    longest_task_waiting_age: int = 0
    longest_task_waiting_sid: str | None = None
    longest_relative_task_age_in_queue: int = 0
    longest_relative_task_sid_in_queue: str | None = None
    activity_statistics: list[dict[str, str | int]] = []
    total_workers: int = 0
    total_eligible_workers: int = 0
    total_available_workers: int = 0

    @property
    def total_tasks(self) -> int:
        """Whatever their status."""
        return sum(self.tasks_by_status.values())


class Waited(msgspec.Struct, frozen=True):
    """How long tasks waited, in whole seconds."""

    avg: int = 0
    min: int = 0
    max: int = 0
    total: int = 0


class Cumulative(msgspec.Struct, kw_only=True):
    """What happened in a window."""

    window: Window
    counts: dict[str, int]
    wait_duration_until_accepted: Waited = Waited()
    wait_duration_until_canceled: Waited = Waited()
    wait_duration_in_queue_until_accepted: Waited = Waited()
    split_by_wait_time: dict[str, dict[str, dict[str, int]]] | None = None
    activity_durations: list[dict[str, str | int]] = []

    def figure(self, name: str) -> object:
        """The figure of this name."""
        return getattr(self, name) if hasattr(self, name) else self.counts.get(name, 0)

    @property
    def start_time(self) -> str | None:
        """The first second of the window."""
        return iso(self.window.start)

    @property
    def end_time(self) -> str | None:
        """The last second of the window."""
        return iso(self.window.end)

    @property
    def avg_task_acceptance_time(self) -> int:
        """From the creation of a task until it is accepted."""
        return self.wait_duration_until_accepted.avg


class Statistics(msgspec.Struct, frozen=True, kw_only=True):
    """Statistics of somebody; ``sid`` is '' where the kind has none. What is not asked for is None."""

    kind: Kind
    account_sid: str
    workspace_sid: str
    sid: str = ""
    real_time: RealTime | None = None
    cumulative: Cumulative | None = None


class BulkStatistics(msgspec.Struct, frozen=True):
    """Real-time statistics of several queues."""

    account_sid: str
    workspace_sid: str
    queues: list[Statistics]


def real_time(found: Statistics, urls: Urls) -> dict[str, Any]:
    """The answer of ``RealTimeStatistics``."""
    return _whose(found) | _real_time(found) | {"url": _url(found, urls, "RealTimeStatistics")}


def cumulative(found: Statistics, urls: Urls) -> dict[str, Any]:
    """The answer of ``CumulativeStatistics``."""
    return _whose(found) | _cumulative(found) | {"url": _url(found, urls, "CumulativeStatistics")}


def combined(found: Statistics, urls: Urls) -> dict[str, Any]:
    """The answer of ``Statistics``, of a worker without ``realtime``."""
    return listed(found, urls) | {"url": _url(found, urls, "Statistics")}


def listed(found: Statistics, _urls: Urls) -> dict[str, Any]:
    """An item of the list ``TaskQueues/Statistics``: without a URL."""
    parts = {"realtime": _real_time(found)} if found.real_time is not None else {}
    return _whose(found) | parts | {"cumulative": _cumulative(found)}


def bulk(found: BulkStatistics, urls: Urls) -> dict[str, Any]:
    """The answer of ``TaskQueues/RealTimeStatistics``, whose items have not all that one queue's answer has."""
    items = [
        {"task_queue_sid": queue.sid} | {name: getattr(queue.real_time, name) for name in QUEUE_BUT_LONGEST}
        for queue in found.queues
    ]
    return {
        "account_sid": found.account_sid,
        "workspace_sid": found.workspace_sid,
        "task_queue_data": items,
        "task_queue_response_count": len(items),
        "url": f"{urls.base}/v1/Workspaces/{found.workspace_sid}/TaskQueues/RealTimeStatistics",
    }


def _whose(found: Statistics) -> dict[str, Any]:
    whose = {"account_sid": found.account_sid, "workspace_sid": found.workspace_sid}
    return whose if found.kind.sid_name is None else whose | {found.kind.sid_name: found.sid}


def _real_time(found: Statistics) -> dict[str, Any]:
    return {name: getattr(found.real_time, name) for name in found.kind.real_time}


def _cumulative(found: Statistics) -> dict[str, Any]:
    figures = found.cumulative
    return {name: figures.figure(name) for name in found.kind.cumulative} if figures is not None else {}


def _url(found: Statistics, urls: Urls, name: str) -> str:
    return f"{urls.base}/v1/Workspaces/{found.workspace_sid}{found.kind.path.format(found.sid)}/{name}"
