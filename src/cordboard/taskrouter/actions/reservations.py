"""Reservations: list and fetch by task or worker, and the moves that a worker, a program or a voice carrier makes."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from msgspec import UNSET, UnsetType

from cordboard.kernel.caller import Caller
from cordboard.kernel.errors import Invalid, NotFound, PreconditionFailed
from cordboard.kernel.pages import Slice
from cordboard.routing.lifecycle import ReservationStatus
from cordboard.storage.unit import Unit, View
from cordboard.taskrouter.engine import offers, voice
from cordboard.taskrouter.model import Reservation
from cordboard.taskrouter.store.activities import ACTIVITIES
from cordboard.taskrouter.store.reservations import RESERVATIONS
from cordboard.taskrouter.store.scope import within
from cordboard.taskrouter.store.tasks import TASKS
from cordboard.taskrouter.store.workers import WORKERS
from cordboard.taskrouter.wire import reservations as wire
from cordboard.taskrouter.wire.instructions import FIELDS, instruction_of, name_in_form

_MOVES: dict[ReservationStatus, Callable[[Unit, Reservation], Awaitable[Reservation]]] = {
    ReservationStatus.ACCEPTED: offers.accept,
    ReservationStatus.CANCELED: offers.cancel,
    ReservationStatus.WRAPPING: offers.wrap,
    ReservationStatus.COMPLETED: offers.complete,
}
_INSTRUCTIONS = {"accept": ReservationStatus.ACCEPTED, "reject": ReservationStatus.REJECTED}
_ANY_OF = ", ".join((*_INSTRUCTIONS, *FIELDS))
_PARAMETER = re.compile(r"(?<=^Invalid parameter )\w+")


async def list_of_task(view: View, caller: Caller, form: wire.ListTaskReservations) -> Slice[Reservation]:
    """The offers of a task, oldest first."""
    await within(view, TASKS, caller.account_sid, form.workspace_sid, form.task_sid)
    conditions, arguments = ["task_sid = ?"], [form.task_sid]
    if form.worker_sid is not UNSET:
        conditions.append("worker_sid = ?")
        arguments.append(form.worker_sid)
    return await _listed(view, form, conditions, arguments)


async def list_of_worker(view: View, caller: Caller, form: wire.ListWorkerReservations) -> Slice[Reservation]:
    """The offers to a worker, oldest first."""
    await within(view, WORKERS, caller.account_sid, form.workspace_sid, form.worker_sid)
    return await _listed(view, form, ["worker_sid = ?"], [form.worker_sid])


async def fetch_of_task(view: View, caller: Caller, form: wire.OneTaskReservation) -> Reservation:
    """One offer of a task."""
    return await _of_task(view, caller, form)


async def fetch_of_worker(view: View, caller: Caller, form: wire.OneWorkerReservation) -> Reservation:
    """One offer to a worker."""
    return await _of_worker(view, caller, form)


async def update_of_task(unit: Unit, caller: Caller, form: wire.UpdateTaskReservation) -> Reservation:
    """Accept, reject, cancel, wrap up or complete, found by its task."""
    return await _update(unit, await _of_task(unit, caller, form), form)


async def update_of_worker(unit: Unit, caller: Caller, form: wire.UpdateWorkerReservation) -> Reservation:
    """Accept, reject, cancel, wrap up or complete, found by its worker."""
    return await _update(unit, await _of_worker(unit, caller, form), form)


async def hold(unit: Unit, sid: str) -> None:
    """For a voice carrier: a call to the worker of a pending reservation is being set up, so its time does not run out."""
    voice.hold(unit, await _called_for(unit, sid))


async def set_up(unit: Unit, sid: str, about_the_call: dict[str, Any]) -> None:
    """For a voice carrier: the worker has answered, the reservation is accepted; the task's attributes take what is given."""
    await voice.set_up(unit, await _called_for(unit, sid), about_the_call)


async def set_up_failed(unit: Unit, sid: str) -> None:
    """For a voice carrier: no call came about; the reservation is canceled and its task waits again."""
    await voice.set_up_failed(unit, await _called_for(unit, sid))


async def _called_for(unit: Unit, sid: str) -> Reservation:
    reservation = await unit.get(RESERVATIONS, sid)
    if reservation is None:
        raise NotFound
    return reservation


