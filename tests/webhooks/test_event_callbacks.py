"""A workspace's EventCallbackUrl: what is posted, which events, in which order (taskrouter.md 8.3-8.5)."""

import json
from typing import Any

import pytest

from cordboard.testkit.running import Cordboard
from tests.taskrouter.scene import Scene
from tests.webhooks.receiver import HostileReceiver

EVERY = {"EventType", "AccountSid", "WorkspaceSid", "WorkspaceName", "EventDescription", "ResourceType", "ResourceSid"}
EVERY |= {"Sid", "Timestamp", "TimestampMs", "OperatingUnitSid"}
TASK = {
    "TaskSid",
    "TaskVersion",
    "TaskAge",
    "TaskPriority",
    "TaskAssignmentStatus",
    "TaskAttributes",
    "TaskDateCreated",
}
TASK |= {"TaskVirtualStartTime", "TaskIgnoreCapacity", "TaskChannelSid", "TaskChannelUniqueName"}
QUEUE = {"TaskQueueSid", "TaskQueueName", "TaskQueueTargetExpression", "TaskQueueEnteredDate"}
WORKER = {"WorkerSid", "WorkerName", "WorkerAttributes", "WorkerVersion", "WorkerActivitySid", "WorkerActivityName"}
RESERVATION = {"ReservationSid", "ReservationVersion", "WorkflowSid", "WorkflowName"}
RESERVATION |= {"WorkerChannelCapacity", "WorkerChannelConsumedCapacity"}


def of_type(receiver: HostileReceiver, type_: str) -> dict[str, str]:
    (form,) = [form for form in receiver.forms if form["EventType"] == type_]
    return form


def test_everything_about_a_task_arrives_in_order_and_signed(scene: Scene, receiver: HostileReceiver) -> None:
    scene.worker("ana")
    task = scene.task(attributes={"language": "de"})
    scene.answer(scene.offer(task.sid), "accepted")
    scene.workspace.tasks(task.sid).update(assignment_status="completed", reason="solved")
    scene.cordboard.settled()
    assert [form["EventType"] for form in receiver.forms if form.get("TaskSid") == task.sid] == [
        "workflow.entered",
        "task-queue.entered",
        "task.created",
        "workflow.target-matched",
        "reservation.created",
        "reservation.accepted",
        "task.completed",
        "reservation.completed",
    ]
    assert all(call.is_signed_by(scene.cordboard.auth_token) for call in receiver.calls)
    assert all(call.method == "POST" and call.path == "/events" for call in receiver.calls)


def test_a_reservation_is_told_with_its_task_worker_and_queue(scene: Scene, receiver: HostileReceiver) -> None:
    worker = scene.worker("ana", language="de")
    task = scene.task(attributes={"language": "de"})
    offer = scene.offer(task.sid)
    told = of_type(receiver, "reservation.created")
    assert told.keys() == EVERY | TASK | QUEUE | WORKER | RESERVATION
    assert told["ReservationSid"] == told["ResourceSid"] == offer.sid
    assert told["ResourceType"] == "reservation"
    assert (told["WorkerSid"], told["WorkerName"], told["WorkerActivityName"]) == (worker.sid, "ana", "Available")
    assert json.loads(told["TaskAttributes"]) == json.loads(told["WorkerAttributes"]) == {"language": "de"}
    assert (told["TaskPriority"], told["TaskAssignmentStatus"], told["TaskAge"]) == ("0", "reserved", "0")
    assert (told["TaskQueueName"], told["WorkflowName"]) == ("Sample Queue", "Default Fifo Workflow")
    assert told["TimestampMs"] == f"{told['Timestamp']}000" == f"{told['TaskDateCreated']}000" == "1767225600000"


def test_a_change_of_activity_tells_the_one_before_and_how_long_it_was(scene: Scene, receiver: HostileReceiver) -> None:
    worker = scene.worker("ana")
    scene.cordboard.clock.advance(7.5)
    scene.workspace.workers(worker.sid).update(activity_sid=scene.activities["Offline"])
    scene.cordboard.settled()
    told = of_type(receiver, "worker.activity.update")
    assert told["EventDescription"] == "Worker ana updated to Offline Activity"
    assert (told["WorkerActivityName"], told["WorkerPreviousActivityName"]) == ("Offline", "Available")
    assert (told["WorkerTimeInPreviousActivity"], told["WorkerTimeInPreviousActivityMs"]) == ("7", "7500")


def test_a_workers_capacity_is_told_with_the_one_before(scene: Scene, receiver: HostileReceiver) -> None:
    worker = scene.worker("ana")
    scene.capacity(worker.sid, "chat", 4)
    scene.cordboard.settled()
    told = of_type(receiver, "worker.capacity.update")
    assert (told["WorkerChannelCapacity"], told["WorkerChannelPreviousCapacity"]) == ("4", "1")
    assert (told["WorkerChannelAvailable"], told["WorkerChannelAvailableCapacity"]) == ("true", "100")
    assert (told["TaskChannelUniqueName"], told["WorkerChannelTaskCount"]) == ("chat", "0")


