"""Every type of event (taskrouter.md 8.4) is recorded with its change and tells what the sheet says (8.5)."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from cordboard.taskrouter.actions import reservations
from tests.taskrouter.scene import Scene

EVERY = {"workspace_sid", "workspace_name", "operating_unit_sid"}
TASK = {
    *("task_sid", "task_attributes", "task_age", "task_priority", "task_assignment_status", "task_version"),
    *("task_date_created", "task_virtual_start_time", "task_ignore_capacity"),
    *("task_channel_sid", "task_channel_unique_name"),
}
QUEUE = {"task_queue_sid", "task_queue_name", "task_queue_target_expression"}
IN_QUEUE = TASK | QUEUE | {"task_queue_entered_date"}
WORKFLOW = {"workflow_sid", "workflow_name"}
WORKER = {
    *("worker_sid", "worker_name", "worker_attributes", "worker_version"),
    *("worker_activity_sid", "worker_activity_name"),
}
RESERVATION = {"reservation_sid", "reservation_version", "worker_channel_capacity", "worker_channel_consumed_capacity"}
OFFERED = IN_QUEUE | WORKFLOW | WORKER | RESERVATION
CHANNEL = {
    *("task_channel_sid", "task_channel_name", "task_channel_unique_name", "task_channel_optimized_routing"),
}
ON_CHANNEL = {
    *("worker_channel_available", "worker_channel_available_capacity", "worker_channel_capacity"),
    *("worker_channel_previous_capacity", "worker_channel_task_count"),
}
MOVED = {"previous_task_queue_sid", "previous_task_queue_name", "previous_task_priority", "target_changed_reason"}
TRANSFER = {
    *("task_transfer_sid", "transfer_mode", "transfer_status", "transfer_to", "transfer_type", "transfer_started"),
    *("transfer_initiating_worker_sid", "transfer_initiating_reservation_sid"),
}


def activity(scene: Scene) -> None:
    made = scene.workspace.activities.create(friendly_name="Lunch")
    scene.workspace.activities(made.sid).update(friendly_name="Dinner")
    scene.workspace.activities(made.sid).delete()


def task_channel(scene: Scene) -> None:
    made = scene.workspace.task_channels.create(friendly_name="Fax", unique_name="fax")
    scene.workspace.task_channels(made.sid).update(friendly_name="Telefax")
    scene.workspace.task_channels(made.sid).delete()


def task_queue(scene: Scene) -> None:
    made = scene.workspace.task_queues.create(friendly_name="Gold")
    scene.workspace.task_queues(made.sid).update(target_workers="gold == true")
    scene.workspace.task_queues(made.sid).delete()


def workflow(scene: Scene) -> None:
    made = scene.flow([{"queue": scene.queue}])
    scene.workspace.workflows(made).update(friendly_name="other")
    scene.workspace.workflows(made).delete()


def worker(scene: Scene) -> None:
    ana = scene.workspace.workers(scene.worker("ana").sid)
    ana.update(attributes='{"language":"de"}')
    ana.worker_channels("chat").update(capacity=3)
    ana.worker_channels("chat").update(available=False)
    ana.update(activity_sid=scene.activities["Offline"])
    ana.delete()


def workspace(scene: Scene) -> None:
    scene.workspace.update(friendly_name="office")


def offered(scene: Scene, **task: Any) -> Any:
    scene.worker("ana")
    return scene.offer(scene.task(**task).sid)


def completed(scene: Scene) -> None:
    offer = scene.answer(offered(scene, attributes={"language": "de"}), "accepted")
    task = scene.workspace.tasks(offer.task_sid)
    task.update(attributes="{}")
    task.update(assignment_status="wrapping", reason="hung up")
    task.update(assignment_status="completed", reason="solved")


def declined(scene: Scene) -> None:
    scene.answer(offered(scene), "rejected", worker_activity_sid=scene.activities["Offline"])


def unanswered(scene: Scene) -> None:
    offered(scene)
    scene.cordboard.clock.advance(121)


def withdrawn(scene: Scene) -> None:
    task = scene.workspace.tasks(offered(scene).task_sid)
    task.update(assignment_status="canceled", reason="too late")
    task.delete()


def won_by_another(scene: Scene) -> None:
    scene.workspace.task_queues(scene.queue).update(max_reserved_workers=2)
    scene.worker("ana")
    scene.worker("ben")
    offers = scene.offers(scene.task().sid)
    scene.answer(offers[0], "accepted")


def call_fails(scene: Scene) -> None:
    offer = offered(scene)
    run = scene.cordboard.system.db.run
    scene.cordboard.call(run(lambda unit: reservations.hold(unit, offer.sid)))
    scene.cordboard.call(run(lambda unit: reservations.set_up_failed(unit, offer.sid)))


def in_hand_for_a_day(scene: Scene) -> None:
    scene.answer(offered(scene), "accepted")
    scene.cordboard.clock.advance(86_401)


def escalated(scene: Scene) -> None:
    rooms = [scene.room("first"), scene.room("second")]
    targets = [{"queue": rooms[0], "timeout": 60, "priority": 1}, {"queue": rooms[1], "timeout": 60, "priority": 2}]
    scene.task(workflow_sid=scene.flow({"filter_friendly_name": "Gold", "expression": "1==1", "targets": targets}))
    scene.cordboard.clock.advance(61)


def fallen_out(scene: Scene) -> None:
    escalated(scene)
    scene.cordboard.clock.advance(61)


def skipped(scene: Scene) -> None:
    scene.task(workflow_sid=scene.flow([{"queue": scene.queue, "skip_if": "1==1"}]))


def handed_on(scene: Scene, to: str | None = None, answer: str = "") -> None:
    held = scene.answer(offered(scene), "accepted")
    ben = scene.worker("ben")
    base = f"/v1/Workspaces/{scene.sid}/Workers/{held.worker_sid}/Transfers"
    form = {"TaskSid": held.task_sid, "ReservationSid": held.sid, "To": to or ben.sid}
    made = scene.cordboard.http.post(base, form, host="taskrouter").json
    if answer == "canceled":
        scene.cordboard.http.post(f"{base}/{made['sid']}", {"TransferStatus": "canceled"}, host="taskrouter")
    elif answer:
        offer = next(one for one in scene.offers(held.task_sid) if one.reservation_status == "pending")
        scene.answer(offer, answer)


def transferred(scene: Scene) -> None:
    handed_on(scene, answer="accepted")


def transfer_refused(scene: Scene) -> None:
    handed_on(scene, answer="rejected")


def transfer_taken_back(scene: Scene) -> None:
    handed_on(scene, answer="canceled")


def nobody_of_a_queue_wants_it(scene: Scene) -> None:
    handed_on(scene, to=scene.queue, answer="rejected")


TYPES: dict[str, tuple[Callable[[Scene], Any], set[str]]] = {
    "activity.created": (activity, {"activity_sid", "activity_name", "activity_available"}),
    "activity.updated": (activity, {"activity_sid", "activity_name", "activity_available"}),
    "activity.deleted": (activity, {"activity_sid", "activity_name", "activity_available"}),
    "reservation.created": (completed, OFFERED),
    "reservation.accepted": (completed, OFFERED),
    "reservation.rejected": (declined, OFFERED),
    "reservation.timeout": (unanswered, OFFERED),
    "reservation.canceled": (withdrawn, OFFERED | {"task_canceled_reason", "reason"}),
    "reservation.rescinded": (won_by_another, OFFERED),
    "reservation.completed": (completed, OFFERED | {"reason", "task_completed_reason"}),
    "reservation.wrapup": (completed, OFFERED | {"reason"}),
    "reservation.failed": (call_fails, OFFERED),
    "task.created": (completed, IN_QUEUE | WORKFLOW),
    "task.updated": (completed, IN_QUEUE | WORKFLOW),
    "task.canceled": (withdrawn, IN_QUEUE | WORKFLOW | {"task_canceled_reason", "reason"}),
    "task.wrapup": (completed, IN_QUEUE | WORKFLOW | {"reason"}),
    "task.completed": (completed, IN_QUEUE | WORKFLOW | {"task_completed_reason", "reason"}),
    "task.deleted": (withdrawn, IN_QUEUE | WORKFLOW | {"task_canceled_reason", "reason"}),
    "task.system-deleted": (in_hand_for_a_day, IN_QUEUE | WORKFLOW),
    "task.transfer-initiated": (transferred, IN_QUEUE | WORKFLOW | TRANSFER),
    "task.transfer-attempt-failed": (nobody_of_a_queue_wants_it, IN_QUEUE | WORKFLOW | TRANSFER),
    "task.transfer-failed": (transfer_refused, IN_QUEUE | WORKFLOW | TRANSFER | {"transfer_failed_reason"}),
    "task.transfer-canceled": (transfer_taken_back, IN_QUEUE | WORKFLOW | TRANSFER),
    "task.transfer-completed": (transferred, IN_QUEUE | WORKFLOW | TRANSFER),
    "task-channel.created": (task_channel, CHANNEL),
    "task-channel.updated": (task_channel, CHANNEL),
    "task-channel.deleted": (task_channel, CHANNEL),
    "task-queue.created": (task_queue, QUEUE),
    "task-queue.deleted": (task_queue, QUEUE),
    "task-queue.entered": (escalated, IN_QUEUE | WORKFLOW | MOVED),
    "task-queue.timeout": (escalated, IN_QUEUE | WORKFLOW),
    "task-queue.moved": (escalated, IN_QUEUE | WORKFLOW),
    "task-queue.expression.updated": (task_queue, QUEUE),
    "worker.created": (worker, WORKER),
    "worker.deleted": (worker, WORKER),
    "worker.activity.update": (
        worker,
        WORKER
        | {"worker_time_in_previous_activity", "worker_time_in_previous_activity_ms"}
        | {"worker_previous_activity_sid", "worker_previous_activity_name"},
    ),
    "worker.attributes.update": (worker, WORKER),
    "worker.capacity.update": (worker, WORKER | CHANNEL | ON_CHANNEL),
    "worker.channel.availability.update": (worker, WORKER | CHANNEL | ON_CHANNEL),
    "workflow.created": (workflow, WORKFLOW),
    "workflow.updated": (workflow, WORKFLOW),
    "workflow.deleted": (workflow, WORKFLOW),
    "workflow.target-matched": (
        escalated,
        IN_QUEUE | WORKFLOW | MOVED | {"workflow_filter_name", "workflow_filter_expression"},
    ),
    "workflow.entered": (completed, IN_QUEUE | WORKFLOW),
    "workflow.timeout": (fallen_out, IN_QUEUE | WORKFLOW),
    "workflow.skipped": (skipped, IN_QUEUE | WORKFLOW),
    "workspace.created": (workspace, set()),
    "workspace.updated": (workspace, set()),
}

OF_EACH = {
    "reservation.created": "reserved",
    "reservation.accepted": "assigned",
    "reservation.rejected": "pending",
    "reservation.timeout": "pending",
    "reservation.canceled": "canceled",
    "reservation.rescinded": "assigned",
    "reservation.failed": "reserved",
    "reservation.wrapup": "wrapping",
    "reservation.completed": "completed",
    "task.created": "pending",
    "task.canceled": "canceled",
    "task.completed": "completed",
}


def recorded(scene: Scene, type_: str) -> Any:
    """The newest event of a type."""
    scene.cordboard.settled()
    found = scene.workspace.events.list(event_type=type_, minutes=2000)
    assert found, f"no {type_}"
    return found[0]


@pytest.mark.parametrize("type_", TYPES)
def test_an_event_is_recorded_with_its_change(scene: Scene, type_: str) -> None:
    cause, keys = TYPES[type_]
    cause(scene)
    event = recorded(scene, type_)
    assert event.event_data.keys() == EVERY | keys
    assert all(isinstance(value, str) and value for value in event.event_data.values())
    # What happens to a task is told of the task, wherever it stands.
    is_of_task = "task_sid" in event.event_data and "reservation_sid" not in event.event_data
    assert event.resource_type == ("task" if is_of_task else type_.partition(".")[0])
    assert event.event_data[f"{event.resource_type.replace('-', '_')}_sid"] == event.resource_sid
    assert event.resource_url.endswith(event.resource_sid)
    assert event.description
    if type_ in OF_EACH:
        assert event.event_data["task_assignment_status"] == OF_EACH[type_]


def task_status_in(scene: Scene, type_: str) -> str:
    return str(recorded(scene, type_).event_data["task_assignment_status"])


def test_the_events_of_a_reservation_say_what_its_task_is_afterwards(scene: Scene) -> None:
    scene.workspace.task_queues(scene.queue).update(max_reserved_workers=2)
    scene.worker("ana")
    scene.worker("ben")
    first, second = scene.offers(scene.task().sid)
    scene.answer(first, "rejected", worker_activity_sid=scene.activities["Offline"])
    assert task_status_in(scene, "reservation.rejected") == "reserved"
    held = scene.answer(second, "accepted")
    scene.answer(held, "wrapping")
    assert task_status_in(scene, "reservation.wrapup") == "wrapping"
    scene.answer(held, "completed")
    assert task_status_in(scene, "reservation.completed") == "completed"
    assert [event.event_type for event in reversed(scene.workspace.events.list(task_sid=held.task_sid))][-4:] == [
        "task.wrapup",
        "reservation.wrapup",
        "task.completed",
        "reservation.completed",
    ]


def test_of_a_transfer_that_is_taken_back_the_offer_says_that_the_task_is_assigned(scene: Scene) -> None:
    handed_on(scene, answer="canceled")
    assert task_status_in(scene, "reservation.canceled") == "assigned"


def test_the_end_of_a_workspace_is_the_last_of_its_events(scene: Scene) -> None:
    scene.workspace.delete()
    assert scene.events(scene.sid)[-1] == "workspace.deleted"


def test_the_events_of_a_task_are_recorded_in_the_order_of_the_sheet(scene: Scene) -> None:
    offer = scene.answer(offered(scene), "accepted")
    scene.workspace.tasks(offer.task_sid).update(assignment_status="completed")
    newest_first = scene.workspace.events.list(task_sid=offer.task_sid)
    assert [event.event_type for event in reversed(newest_first)] == [
        "workflow.entered",
        "task-queue.entered",
        "task.created",
        "workflow.target-matched",
        "reservation.created",
        "reservation.accepted",
        "task.completed",
        "reservation.completed",
    ]


def test_a_known_agent_and_why_a_target_changed_are_told(scene: Scene) -> None:
    ana = scene.worker("ana", available=False)
    room = scene.room("by name")
    known = {"expression": "agent != null", "targets": [{"queue": room, "known_worker_sid": "task.agent"}]}
    flow = scene.flow(known, default={"queue": scene.queue})
    task = scene.task(workflow_sid=flow)
    scene.workspace.tasks(task.sid).update(attributes=json.dumps({"agent": ana.sid}))
    told = recorded(scene, "workflow.target-matched").event_data
    assert told["known_worker_sid"] == ana.sid
    assert (told["target_changed_reason"], told["task_re_evaluated_reason"]) == ("attributes", "attributes")
    assert (told["previous_task_queue_sid"], told["task_queue_sid"]) == (scene.queue, room)


def test_a_direct_task_tells_its_target_and_a_transferred_reservation_its_transfer(scene: Scene) -> None:
    ana = scene.worker("ana")
    scene.task(routing_target=ana.sid)
    assert recorded(scene, "task.created").event_data["task_routing_target"] == ana.sid
    scene.worker("carl")
    held = scene.answer(scene.offer(scene.task().sid), "accepted")
    ben = scene.worker("ben")
    path = f"/v1/Workspaces/{scene.sid}/Workers/{held.worker_sid}/Transfers"
    form = {"TaskSid": held.task_sid, "ReservationSid": held.sid, "To": ben.sid}
    made = scene.cordboard.http.post(path, form, host="taskrouter").json
    assert recorded(scene, "reservation.created").event_data["task_transfer_sid"] == made["sid"]
