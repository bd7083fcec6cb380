"""Workers in the vendor's names (taskrouter.md 1.9)."""

from typing import TypedDict

from msgspec import UNSET, UnsetType

from cordboard.kernel.clock import iso
from cordboard.kernel.pages import Page
from cordboard.rest.answers import AccountSid, Date, JsonText, Links, Url
from cordboard.rest.forms import Form, PathValue
from cordboard.rest.routes import Urls
from cordboard.taskrouter.model import NamedWorker

from .fields import ActivitySid, Expression, FriendlyName, Wanted, WorkerAttributes, WorkerSid, WorkspaceSid
from .ordering import Ordering

ORDERINGS = {
    "DateCreated": "created_at",
    "DateUpdated": "updated_at",
    "DateStatusChanged": "status_changed_at",
    "FriendlyName": "friendly_name",
}


class CreateWorker(Form, frozen=True, kw_only=True):
    """``POST /Workers``."""

    workspace_sid: PathValue
    friendly_name: FriendlyName
    activity_sid: ActivitySid | None = None
    attributes: WorkerAttributes = "{}"


class UpdateWorker(Form, frozen=True, kw_only=True):
    """``POST /Workers/{Sid}``."""

    workspace_sid: PathValue
    sid: PathValue
    if_match: int | None = None
    friendly_name: FriendlyName | UnsetType = UNSET
    activity_sid: ActivitySid | UnsetType = UNSET
    attributes: WorkerAttributes | UnsetType = UNSET
    reject_pending_reservations: bool = False


class OneWorker(Form, frozen=True, kw_only=True):
    """Fetch."""

    workspace_sid: PathValue
    sid: PathValue


class DeleteWorker(Form, frozen=True, kw_only=True):
    """``DELETE /Workers/{Sid}``."""

    workspace_sid: PathValue
    sid: PathValue
    if_match: int | None = None


class ListWorkers(Form, frozen=True, kw_only=True):
    """``GET /Workers``. TargetWorkersExpression and the queue's expression are asked of each worker."""

    workspace_sid: PathValue
    page: Page
    activity_name: Wanted | None = None
    activity_sid: Wanted | None = None
    available: bool | None = None
    friendly_name: Wanted | None = None
    target_workers_expression: Expression | None = None
    task_queue_name: Wanted | None = None
    task_queue_sid: Wanted | None = None
    ordering: Ordering = "DateCreated:asc"


class WorkerAnswer(TypedDict):
    """A worker."""

    sid: WorkerSid
    account_sid: AccountSid
    workspace_sid: WorkspaceSid
    friendly_name: str
    activity_sid: ActivitySid
    activity_name: str
    attributes: JsonText
    available: bool
    date_created: Date
    date_updated: Date
    date_status_changed: Date
    url: Url
    links: Links


def worker(named: NamedWorker, urls: Urls) -> WorkerAnswer:
    """A worker as REST shows it."""
    fact = named.worker
    workspace = f"{urls.base}/v1/Workspaces/{fact.workspace_sid}"
    url = f"{workspace}/Workers/{fact.sid}"
    return {
        "sid": fact.sid,
        "account_sid": fact.account_sid,
        "workspace_sid": fact.workspace_sid,
        "friendly_name": fact.friendly_name,
        "activity_sid": fact.activity_sid,
        "activity_name": named.activity_name,
        "attributes": fact.attributes,
        "available": fact.available,
        "date_created": iso(fact.created_at),
        "date_updated": iso(fact.updated_at),
        "date_status_changed": iso(fact.status_changed_at),
        "url": url,
        "links": {
            "channels": f"{url}/Channels",
            "activity": f"{workspace}/Activities/{fact.activity_sid}",
            "workspace": workspace,
            "statistics": f"{workspace}/Workers/Statistics",
            "real_time_statistics": f"{workspace}/Workers/RealTimeStatistics",
            "cumulative_statistics": f"{workspace}/Workers/CumulativeStatistics",
            "worker_statistics": f"{url}/Statistics",
            "worker_channels": f"{url}/Channels",
            "reservations": f"{url}/Reservations",
        },
    }


def version(named: NamedWorker) -> int:
    """For the ETag."""
    return named.worker.version
