import json
from typing import Any

import pytest

from tests.taskrouter.refusals import refusal, sentence
from tests.taskrouter.scene import Scene


def leading_to(queue: str, **filter_: Any) -> dict[str, Any]:
    return {"task_routing": {"filters": [{"targets": [{"queue": queue}], **filter_}]}}


def test_every_field_of_a_workflow_is_the_vendors_and_its_configuration_comes_back_byte_for_byte(scene: Scene) -> None:
    base = f"/v1/Workspaces/{scene.sid}"
    text = f'{{ "task_routing" : {{"default_filter":{{"queue":"{scene.queue}"}} }},  "more": "\\u00e9" }}'
    form = {
        "FriendlyName": "Sales",
        "Configuration": text,
        "AssignmentCallbackUrl": "https://example.com/assign",
        "TaskReservationTimeout": "86400",
    }
    answer = scene.cordboard.http.post(f"{base}/Workflows", form, host="taskrouter")
    assert answer.status == 201
    sid = answer.json["sid"]
    assert sid.startswith("WW")
    url = f"https://taskrouter.twilio.com{base}/Workflows/{sid}"
    assert answer.json == {
        "sid": sid,
        "account_sid": scene.cordboard.account_sid,
        "workspace_sid": scene.sid,
        "friendly_name": "Sales",
        "configuration": text,
        "document_content_type": "application/json",
        "assignment_callback_url": "https://example.com/assign",
        "fallback_assignment_callback_url": None,
        "task_reservation_timeout": 86_400,
        "date_created": "2026-01-01T00:00:00Z",
        "date_updated": "2026-01-01T00:00:00Z",
        "url": url,
        "links": {
            "statistics": f"{url}/Statistics",
            "real_time_statistics": f"{url}/RealTimeStatistics",
            "cumulative_statistics": f"{url}/CumulativeStatistics",
        },
    }
    assert scene.cordboard.http.get(f"{base}/Workflows/{sid}", host="taskrouter").json == answer.json
    listed = scene.cordboard.http.get(f"{base}/Workflows", {"FriendlyName": "Sales"}, host="taskrouter").json
    assert listed["workflows"] == [answer.json]


def test_a_workflow_is_changed_field_by_field(scene: Scene) -> None:
    workflow = scene.workspace.workflows(scene.workflow)
    changed = workflow.update(
        friendly_name="other",
        assignment_callback_url="https://example.com/a",
        fallback_assignment_callback_url="https://example.com/b",
        task_reservation_timeout=1,
    )
    assert changed.friendly_name == "other"
    assert changed.assignment_callback_url == "https://example.com/a"
    assert changed.fallback_assignment_callback_url == "https://example.com/b"
    assert changed.task_reservation_timeout == 1
    assert scene.queue in changed.configuration
    assert workflow.update(assignment_callback_url="").assignment_callback_url is None
    assert scene.events(scene.workflow) == ["workflow.created", "workflow.updated", "workflow.updated"]


@pytest.mark.parametrize(
    ("configuration", "fault"),
    [
        ([], "expected a JSON object, got a list"),
        ({}, "task_routing: expected an object"),
        ({"task_routing": {"filters": {}}}, "task_routing.filters: expected an array"),
        ({"task_routing": {"filters": [{"targets": []}]}}, "task_routing.filters[0].targets: expected an array"),
        (leading_to("x", expression="a-bc > 1"), "task_routing.filters[0].expression: extraneous input"),
        (leading_to("WQ" + "0" * 32), f"task_routing.filters[0].targets[0].queue: there is no task queue WQ{'0' * 32}"),
        (
            {"task_routing": {"filters": [{"targets": [{"queue": "Q", "timeout": "soon"}]}]}},
            "task_routing.filters[0].targets[0].timeout: expected an integer from 1",
        ),
        (
            {"task_routing": {"default_filter": {"queue": "Q", "skip_if": "1==1"}}},
            "task_routing.default_filter.skip_if: the default filter has none",
        ),
        (
            {"task_routing": {"default_filter": {"queue": "Sample Queue"}}},
            "task_routing.default_filter.queue: there is no task queue Sample Queue",
        ),
    ],
)
def test_a_wrong_configuration_is_refused_at_its_place_and_the_old_one_stays(
    scene: Scene, configuration: Any, fault: str
) -> None:
    text = json.dumps(configuration)
    made = sentence(scene.workspace.workflows.create, friendly_name="w", configuration=text)
    assert made.startswith(f"Invalid parameter Configuration: {fault}")
    before = scene.workspace.workflows(scene.workflow).fetch().configuration
    assert sentence(scene.workspace.workflows(scene.workflow).update, configuration=text) == made
    assert scene.workspace.workflows(scene.workflow).fetch().configuration == before
    assert len(scene.workspace.workflows.list()) == 1


