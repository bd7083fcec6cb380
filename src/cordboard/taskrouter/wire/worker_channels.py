"""Worker channels in the vendor's names (taskrouter.md 1.10)."""

from typing import Annotated, TypedDict

from msgspec import UNSET, Meta, UnsetType

from cordboard.kernel.clock import iso
from cordboard.kernel.pages import Page
from cordboard.rest.answers import AccountSid, Date, Url
from cordboard.rest.forms import Form, PathValue
from cordboard.rest.routes import Urls
from cordboard.routing.capacity import available_capacity_percentage
from cordboard.taskrouter.model import WorkerChannel

from .fields import TaskChannelSid, WorkerChannelSid, WorkerSid, WorkspaceSid


class UpdateWorkerChannel(Form, frozen=True, kw_only=True):
    """``POST /Workers/{WorkerSid}/Channels/{Sid}``; ``sid`` may be the task channel's SID or unique name."""

    workspace_sid: PathValue
    worker_sid: PathValue
    sid: PathValue
    capacity: Annotated[int, Meta(ge=0, le=50)] | UnsetType = UNSET
    available: bool | UnsetType = UNSET


class OneWorkerChannel(Form, frozen=True, kw_only=True):
    """Fetch; ``sid`` as above."""

    workspace_sid: PathValue
    worker_sid: PathValue
    sid: PathValue


class ListWorkerChannels(Form, frozen=True, kw_only=True):
    """``GET /Workers/{WorkerSid}/Channels``."""

    workspace_sid: PathValue
    worker_sid: PathValue
    page: Page


class WorkerChannelAnswer(TypedDict):
    """A worker channel."""

    sid: WorkerChannelSid
    account_sid: AccountSid
    workspace_sid: WorkspaceSid
    worker_sid: WorkerSid
    task_channel_sid: TaskChannelSid
    task_channel_unique_name: str
    configured_capacity: int
    available: bool
    assigned_tasks: int
    available_capacity_percentage: int
    date_created: Date
    date_updated: Date
    url: Url


def worker_channel(found: WorkerChannel, urls: Urls) -> WorkerChannelAnswer:
    """A worker channel as REST shows it. Of the load only what was accepted is an assigned task (taskrouter.md 7.5)."""
    worker, state = found.worker, found.state
    return {
        "sid": found.sid,
        "account_sid": worker.account_sid,
        "workspace_sid": worker.workspace_sid,
        "worker_sid": worker.sid,
        "task_channel_sid": found.task_channel.sid,
        "task_channel_unique_name": found.task_channel.unique_name,
        "configured_capacity": state.configured_capacity,
        "available": state.available,
        "assigned_tasks": state.accepted,
        "available_capacity_percentage": available_capacity_percentage(state.load, state.configured_capacity),
        "date_created": iso(found.created_at),
        "date_updated": iso(found.updated_at),
        "url": f"{urls.base}/v1/Workspaces/{worker.workspace_sid}/Workers/{worker.sid}/Channels/{found.sid}",
    }
