import json
from typing import Any

import pytest

from cordboard.storage.unit import View
from tests.taskrouter.refusals import refusal, sentence
from tests.taskrouter.scene import Scene

NOBODY = "WK" + "0" * 32


def test_every_field_of_a_worker_is_the_vendors(scene: Scene) -> None:
    base = f"/v1/Workspaces/{scene.sid}"
    form = {"FriendlyName": "Ana", "Attributes": '{ "level" : 3 }'}
    answer = scene.cordboard.http.post(f"{base}/Workers", form, host="taskrouter")
    assert (answer.status, answer.headers["etag"]) == (201, '"0"')
    sid = answer.json["sid"]
    assert sid.startswith("WK")
    workspace = f"https://taskrouter.twilio.com{base}"
    url = f"{workspace}/Workers/{sid}"
    offline = scene.activities["Offline"]
    assert answer.json == {
        "sid": sid,
        "account_sid": scene.cordboard.account_sid,
        "workspace_sid": scene.sid,
        "friendly_name": "Ana",
        "activity_sid": offline,
        "activity_name": "Offline",
        "attributes": '{ "level" : 3 }',
        "available": False,
        "date_created": "2026-01-01T00:00:00Z",
        "date_updated": "2026-01-01T00:00:00Z",
        "date_status_changed": "2026-01-01T00:00:00Z",
        "url": url,
        "links": {
            "channels": f"{url}/Channels",
            "activity": f"{workspace}/Activities/{offline}",
            "workspace": workspace,
            "statistics": f"{workspace}/Workers/Statistics",
            "real_time_statistics": f"{workspace}/Workers/RealTimeStatistics",
            "cumulative_statistics": f"{workspace}/Workers/CumulativeStatistics",
            "worker_statistics": f"{url}/Statistics",
            "worker_channels": f"{url}/Channels",
            "reservations": f"{url}/Reservations",
        },
    }
    assert scene.cordboard.http.get(f"{base}/Workers/{sid}", host="taskrouter").json == answer.json
    assert scene.cordboard.http.get(f"{base}/Workers", host="taskrouter").json["workers"] == [answer.json]


def test_a_workers_name_is_taken_once_whatever_its_case(scene: Scene) -> None:
    taken = "Worker with the same friendly name already exists"
    scene.worker("Straße")
    assert sentence(scene.workspace.workers.create, friendly_name="STRASSE") == taken
    bob = scene.workspace.workers(scene.worker("bob").sid)
    assert sentence(bob.update, friendly_name="straße") == taken
    assert bob.update(friendly_name="BOB").friendly_name == "BOB"
    assert Scene(scene.cordboard).worker("bob").friendly_name == "bob"


def test_attributes_are_replaced_as_a_whole(scene: Scene) -> None:
    worker = scene.workspace.workers(scene.worker("ana", a=1, b=2).sid)
    assert worker.update(attributes='{"c":3}').attributes == '{"c":3}'
    assert worker.update(friendly_name="other").attributes == '{"c":3}'
    fits = json.dumps({"x": "é" * 4087}, ensure_ascii=False)
    assert len(fits) == 4096
    assert worker.update(attributes=fits).attributes == fits


@pytest.mark.parametrize(
    "attributes", ["", "[]", '"x"', "{", "{'a': 1}", '{"a":NaN}', json.dumps({"x": "x" * 4088}), '{"a":"\\u0000"}']
)
def test_attributes_that_are_no_small_json_object_are_refused(scene: Scene, attributes: str) -> None:
    worker = scene.worker("ana", a=1)
    assert sentence(scene.workspace.workers(worker.sid).update, attributes=attributes).startswith(
        "Invalid parameter Attributes: "
    )
    assert "Attributes" in sentence(scene.workspace.workers.create, friendly_name="bob", attributes=attributes)
    assert [found.attributes for found in scene.workspace.workers.list()] == ['{"a": 1}']


