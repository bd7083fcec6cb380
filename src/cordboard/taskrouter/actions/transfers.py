"""Transfers: a worker hands a task on, looks what became of it, and takes it back."""

import msgspec
from msgspec import UNSET

from cordboard.kernel import json
from cordboard.kernel.caller import Caller
from cordboard.kernel.errors import Invalid, NotFound
from cordboard.kernel.sids import is_sid
from cordboard.storage.tables import F, Table
from cordboard.storage.unit import Unit, View
from cordboard.taskrouter.engine import tasks, transfers
from cordboard.taskrouter.model import Reservation, Task, TaskQueue, Transfer, Worker
from cordboard.taskrouter.store.reservations import RESERVATIONS
from cordboard.taskrouter.store.scope import within
from cordboard.taskrouter.store.task_queues import TASK_QUEUES
from cordboard.taskrouter.store.transfers import TRANSFERS
from cordboard.taskrouter.store.workers import WORKERS
from cordboard.taskrouter.wire.transfers import CreateTransfer, OneTransfer, UpdateTransfer

MOST_ATTRIBUTES = 4096


async def create(unit: Unit, caller: Caller, form: CreateTransfer) -> Transfer:
    """Offer a task in hand to another worker, or to whom a queue finds."""
    worker = await within(unit, WORKERS, caller.account_sid, form.workspace_sid, form.worker_sid)
    reservation = await _meant(unit, caller, form, RESERVATIONS, "ReservationSid", form.reservation_sid)
    if reservation.worker_sid != worker.sid:
        raise Invalid(f"Invalid parameter ReservationSid: {reservation.sid} is not of worker {worker.sid}")
    if reservation.task_sid != form.task_sid:
        raise Invalid(f"Invalid parameter TaskSid: {reservation.sid} is not of task {form.task_sid}")
    to = await _receiver(unit, caller, form)
    if to.sid == worker.sid:
        raise Invalid("Invalid parameter To: the worker has the task already")
    return await transfers.initiate(unit, reservation, to, form.mode, await _changes(unit, reservation, form))


async def fetch(view: View, caller: Caller, form: OneTransfer) -> Transfer:
    """One transfer of a worker."""
    return await _of_worker(view, caller, form)


async def update(unit: Unit, caller: Caller, form: UpdateTransfer) -> Transfer:
    """Take the task back."""
    transfer = await _of_worker(unit, caller, form)
    if form.task_sid not in {UNSET, transfer.task_sid}:
        raise Invalid(f"Invalid parameter TaskSid: {transfer.sid} is not of task {form.task_sid}")
    return await transfers.cancel(unit, transfer)


async def _of_worker(view: View, caller: Caller, form: OneTransfer | UpdateTransfer) -> Transfer:
    transfer = await within(view, TRANSFERS, caller.account_sid, form.workspace_sid, form.sid)
    if transfer.initiating_worker_sid != form.worker_sid:
        raise NotFound
    return transfer


async def _receiver(unit: Unit, caller: Caller, form: CreateTransfer) -> Worker | TaskQueue:
    if is_sid(form.to, "WK"):
        return await _meant(unit, caller, form, WORKERS, "To", form.to)
    queue = await _meant(unit, caller, form, TASK_QUEUES, "To", form.to)
    unit.guard(TASK_QUEUES, queue)
    return queue


async def _changes(unit: Unit, reservation: Reservation, form: CreateTransfer) -> dict[str, object]:
    changes: dict[str, object] = {} if form.priority is UNSET else {"priority": form.priority}
    if added := json.parse(form.attributes):
        task: Task = await tasks.of(unit, reservation)
        text = msgspec.json.encode(json.parse(task.attributes) | added).decode()
        if len(text) > MOST_ATTRIBUTES:
            raise Invalid(
                f"Invalid parameter Attributes: with the task's own they are over {MOST_ATTRIBUTES} characters"
            )
        changes["attributes"] = text
    return changes


async def _meant(unit: Unit, caller: Caller, form: CreateTransfer, table: Table[F], parameter: str, sid: str) -> F:
    try:
        return await within(unit, table, caller.account_sid, form.workspace_sid, sid)
    except NotFound as error:
        raise Invalid(f"Invalid parameter {parameter}: there is no {sid} in this workspace") from error
