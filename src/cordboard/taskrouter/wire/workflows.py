"""Workflows in the vendor's names (taskrouter.md 1.8)."""

from typing import Annotated, TypedDict

from msgspec import UNSET, Meta, UnsetType

from cordboard.kernel.clock import iso
from cordboard.kernel.pages import Page
from cordboard.rest.answers import AccountSid, Date, JsonText, Links, Url
from cordboard.rest.forms import Form, JsonObject, PathValue
from cordboard.rest.routes import KIBI, Urls
from cordboard.taskrouter.model import Workflow
from cordboard.webhooks.destinations import CallbackUrl

from .fields import FriendlyName, Wanted, WorkflowSid, WorkspaceSid

MOST_BYTES = 1_038_576
# Percent-encoding makes up to three bytes of one.
MOST_BODY = 4096 * KIBI

Configuration = Annotated[JsonObject, Meta(max_length=MOST_BYTES)]
ReservationTimeout = Annotated[int, Meta(ge=1, le=86_400)]


class CreateWorkflow(Form, frozen=True, kw_only=True):
    """``POST /Workflows``."""

    workspace_sid: PathValue
    friendly_name: FriendlyName
    configuration: Configuration
    assignment_callback_url: CallbackUrl = ""
    fallback_assignment_callback_url: CallbackUrl = ""
    task_reservation_timeout: ReservationTimeout = 120


class UpdateWorkflow(Form, frozen=True, kw_only=True):
    """``POST /Workflows/{Sid}``."""

    workspace_sid: PathValue
    sid: PathValue
    friendly_name: FriendlyName | UnsetType = UNSET
    configuration: Configuration | UnsetType = UNSET
    assignment_callback_url: CallbackUrl | UnsetType = UNSET
    fallback_assignment_callback_url: CallbackUrl | UnsetType = UNSET
    task_reservation_timeout: ReservationTimeout | UnsetType = UNSET
    re_evaluate_tasks: bool = False


class OneWorkflow(Form, frozen=True, kw_only=True):
    """Fetch and delete."""

    workspace_sid: PathValue
    sid: PathValue


class ListWorkflows(Form, frozen=True, kw_only=True):
    """``GET /Workflows``."""

    workspace_sid: PathValue
    page: Page
    friendly_name: Wanted | None = None


class WorkflowAnswer(TypedDict):
    """A workflow."""

    sid: WorkflowSid
    account_sid: AccountSid
    workspace_sid: WorkspaceSid
    friendly_name: str
    configuration: JsonText
    document_content_type: str
    assignment_callback_url: str | None
    fallback_assignment_callback_url: str | None
    task_reservation_timeout: int
    date_created: Date
    date_updated: Date
    url: Url
    links: Links


def workflow(fact: Workflow, urls: Urls) -> WorkflowAnswer:
    """A workflow as REST shows it; its configuration byte for byte."""
    url = f"{urls.base}/v1/Workspaces/{fact.workspace_sid}/Workflows/{fact.sid}"
    return {
        "sid": fact.sid,
        "account_sid": fact.account_sid,
        "workspace_sid": fact.workspace_sid,
        "friendly_name": fact.friendly_name,
        "configuration": fact.configuration,
        "document_content_type": "application/json",
        "assignment_callback_url": fact.assignment_callback_url or None,
        "fallback_assignment_callback_url": fact.fallback_assignment_callback_url or None,
        "task_reservation_timeout": fact.reservation_timeout_s,
        "date_created": iso(fact.created_at),
        "date_updated": iso(fact.updated_at),
        "url": url,
        "links": {
            "statistics": f"{url}/Statistics",
            "real_time_statistics": f"{url}/RealTimeStatistics",
            "cumulative_statistics": f"{url}/CumulativeStatistics",
        },
    }
