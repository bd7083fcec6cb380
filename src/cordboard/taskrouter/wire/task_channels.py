"""Task channels in the vendor's names (taskrouter.md 1.6)."""

from typing import Annotated, TypedDict

from msgspec import UNSET, Meta, UnsetType

from cordboard.kernel.clock import iso
from cordboard.kernel.pages import Page
from cordboard.rest.answers import AccountSid, Date, Links, Url
from cordboard.rest.forms import Form, PathValue
from cordboard.rest.routes import Urls
from cordboard.taskrouter.model import TaskChannel

from .fields import FriendlyName, TaskChannelSid, WorkspaceSid

# Names outside letters, digits, _ and $ can be made and are of no use in expressions, as with the vendor.
UniqueName = Annotated[str, Meta(min_length=1, max_length=64)]


class CreateTaskChannel(Form, frozen=True, kw_only=True):
    """``POST /TaskChannels``."""

    workspace_sid: PathValue
    friendly_name: FriendlyName
    unique_name: UniqueName
    channel_optimized_routing: bool = False


class UpdateTaskChannel(Form, frozen=True, kw_only=True):
    """``POST /TaskChannels/{Sid}``; ``sid`` may be the unique name."""

    workspace_sid: PathValue
    sid: PathValue
    friendly_name: FriendlyName | UnsetType = UNSET
    channel_optimized_routing: bool | UnsetType = UNSET


class OneTaskChannel(Form, frozen=True, kw_only=True):
    """Fetch and delete; ``sid`` may be the unique name."""

    workspace_sid: PathValue
    sid: PathValue


class ListTaskChannels(Form, frozen=True, kw_only=True):
    """``GET /TaskChannels``."""

    workspace_sid: PathValue
    page: Page


class TaskChannelAnswer(TypedDict):
    """A task channel."""

    sid: TaskChannelSid
    account_sid: AccountSid
    workspace_sid: WorkspaceSid
    friendly_name: str
    unique_name: str
    channel_optimized_routing: bool
    date_created: Date
    date_updated: Date
    url: Url
    links: Links


def task_channel(fact: TaskChannel, urls: Urls) -> TaskChannelAnswer:
    """A task channel as REST shows it."""
    workspace = f"{urls.base}/v1/Workspaces/{fact.workspace_sid}"
    return {
        "sid": fact.sid,
        "account_sid": fact.account_sid,
        "workspace_sid": fact.workspace_sid,
        "friendly_name": fact.friendly_name,
        "unique_name": fact.unique_name,
        "channel_optimized_routing": fact.channel_optimized_routing,
        "date_created": iso(fact.created_at),
        "date_updated": iso(fact.updated_at),
        "url": f"{workspace}/TaskChannels/{fact.sid}",
        "links": {"workspace": workspace},
    }