async def _update(
    unit: Unit, reservation: Reservation, form: wire.UpdateTaskReservation | wire.UpdateWorkerReservation
) -> Reservation:
    if form.if_match is not None and form.if_match != reservation.version:
        raise PreconditionFailed(
            f"Reservation {reservation.sid} is at version {reservation.version}, not {form.if_match}. Fetch it and try again."
        )
    instruction = form.instruction.lower() if form.instruction else ""
    if instruction in FIELDS:
        return await _instructed(unit, reservation, form, instruction)
    status = _wanted(form.reservation_status, instruction)
    activity_sid = None
    if form.worker_activity_sid is not UNSET and form.worker_activity_sid:
        if status is not ReservationStatus.REJECTED:
            raise Invalid("Invalid parameter WorkerActivitySid: it goes with ReservationStatus=rejected only")
        activity_sid = await _activity(unit, reservation, form.worker_activity_sid)
    if status is UNSET:
        return reservation
    if status is ReservationStatus.REJECTED:
        return await offers.reject(unit, reservation, activity_sid)
    if status not in _MOVES:
        raise Invalid(f"Invalid parameter ReservationStatus: {status.value} cannot be set, TaskRouter does it")
    return await _MOVES[status](unit, reservation)


def _wanted(status: ReservationStatus | UnsetType, instruction: str) -> ReservationStatus | UnsetType:
    if not instruction:
        return status
    if instruction not in _INSTRUCTIONS:
        raise Invalid(f"Invalid parameter Instruction: expected one of {_ANY_OF}", code=voice.INVALID_INSTRUCTION)
    if status is not UNSET and status is not _INSTRUCTIONS[instruction]:
        raise Invalid("Invalid parameter Instruction: it contradicts ReservationStatus")
    return _INSTRUCTIONS[instruction]


async def _instructed(
    unit: Unit,
    reservation: Reservation,
    form: wire.UpdateTaskReservation | wire.UpdateWorkerReservation,
    name: str,
) -> Reservation:
    if form.reservation_status is not UNSET:
        raise Invalid(f"Invalid parameter ReservationStatus: it does not go with Instruction={name}")
    if name == "supervise" and isinstance(form, wire.UpdateWorkerReservation):
        message = "Invalid parameter Instruction: supervise goes with the reservation of a task, not of a worker"
        raise Invalid(message, code=voice.INVALID_INSTRUCTION)
    try:
        return await voice.instruct(unit, reservation, instruction_of(form, name))
    except Invalid as error:
        # Faults are told in the names of a callback's reply.
        sentence = _PARAMETER.sub(lambda found: name_in_form(name, found[0]), error.message)
        raise Invalid(sentence, code=error.code) from error


async def _activity(unit: Unit, reservation: Reservation, sid: str) -> str:
    activity = await unit.get(ACTIVITIES, sid)
    if activity is None or activity.workspace_sid != reservation.workspace_sid:
        raise Invalid(f"Invalid parameter WorkerActivitySid: there is no activity {sid} in this workspace", code=40100)
    return activity.sid


async def _of_task(
    view: View, caller: Caller, form: wire.OneTaskReservation | wire.UpdateTaskReservation
) -> Reservation:
    reservation = await within(view, RESERVATIONS, caller.account_sid, form.workspace_sid, form.sid)
    if reservation.task_sid != form.task_sid:
        raise NotFound
    return reservation


async def _of_worker(
    view: View, caller: Caller, form: wire.OneWorkerReservation | wire.UpdateWorkerReservation
) -> Reservation:
    reservation = await within(view, RESERVATIONS, caller.account_sid, form.workspace_sid, form.sid)
    if reservation.worker_sid != form.worker_sid:
        raise NotFound
    return reservation


async def _listed(
    view: View,
    form: wire.ListTaskReservations | wire.ListWorkerReservations,
    conditions: list[str],
    arguments: list[str],
) -> Slice[Reservation]:
    if form.reservation_status is not UNSET:
        conditions.append("reservation_status = ?")
        arguments.append(form.reservation_status.value)
    listing = RESERVATIONS.listing(" AND ".join(conditions), ("created_at", "ASC"))
    return await view.page(listing, arguments, form.page)
