from tests.taskrouter.refusals import refusal, sentence
from tests.taskrouter.scene import Scene


def test_every_field_of_a_task_channel_is_the_vendors(scene: Scene) -> None:
    base = f"/v1/Workspaces/{scene.sid}"
    form = {"FriendlyName": "Fax", "UniqueName": "fax", "ChannelOptimizedRouting": "true"}
    answer = scene.cordboard.http.post(f"{base}/TaskChannels", form, host="taskrouter")
    assert answer.status == 201
    sid = answer.json["sid"]
    assert sid.startswith("TC")
    assert answer.json == {
        "sid": sid,
        "account_sid": scene.cordboard.account_sid,
        "workspace_sid": scene.sid,
        "friendly_name": "Fax",
        "unique_name": "fax",
        "channel_optimized_routing": True,
        "date_created": "2026-01-01T00:00:00Z",
        "date_updated": "2026-01-01T00:00:00Z",
        "url": f"https://taskrouter.twilio.com{base}/TaskChannels/{sid}",
        "links": {"workspace": f"https://taskrouter.twilio.com{base}"},
    }
    listed = scene.cordboard.http.get(f"{base}/TaskChannels", {"PageSize": 10}, host="taskrouter").json
    assert listed["meta"]["key"] == "channels"
    assert listed["channels"][-1] == answer.json


def test_a_task_channel_is_found_by_sid_and_by_unique_name(scene: Scene) -> None:
    channel = scene.workspace.task_channels("sms").fetch()
    assert scene.workspace.task_channels(channel.sid).fetch().unique_name == "sms"
    scene.workspace.task_channels("sms").update(friendly_name="Text", channel_optimized_routing=True)
    changed = scene.workspace.task_channels(channel.sid).fetch()
    assert (changed.friendly_name, changed.unique_name, changed.channel_optimized_routing) == ("Text", "sms", True)
    assert refusal(scene.workspace.task_channels("SMS").fetch)[:2] == (404, 20404)
    assert refusal(Scene(scene.cordboard).workspace.task_channels(channel.sid).fetch)[:2] == (404, 20404)


def test_a_unique_name_is_taken_once_and_looks_like_no_sid(scene: Scene) -> None:
    create = scene.workspace.task_channels.create
    assert sentence(create, friendly_name="x", unique_name="sms").startswith("Task channel with unique name sms")
    assert "UniqueName" in sentence(create, friendly_name="x", unique_name="TC" + "0" * 32)
    assert len(scene.workspace.task_channels.list()) == 5


def test_a_workspace_has_fifteen_task_channels_at_most(scene: Scene) -> None:
    for number in range(10):
        scene.workspace.task_channels.create(friendly_name="x", unique_name=f"c{number}")
    create = scene.workspace.task_channels.create
    assert "15 task channels" in sentence(create, friendly_name="x", unique_name="more")


def test_the_default_channel_is_not_deleted(scene: Scene) -> None:
    assert "cannot be deleted" in sentence(scene.workspace.task_channels("default").delete)


def test_a_channel_with_an_open_task_is_not_deleted(scene: Scene) -> None:
    task = scene.task(task_channel="sms")
    assert sentence(scene.workspace.task_channels("sms").delete).endswith(f"task {task.sid} on it is pending")
    scene.workspace.tasks(task.sid).update(assignment_status="canceled")
    assert scene.workspace.task_channels("sms").delete() is True
    assert refusal(scene.workspace.task_channels("sms").fetch)[:2] == (404, 20404)


def test_a_task_channel_records_its_life(scene: Scene) -> None:
    sid = scene.workspace.task_channels.create(friendly_name="Fax", unique_name="fax").sid
    scene.workspace.task_channels("fax").update(channel_optimized_routing=True)
    scene.workspace.task_channels("fax").update(channel_optimized_routing=True)
    scene.workspace.task_channels("fax").delete()
    assert scene.events(sid) == ["task-channel.created", "task-channel.updated", "task-channel.deleted"]
