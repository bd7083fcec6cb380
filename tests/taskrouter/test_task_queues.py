import json
from typing import Any

import pytest

from cordboard.storage.unit import View
from tests.taskrouter.refusals import refusal, sentence
from tests.taskrouter.scene import Scene

FIELDS = {
    "FriendlyName": "English",
    "TargetWorkers": "languages HAS 'en'",
    "MaxReservedWorkers": "1",
    "TaskOrder": "LIFO",
}


def test_every_field_of_a_task_queue_is_the_vendors(scene: Scene) -> None:
    base = f"/v1/Workspaces/{scene.sid}"
    offline, away = scene.activities["Offline"], scene.activities["Unavailable"]
    form = FIELDS | {"ReservationActivitySid": offline, "AssignmentActivitySid": away}
    answer = scene.cordboard.http.post(f"{base}/TaskQueues", form, host="taskrouter")
    assert answer.status == 201
    sid = answer.json["sid"]
    assert sid.startswith("WQ")
    workspace = f"https://taskrouter.twilio.com{base}"
    url = f"{workspace}/TaskQueues/{sid}"
    assert answer.json == {
        "sid": sid,
        "account_sid": scene.cordboard.account_sid,
        "workspace_sid": scene.sid,
        "friendly_name": "English",
        "target_workers": "languages HAS 'en'",
        "max_reserved_workers": 1,
        "task_order": "LIFO",
        "reservation_activity_sid": offline,
        "reservation_activity_name": "Offline",
        "assignment_activity_sid": away,
        "assignment_activity_name": "Unavailable",
        "date_created": "2026-01-01T00:00:00Z",
        "date_updated": "2026-01-01T00:00:00Z",
        "url": url,
        "links": {
            "assignment_activity": f"{workspace}/Activities/{away}",
            "reservation_activity": f"{workspace}/Activities/{offline}",
            "workspace": workspace,
            "statistics": f"{url}/Statistics",
            "real_time_statistics": f"{url}/RealTimeStatistics",
            "cumulative_statistics": f"{url}/CumulativeStatistics",
            "list_statistics": f"{workspace}/TaskQueues/Statistics",
            "bulk_real_time_statistics": f"{workspace}/TaskQueues/RealTimeStatistics",
        },
    }
    listed = scene.cordboard.http.get(f"{base}/TaskQueues", host="taskrouter").json["task_queues"]
    assert listed[-1] == answer.json


def test_a_queue_without_activities_links_to_none(scene: Scene) -> None:
    queue = scene.workspace.task_queues(scene.queue).fetch()
    assert queue.reservation_activity_name is None
    assert queue.links["reservation_activity"] is None


def test_an_empty_expression_is_kept_and_finds_nobody(scene: Scene) -> None:
    worker = scene.worker("ana")
    queue = scene.workspace.task_queues.create(friendly_name="nobody", target_workers="")
    assert queue.target_workers == ""
    assert queue.sid not in [found.sid for found in scene.workspace.task_queues.list(worker_sid=worker.sid)]


def test_a_queue_without_expression_is_for_everybody(scene: Scene) -> None:
    worker = scene.worker("ana")
    queue = scene.workspace.task_queues.create(friendly_name="all")
    assert queue.target_workers == "1==1"
    assert scene.offer(scene.task(routing_target=queue.sid).sid).worker_sid == worker.sid


def test_an_expression_that_finds_a_list_in_what_is_none_is_taken_and_finds_nobody(scene: Scene) -> None:
    scene.worker("ana", skills="en")
    queue = scene.workspace.task_queues.create(friendly_name="silly", target_workers="skills HAS 'en'")
    assert scene.offers(scene.task(routing_target=queue.sid).sid) == []


@pytest.mark.parametrize(
    ("expression", "fault"),
    [
        ("skill-level > 3", "extraneous input 'evel' expecting OPERATOR at character 8"),
        ("skills HAS", "at character 11"),
        ("(a == 1", "at character 8"),
        ("a == 'x", "at character 6"),
    ],
)
def test_a_wrong_expression_is_refused_at_its_character(scene: Scene, expression: str, fault: str) -> None:
    made = sentence(scene.workspace.task_queues.create, friendly_name="q", target_workers=expression)
    assert made.startswith("Invalid parameter TargetWorkers: ")
    assert made.endswith(fault)
    queue = scene.workspace.task_queues(scene.queue)
    assert sentence(queue.update, target_workers=expression) == made
    assert queue.fetch().target_workers == "1==1"