def test_a_change_of_activity_is_dated_and_nothing_else_is(scene: Scene) -> None:
    worker = scene.workspace.workers(scene.worker("ana").sid)
    scene.cordboard.clock.advance(7)
    changed = worker.update(attributes='{"a":1}')
    assert (changed.date_status_changed, changed.date_updated) == (
        changed.date_created,
        scene.cordboard.clock.now(),
    )
    scene.cordboard.clock.advance(3)
    away = worker.update(activity_sid=scene.activities["Unavailable"])
    assert (away.activity_name, away.available) == ("Unavailable", False)
    assert away.date_status_changed == scene.cordboard.clock.now()
    scene.cordboard.clock.advance(1)
    again = worker.update(activity_sid=scene.activities["Unavailable"])
    assert again.date_status_changed == away.date_status_changed


def test_an_activity_that_is_not_there_is_refused(scene: Scene) -> None:
    other = Scene(scene.cordboard).activities["Offline"]
    worker = scene.worker("ana")
    missing = f"Invalid parameter ActivitySid: there is no activity {other} in workspace {scene.sid}"
    assert sentence(scene.workspace.workers.create, friendly_name="bob", activity_sid=other) == missing
    assert sentence(scene.workspace.workers(worker.sid).update, activity_sid=other) == missing


def test_every_change_raises_the_version_and_a_stale_one_changes_nothing(scene: Scene) -> None:
    path = f"/v1/Workspaces/{scene.sid}/Workers/{scene.worker('ana').sid}"
    http = scene.cordboard.http
    first = http.post(path, {"FriendlyName": "b"}, host="taskrouter", headers={"If-Match": '"0"'})
    assert (first.status, first.headers["etag"]) == (200, '"1"')
    stale = http.post(path, {"FriendlyName": "c"}, host="taskrouter", headers={"If-Match": '"0"'})
    assert (stale.status, stale.json["code"]) == (412, 20412)
    assert http.delete(path, host="taskrouter", headers={"If-Match": '"0"'}).status == 412
    unchanged = http.get(path, host="taskrouter")
    assert (unchanged.json["friendly_name"], unchanged.headers["etag"]) == ("b", '"1"')
    bare = http.post(path, {"FriendlyName": "d"}, host="taskrouter", headers={"If-Match": "1"})
    assert (bare.status, bare.headers["etag"]) == (200, '"2"')
    same = http.post(path, {"FriendlyName": "d"}, host="taskrouter")
    assert same.headers["etag"] == '"2"'


def test_a_workers_changes_are_recorded_with_what_names_them(scene: Scene) -> None:
    sid = scene.worker("ana").sid
    worker = scene.workspace.workers(sid)
    worker.update(attributes='{"a":1}', friendly_name="Ana")
    scene.cordboard.clock.advance(61.5)
    worker.update(activity_sid=scene.activities["Offline"])
    worker.delete()
    events = scene.cordboard.http.get("/cordboard/v1/Events", {"ResourceSid": sid}).json["events"]
    assert [event["type"] for event in events] == [
        "worker.created",
        "worker.attributes.update",
        "worker.updated",
        "worker.activity.update",
        "worker.deleted",
    ]
    moved = events[3]["data"]
    assert moved["worker"]["activity_sid"] == scene.activities["Offline"]
    assert moved["activity"]["friendly_name"] == "Offline"
    assert moved["previous_activity"]["friendly_name"] == "Available"
    assert moved["time_in_previous_activity_ms"] == 61_500
    assert events[1]["data"]["worker"]["attributes"] == '{"a":1}'


def test_an_available_worker_is_not_deleted(scene: Scene) -> None:
    worker = scene.workspace.workers(scene.worker("ana").sid)
    assert sentence(worker.delete).endswith("it is available (Available)")
    worker.update(activity_sid=scene.activities["Offline"])
    assert worker.delete() is True
    assert refusal(worker.fetch)[:2] == (404, 20404)


def test_a_worker_with_an_open_reservation_is_not_deleted(scene: Scene) -> None:
    worker = scene.workspace.workers(scene.worker("ana").sid)
    offer = scene.offer(scene.task().sid)
    scene.answer(offer, "accepted")
    worker.update(activity_sid=scene.activities["Offline"])
    assert sentence(worker.delete).endswith(f"its reservation {offer.sid} is still open")
    scene.answer(offer, "completed")
    assert worker.delete() is True


