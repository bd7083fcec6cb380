"""The Events API (taskrouter.md 1.13): what is shown, what is found, in which order."""

import json
from typing import Any

import pytest

from cordboard.testkit.running import Cordboard
from tests.taskrouter.refusals import refusal
from tests.taskrouter.scene import Scene


def types(found: list[Any]) -> list[str]:
    return [event.event_type for event in found]


@pytest.fixture
def routed(scene: Scene) -> Any:
    """An accepted reservation."""
    scene.worker("ana", language="de")
    return scene.answer(scene.offer(scene.task(attributes={"language": "de"}).sid), "accepted")


@pytest.mark.cordboard(start="2026-02-07T00:32:41.111Z")
def test_an_event_has_all_its_fields(scene: Scene) -> None:
    worker = scene.worker("JustinWorker", available=False)
    scene.cordboard.clock.advance(26.123)
    scene.workspace.workers(worker.sid).update(activity_sid=scene.activities["Available"])
    (event,) = scene.workspace.events.list(event_type="worker.activity.update")
    base = f"https://taskrouter.twilio.com/v1/Workspaces/{scene.sid}"
    assert event.sid.startswith("EV")
    assert len(event.sid) == 34
    assert (event.account_sid, event.workspace_sid) == (scene.cordboard.account_sid, scene.sid)
    assert event.description == "Worker JustinWorker updated to Available Activity"
    assert event.event_date.isoformat() == "2026-02-07T00:33:07+00:00"
    assert event.event_date_ms == 1770424387234
    assert (event.actor_type, event.actor_sid, event.actor_url) == ("workspace", scene.sid, base)
    assert (event.resource_type, event.resource_sid) == ("worker", worker.sid)
    assert event.resource_url == f"{base}/Workers/{worker.sid}"
    assert (event.source, event.source_ip_address) == ("twilio", "127.0.0.1")
    assert event.url == f"{base}/Events/{event.sid}"
    assert event.event_data == {
        "workspace_sid": scene.sid,
        "workspace_name": "scene",
        "operating_unit_sid": f"OU{scene.cordboard.account_sid[2:]}",
        "worker_sid": worker.sid,
        "worker_name": "JustinWorker",
        "worker_attributes": "{}",
        "worker_version": "1",
        "worker_activity_sid": scene.activities["Available"],
        "worker_activity_name": "Available",
        "worker_previous_activity_sid": scene.activities["Offline"],
        "worker_previous_activity_name": "Offline",
        "worker_time_in_previous_activity": "26",
        "worker_time_in_previous_activity_ms": "26123",
    }
    again = scene.workspace.events(event.sid).fetch()
    assert (again.sid, again.event_data) == (event.sid, event.event_data)


def test_what_the_router_and_alarms_do_has_no_caller(scene: Scene, routed: Any) -> None:
    (offer,) = scene.workspace.events.list(event_type="reservation.created")
    assert (offer.source, offer.source_ip_address, offer.actor_sid) == ("taskrouter", None, scene.sid)
    (accepted,) = scene.workspace.events.list(event_type="reservation.accepted")
    assert (accepted.source, accepted.source_ip_address) == ("twilio", "127.0.0.1")
    assert accepted.resource_url.endswith(f"/Tasks/{routed.task_sid}/Reservations/{routed.sid}")


def test_the_worker_whom_a_token_names_is_the_actor(scene: Scene) -> None:
    worker, http = scene.worker("ana", available=False), scene.cordboard.http
    grants = {"task_router": {"workspace_sid": scene.sid, "worker_sid": worker.sid, "role": "worker"}}
    token = http.post("/cordboard/v1/Tokens", {"Identity": "ana", "Grants": grants}).json["token"]
    path, form = f"/v1/Workspaces/{scene.sid}/Workers/{worker.sid}", {"ActivitySid": scene.activities["Available"]}
    answer = http.post(path, form, host="taskrouter", auth=("token", token))
    assert answer.status == 200, answer.text
    (event,) = scene.workspace.events.list(event_type="worker.activity.update")
    assert (event.actor_type, event.actor_sid) == ("worker", worker.sid)
    assert event.actor_url.endswith(f"/Workers/{worker.sid}")


