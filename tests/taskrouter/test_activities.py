import pytest

from tests.taskrouter.refusals import refusal, sentence
from tests.taskrouter.scene import Scene


def test_every_field_of_an_activity_is_the_vendors(scene: Scene) -> None:
    base = f"/v1/Workspaces/{scene.sid}"
    answer = scene.cordboard.http.post(f"{base}/Activities", {"FriendlyName": "Lunch"}, host="taskrouter")
    assert answer.status == 201
    sid = answer.json["sid"]
    assert sid.startswith("WA")
    assert answer.json == {
        "sid": sid,
        "account_sid": scene.cordboard.account_sid,
        "workspace_sid": scene.sid,
        "friendly_name": "Lunch",
        "available": False,
        "date_created": "2026-01-01T00:00:00Z",
        "date_updated": "2026-01-01T00:00:00Z",
        "url": f"https://taskrouter.twilio.com{base}/Activities/{sid}",
        "links": {"workspace": f"https://taskrouter.twilio.com{base}"},
    }
    assert scene.cordboard.http.get(f"{base}/Activities/{sid}", host="taskrouter").json == answer.json


@pytest.mark.parametrize(("sent", "available"), [("true", True), ("1", True), ("Yes", True), ("on", False)])
def test_available_is_true_for_three_words_only(scene: Scene, sent: str, available: bool) -> None:
    path = f"/v1/Workspaces/{scene.sid}/Activities"
    made = scene.cordboard.http.post(path, {"FriendlyName": "x", "Available": sent}, host="taskrouter").json
    assert made["available"] is available


def test_available_is_ignored_when_an_activity_is_changed(scene: Scene) -> None:
    path = f"/v1/Workspaces/{scene.sid}/Activities/{scene.activities['Offline']}"
    answer = scene.cordboard.http.post(path, {"FriendlyName": "Gone", "Available": "true"}, host="taskrouter")
    assert (answer.status, answer.json["friendly_name"], answer.json["available"]) == (200, "Gone", False)


def test_a_renamed_activity_shows_in_its_workspace_and_workers(scene: Scene) -> None:
    worker = scene.workspace.workers.create(friendly_name="ana")
    scene.workspace.activities(scene.activities["Offline"]).update(friendly_name="Gone")
    assert scene.workspace.fetch().default_activity_name == "Gone"
    assert scene.workspace.workers(worker.sid).fetch().activity_name == "Gone"
    assert scene.workspace.workers.list()[0].activity_name == "Gone"


def test_activities_are_listed_by_name_and_availability(scene: Scene) -> None:
    again = scene.workspace.activities.create(friendly_name="Available").sid
    assert [found.sid for found in scene.workspace.activities.list(friendly_name="Available")] == [
        scene.activities["Available"],
        again,
    ]
    assert [found.sid for found in scene.workspace.activities.list(available="yes")] == [scene.activities["Available"]]
    unavailable = [found.friendly_name for found in scene.workspace.activities.list(available="no")]
    assert unavailable == ["Offline", "Unavailable", "Available"]
    assert [found.sid for found in scene.workspace.activities.list(friendly_name="Available", available="no")] == [
        again
    ]


def test_an_activity_that_nothing_uses_is_deleted(scene: Scene) -> None:
    activity = scene.workspace.activities.create(friendly_name="Lunch")
    scene.workspace.activities(activity.sid).update(friendly_name="Dinner")
    assert scene.workspace.activities(activity.sid).delete() is True
    assert refusal(scene.workspace.activities(activity.sid).fetch)[:2] == (404, 20404)
    assert scene.events(activity.sid) == ["activity.created", "activity.updated", "activity.deleted"]


def test_the_default_activity_is_not_deleted(scene: Scene) -> None:
    scene.workspace.update(timeout_activity_sid=scene.activities["Unavailable"])
    offline = scene.workspace.activities(scene.activities["Offline"])
    assert sentence(offline.delete).endswith("it is the workspace's DefaultActivitySid")
    assert offline.fetch().friendly_name == "Offline"


def test_the_timeout_activity_is_not_deleted(scene: Scene) -> None:
    scene.workspace.update(default_activity_sid=scene.activities["Unavailable"])
    offline = scene.workspace.activities(scene.activities["Offline"])
    assert sentence(offline.delete).endswith("it is the workspace's TimeoutActivitySid")


@pytest.mark.parametrize("parameter", ["reservation_activity_sid", "assignment_activity_sid"])
def test_an_activity_that_a_queue_applies_is_not_deleted(scene: Scene, parameter: str) -> None:
    lunch = scene.workspace.activities.create(friendly_name="Lunch").sid
    queue = scene.workspace.task_queues.create(friendly_name="q", **{parameter: lunch})
    assert sentence(scene.workspace.activities(lunch).delete).endswith(f"task queue {queue.sid} applies it")


def test_an_activity_with_a_worker_in_it_is_not_deleted(scene: Scene) -> None:
    worker = scene.worker("ana")
    available = scene.workspace.activities(scene.activities["Available"])
    assert sentence(available.delete).endswith(f"worker {worker.sid} is in it")
    scene.workspace.workers(worker.sid).update(activity_sid=scene.activities["Offline"])
    assert available.delete() is True


def test_a_workspace_has_a_hundred_activities_at_most(scene: Scene) -> None:
    for number in range(97):
        scene.workspace.activities.create(friendly_name=f"{number}")
    assert "100 activities" in sentence(scene.workspace.activities.create, friendly_name="one more")
    assert len(scene.workspace.activities.list()) == 100