def test_a_canceled_task_says_why(scene: Scene, receiver: HostileReceiver) -> None:
    task = scene.task(timeout=60)
    scene.cordboard.clock.advance(61)
    told = of_type(receiver, "task.canceled")
    assert told["TaskSid"] == task.sid
    assert told["TaskCanceledReason"] == told["Reason"] == told["EventDescription"] == "Task TTL Exceeded"


def test_only_events_of_the_filter_are_posted(cordboard: Cordboard, receiver: HostileReceiver) -> None:
    wanted = "task.created , reservation.accepted"
    scene = Scene(cordboard, event_callback_url=receiver.url, events_filter=wanted)
    scene.worker("ana")
    scene.answer(scene.offer(scene.task().sid), "accepted")
    cordboard.settled()
    assert receiver.told("EventType") == ["task.created", "reservation.accepted"]


def test_a_workspace_is_told_of_its_own_end(scene: Scene, receiver: HostileReceiver) -> None:
    scene.workspace.delete()
    scene.cordboard.settled()
    assert receiver.told("EventType") == ["workspace.deleted"]


def test_without_a_url_nothing_is_written(cordboard: Cordboard) -> None:
    scene = Scene(cordboard)
    scene.worker("ana")
    scene.answer(scene.offer(scene.task().sid), "accepted")
    cordboard.settled()
    assert cordboard.http.get("/cordboard/v1/Deliveries").json["deliveries"] == []


def test_a_refused_call_delivers_nothing(scene: Scene, receiver: HostileReceiver) -> None:
    refused = scene.cordboard.http.post(f"/v1/Workspaces/{scene.sid}/Tasks", {"Attributes": "no json"})
    assert refused.status == 400
    scene.cordboard.settled()
    assert receiver.calls == []


def test_the_sid_and_position_that_are_sent_are_those_of_the_feed(scene: Scene, receiver: HostileReceiver) -> None:
    scene.task()
    scene.cordboard.settled()
    feed = scene.cordboard.http.get("/cordboard/v1/Events", {"PageSize": 1000}).json["events"]
    by_sid = {event["sid"]: event for event in feed}
    assert receiver.calls
    for call in receiver.calls:
        event = by_sid[call.form["Sid"]]
        assert event["type"] == call.form["EventType"]
        assert event["position"] == int(call.headers["x-cordboard-event-position"])


def test_the_headers_of_a_delivery(scene: Scene, receiver: HostileReceiver) -> None:
    scene.worker("ana", called="Ana & Bo = +1 ü")
    scene.cordboard.settled()
    (call,) = receiver.calls
    (delivery,) = scene.cordboard.http.get("/cordboard/v1/Deliveries", {"ResourceSid": call.form["WorkerSid"]}).json[
        "deliveries"
    ]
    assert call.token == delivery["sid"]
    assert call.headers["content-type"] == "application/x-www-form-urlencoded; charset=UTF-8"
    assert call.headers["user-agent"].startswith("Cordboard/")
    assert call.form == delivery["payload"]
    assert json.loads(call.form["WorkerAttributes"]) == {"called": "Ana & Bo = +1 ü"}
    assert call.is_signed_by(scene.cordboard.auth_token)
    assert not call.is_signed_by("another token")


@pytest.mark.parametrize("query", ["", "?x=1&y=a%20b", "?a=b=c&d="])
def test_the_url_is_called_as_configured_without_its_fragment(
    cordboard: Cordboard, receiver: HostileReceiver, query: str
) -> None:
    Scene(
        cordboard, event_callback_url=f"{receiver.url}/in%2Fside/{query}#rc=2&ct=500", events_filter="workspace.created"
    )
    cordboard.settled()
    (call,) = receiver.calls
    assert call.url == f"{receiver.url}/in%2Fside/{query}"
    assert call.is_signed_by(cordboard.auth_token)


def test_a_password_in_the_url_is_basic_authentication_and_not_signed(
    cordboard: Cordboard, receiver: HostileReceiver
) -> None:
    url = receiver.url.replace("//", "//user:secret@")
    Scene(cordboard, event_callback_url=url, events_filter="workspace.created")
    cordboard.settled()
    (call,) = receiver.calls
    assert call.headers["authorization"] == "Basic dXNlcjpzZWNyZXQ="
    assert call.url == f"{receiver.url}/"
    assert call.is_signed_by(cordboard.auth_token)


def test_one_workspaces_events_go_to_its_own_url(cordboard: Cordboard, receiver: HostileReceiver) -> None:
    scenes: dict[str, Any] = {
        path: Scene(cordboard, event_callback_url=f"{receiver.url}{path}") for path in ("/one", "/two")
    }
    for scene in scenes.values():
        scene.task()
    cordboard.settled()
    for path, scene in scenes.items():
        assert {call.form["WorkspaceSid"] for call in receiver.calls if call.path == path} == {scene.sid}