def test_the_newest_come_first_page_after_page(scene: Scene) -> None:
    for number in range(5):
        scene.worker(f"worker {number}")
    found = scene.workspace.events.list(event_type="worker.created", page_size=2)
    assert [event.event_data["worker_name"] for event in found] == [f"worker {number}" for number in range(4, -1, -1)]
    first = scene.workspace.events.page(event_type="worker.created", page_size=2)
    scene.worker("latecomer")
    second = first.next_page()
    assert second is not None
    assert [event.event_data["worker_name"] for event in second] == ["worker 2", "worker 1"]
    back = second.previous_page()
    assert back is not None
    assert [event.event_data["worker_name"] for event in back] == ["worker 4", "worker 3"]


def test_events_are_found_by_what_they_tell_of(scene: Scene, routed: Any) -> None:
    other = scene.task(task_channel="chat", attributes={})
    scene.worker("ben", available=False)
    scene.cordboard.settled()
    events = scene.workspace.events
    about_task = ["reservation.accepted", "reservation.created", "workflow.target-matched", "task.created"]
    assert types(events.list(task_sid=routed.task_sid))[:4] == about_task
    offered = ["reservation.accepted", "reservation.created"]
    assert types(events.list(reservation_sid=routed.sid)) == offered
    # The worker has capacity for a chat beside the task.
    assert types(events.list(worker_sid=routed.worker_sid)) == ["reservation.created", *offered, "worker.created"]
    in_queue = events.list(task_queue_sid=scene.queue)
    assert {event.event_data["task_queue_sid"] for event in in_queue} == {scene.queue}
    assert {"task-queue.created", "task-queue.entered", "reservation.accepted"} <= set(types(in_queue))
    assert "worker.created" not in types(in_queue)
    by_workflow = types(events.list(workflow_sid=scene.workflow))
    assert {"workflow.created", "workflow.entered", "reservation.created"} <= set(by_workflow)
    chat = scene.workspace.task_channels("chat").fetch().sid
    for name in ("chat", chat):
        found = events.list(task_channel=name, event_type="task.created")
        assert [event.event_data["task_sid"] for event in found] == [other.sid]
    assert types(events.list(task_sid=routed.task_sid, worker_sid=routed.worker_sid, event_type="task.created")) == []
    (one,) = events.list(reservation_sid=routed.sid, event_type="reservation.accepted")
    assert [found.sid for found in events.list(sid=one.sid)] == [one.sid]
    assert events.list(sid=one.sid, event_type="task.created") == []


def test_without_a_period_the_last_quarter_of_an_hour_is_shown(scene: Scene) -> None:
    scene.worker("early")
    scene.cordboard.clock.advance(16 * 60)
    scene.worker("late")
    events = scene.workspace.events

    def names(**period: Any) -> list[str]:
        found = events.list(event_type="worker.created", **period)
        return [event.event_data["worker_name"] for event in found]

    assert names() == ["late"]
    assert names(minutes=15) == ["late"]
    assert names(minutes=17) == ["late", "early"]
    start, end = "2026-01-01T00:00:00Z", "2026-01-01T00:16:00Z"
    assert names(start_date=start) == ["late", "early"]
    assert names(end_date=start) == ["early"]
    assert names(start_date=start, end_date="2026-01-01T00:15:59Z") == ["early"]
    assert names(start_date=end, end_date=end) == ["late"]
    early = events.list(start_date=start, event_type="worker.created")[-1]
    assert len(events.list(sid=early.sid)) == 1
    assert events.list(sid=early.sid, minutes=15) == []