def test_a_queues_name_is_taken_once_in_its_workspace(scene: Scene) -> None:
    taken = (
        f"Queue named Sample Queue already exists for workspace {scene.sid} for account {scene.cordboard.account_sid}"
    )
    assert sentence(scene.workspace.task_queues.create, friendly_name="Sample Queue") == taken
    other = scene.workspace.task_queues.create(friendly_name="sample queue")
    assert sentence(scene.workspace.task_queues(other.sid).update, friendly_name="Sample Queue") == taken
    assert Scene(scene.cordboard).workspace.task_queues.list()[0].friendly_name == "Sample Queue"


@pytest.mark.parametrize("parameter", ["reservation_activity_sid", "assignment_activity_sid"])
def test_an_activity_that_is_not_there_is_refused(scene: Scene, parameter: str) -> None:
    other = Scene(scene.cordboard).activities["Offline"]
    assert "there is no activity" in sentence(
        scene.workspace.task_queues.create, friendly_name="q", **{parameter: other}
    )
    assert "there is no activity" in sentence(scene.workspace.task_queues(scene.queue).update, **{parameter: other})


@pytest.mark.parametrize("most", [0, 51])
def test_a_queue_asks_one_to_fifty_workers_at_once(scene: Scene, most: int) -> None:
    made = scene.workspace.task_queues.create(friendly_name="q", max_reserved_workers=50)
    assert made.max_reserved_workers == 50
    queue = scene.workspace.task_queues(made.sid)
    assert queue.update(max_reserved_workers=2).max_reserved_workers == 2
    assert "MaxReservedWorkers" in sentence(queue.update, max_reserved_workers=most)
    assert queue.fetch().max_reserved_workers == 2


def test_a_queue_is_changed_and_says_what_changed(scene: Scene) -> None:
    queue = scene.workspace.task_queues(scene.queue)
    queue.update(target_workers="a == 1")
    queue.update(task_order="LIFO")
    changed = queue.update(friendly_name="other", target_workers="a == 2", task_order="LIFO")
    assert (changed.friendly_name, changed.target_workers, changed.task_order) == ("other", "a == 2", "LIFO")
    queue.update(friendly_name="other")
    assert scene.events(scene.queue) == [
        "task-queue.created",
        "task-queue.expression.updated",
        "task-queue.updated",
        "task-queue.expression.updated",
        "task-queue.updated",
    ]


def test_a_queue_to_which_a_workflow_leads_is_not_deleted(scene: Scene) -> None:
    queue = scene.workspace.task_queues(scene.queue)
    assert sentence(queue.delete).endswith(f"workflow {scene.workflow} leads to it")
    scene.workspace.workflows(scene.workflow).delete()
    assert queue.delete() is True
    assert refusal(queue.fetch)[:2] == (404, 20404)


def test_a_queue_that_a_workflow_only_speaks_of_is_deleted(scene: Scene) -> None:
    other = scene.workspace.task_queues.create(friendly_name="other").sid
    speaking = {
        "task_routing": {"filters": [{"expression": f"queue == '{other}'", "targets": [{"queue": scene.queue}]}]}
    }
    scene.workspace.workflows.create(friendly_name="w", configuration=json.dumps(speaking))
    assert scene.workspace.task_queues(other).delete() is True


def test_a_queue_with_an_open_task_is_not_deleted(scene: Scene) -> None:
    queue = scene.workspace.task_queues.create(friendly_name="other").sid
    task = scene.task(routing_target=queue)
    assert sentence(scene.workspace.task_queues(queue).delete).endswith(f"task {task.sid} in it is pending")
    scene.workspace.tasks(task.sid).update(assignment_status="canceled")
    assert scene.workspace.task_queues(queue).delete() is True


@pytest.fixture
def skills(scene: Scene) -> dict[str, str]:
    """Queues by name, besides the template's which is for everybody."""
    made = {
        "english": "languages HAS 'en'",
        "experts": "level > 5",
        "ana's": "friendly_name == 'ana'",
        "offline": "activity_name == 'Offline'",
    }
    create = scene.workspace.task_queues.create
    return {name: create(friendly_name=name, target_workers=text).sid for name, text in made.items()}


def names(queues: list[Any]) -> list[str]:
    return [queue.friendly_name for queue in queues]