def test_a_worker_who_leaves_rejects_what_it_is_offered(scene: Scene) -> None:
    ana = scene.worker("ana")
    scene.capacity(ana.sid, "default", 2)
    accepted = scene.offer(scene.task().sid)
    scene.answer(accepted, "accepted")
    offer = scene.offer(scene.task().sid)
    away = scene.activities["Unavailable"]
    left = scene.workspace.workers(ana.sid).update(activity_sid=away, reject_pending_reservations=True)
    assert (left.activity_sid, left.activity_name) == (away, "Unavailable")
    statuses = {found.sid: found.reservation_status for found in scene.workspace.workers(ana.sid).reservations.list()}
    assert statuses == {accepted.sid: "accepted", offer.sid: "rejected"}
    assert scene.status(offer.task_sid) == "pending"
    assert scene.workspace.workers(ana.sid).fetch().activity_sid == away
    channel = scene.workspace.workers(ana.sid).worker_channels("default").fetch()
    assert (channel.assigned_tasks, channel.available_capacity_percentage) == (1, 50)
    etag = scene.cordboard.http.get(f"/v1/Workspaces/{scene.sid}/Workers/{ana.sid}", host="taskrouter").headers["etag"]
    assert etag == f'"{version(scene, ana.sid)}"'


def version(scene: Scene, worker_sid: str) -> int:
    """The version in the newest event of a worker."""
    query = {"ResourceSid": worker_sid, "PageSize": 1000}
    events = scene.cordboard.http.get("/cordboard/v1/Events", query).json["events"]
    newest: int = events[-1]["data"]["worker"]["version"]
    return newest


def test_a_worker_who_leaves_may_keep_what_it_is_offered(scene: Scene) -> None:
    ana = scene.worker("ana")
    offer = scene.offer(scene.task().sid)
    scene.workspace.workers(ana.sid).update(activity_sid=scene.activities["Unavailable"])
    assert scene.offer(offer.task_sid).reservation_status == "pending"


def test_a_worker_who_goes_from_one_available_activity_to_another_keeps_what_it_is_offered(scene: Scene) -> None:
    ana = scene.worker("ana")
    offer = scene.offer(scene.task().sid)
    desk = scene.workspace.activities.create(friendly_name="At the desk", available=True)
    scene.workspace.workers(ana.sid).update(activity_sid=desk.sid)
    assert scene.offer(offer.task_sid).reservation_status == "pending"
    assert scene.answer(offer, "accepted").reservation_status == "accepted"
    assert scene.workspace.workers(ana.sid).fetch().activity_name == "At the desk"


@pytest.mark.parametrize("activity", ["Available", None])
def test_only_a_worker_who_leaves_rejects_all(scene: Scene, activity: str | None) -> None:
    ana = scene.worker("ana")
    offer = scene.offer(scene.task().sid)
    more = {} if activity is None else {"activity_sid": scene.activities[activity]}
    refused = sentence(scene.workspace.workers(ana.sid).update, reject_pending_reservations=True, **more)
    assert refused.startswith("Invalid parameter RejectPendingReservations: ")
    assert scene.offer(offer.task_sid).reservation_status == "pending"


@pytest.fixture
def crew(scene: Scene) -> Scene:
    """Ana and Bob are available, Cleo and Dan are not."""
    scene.worker("ana", languages=["en", "fr"], level=9)
    scene.worker("bob", languages=["en"], level="4")
    scene.worker("cleo", available=False, languages=["fr"])
    dan = scene.worker("dan", available=False, level=9)
    scene.workspace.workers(dan.sid).update(activity_sid=scene.activities["Unavailable"])
    return scene


