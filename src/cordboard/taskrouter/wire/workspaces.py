"""Workspaces in the vendor's names (taskrouter.md 1.4)."""

from typing import Annotated, Literal, TypedDict

from msgspec import UNSET, Meta, UnsetType

from cordboard.kernel.clock import iso
from cordboard.kernel.pages import Page
from cordboard.rest.answers import AccountSid, Date, Links, Url
from cordboard.rest.forms import Form, PathValue
from cordboard.rest.routes import Urls
from cordboard.routing.facts import Order
from cordboard.taskrouter.model import NamedWorkspace
from cordboard.webhooks.destinations import CallbackUrl

from .fields import ActivitySid, FriendlyName, Wanted, WorkspaceSid

# Which types exist is not checked: the vendor adds some from time to time, and a program may name them already.
EventsFilter = Annotated[
    str,
    Meta(
        pattern=r"^\s*(?:[a-z-]+(?:\.[a-z-]+)+\s*(?:,\s*[a-z-]+(?:\.[a-z-]+)+\s*)*)?$",
        max_length=4096,
        description="event types such as task.created with commas between them, or nothing",
    ),
]


class CreateWorkspace(Form, frozen=True, kw_only=True):
    """``POST /Workspaces``."""

    friendly_name: FriendlyName
    event_callback_url: CallbackUrl = ""
    events_filter: EventsFilter = ""
    multi_task_enabled: bool = True
    template: Literal["NONE", "FIFO"] = "NONE"
    prioritize_queue_order: Order = Order.FIFO


class UpdateWorkspace(Form, frozen=True, kw_only=True):
    """``POST /Workspaces/{Sid}``."""

    sid: PathValue
    friendly_name: FriendlyName | UnsetType = UNSET
    event_callback_url: CallbackUrl | UnsetType = UNSET
    events_filter: EventsFilter | UnsetType = UNSET
    multi_task_enabled: bool | UnsetType = UNSET
    prioritize_queue_order: Order | UnsetType = UNSET
    default_activity_sid: ActivitySid | UnsetType = UNSET
    timeout_activity_sid: ActivitySid | UnsetType = UNSET


class OneWorkspace(Form, frozen=True, kw_only=True):
    """Fetch and delete."""

    sid: PathValue


class ListWorkspaces(Form, frozen=True, kw_only=True):
    """``GET /Workspaces``."""

    page: Page
    friendly_name: Wanted | None = None


class WorkspaceAnswer(TypedDict):
    """A workspace."""

    sid: WorkspaceSid
    account_sid: AccountSid
    friendly_name: str
    date_created: Date
    date_updated: Date
    default_activity_name: str
    default_activity_sid: ActivitySid
    timeout_activity_name: str
    timeout_activity_sid: ActivitySid
    event_callback_url: str
    events_filter: str | None
    multi_task_enabled: bool
    prioritize_queue_order: Order
    url: Url
    links: Links


def workspace(named: NamedWorkspace, urls: Urls) -> WorkspaceAnswer:
    """A workspace as REST shows it."""
    fact = named.workspace
    url = f"{urls.base}/v1/Workspaces/{fact.sid}"
    return {
        "sid": fact.sid,
        "account_sid": fact.account_sid,
        "friendly_name": fact.friendly_name,
        "date_created": iso(fact.created_at),
        "date_updated": iso(fact.updated_at),
        "default_activity_name": named.default_activity_name,
        "default_activity_sid": fact.default_activity_sid,
        "timeout_activity_name": named.timeout_activity_name,
        "timeout_activity_sid": fact.timeout_activity_sid,
        "event_callback_url": fact.event_callback_url,
        "events_filter": fact.events_filter,
        "multi_task_enabled": fact.multi_task_enabled,
        "prioritize_queue_order": fact.prioritize_queue_order,
        "url": url,
        "links": {
            "activities": f"{url}/Activities",
            "statistics": f"{url}/Statistics",
            "real_time_statistics": f"{url}/RealTimeStatistics",
            "cumulative_statistics": f"{url}/CumulativeStatistics",
            "task_queues": f"{url}/TaskQueues",
            "tasks": f"{url}/Tasks",
            "workers": f"{url}/Workers",
            "workflows": f"{url}/Workflows",
            "task_channels": f"{url}/TaskChannels",
            "events": f"{url}/Events",
        },
    }