def test_names_are_those_of_then(scene: Scene, routed: Any) -> None:
    scene.workspace.update(friendly_name="renamed")
    scene.workspace.task_queues(scene.queue).update(friendly_name="renamed", target_workers="1 == 1")
    scene.workspace.workflows(scene.workflow).update(friendly_name="renamed")
    scene.workspace.activities(scene.activities["Available"]).update(friendly_name="renamed")
    (event,) = scene.workspace.events.list(event_type="reservation.accepted", task_sid=routed.task_sid)
    told = event.event_data
    assert (told["workspace_name"], told["worker_activity_name"]) == ("scene", "Available")
    assert (told["task_queue_name"], told["task_queue_target_expression"]) == ("Sample Queue", "1==1")
    assert told["workflow_name"] == "Default Fifo Workflow"


def test_events_outlive_what_they_tell_of(scene: Scene, routed: Any) -> None:
    scene.workspace.tasks(routed.task_sid).delete()
    assert types(scene.workspace.events.list(task_sid=routed.task_sid))[:2] == ["task.deleted", "reservation.completed"]


def test_what_tasks_said_is_not_shown_after_thirty_days(scene: Scene) -> None:
    task = scene.task(attributes={"name": "Zoë"})
    scene.cordboard.clock.advance(43_200 * 60)
    (event,) = scene.workspace.events.list(task_sid=task.sid, event_type="task.created", minutes=43_200)
    assert json.loads(event.event_data["task_attributes"]) == {"name": "Zoë"}
    scene.cordboard.clock.advance(1)
    assert scene.workspace.events(event.sid).fetch().event_data["task_attributes"] == "{}"


def test_what_the_vendor_has_no_events_for_is_not_shown(scene: Scene) -> None:
    worker = scene.worker("ana")
    scene.workspace.workers(worker.sid).update(friendly_name="anna")
    assert types(scene.workspace.events.list(worker_sid=worker.sid)) == ["worker.created"]
    hidden = scene.cordboard.http.get("/cordboard/v1/Events", {"ResourceSid": worker.sid}).json["events"][-1]
    assert hidden["type"] == "worker.updated"
    assert refusal(scene.workspace.events(hidden["sid"]).fetch)[:2] == (404, 20404)


def test_an_event_of_another_workspace_or_account_is_not_found(cordboard: Cordboard, scene: Scene) -> None:
    other = Scene(cordboard)
    (event,) = other.workspace.events.list(event_type="workspace.created")
    assert refusal(scene.workspace.events(event.sid).fetch)[:2] == (404, 20404)
    assert scene.workspace.events.list(sid=event.sid) == []
    stranger = cordboard.add_account("stranger")
    for path in ("", f"/{event.sid}"):
        answer = cordboard.http.get(f"/v1/Workspaces/{other.sid}/Events{path}", host="taskrouter", auth=stranger)
        assert (answer.status, answer.json["code"]) == (404, 20404)


@pytest.mark.parametrize("ending", ["f" * 16, "7" + "f" * 15, "0" * 15 + "z", "0" * 16, "", "1"])
def test_an_sid_that_names_no_event_is_not_found(scene: Scene, ending: str) -> None:
    (event,) = scene.workspace.events.list(event_type="workspace.created")
    wrong = event.sid[:-16] + ending
    answer = scene.cordboard.http.get(f"/v1/Workspaces/{scene.sid}/Events/{wrong}", host="taskrouter")
    # Without an ending there is nothing behind the slash but the prefix of a SID.
    assert (answer.status, answer.json["code"]) == (404, 20404)
    assert scene.workspace.events.list(sid=wrong) == []


def test_a_period_that_ends_before_it_begins_is_refused(scene: Scene) -> None:
    dates = {"StartDate": "2026-01-02T00:00:00Z", "EndDate": "2026-01-01T00:00:00Z"}
    answer = scene.cordboard.http.get(f"/v1/Workspaces/{scene.sid}/Events", dates, host="taskrouter")
    assert (answer.status, answer.json["code"]) == (400, 20001)
    assert answer.json["message"].startswith("Invalid parameter EndDate")
