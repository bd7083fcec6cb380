"""Tasks in the vendor's names."""

from typing import Annotated, TypedDict

from msgspec import UNSET, Meta, UnsetType, field

from cordboard.kernel.clock import iso
from cordboard.kernel.pages import Page
from cordboard.rest.answers import AccountSid, Date, JsonText, Links, Url
from cordboard.rest.forms import Form, Instant, JsonObject, PathValue, sid
from cordboard.rest.routes import Urls
from cordboard.routing.lifecycle import TaskStatus
from cordboard.taskrouter.model import NamedTask

from .fields import TaskChannelSid, TaskQueueSid, TaskSid, WorkflowSid, WorkspaceSid

MOST_PRIORITY = 2_147_483_647
MOST_TIMEOUT_S = 1_209_600

Attributes = Annotated[JsonObject, Meta(max_length=4096)]
Priority = Annotated[int, Meta(ge=0, le=MOST_PRIORITY)]
Name = Annotated[str, Meta(max_length=256)]
Expression = Annotated[str, Meta(max_length=10_000)]


class CreateTask(Form, frozen=True, kw_only=True):
    """``POST /Tasks``."""

    workspace_sid: PathValue
    workflow_sid: Annotated[str, sid("WW")] | UnsetType = UNSET
    attributes: Attributes = "{}"
    timeout: Annotated[int, Meta(ge=1, le=MOST_TIMEOUT_S)] = 86_400
    priority: Priority = 0
    task_channel: Name | UnsetType = UNSET
    virtual_start_time: Instant | UnsetType = UNSET
    routing_target: Annotated[str, sid("WK", "WQ", "WW")] | UnsetType = UNSET
    ignore_capacity: bool | UnsetType = UNSET
    task_queue_sid: Annotated[str, sid("WQ")] | UnsetType = UNSET


class UpdateTask(Form, frozen=True, kw_only=True):
    """``POST /Tasks/{Sid}``."""

    workspace_sid: PathValue
    sid: PathValue
    if_match: int | None = None
    attributes: Attributes | UnsetType = UNSET
    assignment_status: TaskStatus | UnsetType = UNSET
    reason: Annotated[str, Meta(max_length=4096)] | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET
    task_channel: Name | UnsetType = UNSET
    virtual_start_time: Instant | UnsetType = UNSET


class OneTask(Form, frozen=True, kw_only=True):
    """Fetch and delete."""

    workspace_sid: PathValue
    sid: PathValue
    if_match: int | None = None


class ListTasks(Form, frozen=True, kw_only=True):
    """``GET /Tasks``."""

    workspace_sid: PathValue
    page: Page
    priority: Priority | UnsetType = UNSET
    assignment_status: list[TaskStatus] = field(default_factory=list)
    workflow_sid: Name | UnsetType = UNSET
    workflow_name: Name | UnsetType = UNSET
    task_queue_sid: Name | UnsetType = UNSET
    task_queue_name: Name | UnsetType = UNSET
    evaluate_task_attributes: Expression | UnsetType = UNSET
    routing_target: Name | UnsetType = UNSET
    has_addons: bool | UnsetType = UNSET
    ordering: Annotated[str, Meta(max_length=100)] = "DateCreated:asc"


class TaskAnswer(TypedDict):
    """A task."""

    sid: TaskSid
    account_sid: AccountSid
    workspace_sid: WorkspaceSid
    workflow_sid: WorkflowSid | None
    workflow_friendly_name: str | None
    task_queue_sid: TaskQueueSid | None
    task_queue_friendly_name: str | None
    task_channel_sid: TaskChannelSid
    task_channel_unique_name: str
    age: int
    assignment_status: TaskStatus
    attributes: JsonText
    addons: JsonText
    priority: int
    reason: str | None
    timeout: int
    date_created: Date
    date_updated: Date
    task_queue_entered_date: Date | None
    virtual_start_time: Date
    ignore_capacity: bool
    routing_target: str | None
    url: Url
    links: Links


def task(named: NamedTask, urls: Urls) -> TaskAnswer:
    """A task as REST shows it (taskrouter.md 1.11)."""
    fact = named.task
    workspace = f"{urls.base}/v1/Workspaces/{fact.workspace_sid}"
    url = f"{workspace}/Tasks/{fact.sid}"
    return {
        "sid": fact.sid,
        "account_sid": fact.account_sid,
        "workspace_sid": fact.workspace_sid,
        "workflow_sid": fact.workflow_sid,
        "workflow_friendly_name": named.workflow_friendly_name,
        "task_queue_sid": fact.task_queue_sid,
        "task_queue_friendly_name": named.task_queue_friendly_name,
        "task_channel_sid": fact.task_channel_sid,
        "task_channel_unique_name": fact.task_channel_unique_name,
        "age": named.age_s,
        "assignment_status": fact.assignment_status,
        "attributes": fact.attributes,
        "addons": fact.addons,
        "priority": fact.priority,
        "reason": fact.reason,
        "timeout": fact.timeout_s,
        "date_created": iso(fact.created_at),
        "date_updated": iso(fact.updated_at),
        "task_queue_entered_date": iso(fact.queue_entered_at),
        "virtual_start_time": iso(fact.virtual_start_at),
        "ignore_capacity": fact.ignore_capacity,
        "routing_target": fact.routing_target,
        "url": url,
        "links": {
            "task_queue": f"{workspace}/TaskQueues/{fact.task_queue_sid}" if fact.task_queue_sid else None,
            "workflow": f"{workspace}/Workflows/{fact.workflow_sid}" if fact.workflow_sid else None,
            "workspace": workspace,
            "reservations": f"{url}/Reservations",
        },
    }


def version(named: NamedTask) -> int:
    """For the ETag."""
    return named.task.version
