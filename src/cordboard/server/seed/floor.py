"""What a seed file says: workspaces and what is in them, by names where the API has SIDs.

An entry is found by its name and says all that there is to say of its resource: what it leaves out is as in a new one, so the defaults
here are those of the API (tests/seeding compares them). Activities that it leaves out (None) stay as they are. Bounds and
meanings are the API's, and are checked by its forms and actions; here are only names and kinds.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

Place = tuple[str | int, ...]
"""Where something stands in a file: keys, and indices of lists."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fields have the vendor's names, snake_cased, without ``_sid`` where the file gives a name."""


class Activity(Entry, frozen=True, kw_only=True):
    """``available`` never changes."""

    friendly_name: str
    available: bool = False


class TaskChannel(Entry, frozen=True, kw_only=True):
    """Found by its unique name."""

    unique_name: str
    friendly_name: str
    channel_optimized_routing: bool = False


class TaskQueue(Entry, frozen=True, kw_only=True):
    """The activities are of use in single-tasking workspaces."""

    friendly_name: str
    target_workers: str = "1==1"
    max_reserved_workers: int = 1
    task_order: str = "FIFO"
    reservation_activity: str | None = None
    assignment_activity: str | None = None


class Workflow(Entry, frozen=True, kw_only=True):
    """``configuration`` is a table, or JSON in a text where TOML has no word for something (null)."""

    friendly_name: str
    assignment_callback_url: str = ""
    fallback_assignment_callback_url: str = ""
    task_reservation_timeout: int = 120
    configuration: dict[str, Any] | str


class WorkerChannel(Entry, frozen=True, kw_only=True):
    """``task_channel`` is its unique name."""

    task_channel: str
    capacity: int = 1
    available: bool = True


class Worker(Entry, frozen=True, kw_only=True):
    """``attributes`` as a workflow's ``configuration``."""

    friendly_name: str
    activity: str | None = None
    attributes: dict[str, Any] | str = {}
    channels: list[WorkerChannel] = []


class Workspace(Entry, frozen=True, kw_only=True):
    """``template`` counts when it is made, and never again."""

    friendly_name: str
    template: str = "NONE"
    multi_task_enabled: bool = True
    prioritize_queue_order: str = "FIFO"
    event_callback_url: str = ""
    events_filter: str = ""
    default_activity: str | None = None
    timeout_activity: str | None = None
    activities: list[Activity] = []
    task_channels: list[TaskChannel] = []
    task_queues: list[TaskQueue] = []
    workflows: list[Workflow] = []
    workers: list[Worker] = []


class Floor(Entry, frozen=True, kw_only=True):
    """A whole file."""

    workspaces: list[Workspace] = []


def targets(configuration: object) -> Iterator[tuple[dict[str, Any], Place]]:
    """The objects of a workflow's configuration whose ``queue`` is a queue, and where they are; nothing of what has no such form."""
    routing = configuration.get("task_routing") if isinstance(configuration, dict) else None
    if not isinstance(routing, dict):
        return
    filters = routing.get("filters")
    for index, one in enumerate(filters if isinstance(filters, list) else ()):
        found = one.get("targets") if isinstance(one, dict) else None
        for number, target in enumerate(found if isinstance(found, list) else ()):
            if isinstance(target, dict):
                yield target, ("task_routing", "filters", index, "targets", number)
    if isinstance(default := routing.get("default_filter"), dict):
        yield default, ("task_routing", "default_filter")
