import json
from typing import Any

import pytest

from cordboard.testkit.running import Cordboard
from tests.taskrouter.refusals import refusal, sentence
from tests.taskrouter.scene import Scene

NOW = "2026-01-01T00:00:00Z"


def activities(workspace: Any) -> list[tuple[str, bool]]:
    return [(found.friendly_name, found.available) for found in workspace.activities.list()]


def test_a_workspace_without_template_has_activities_and_channels_and_nothing_else(cordboard: Cordboard) -> None:
    made = cordboard.client.taskrouter.v1.workspaces.create(friendly_name="bare")
    workspace = cordboard.client.taskrouter.v1.workspaces(made.sid)
    assert activities(workspace) == [("Offline", False), ("Available", True), ("Unavailable", False)]
    assert [(found.unique_name, found.friendly_name) for found in workspace.task_channels.list()] == [
        ("default", "Default"),
        ("voice", "Voice"),
        ("chat", "Chat"),
        ("sms", "SMS"),
        ("video", "Video"),
    ]
    assert workspace.task_queues.list() == []
    assert workspace.workflows.list() == []
    assert made.default_activity_name == made.timeout_activity_name == "Offline"
    assert made.multi_task_enabled is True


def test_the_fifo_template_adds_a_queue_for_everybody_and_a_workflow_that_leads_to_it(scene: Scene) -> None:
    (queue,) = scene.workspace.task_queues.list()
    assert (queue.friendly_name, queue.target_workers, queue.task_order) == ("Sample Queue", "1==1", "FIFO")
    assert queue.max_reserved_workers == 1
    assert queue.reservation_activity_sid is None
    (workflow,) = scene.workspace.workflows.list()
    assert (workflow.friendly_name, workflow.task_reservation_timeout) == ("Default Fifo Workflow", 120)
    assert workflow.assignment_callback_url is None
    assert workflow.fallback_assignment_callback_url is None
    assert json.loads(workflow.configuration) == {
        "task_routing": {"filters": [{"expression": "1==1", "targets": [{"queue": queue.sid, "priority": 0}]}]}
    }


def test_a_single_tasking_workspace_has_the_activities_of_old_and_its_queue_applies_them(cordboard: Cordboard) -> None:
    scene = Scene(cordboard, multi_task_enabled=False)
    assert activities(scene.workspace) == [("Offline", False), ("Idle", True), ("Busy", False), ("Reserved", False)]
    queue = scene.workspace.task_queues(scene.queue).fetch()
    assert (queue.reservation_activity_name, queue.assignment_activity_name) == ("Reserved", "Busy")
    assert queue.reservation_activity_sid == scene.activities["Reserved"]


def test_every_field_of_a_workspace_is_the_vendors(cordboard: Cordboard) -> None:
    answer = cordboard.http.post(
        "/v1/Workspaces",
        {
            "FriendlyName": "new",
            "EventCallbackUrl": "https://example.com/events#rc=3",
            "EventsFilter": "task.created, worker.activity.update",
            "PrioritizeQueueOrder": "LIFO",
        },
        host="taskrouter",
    )
    assert answer.status == 201
    workspace = answer.json
    sid = workspace["sid"]
    (offline,) = cordboard.client.taskrouter.v1.workspaces(sid).activities.list(friendly_name="Offline")
    url = f"https://taskrouter.twilio.com/v1/Workspaces/{sid}"
    assert workspace == {
        "sid": sid,
        "account_sid": cordboard.account_sid,
        "friendly_name": "new",
        "date_created": NOW,
        "date_updated": NOW,
        "default_activity_name": "Offline",
        "default_activity_sid": offline.sid,
        "timeout_activity_name": "Offline",
        "timeout_activity_sid": offline.sid,
        "event_callback_url": "https://example.com/events#rc=3",
        "events_filter": "task.created, worker.activity.update",
        "multi_task_enabled": True,
        "prioritize_queue_order": "LIFO",
        "url": url,
        "links": {
            "activities": f"{url}/Activities",
            "statistics": f"{url}/Statistics",
            "real_time_statistics": f"{url}/RealTimeStatistics",
            "cumulative_statistics": f"{url}/CumulativeStatistics",
            "task_queues": f"{url}/TaskQueues",
            "tasks": f"{url}/Tasks",
            "workers": f"{url}/Workers",
            "workflows": f"{url}/Workflows",
            "task_channels": f"{url}/TaskChannels",
            "events": f"{url}/Events",
        },
    }
    assert cordboard.http.get(f"/v1/Workspaces/{sid}", host="taskrouter").json == workspace
    assert cordboard.http.get("/v1/Workspaces", host="taskrouter").json["workspaces"] == [workspace]


