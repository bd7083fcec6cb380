"""``Routing``: the task that an invite makes, as it is wanted and as it is shown (flex-interactions.md 2.4, 2.5)."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from cordboard.kernel.clock import MILLISECONDS
from cordboard.rest.forms import sid
from cordboard.taskrouter.model import NamedTask

MOST_ATTRIBUTES = 4096

_TASKROUTER = Meta(pattern=r"^(?:[Tt][Aa][Ss][Kk][Rr][Oo][Uu][Tt][Ee][Rr])?$", max_length=16, description="TaskRouter")

Attributes = dict[str, Any] | Annotated[str, Meta(max_length=MOST_ATTRIBUTES)]


class TaskProperties(msgspec.Struct, frozen=True, kw_only=True):
    """What the task is to be. ``attributes`` come as an object or as its JSON text."""

    workspace_sid: Annotated[str, sid("WS")]
    workflow_sid: Annotated[str, sid("WW")] | None = None
    queue_sid: Annotated[str, sid("WQ")] | None = None
    worker_sid: Annotated[str, sid("WK")] | None = None
    task_channel_sid: Annotated[str, sid("TC")] | None = None
    task_channel_unique_name: Annotated[str, Meta(max_length=64)] | None = None
    attributes: Attributes | None = None
    priority: Annotated[int, Meta(ge=0, le=2_147_483_647)] | None = None
    timeout: Annotated[int, Meta(ge=1, le=1_209_600)] | None = None


class Routing(msgspec.Struct, frozen=True, kw_only=True):
    """Only TaskRouter routes, in whatever case it is written; callers also send ``''``."""

    properties: TaskProperties
    type: Annotated[str, _TASKROUTER] | None = None


def routing(named: NamedTask | None) -> dict[str, Any] | None:
    """The ``routing`` of an answer: the task as it is now, in epoch seconds; None when the task is gone."""
    if named is None:
        return None
    task = named.task
    return {
        "reservation": None,
        "properties": {
            "account_sid": task.account_sid,
            "workspace_sid": task.workspace_sid,
            "sid": task.sid,
            "workflow_sid": task.workflow_sid,
            "workflow_name": named.workflow_friendly_name,
            "queue_sid": task.task_queue_sid,
            "queue_name": named.task_queue_friendly_name,
            "task_channel_sid": task.task_channel_sid,
            "task_channel_unique_name": task.task_channel_unique_name,
            "assignment_status": task.assignment_status,
            "assignmentCounter": task.assignment_counter,
            "priority": task.priority,
            "timeout": task.timeout_s,
            "age": named.age_s,
            "age_in_queue": named.age_in_queue_s,
            "date_created": task.created_at // MILLISECONDS,
            "date_updated": task.updated_at // MILLISECONDS,
            "task_queue_entered_date": None if task.queue_entered_at is None else task.queue_entered_at // MILLISECONDS,
            "virtual_start_time": task.virtual_start_at // MILLISECONDS,
            "reason": task.reason or "",
            "routing_target": task.routing_target,
            "addons": task.addons,
            "ignore_capacity": task.ignore_capacity,
            "version": task.version,
            "custom_context": None,
            "twilio_context": None,
            "required_attention": None,
            "attributes": task.attributes,
        },
    }