def names(workers: list[Any]) -> list[str]:
    return [worker.friendly_name for worker in workers]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"available": "true"}, ["ana", "bob"]),
        ({"available": "1"}, ["ana", "bob"]),
        ({"available": "false"}, ["cleo", "dan"]),
        ({"available": "maybe"}, ["cleo", "dan"]),
        ({"activity_name": "Offline"}, ["cleo"]),
        ({"activity_name": "offline"}, []),
        ({"activity_name": "Lunch"}, []),
        ({"friendly_name": "bob"}, ["bob"]),
        ({"friendly_name": "Bob"}, []),
        ({"friendly_name": "bob", "available": "no"}, []),
        ({"target_workers_expression": "languages HAS 'en'"}, ["ana", "bob"]),
        ({"target_workers_expression": "level >= 4"}, ["ana", "bob", "dan"]),
        ({"target_workers_expression": "friendly_name IN ['dan', 'ana']"}, ["ana", "dan"]),
        ({"target_workers_expression": "activity_name == 'Unavailable'"}, ["dan"]),
        ({"target_workers_expression": "level == 9", "available": "yes"}, ["ana"]),
        ({"target_workers_expression": ""}, []),
        ({"task_queue_name": "Sample Queue"}, ["ana", "bob", "cleo", "dan"]),
        ({"task_queue_name": "french"}, ["ana", "cleo"]),
        ({"task_queue_name": "french", "target_workers_expression": "level == 9"}, ["ana"]),
        ({"task_queue_name": "no such queue"}, []),
        ({"task_queue_sid": "WQ" + "0" * 32}, []),
        ({"activity_sid": "WA" + "0" * 32}, []),
        ({"ordering": "FriendlyName:desc"}, ["dan", "cleo", "bob", "ana"]),
        ({"ordering": "DateStatusChanged:desc,FriendlyName:asc"}, ["ana", "bob", "cleo", "dan"]),
    ],
)
def test_workers_are_listed_by(crew: Scene, filters: dict[str, Any], found: list[str]) -> None:
    crew.workspace.task_queues.create(friendly_name="french", target_workers="languages HAS 'fr'")
    assert names(crew.workspace.workers.list(**filters)) == found
    assert names(crew.workspace.workers.list(**filters, page_size=1)) == found


def test_workers_are_listed_by_sids_of_activity_and_queue(crew: Scene) -> None:
    workers = crew.workspace.workers
    offline = crew.activities["Offline"]
    queue = crew.workspace.task_queues.create(friendly_name="french", target_workers="languages HAS 'fr'").sid
    assert names(workers.list(activity_sid=offline)) == ["cleo"]
    assert names(workers.list(activity_sid=offline, activity_name="Offline")) == ["cleo"]
    assert workers.list(activity_sid=offline, activity_name="Available") == []
    assert names(workers.list(task_queue_sid=queue)) == ["ana", "cleo"]
    assert names(workers.list(task_queue_sid=queue, task_queue_name="french")) == ["ana", "cleo"]
    assert workers.list(task_queue_sid=queue, task_queue_name="Sample Queue") == []
    assert workers.list(task_queue_sid=Scene(crew.cordboard).queue) == []


def test_activities_of_one_name_are_listed_together(crew: Scene) -> None:
    again = crew.workspace.activities.create(friendly_name="Offline").sid
    crew.workspace.workers.create(friendly_name="eve", activity_sid=again)
    assert names(crew.workspace.workers.list(activity_name="Offline")) == ["cleo", "eve"]


def test_names_in_an_expression_may_hold_a_dollar_sign(scene: Scene) -> None:
    ana = scene.worker("ana")
    scene.worker("bob")
    scene.workspace.workers(ana.sid).update(attributes='{"$desk": {"$1": "b"}, "lines$2": 3}')
    for expression in "$desk.$1 == 'b'", "lines$2 > 2 AND $desk.$2 == null":
        assert names(scene.workspace.workers.list(target_workers_expression=expression)) == ["ana"]


def test_a_wrong_expression_is_refused_at_its_character(crew: Scene) -> None:
    path = f"/v1/Workspaces/{crew.sid}/Workers"
    answer = crew.cordboard.http.get(path, {"TargetWorkersExpression": "skill-level > 3"}, host="taskrouter")
    assert (answer.status, answer.json["code"]) == (400, 20001)
    assert answer.json["message"] == (
        "Invalid parameter TargetWorkersExpression: extraneous input 'evel' expecting OPERATOR at character 8"
    )


@pytest.mark.parametrize("batch", [1, 7, 1000])
def test_a_list_filtered_by_an_expression_pages_over_many_workers(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(View, "BATCH", batch)
    for number in range(40):
        scene.workspace.workers.create(friendly_name=f"{number:02}", attributes=json.dumps({"n": number}))
    page = scene.workspace.workers.page(target_workers_expression="n >= 8 AND n != 20", page_size=10)
    seen: list[str] = []
    sizes: list[int] = []
    while page is not None:
        found = names(list(page))
        sizes.append(len(found))
        seen += found
        page = page.next_page()
    assert seen == [f"{number:02}" for number in range(8, 40) if number != 20]
    assert sizes == [10, 10, 10, 1]
