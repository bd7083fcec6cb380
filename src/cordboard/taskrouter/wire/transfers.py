"""Transfers, spelled as the JavaScript client spells them (realtime-protocols.md A.7); the vendor's REST file has none."""

from typing import Annotated, Literal, TypedDict

from msgspec import UNSET, UnsetType

from cordboard.kernel.clock import iso
from cordboard.rest.answers import AccountSid, Date, Url
from cordboard.rest.forms import Form, PathValue, sid
from cordboard.rest.routes import Urls
from cordboard.routing.lifecycle import TransferStatus
from cordboard.taskrouter.model import Transfer, TransferMode

from .fields import ReservationSid, TaskQueueSid, TaskSid, TransferSid, WorkerSid, WorkflowSid, WorkspaceSid
from .tasks import Attributes, Priority


class CreateTransfer(Form, frozen=True, kw_only=True):
    """``POST /Workers/{WorkerSid}/Transfers``. ``attributes`` are added to the task's."""

    workspace_sid: PathValue
    worker_sid: PathValue
    task_sid: Annotated[str, sid("WT")]
    reservation_sid: Annotated[str, sid("WR")]
    to: Annotated[str, sid("WK", "WQ")]
    mode: TransferMode = TransferMode.WARM
    attributes: Attributes = "{}"
    priority: Priority | UnsetType = UNSET


class UpdateTransfer(Form, frozen=True, kw_only=True):
    """``POST /Workers/{WorkerSid}/Transfers/{Sid}``."""

    workspace_sid: PathValue
    worker_sid: PathValue
    sid: PathValue
    transfer_status: Literal["canceled"]
    task_sid: Annotated[str, sid("WT")] | UnsetType = UNSET


class OneTransfer(Form, frozen=True, kw_only=True):
    """``GET /Workers/{WorkerSid}/Transfers/{Sid}``."""

    workspace_sid: PathValue
    worker_sid: PathValue
    sid: PathValue


class TransferAnswer(TypedDict):
    """A transfer."""

    sid: TransferSid
    account_sid: AccountSid
    workspace_sid: WorkspaceSid
    task_sid: TaskSid
    initiating_reservation_sid: ReservationSid
    initiating_worker_sid: WorkerSid
    initiating_queue_sid: TaskQueueSid | None
    initiating_workflow_sid: WorkflowSid | None
    transfer_mode: TransferMode
    transfer_type: str
    transfer_to: str
    transfer_status: TransferStatus
    transfer_failed_reason: str | None
    date_created: Date
    date_updated: Date
    url: Url


def transfer(fact: Transfer, urls: Urls) -> TransferAnswer:
    """A transfer as its worker sees it."""
    workspace = f"{urls.base}/v1/Workspaces/{fact.workspace_sid}"
    return {
        "sid": fact.sid,
        "account_sid": fact.account_sid,
        "workspace_sid": fact.workspace_sid,
        "task_sid": fact.task_sid,
        "initiating_reservation_sid": fact.initiating_reservation_sid,
        "initiating_worker_sid": fact.initiating_worker_sid,
        "initiating_queue_sid": fact.initiating_queue_sid,
        "initiating_workflow_sid": fact.initiating_workflow_sid,
        "transfer_mode": fact.transfer_mode,
        "transfer_type": fact.transfer_type,
        "transfer_to": fact.transfer_to,
        "transfer_status": fact.transfer_status,
        "transfer_failed_reason": fact.transfer_failed_reason,
        "date_created": iso(fact.created_at),
        "date_updated": iso(fact.updated_at),
        "url": f"{workspace}/Workers/{fact.initiating_worker_sid}/Transfers/{fact.sid}",
    }
