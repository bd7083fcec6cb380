"""Workers: who takes tasks, and what they are doing."""

from collections.abc import Callable

from msgspec import UNSET

from cordboard.kernel.caller import Caller
from cordboard.kernel.errors import Invalid, PreconditionFailed
from cordboard.kernel.pages import Slice
from cordboard.routing.lifecycle import ReservationStatus
from cordboard.storage.unit import Unit, View
from cordboard.taskrouter.engine import offers
from cordboard.taskrouter.engine.expressions import names_of, read_expression, serves
from cordboard.taskrouter.engine.load import enter_activity
from cordboard.taskrouter.engine.record import happened
from cordboard.taskrouter.model import Activity, NamedWorker, TaskQueue, Worker
from cordboard.taskrouter.store import activities, scope
from cordboard.taskrouter.store.reservations import OPEN_OF_WORKER
from cordboard.taskrouter.store.selection import refuse_beyond, select
from cordboard.taskrouter.store.task_queues import BY_NAME, TASK_QUEUES
from cordboard.taskrouter.store.workers import BY_NAME_KEY, WORKERS, name_key
from cordboard.taskrouter.wire.fields import changes
from cordboard.taskrouter.wire.ordering import read_ordering
from cordboard.taskrouter.wire.workers import (
    ORDERINGS,
    CreateWorker,
    DeleteWorker,
    ListWorkers,
    OneWorker,
    UpdateWorker,
)

from .activities import usable

MOST = 15_000


async def create(unit: Unit, caller: Caller, form: CreateWorker) -> NamedWorker:
    """A new worker, in the workspace's default activity unless another is given."""
    workspace = await scope.home(unit, caller.account_sid, form.workspace_sid)
    activity = await usable(unit, workspace.sid, "ActivitySid", form.activity_sid or workspace.default_activity_sid)
    key = await _free_name_key(unit, workspace.sid, form.friendly_name)
    await refuse_beyond(unit, WORKERS, "workspace_sid", workspace.sid, MOST)
    worker = unit.insert(
        WORKERS,
        Worker(
            sid=unit.sid("WK"),
            version=0,
            account_sid=workspace.account_sid,
            workspace_sid=workspace.sid,
            friendly_name=form.friendly_name,
            name_key=key,
            activity_sid=activity.sid,
            available=activity.available,
            attributes=form.attributes,
            channels={},
            status_changed_at=unit.now,
            created_at=unit.now,
            updated_at=unit.now,
        ),
    )
    _happened(unit, "worker.created", worker, activity)
    return NamedWorker(worker, activity.friendly_name)


async def fetch(view: View, caller: Caller, form: OneWorker) -> NamedWorker:
    """One worker."""
    worker = await scope.within(view, WORKERS, caller.account_sid, form.workspace_sid, form.sid)
    return NamedWorker(worker, await activities.name_of(view, worker.activity_sid))


async def list_(view: View, caller: Caller, form: ListWorkers) -> Slice[NamedWorker]:
    """A page of the workspace's workers; by queue or expression those whom it finds, whatever they are doing."""
    workspace = await scope.workspace_of(view, caller.account_sid, form.workspace_sid)
    order = read_ordering(form.ordering, ORDERINGS)
    names = {
        activity.sid: activity.friendly_name for activity in await view.all(activities.OF_WORKSPACE, workspace.sid)
    }
    keep = await _found_by(view, form, names)
    wanted: str | list[str] | None = form.activity_sid
    if form.activity_name is not None:
        wanted = [sid for sid, name in names.items() if name == form.activity_name and form.activity_sid in {None, sid}]
        if not wanted:
            return Slice([])
    filters = {
        "workspace_sid": workspace.sid,
        "activity_sid": wanted,
        "available": form.available,
        "friendly_name": form.friendly_name,
    }
    found = await view.page(*select(WORKERS, filters, order), form.page, keep)
    return Slice([NamedWorker(worker, names[worker.activity_sid]) for worker in found.items], found.before, found.after)


async def update(unit: Unit, caller: Caller, form: UpdateWorker) -> NamedWorker:
    """Change a worker: name, attributes (the whole text), activity."""
    worker = await scope.within(unit, WORKERS, caller.account_sid, form.workspace_sid, form.sid)
    _check_version(worker, form.if_match)
    before = await activities.used(unit, worker.activity_sid)
    after = before
    if form.activity_sid is not UNSET and form.activity_sid != before.sid:
        after = await usable(unit, worker.workspace_sid, "ActivitySid", form.activity_sid)
    if form.reject_pending_reservations and after.available:
        message = "Invalid parameter RejectPendingReservations: it goes only with an activity that is not available"
        raise Invalid(message)
    worker = await _described(unit, worker, before, form)
    if after is not before:
        worker = await enter_activity(unit, worker, after)
    if form.reject_pending_reservations:
        worker = await _declining(unit, worker)
    return NamedWorker(worker, after.friendly_name)


