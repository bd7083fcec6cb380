"""Activities in the vendor's names (taskrouter.md 1.5)."""

from typing import TypedDict

from msgspec import UNSET, UnsetType

from cordboard.kernel.clock import iso
from cordboard.kernel.pages import Page
from cordboard.rest.answers import AccountSid, Date, Links, Url
from cordboard.rest.forms import Form, PathValue
from cordboard.rest.routes import Urls
from cordboard.taskrouter.model import Activity

from .fields import ActivitySid, FriendlyName, Wanted, WorkspaceSid


class CreateActivity(Form, frozen=True, kw_only=True):
    """``POST /Activities``."""

    workspace_sid: PathValue
    friendly_name: FriendlyName
    available: bool = False


class UpdateActivity(Form, frozen=True, kw_only=True):
    """``POST /Activities/{Sid}``. The vendor ignores ``Available`` here, and so it is no parameter."""

    workspace_sid: PathValue
    sid: PathValue
    friendly_name: FriendlyName | UnsetType = UNSET


class OneActivity(Form, frozen=True, kw_only=True):
    """Fetch and delete."""

    workspace_sid: PathValue
    sid: PathValue


class ListActivities(Form, frozen=True, kw_only=True):
    """``GET /Activities``."""

    workspace_sid: PathValue
    page: Page
    friendly_name: Wanted | None = None
    available: bool | None = None


class ActivityAnswer(TypedDict):
    """An activity."""

    sid: ActivitySid
    account_sid: AccountSid
    workspace_sid: WorkspaceSid
    friendly_name: str
    available: bool
    date_created: Date
    date_updated: Date
    url: Url
    links: Links


def activity(fact: Activity, urls: Urls) -> ActivityAnswer:
    """An activity as REST shows it."""
    workspace = f"{urls.base}/v1/Workspaces/{fact.workspace_sid}"
    return {
        "sid": fact.sid,
        "account_sid": fact.account_sid,
        "workspace_sid": fact.workspace_sid,
        "friendly_name": fact.friendly_name,
        "available": fact.available,
        "date_created": iso(fact.created_at),
        "date_updated": iso(fact.updated_at),
        "url": f"{workspace}/Activities/{fact.sid}",
        "links": {"workspace": workspace},
    }
