"""Events in the vendor's names (taskrouter.md 1.13)."""

import re
from functools import cache
from typing import Annotated, TypedDict

import msgspec
from msgspec import Meta

from cordboard.events.journal import Event
from cordboard.kernel.clock import MILLISECONDS, iso
from cordboard.kernel.errors import Invalid
from cordboard.kernel.pages import Page
from cordboard.rest.answers import AccountSid, Date, Url
from cordboard.rest.forms import Form, Instant, PathValue
from cordboard.rest.routes import Urls

from .event_data import Facts, description, resource_type, told
from .fields import EventSid, Wanted, WorkspaceSid

MINUTE_MS = 60 * MILLISECONDS
DEFAULT_MINUTES = 15
REDACTED_AFTER_MS = 43_200 * MINUTE_MS

# The parameters by which events are found that tell of something, and what of their data must be equal.
BY_DATA = {
    "task_sid": ("TaskSid",),
    "task_queue_sid": ("TaskQueueSid",),
    "worker_sid": ("WorkerSid",),
    "workflow_sid": ("WorkflowSid",),
    "reservation_sid": ("ReservationSid",),
    "task_channel": ("TaskChannelSid", "TaskChannelUniqueName"),
}

_PATHS = {
    "WA": "/Activities/{}",
    "TC": "/TaskChannels/{}",
    "WQ": "/TaskQueues/{}",
    "WW": "/Workflows/{}",
    "WK": "/Workers/{}",
    "WT": "/Tasks/{}",
}


class ListEvents(Form, frozen=True, kw_only=True):
    """``GET /Events``."""

    workspace_sid: PathValue
    page: Page
    event_type: Wanted | None = None
    minutes: Annotated[int, Meta(ge=0, le=2**31 - 1)] | None = None
    start_date: Instant | None = None
    end_date: Instant | None = None
    task_sid: Wanted | None = None
    task_queue_sid: Wanted | None = None
    worker_sid: Wanted | None = None
    workflow_sid: Wanted | None = None
    reservation_sid: Wanted | None = None
    task_channel: Wanted | None = None
    sid: Wanted | None = None


class OneEvent(Form, frozen=True, kw_only=True):
    """Fetch."""

    workspace_sid: PathValue
    sid: PathValue


class Remembered(msgspec.Struct, frozen=True):
    """An event of the journal and its facts; ``is_old``: what tasks said then is no longer shown."""

    event: Event
    facts: Facts
    is_old: bool


def read_period(form: ListEvents, now: int) -> tuple[int | None, int | None]:
    """From when to when, in milliseconds, both included; None: without end. Raises Invalid.

    ``Minutes`` count back from now. With ``EndDate`` alone it is the 15 minutes before; with ``Sid`` alone all times.
    """
    until = None if form.end_date is None else form.end_date + MILLISECONDS - 1
    if form.start_date is not None:
        since: int | None = form.start_date
    elif form.minutes is not None:
        since = now - form.minutes * MINUTE_MS
    elif form.sid is not None and form.end_date is None:
        since = None
    else:
        since = (now if form.end_date is None else form.end_date) - DEFAULT_MINUTES * MINUTE_MS
    if since is not None and until is not None and until < since:
        message = "Invalid parameter EndDate: it lies before the beginning"
        raise Invalid(message)
    return since, until


class EventAnswer(TypedDict):
    """An event."""

    sid: EventSid
    account_sid: AccountSid
    workspace_sid: WorkspaceSid
    event_type: str
    event_date: Date
    event_date_ms: int
    description: str
    actor_type: str
    actor_sid: str
    actor_url: Url
    resource_type: str
    resource_sid: str
    resource_url: Url
    source: str
    source_ip_address: str | None
    event_data: dict[str, str]
    url: Url


def event(found: Remembered, urls: Urls) -> EventAnswer:
    """An event as REST shows it. Who called is the actor; what the program did by itself is its workspace's doing."""
    fact, facts = found.event, found.facts
    workspace = f"{urls.base}/v1/Workspaces/{fact.scope_sid}"
    cause = facts.cause
    worker_sid = None if cause is None else cause.worker_sid
    return {
        "sid": fact.sid,
        "account_sid": fact.account_sid,
        "workspace_sid": fact.scope_sid,
        "event_type": fact.type,
        "event_date": iso(fact.at),
        "event_date_ms": fact.at,
        "description": description(fact, facts),
        "actor_type": "workspace" if worker_sid is None else "worker",
        "actor_sid": worker_sid or fact.scope_sid,
        "actor_url": workspace if worker_sid is None else f"{workspace}/Workers/{worker_sid}",
        "resource_type": resource_type(fact),
        "resource_sid": fact.resource_sid,
        "resource_url": f"{workspace}{_path(fact, facts)}",
        "source": "taskrouter" if cause is None else "twilio",
        "source_ip_address": None if cause is None else cause.address,
        "event_data": event_data(found),
        "url": f"{workspace}/Events/{fact.sid}",
    }


def event_data(found: Remembered) -> dict[str, str]:
    """What an event tells, in snake_case."""
    data = {_snake(name): value for name, value in told(found.event, found.facts).items() if value is not None}
    if found.is_old and "task_attributes" in data:
        data["task_attributes"] = "{}"
    return data


def _path(fact: Event, facts: Facts) -> str:
    if facts.reservation is not None and facts.reservation.sid == fact.resource_sid:
        return f"/Tasks/{facts.reservation.task_sid}/Reservations/{fact.resource_sid}"
    return _PATHS.get(fact.resource_sid[:2], "").format(fact.resource_sid)


@cache
def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
