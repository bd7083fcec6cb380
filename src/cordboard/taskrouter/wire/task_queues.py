"""Task queues in the vendor's names (taskrouter.md 1.7)."""

from typing import Annotated, TypedDict

from msgspec import UNSET, Meta, UnsetType

from cordboard.kernel.clock import iso
from cordboard.kernel.pages import Page
from cordboard.rest.answers import AccountSid, Date, Links, Url
from cordboard.rest.forms import Form, PathValue
from cordboard.rest.routes import Urls
from cordboard.routing.facts import Order
from cordboard.taskrouter.model import NamedTaskQueue

from .fields import ActivitySid, Expression, FriendlyName, TaskQueueSid, Wanted, WorkerAttributes, WorkspaceSid
from .ordering import Ordering

MaxReservedWorkers = Annotated[int, Meta(ge=1, le=50)]

ORDERINGS = {"DateCreated": "created_at", "DateUpdated": "updated_at", "FriendlyName": "friendly_name"}


class CreateTaskQueue(Form, frozen=True, kw_only=True):
    """``POST /TaskQueues``."""

    workspace_sid: PathValue
    friendly_name: FriendlyName
    target_workers: Expression = "1==1"
    max_reserved_workers: MaxReservedWorkers = 1
    task_order: Order = Order.FIFO
    reservation_activity_sid: ActivitySid | None = None
    assignment_activity_sid: ActivitySid | None = None


class UpdateTaskQueue(Form, frozen=True, kw_only=True):
    """``POST /TaskQueues/{Sid}``."""

    workspace_sid: PathValue
    sid: PathValue
    friendly_name: FriendlyName | UnsetType = UNSET
    target_workers: Expression | UnsetType = UNSET
    max_reserved_workers: MaxReservedWorkers | UnsetType = UNSET
    task_order: Order | UnsetType = UNSET
    reservation_activity_sid: ActivitySid | UnsetType = UNSET
    assignment_activity_sid: ActivitySid | UnsetType = UNSET


class OneTaskQueue(Form, frozen=True, kw_only=True):
    """Fetch and delete."""

    workspace_sid: PathValue
    sid: PathValue


class ListTaskQueues(Form, frozen=True, kw_only=True):
    """``GET /TaskQueues``. Two of the filters are asked of each queue's expression."""

    workspace_sid: PathValue
    page: Page
    friendly_name: Wanted | None = None
    evaluate_worker_attributes: WorkerAttributes | None = None
    worker_sid: Wanted | None = None
    ordering: Ordering = "DateCreated:asc"


class TaskQueueAnswer(TypedDict):
    """A task queue."""

    sid: TaskQueueSid
    account_sid: AccountSid
    workspace_sid: WorkspaceSid
    friendly_name: str
    target_workers: str
    max_reserved_workers: int
    task_order: Order
    reservation_activity_sid: ActivitySid | None
    reservation_activity_name: str | None
    assignment_activity_sid: ActivitySid | None
    assignment_activity_name: str | None
    date_created: Date
    date_updated: Date
    url: Url
    links: Links


def task_queue(named: NamedTaskQueue, urls: Urls) -> TaskQueueAnswer:
    """A task queue as REST shows it."""
    fact = named.task_queue
    workspace = f"{urls.base}/v1/Workspaces/{fact.workspace_sid}"
    url = f"{workspace}/TaskQueues/{fact.sid}"

    def activity(sid: str | None) -> str | None:
        return None if sid is None else f"{workspace}/Activities/{sid}"

    return {
        "sid": fact.sid,
        "account_sid": fact.account_sid,
        "workspace_sid": fact.workspace_sid,
        "friendly_name": fact.friendly_name,
        "target_workers": fact.target_workers,
        "max_reserved_workers": fact.max_reserved_workers,
        "task_order": fact.task_order,
        "reservation_activity_sid": fact.reservation_activity_sid,
        "reservation_activity_name": named.reservation_activity_name,
        "assignment_activity_sid": fact.assignment_activity_sid,
        "assignment_activity_name": named.assignment_activity_name,
        "date_created": iso(fact.created_at),
        "date_updated": iso(fact.updated_at),
        "url": url,
        "links": {
            "assignment_activity": activity(fact.assignment_activity_sid),
            "reservation_activity": activity(fact.reservation_activity_sid),
            "workspace": workspace,
            "statistics": f"{url}/Statistics",
            "real_time_statistics": f"{url}/RealTimeStatistics",
            "cumulative_statistics": f"{url}/CumulativeStatistics",
            "list_statistics": f"{workspace}/TaskQueues/Statistics",
            "bulk_real_time_statistics": f"{workspace}/TaskQueues/RealTimeStatistics",
        },
    }