@pytest.mark.usefixtures("skills")
def test_queues_are_listed_by_a_worker_that_they_would_find(scene: Scene) -> None:
    ana = scene.worker("ana", available=False, languages=["en"], level=9)
    bob = scene.worker("bob", level="7")
    queues = scene.workspace.task_queues
    assert names(queues.list(worker_sid=ana.sid)) == ["Sample Queue", "english", "experts", "ana's", "offline"]
    assert names(queues.list(worker_sid=bob.sid)) == ["Sample Queue", "experts"]
    assert names(queues.list(worker_sid=bob.sid, friendly_name="experts")) == ["experts"]
    assert queues.list(worker_sid="WK" + "0" * 32) == []
    assert queues.list(worker_sid=Scene(scene.cordboard).worker("ana").sid) == []


@pytest.mark.usefixtures("skills")
def test_queues_are_listed_by_attributes_that_a_worker_might_have(scene: Scene) -> None:
    queues = scene.workspace.task_queues
    assert names(queues.list(evaluate_worker_attributes='{"level": "6"}')) == ["Sample Queue", "experts"]
    attributes = '{"languages": ["en"], "level": 1}'
    assert names(queues.list(evaluate_worker_attributes=attributes)) == ["Sample Queue", "english"]
    path = f"/v1/Workspaces/{scene.sid}/TaskQueues"
    bad = scene.cordboard.http.get(path, {"EvaluateWorkerAttributes": "level > 5"}, host="taskrouter")
    assert bad.status == 400
    assert "EvaluateWorkerAttributes" in bad.json["message"]


@pytest.mark.parametrize("batch", [1, 5, 1000])
def test_a_filtered_list_pages_without_losing_or_repeating_while_queues_are_added(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(View, "BATCH", batch)
    create = scene.workspace.task_queues.create
    wanted = [create(friendly_name=f"{n}", target_workers="level > 5" if n % 3 else "1==2") for n in range(12)]
    expected = ["Sample Queue", *(queue.friendly_name for queue in wanted if queue.target_workers == "level > 5")]
    page = scene.workspace.task_queues.page(evaluate_worker_attributes='{"level": 6}', page_size=2)
    seen: list[str] = []
    while page is not None:
        found = list(page)
        assert 0 < len(found) <= 2
        seen += names(found)
        if len(seen) == 4:
            create(friendly_name="late", target_workers="level > 1")
        last, page = page, page.next_page()
    assert seen == [*expected, "late"]
    back: list[str] = []
    while (last := last.previous_page()) is not None:
        back = names(list(last)) + back
    assert back == seen[: len(back)]
    assert len(back) >= len(seen) - 2


def test_queues_are_ordered_as_asked(scene: Scene) -> None:
    for name in ("b", "c", "a"):
        scene.cordboard.clock.advance(1)
        scene.workspace.task_queues.create(friendly_name=name)
    scene.cordboard.clock.advance(1)
    scene.workspace.task_queues(scene.queue).update(task_order="LIFO")
    queues = scene.workspace.task_queues
    assert names(queues.list(ordering="FriendlyName:desc")) == ["c", "b", "a", "Sample Queue"]
    assert names(queues.list(ordering="DateUpdated:desc", page_size=1)) == ["Sample Queue", "a", "c", "b"]
    assert names(queues.list(ordering="DateCreated:asc")) == ["Sample Queue", "b", "c", "a"]


@pytest.mark.parametrize(
    "ordering", ["Priority:asc", "DateCreated", "DateCreated:up", "", "DateCreated:asc,DateCreated:desc", "sid:asc"]
)
def test_an_order_that_the_list_does_not_know_is_refused(scene: Scene, ordering: str) -> None:
    path = f"/v1/Workspaces/{scene.sid}/TaskQueues"
    answer = scene.cordboard.http.get(path, {"Ordering": ordering}, host="taskrouter")
    assert (answer.status, answer.json["code"]) == (400, 20001)
    assert answer.json["message"].startswith("Invalid parameter Ordering: ")


def test_a_page_of_a_list_in_another_order_is_refused(scene: Scene) -> None:
    scene.workspace.task_queues.create(friendly_name="second")
    path = f"/v1/Workspaces/{scene.sid}/TaskQueues"
    first = scene.cordboard.http.get(path, {"PageSize": 1}, host="taskrouter").json
    token = first["meta"]["next_page_url"].partition("PageToken=")[2]
    answer = scene.cordboard.http.get(
        path, {"Ordering": "FriendlyName:asc", "Page": 1, "PageToken": token}, host="taskrouter"
    )
    assert answer.status == 400
    assert "PageToken" in answer.json["message"]
