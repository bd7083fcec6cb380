import pytest

from tests.taskrouter.refusals import refusal
from tests.taskrouter.scene import Scene


def test_every_field_of_a_worker_channel_is_the_vendors(scene: Scene) -> None:
    worker = scene.worker("ana")
    scene.cordboard.clock.advance(10)
    fax = scene.workspace.task_channels.create(friendly_name="Fax", unique_name="fax")
    base = f"/v1/Workspaces/{scene.sid}/Workers/{worker.sid}/Channels"
    answer = scene.cordboard.http.get(f"{base}/fax", host="taskrouter")
    sid = answer.json["sid"]
    assert (len(sid), sid[:2]) == (34, "WC")
    assert answer.json == {
        "sid": sid,
        "account_sid": scene.cordboard.account_sid,
        "workspace_sid": scene.sid,
        "worker_sid": worker.sid,
        "task_channel_sid": fax.sid,
        "task_channel_unique_name": "fax",
        "configured_capacity": 1,
        "available": True,
        "assigned_tasks": 0,
        "available_capacity_percentage": 100,
        "date_created": "2026-01-01T00:00:10Z",
        "date_updated": "2026-01-01T00:00:10Z",
        "url": f"https://taskrouter.twilio.com{base}/{sid}",
    }
    assert scene.cordboard.http.get(f"{base}/{sid}", host="taskrouter").json == answer.json
    listed = scene.cordboard.http.get(base, host="taskrouter").json
    assert listed["meta"]["key"] == "channels"
    assert listed["channels"][-1] == answer.json


def test_a_worker_has_a_channel_for_each_task_channel(scene: Scene) -> None:
    worker = scene.workspace.workers(scene.worker("ana").sid)
    names = ["default", "voice", "chat", "sms", "video"]
    assert [found.task_channel_unique_name for found in worker.worker_channels.list(page_size=2)] == names
    sids = {found.sid for found in worker.worker_channels.list()}
    sids |= {found.sid for found in scene.workspace.workers(scene.worker("bob").sid).worker_channels.list()}
    assert len(sids) == 10
    scene.workspace.task_channels("sms").delete()
    assert refusal(worker.worker_channels("sms").fetch)[:2] == (404, 20404)


def test_capacity_and_availability_are_changed_and_recorded(scene: Scene) -> None:
    sid = scene.worker("ana").sid
    worker = scene.workspace.workers(sid)
    chat = worker.worker_channels("chat").fetch().sid
    scene.cordboard.clock.advance(5)
    changed = worker.worker_channels(chat).update(capacity=5)
    assert (changed.configured_capacity, changed.available) == (5, True)
    assert changed.date_updated == scene.cordboard.clock.now()
    changed = worker.worker_channels(chat).update(capacity=5, available=False)
    assert (changed.configured_capacity, changed.available) == (5, False)
    assert worker.worker_channels("voice").fetch().configured_capacity == 1
    assert worker.fetch().date_updated == worker.fetch().date_created
    events = scene.cordboard.http.get("/cordboard/v1/Events", {"ResourceSid": sid}).json["events"]
    assert [event["type"] for event in events] == [
        "worker.created",
        "worker.capacity.update",
        "worker.channel.availability.update",
    ]
    data = events[1]["data"]
    assert data["task_channel"]["unique_name"] == "chat"
    assert (data["previous_channel"]["configured_capacity"], data["channel"]["configured_capacity"]) == (1, 5)
    assert data["activity"]["friendly_name"] == "Available"


def test_a_change_of_a_channel_raises_the_workers_version(scene: Scene) -> None:
    worker = scene.worker("ana")
    path = f"/v1/Workspaces/{scene.sid}/Workers/{worker.sid}"
    scene.capacity(worker.sid, "chat", 3)
    assert scene.cordboard.http.get(path, host="taskrouter").headers["etag"] == '"1"'
    scene.capacity(worker.sid, "chat", 3)
    assert scene.cordboard.http.get(path, host="taskrouter").headers["etag"] == '"1"'


def test_the_percentage_counts_offers_and_the_number_only_accepted_tasks(scene: Scene) -> None:
    worker = scene.worker("ana")
    scene.capacity(worker.sid, "default", 3)
    channel = scene.workspace.workers(worker.sid).worker_channels("default")
    offer = scene.offer(scene.task().sid)
    found = channel.fetch()
    assert (found.assigned_tasks, found.available_capacity_percentage) == (0, 66)
    scene.answer(offer, "accepted")
    found = channel.fetch()
    assert (found.assigned_tasks, found.available_capacity_percentage) == (1, 66)
    scene.answer(offer, "wrapping")
    found = channel.fetch()
    assert (found.assigned_tasks, found.available_capacity_percentage) == (0, 66)
    scene.answer(offer, "completed")
    assert channel.fetch().available_capacity_percentage == 100


def test_a_capacity_below_the_load_takes_nothing_away(scene: Scene) -> None:
    worker = scene.worker("ana")
    scene.capacity(worker.sid, "default", 2)
    offers = [scene.offer(scene.task().sid) for _ in range(2)]
    channel = scene.workspace.workers(worker.sid).worker_channels("default")
    for capacity in (1, 0):
        assert channel.update(capacity=capacity).available_capacity_percentage == 0
    assert [scene.offer(offer.task_sid).reservation_status for offer in offers] == ["pending", "pending"]
    assert scene.offers(scene.task().sid) == []


@pytest.mark.parametrize("capacity", ["-1", "51", "1.5", "many", ""])
def test_a_capacity_that_is_none_is_refused(scene: Scene, capacity: str) -> None:
    worker = scene.worker("ana")
    path = f"/v1/Workspaces/{scene.sid}/Workers/{worker.sid}/Channels/chat"
    answer = scene.cordboard.http.post(path, {"Capacity": capacity}, host="taskrouter")
    assert (answer.status, answer.json["code"]) == (400, 20001)
    assert answer.json["message"].startswith("Invalid parameter Capacity: ")


@pytest.mark.parametrize("name", ["fax", "WC" + "0" * 32, "TC" + "0" * 32])
def test_a_channel_that_is_not_there_is_not_found(scene: Scene, name: str) -> None:
    worker = scene.workspace.workers(scene.worker("ana").sid)
    assert refusal(worker.worker_channels(name).fetch)[:2] == (404, 20404)
    assert refusal(worker.worker_channels(name).update, capacity=1)[:2] == (404, 20404)


def test_a_channel_of_another_worker_is_not_found(scene: Scene) -> None:
    ana, bob = scene.worker("ana"), scene.worker("bob")
    anas = scene.workspace.workers(ana.sid).worker_channels("chat").fetch().sid
    assert refusal(scene.workspace.workers(bob.sid).worker_channels(anas).fetch)[:2] == (404, 20404)
