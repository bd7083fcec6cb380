"""Calling out: a workspace's events, and what is to be done with a reservation.

Both are decided as the last step of the unit in which it happened, from the events that it has recorded. A workspace or workflow
without a URL costs the look at its row, which the unit has read as a rule.

The assignment callback asks (``webhooks.asking``): by its reply an application accepts or rejects in the worker's name. It is asked
for every reservation of a workflow that has a URL; the reservation may be answered in any other way meanwhile, and then the reply
changes nothing.
"""

from functools import lru_cache

import msgspec

from cordboard.events.record import Event, of_product
from cordboard.kernel.errors import Invalid
from cordboard.routing.lifecycle import ReservationStatus
from cordboard.storage.unit import Recorded, Unit
from cordboard.taskrouter.model import Reservation, VoiceInstruction, Workspace
from cordboard.taskrouter.store.activities import ACTIVITIES
from cordboard.taskrouter.store.reservations import RESERVATIONS
from cordboard.taskrouter.store.workflows import WORKFLOWS
from cordboard.taskrouter.store.workspaces import WORKSPACES
from cordboard.taskrouter.wire.callbacks import (
    Instruction,
    assignment_parameters,
    event_parameters,
    fault_of,
    instruction_of,
)
from cordboard.taskrouter.wire.event_data import Parameters
from cordboard.webhooks.asking import Asker
from cordboard.webhooks.enqueuing import enqueue
from cordboard.webhooks.model import Callback, Delivery, Reply

from . import offers, voice
from .record import NOT_TOLD, PRODUCT

ASSIGNMENT = "taskrouter.assignment"

EVENT_LIMIT_MS = 15_000
ASSIGNMENT_LIMIT_MS = 5_000


async def recorded(unit: Unit, happening: Recorded) -> None:
    """Enqueue what the unit's events call for."""
    workspaces: dict[str, Workspace | None] = {}
    for event in of_product(happening, PRODUCT):
        if event.scope_sid not in workspaces:
            # A workspace that is deleted is told of it.
            told = event.facts.get("workspace") or await unit.get(WORKSPACES, event.scope_sid)
            workspaces[event.scope_sid] = told
        workspace = workspaces[event.scope_sid]
        if workspace is None:
            continue
        if workspace.event_callback_url and _is_wanted(event.type, workspace.events_filter):
            enqueue(unit, event, _event_callback(event, workspace.event_callback_url, event_parameters(event)))
        if event.type == "reservation.created":
            await _ask(unit, event)


async def take(unit: Unit, delivery: Delivery, reply: Reply) -> None:
    """Do what the reply of an assignment callback wants. Nobody there: the reservation is canceled, and its task waits again."""
    reservation = await unit.get(RESERVATIONS, delivery.resource_sid)
    if reservation is None or reservation.reservation_status is not ReservationStatus.PENDING or reservation.on_hold:
        return
    if not reply.is_success:
        await offers.cancel(unit, reservation)
    elif reply.is_good and (wanted := instruction_of(reply)) is not None:
        await _obey(unit, reservation, wanted)


ASKERS = {ASSIGNMENT: Asker(look=fault_of, take=take)}


async def _ask(unit: Unit, event: Event) -> None:
    reservation: Reservation = event.facts["reservation"]
    workflow = await unit.get(WORKFLOWS, reservation.workflow_sid) if reservation.workflow_sid is not None else None
    if workflow is None or not workflow.assignment_callback_url:
        return
    task, worker, named = (event.facts[name] for name in ("task", "worker", "named"))
    parameters = assignment_parameters(reservation, task, worker, named, event.at)
    enqueue(
        unit,
        event,
        Callback(
            url=workflow.assignment_callback_url,
            fallback_url=workflow.fallback_assignment_callback_url,
            payload=_text(parameters),
            resource=reservation.sid,
            limit_ms=ASSIGNMENT_LIMIT_MS,
            asks=ASSIGNMENT,
            give_up_at=reservation.expires_at,
        ),
    )


async def _obey(unit: Unit, reservation: Reservation, wanted: Instruction) -> None:
    if wanted.name == "accept":
        await offers.accept(unit, reservation)
    elif wanted.name == "reject":
        await offers.reject(unit, reservation, await _activity_sid(unit, reservation, wanted))
    else:
        await voice.instruct(unit, reservation, VoiceInstruction(wanted.name, wanted.parameters))


async def _activity_sid(unit: Unit, reservation: Reservation, wanted: Instruction) -> str | None:
    sid = wanted.parameters.get("activity_sid")
    if sid is None:
        return None
    activity = await unit.get(ACTIVITIES, sid) if isinstance(sid, str) else None
    if activity is None or activity.workspace_sid != reservation.workspace_sid:
        raise Invalid("activity_sid of the reply is no activity of the reservation's workspace", code=40100)
    return activity.sid


def _event_callback(event: Event, url: str, parameters: Parameters) -> Callback:
    # Everything about a task goes in one lane: who hears of an acceptance has heard of the reservation.
    about = event.facts.get("task") or event.facts.get("worker")
    resource = about.sid if about is not None else event.resource_sid
    return Callback(url=url, payload=_text(parameters), resource=resource, limit_ms=EVENT_LIMIT_MS)


def _text(parameters: Parameters) -> str:
    return msgspec.json.encode(parameters).decode()


def _is_wanted(type_: str, events_filter: str | None) -> bool:
    return type_ not in NOT_TOLD and (not events_filter or type_ in _types(events_filter))


@lru_cache(maxsize=1024)
def _types(events_filter: str) -> frozenset[str]:
    return frozenset(part.strip() for part in events_filter.split(","))
