"""What callers ask of statistics: windows, task channels, thresholds (taskrouter.md 1.12)."""

import re
from typing import Annotated

import msgspec
from msgspec import Meta

from cordboard.kernel.clock import MILLISECONDS
from cordboard.kernel.errors import Invalid
from cordboard.kernel.pages import Page
from cordboard.rest.forms import Form, Instant, PathValue, sid

from .fields import Wanted

MINUTE_MS = 60 * MILLISECONDS
DEFAULT_MINUTES = 15
MOST_DAYS = 30
TOO_OLD = 14241  # the vendor's code
MOST_THRESHOLDS = 20

_NUMBER = re.compile(r"[0-9]{1,7}")

Minutes = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Thresholds = Annotated[
    str,
    Meta(max_length=256, description=f"whole seconds, at most {MOST_THRESHOLDS} of them, separated by commas"),
]


class Windowed(Form, frozen=True, kw_only=True):
    """What all cumulative statistics take."""

    workspace_sid: PathValue
    minutes: Minutes | None = None
    start_date: Instant | None = None
    end_date: Instant | None = None
    task_channel: Wanted | None = None


class Current(Form, frozen=True, kw_only=True):
    """What all real-time statistics take."""

    workspace_sid: PathValue
    task_channel: Wanted | None = None


class WorkspaceRealTime(Current, frozen=True, kw_only=True):
    """``GET /RealTimeStatistics``."""


class WorkspaceStatistics(Windowed, frozen=True, kw_only=True):
    """``GET /Statistics`` and ``/CumulativeStatistics``."""

    split_by_wait_time: Thresholds | None = None


class TaskQueueRealTime(Current, frozen=True, kw_only=True):
    """``GET /TaskQueues/{TaskQueueSid}/RealTimeStatistics``."""

    task_queue_sid: PathValue


class TaskQueueStatistics(WorkspaceStatistics, frozen=True, kw_only=True):
    """``GET /TaskQueues/{TaskQueueSid}/Statistics`` and ``/CumulativeStatistics``."""

    task_queue_sid: PathValue


class ListTaskQueuesStatistics(WorkspaceStatistics, frozen=True, kw_only=True):
    """``GET /TaskQueues/Statistics``."""

    page: Page
    friendly_name: Wanted | None = None


class BulkRealTime(Form, frozen=True, kw_only=True):
    """``POST /TaskQueues/RealTimeStatistics``: a JSON object."""

    workspace_sid: PathValue
    queue_sids: Annotated[list[Annotated[str, sid("WQ")]], Meta(min_length=1, max_length=50)]


class WorkflowRealTime(Current, frozen=True, kw_only=True):
    """``GET /Workflows/{WorkflowSid}/RealTimeStatistics``."""

    workflow_sid: PathValue


class WorkflowStatistics(WorkspaceStatistics, frozen=True, kw_only=True):
    """``GET /Workflows/{WorkflowSid}/Statistics`` and ``/CumulativeStatistics``."""

    workflow_sid: PathValue


class WorkersRealTime(Current, frozen=True, kw_only=True):
    """``GET /Workers/RealTimeStatistics``. Every worker is on every channel, so the channel changes nothing."""


class WorkersCumulative(Windowed, frozen=True, kw_only=True):
    """``GET /Workers/CumulativeStatistics``."""


class WorkersStatistics(Windowed, frozen=True, kw_only=True):
    """``GET /Workers/Statistics``: of the workers of a queue, of the one of a name, or of all."""

    task_queue_sid: Wanted | None = None
    task_queue_name: Wanted | None = None
    friendly_name: Wanted | None = None


class WorkerStatistics(Windowed, frozen=True, kw_only=True):
    """``GET /Workers/{WorkerSid}/Statistics``."""

    worker_sid: PathValue


class Window(msgspec.Struct, frozen=True):
    """From when to when, in milliseconds of whole seconds; both seconds are in it."""

    start: int
    end: int


def read_window(form: Windowed, now: int) -> Window:
    """The window that is asked for: the last minutes, or from ``StartDate`` on, until ``EndDate`` or now. Raises Invalid.

    ``Minutes`` count back from now; if only ``EndDate`` is given, the window is the 15 minutes before it.
    """
    end = now if form.end_date is None else form.end_date
    if form.start_date is not None:
        start = form.start_date
    elif form.minutes is not None:
        start = now - form.minutes * MINUTE_MS
    else:
        start = end - DEFAULT_MINUTES * MINUTE_MS
    window = Window(_whole(start), _whole(end))
    name = "StartDate" if form.start_date is not None else "Minutes" if form.minutes is not None else "EndDate"
    if window.start < _whole(now) - MOST_DAYS * 24 * 60 * MINUTE_MS:
        message = f"Invalid parameter {name}: statistics go back {MOST_DAYS} days"
        raise Invalid(message, code=TOO_OLD)
    if window.start > window.end:
        message = f"Invalid parameter {name}: the window begins after its end"
        raise Invalid(message)
    return window


def read_thresholds(text: str | None) -> list[int]:
    """The seconds in ``SplitByWaitTime``, each once. Raises Invalid."""
    if text is None:
        return []
    parts = [part.strip() for part in text.split(",")]
    if any(_NUMBER.fullmatch(part) is None for part in parts) or len(parts) > MOST_THRESHOLDS:
        message = (
            f"Invalid parameter SplitByWaitTime: expected at most {MOST_THRESHOLDS} whole numbers of seconds, separated by "
            "commas, such as 5,10"
        )
        raise Invalid(message)
    return list(dict.fromkeys(map(int, parts)))


def _whole(at: int) -> int:
    return at // MILLISECONDS * MILLISECONDS