def test_a_queue_of_another_workspace_is_refused(scene: Scene) -> None:
    other = Scene(scene.cordboard).queue
    configuration = json.dumps(leading_to(other))
    assert f"there is no task queue {other} in workspace {scene.sid}" in sentence(
        scene.workspace.workflows.create, friendly_name="w", configuration=configuration
    )


def test_a_queue_of_a_later_target_and_an_activity_in_skip_if_are_looked_up_too(scene: Scene) -> None:
    missing = "WQ" + "0" * 32
    later = {"task_routing": {"filters": [{"targets": [{"queue": scene.queue}, {"queue": missing}]}]}}
    assert "task_routing.filters[0].targets[1].queue: there is no task queue WQ000" in sentence(
        scene.workspace.workflows.create, friendly_name="w", configuration=json.dumps(later)
    )
    elsewhere = Scene(scene.cordboard).activities["Available"]
    for activity in ("WA" + "0" * 32, elsewhere):
        targets = [{"queue": scene.queue, "skip_if": f"workers.{activity} == 0"}, {}]
        skipping = {"task_routing": {"filters": [{"targets": targets}]}}
        assert f"task_routing.filters[0].targets[0].skip_if: there is no activity {activity}" in sentence(
            scene.workspace.workflows.create, friendly_name="w", configuration=json.dumps(skipping)
        )


def padded(queue: str, size: int) -> str:
    """A configuration of so many bytes, most of them in letters that take two."""
    text = json.dumps({**leading_to(queue), "x": "é" * 500_000}, ensure_ascii=False)
    return text + " " * (size - len(text.encode()))


def test_a_configuration_of_the_most_bytes_is_taken_and_of_one_more_is_refused(scene: Scene) -> None:
    most = 1_038_576
    fits = padded(scene.queue, most)
    assert len(fits.encode()) == most
    made = scene.workspace.workflows.create(friendly_name="big", configuration=fits)
    assert made.configuration == fits
    longer = padded(scene.queue, most + 1)
    assert len(longer.encode()) == most + 1
    assert "1038576 bytes" in sentence(scene.workspace.workflows.create, friendly_name="bigger", configuration=longer)


def test_a_configuration_with_more_queues_than_a_workspace_can_have_is_refused(scene: Scene) -> None:
    filters = [{"targets": [{"queue": f"WQ{number:032x}"}]} for number in range(5001)]
    configuration = json.dumps({"task_routing": {"filters": filters}})
    assert "5001 task queues" in sentence(
        scene.workspace.workflows.create, friendly_name="w", configuration=configuration
    )


def test_a_waiting_task_keeps_the_configuration_by_which_it_entered(scene: Scene) -> None:
    other = scene.workspace.task_queues.create(friendly_name="other").sid
    first = scene.task(attributes={"a": 1})
    workflow = scene.workspace.workflows(scene.workflow)
    workflow.update(configuration=json.dumps(leading_to(other)))
    second = scene.task(attributes={"a": 1})
    assert (first.task_queue_sid, second.task_queue_sid) == (scene.queue, other)
    changed = scene.workspace.tasks(first.sid).update(attributes='{"a": 2}')
    assert changed.task_queue_sid == scene.queue
    changed = scene.workspace.tasks(second.sid).update(attributes='{"a": 2}')
    assert changed.task_queue_sid == other


def test_a_workflow_with_an_open_task_is_not_deleted(scene: Scene) -> None:
    task = scene.task()
    workflow = scene.workspace.workflows(scene.workflow)
    assert sentence(workflow.delete).endswith(f"task {task.sid} in it is pending")
    scene.workspace.tasks(task.sid).update(assignment_status="canceled")
    assert workflow.delete() is True
    assert refusal(workflow.fetch)[:2] == (404, 20404)
    assert scene.events(scene.workflow) == ["workflow.created", "workflow.deleted"]