async def delete(unit: Unit, caller: Caller, form: DeleteWorker) -> None:
    """Remove a worker who is not available and has nothing in hand. Reservations that are over keep its name."""
    worker = await scope.hold(unit, WORKERS, caller.account_sid, form.workspace_sid, form.sid)
    _check_version(worker, form.if_match)
    activity = await activities.used(unit, worker.activity_sid)
    if activity.available:
        message = f"Worker {worker.sid} cannot be deleted: it is available ({activity.friendly_name})"
        raise Invalid(message)
    if reservations := await unit.all(OPEN_OF_WORKER, worker.sid):
        message = f"Worker {worker.sid} cannot be deleted: its reservation {reservations[0].sid} is still open"
        raise Invalid(message)
    unit.delete(WORKERS, worker)
    _happened(unit, "worker.deleted", worker, activity)


async def _described(unit: Unit, worker: Worker, activity: Activity, form: UpdateWorker) -> Worker:
    """The worker with the name and attributes that the caller gave."""
    changed = changes(form, worker, "friendly_name", "attributes")
    if not changed:
        return worker
    name = changed.get("friendly_name", worker.friendly_name)
    if name_key(name) != worker.name_key:
        changed["name_key"] = await _free_name_key(unit, worker.workspace_sid, name)
    worker = unit.update(WORKERS, worker, **changed)
    if "attributes" in changed:
        _happened(unit, "worker.attributes.update", worker, activity)
    if "friendly_name" in changed:
        _happened(unit, "worker.updated", worker, activity)
    return worker


async def _declining(unit: Unit, worker: Worker) -> Worker:
    """The worker after it has rejected all that it is offered, without leaving the activity that it has just entered."""
    for reservation in await unit.all(OPEN_OF_WORKER, worker.sid):
        # A call that is being set up ends by itself.
        if reservation.reservation_status is ReservationStatus.PENDING and not reservation.on_hold:
            await offers.reject(unit, reservation, worker.activity_sid)
    return await scope.within(unit, WORKERS, worker.account_sid, worker.workspace_sid, worker.sid)


async def _found_by(view: View, form: ListWorkers, names: dict[str, str]) -> Callable[[Worker], bool] | None:
    """What the filters that are expressions leave; None if there is none of them."""
    tests = []
    if form.target_workers_expression is not None:
        tests.append(read_expression("TargetWorkersExpression", form.target_workers_expression).holds)
    if form.task_queue_sid is not None or form.task_queue_name is not None:
        queue = await _queue(view, form)
        if queue is None:
            return lambda _: False
        tests.append(serves(queue.target_workers))
    if not tests:
        return None

    def found(worker: Worker) -> bool:
        said = names_of(worker, names[worker.activity_sid])
        return all(holds(said) for holds in tests)

    return found


async def _queue(view: View, form: ListWorkers) -> TaskQueue | None:
    """The queue that both filters name."""
    if form.task_queue_sid is not None:
        queue = await view.get(TASK_QUEUES, form.task_queue_sid)
    else:
        queue = await view.one(BY_NAME, form.workspace_sid, form.task_queue_name)
    if queue is None or queue.workspace_sid != form.workspace_sid:
        return None
    return queue if form.task_queue_name in {None, queue.friendly_name} else None


async def _free_name_key(unit: Unit, workspace_sid: str, friendly_name: str) -> str:
    key = name_key(friendly_name)
    if await unit.one(BY_NAME_KEY, workspace_sid, key):
        message = "Worker with the same friendly name already exists"
        raise Invalid(message)
    return key


def _check_version(worker: Worker, wanted: int | None) -> None:
    if wanted is not None and wanted != worker.version:
        message = f"Worker {worker.sid} is at version {worker.version}, not {wanted}. Fetch it and try again."
        raise PreconditionFailed(message)


def _happened(unit: Unit, type_: str, worker: Worker, activity: Activity) -> None:
    happened(
        unit,
        type_,
        account_sid=worker.account_sid,
        workspace_sid=worker.workspace_sid,
        resource_sid=worker.sid,
        worker=worker,
        activity=activity,
    )
