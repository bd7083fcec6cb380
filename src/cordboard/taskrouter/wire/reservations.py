"""Reservations in the vendor's names. The same record is seen by its task and by its worker; only ``url`` differs."""

from typing import Annotated, Literal, TypedDict

from msgspec import UNSET, Meta, UnsetType

from cordboard.kernel.clock import iso
from cordboard.kernel.pages import Page
from cordboard.rest.answers import AccountSid, Date, Links, Url
from cordboard.rest.forms import Form, PathValue
from cordboard.rest.routes import Urls
from cordboard.routing.lifecycle import ReservationStatus
from cordboard.taskrouter.model import Reservation

from .fields import ReservationSid, TaskSid, WorkerSid, WorkspaceSid
from .instructions import Instructed

_Text = Annotated[str, Meta(max_length=256)]


class ListTaskReservations(Form, frozen=True, kw_only=True):
    """``GET /Tasks/{TaskSid}/Reservations``."""

    workspace_sid: PathValue
    task_sid: PathValue
    page: Page
    reservation_status: ReservationStatus | UnsetType = UNSET
    worker_sid: _Text | UnsetType = UNSET


class ListWorkerReservations(Form, frozen=True, kw_only=True):
    """``GET /Workers/{WorkerSid}/Reservations``."""

    workspace_sid: PathValue
    worker_sid: PathValue
    page: Page
    reservation_status: ReservationStatus | UnsetType = UNSET


class OneTaskReservation(Form, frozen=True, kw_only=True):
    """``GET /Tasks/{TaskSid}/Reservations/{Sid}``."""

    workspace_sid: PathValue
    task_sid: PathValue
    sid: PathValue


class OneWorkerReservation(Form, frozen=True, kw_only=True):
    """``GET /Workers/{WorkerSid}/Reservations/{Sid}``."""

    workspace_sid: PathValue
    worker_sid: PathValue
    sid: PathValue


class _Update(Instructed, frozen=True, kw_only=True):
    """What both paths take."""

    workspace_sid: PathValue
    sid: PathValue
    if_match: int | None = None
    reservation_status: ReservationStatus | UnsetType = UNSET
    worker_activity_sid: _Text | UnsetType = UNSET
    instruction: _Text | UnsetType = UNSET


class UpdateTaskReservation(_Update, frozen=True, kw_only=True):
    """``POST /Tasks/{TaskSid}/Reservations/{Sid}``. Only here a call is supervised."""

    task_sid: PathValue
    supervisor_mode: Literal["monitor", "whisper", "barge"] | UnsetType = UNSET
    supervisor: _Text | UnsetType = UNSET


class UpdateWorkerReservation(_Update, frozen=True, kw_only=True):
    """``POST /Workers/{WorkerSid}/Reservations/{Sid}``."""

    worker_sid: PathValue


class ReservationAnswer(TypedDict):
    """A reservation."""

    sid: ReservationSid
    account_sid: AccountSid
    workspace_sid: WorkspaceSid
    task_sid: TaskSid
    worker_sid: WorkerSid
    worker_name: str
    reservation_status: ReservationStatus
    date_created: Date
    date_updated: Date
    url: Url
    links: Links


def by_task(reservation: Reservation, urls: Urls) -> ReservationAnswer:
    """A reservation seen by its task."""
    return _reservation(reservation, urls, f"Tasks/{reservation.task_sid}")


def by_worker(reservation: Reservation, urls: Urls) -> ReservationAnswer:
    """A reservation seen by its worker."""
    return _reservation(reservation, urls, f"Workers/{reservation.worker_sid}")


def version(reservation: Reservation) -> int:
    """For the ETag."""
    return reservation.version


def _reservation(fact: Reservation, urls: Urls, parent: str) -> ReservationAnswer:
    workspace = f"{urls.base}/v1/Workspaces/{fact.workspace_sid}"
    return {
        "sid": fact.sid,
        "account_sid": fact.account_sid,
        "workspace_sid": fact.workspace_sid,
        "task_sid": fact.task_sid,
        "worker_sid": fact.worker_sid,
        "worker_name": fact.worker_name,
        "reservation_status": fact.reservation_status,
        "date_created": iso(fact.created_at),
        "date_updated": iso(fact.updated_at),
        "url": f"{workspace}/{parent}/Reservations/{fact.sid}",
        "links": {
            "task": f"{workspace}/Tasks/{fact.task_sid}",
            "worker": f"{workspace}/Workers/{fact.worker_sid}",
            "workspace": workspace,
        },
    }