def test_a_workspace_is_changed_field_by_field(scene: Scene) -> None:
    scene.cordboard.clock.advance(5)
    away = scene.activities["Unavailable"]
    changed = scene.workspace.update(
        friendly_name="other",
        event_callback_url="http://localhost:9000/x",
        events_filter="task.created",
        prioritize_queue_order="LIFO",
        default_activity_sid=away,
        timeout_activity_sid=away,
    )
    assert changed.friendly_name == "other"
    assert changed.event_callback_url == "http://localhost:9000/x"
    assert changed.events_filter == "task.created"
    assert changed.prioritize_queue_order == "LIFO"
    assert (changed.default_activity_sid, changed.default_activity_name) == (away, "Unavailable")
    assert (changed.timeout_activity_sid, changed.timeout_activity_name) == (away, "Unavailable")
    assert (changed.date_updated - changed.date_created).total_seconds() == 5
    cleared = scene.workspace.update(event_callback_url="", events_filter="")
    assert (cleared.event_callback_url, cleared.events_filter) == ("", None)


def test_a_new_worker_is_in_the_default_activity(scene: Scene) -> None:
    scene.workspace.update(default_activity_sid=scene.activities["Available"])
    worker = scene.workspace.workers.create(friendly_name="ana")
    assert (worker.activity_name, worker.available) == ("Available", True)


def test_multi_tasking_is_turned_on_and_not_off_again(cordboard: Cordboard) -> None:
    scene = Scene(cordboard, multi_task_enabled=False)
    assert scene.workspace.update(multi_task_enabled=True).multi_task_enabled is True
    assert "MultiTaskEnabled" in sentence(scene.workspace.update, multi_task_enabled=False)
    assert scene.workspace.fetch().multi_task_enabled is True


@pytest.mark.parametrize("parameter", ["default_activity_sid", "timeout_activity_sid"])
def test_an_activity_of_another_workspace_is_refused(scene: Scene, parameter: str) -> None:
    other = Scene(scene.cordboard).activities["Offline"]
    vendors = {"default_activity_sid": "DefaultActivitySid", "timeout_activity_sid": "TimeoutActivitySid"}[parameter]
    assert sentence(scene.workspace.update, **{parameter: other}) == (
        f"Invalid parameter {vendors}: there is no activity {other} in workspace {scene.sid}"
    )


def test_workspaces_are_listed_by_name(cordboard: Cordboard) -> None:
    workspaces = cordboard.client.taskrouter.v1.workspaces
    made = [workspaces.create(friendly_name=name).sid for name in ("one", "two", "two")]
    assert [found.sid for found in workspaces.list()] == made
    assert [found.sid for found in workspaces.list(friendly_name="two")] == made[1:]
    assert [found.sid for found in workspaces.list(page_size=1)] == made
    assert workspaces.list(friendly_name="Two") == []


def test_a_deleted_workspace_takes_everything_with_it(scene: Scene) -> None:
    worker = scene.worker("ana")
    task = scene.task()
    offer = scene.offer(task.sid)
    channel = scene.workspace.task_channels("chat").fetch()
    neighbour = Scene(scene.cordboard)
    assert scene.workspace.delete() is True
    for gone in (
        scene.workspace,
        scene.workspace.activities(scene.activities["Offline"]),
        scene.workspace.task_channels(channel.sid),
        scene.workspace.task_queues(scene.queue),
        scene.workspace.workflows(scene.workflow),
        scene.workspace.workers(worker.sid),
        scene.workspace.tasks(task.sid),
        scene.workspace.workers(worker.sid).reservations(offer.sid),
    ):
        assert refusal(gone.fetch)[:2] == (404, 20404)
    assert neighbour.workspace.fetch().sid == neighbour.sid
    assert len(neighbour.workspace.activities.list()) == 3


def test_alarms_of_a_deleted_workspace_find_nothing(scene: Scene) -> None:
    scene.worker("ana")
    scene.offer(scene.task().sid)
    scene.workspace.delete()
    scene.cordboard.clock.advance(2 * 86_400)


def test_a_workspace_records_its_life(scene: Scene) -> None:
    scene.workspace.update(friendly_name="other")
    scene.workspace.update(friendly_name="other")
    scene.workspace.delete()
    assert scene.events(scene.sid) == ["workspace.created", "workspace.updated", "workspace.deleted"]
