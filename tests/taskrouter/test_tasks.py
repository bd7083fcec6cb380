import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from cordboard.testkit.running import Cordboard
from tests.taskrouter.scene import Scene

LONG = "x" * 4097


def test_a_task_is_answered_with_all_its_fields(scene: Scene) -> None:
    answer = scene.cordboard.http.post(
        f"/v1/Workspaces/{scene.sid}/Tasks",
        {"WorkflowSid": scene.workflow, "Attributes": '{"type": "support"}', "Priority": "7", "Timeout": "60"},
        host="taskrouter",
    )
    task = answer.json
    base = f"https://taskrouter.twilio.com/v1/Workspaces/{scene.sid}"
    assert answer.status == 201
    assert answer.headers["etag"] == '"0"'
    assert task == {
        "sid": task["sid"],
        "account_sid": scene.cordboard.account_sid,
        "workspace_sid": scene.sid,
        "workflow_sid": scene.workflow,
        "workflow_friendly_name": "Default Fifo Workflow",
        "task_queue_sid": scene.queue,
        "task_queue_friendly_name": "Sample Queue",
        "task_channel_sid": task["task_channel_sid"],
        "task_channel_unique_name": "default",
        "age": 0,
        "assignment_status": "pending",
        "attributes": '{"type": "support"}',
        "addons": "{}",
        "priority": 0,  # the matched target says 0
        "reason": None,
        "timeout": 60,
        "date_created": "2026-01-01T00:00:00Z",
        "date_updated": "2026-01-01T00:00:00Z",
        "task_queue_entered_date": "2026-01-01T00:00:00Z",
        "virtual_start_time": "2026-01-01T00:00:00Z",
        "ignore_capacity": False,
        "routing_target": None,
        "url": f"{base}/Tasks/{task['sid']}",
        "links": {
            "task_queue": f"{base}/TaskQueues/{scene.queue}",
            "workflow": f"{base}/Workflows/{scene.workflow}",
            "workspace": base,
            "reservations": f"{base}/Tasks/{task['sid']}/Reservations",
        },
    }
    assert task["sid"].startswith("WT")


def test_the_only_workflow_is_taken_when_none_is_named_and_two_make_it_required(scene: Scene) -> None:
    assert scene.task(workflow=False).workflow_sid == scene.workflow
    scene.workspace.workflows.create(
        friendly_name="second", configuration=json.dumps({"task_routing": {"default_filter": {"queue": scene.queue}}})
    )
    with pytest.raises(TwilioRestException) as refused:
        scene.task(workflow=False)
    assert (refused.value.status, refused.value.code) == (400, 20001)
    assert "WorkflowSid field is required" in refused.value.msg


def test_a_task_that_no_filter_takes_is_canceled_at_once(scene: Scene) -> None:
    picky = scene.workspace.workflows.create(
        friendly_name="picky",
        configuration=json.dumps(
            {"task_routing": {"filters": [{"expression": "type == 'sales'", "targets": [{"queue": scene.queue}]}]}}
        ),
    )
    task = scene.task(workflow_sid=picky.sid, attributes={"type": "support"})
    assert (task.assignment_status, task.reason) == ("canceled", "Task canceled on Workflow timeout")
    assert scene.events(task.sid) == ["workflow.entered", "task.created", "workflow.timeout", "task.canceled"]
    assert scene.task(workflow_sid=picky.sid, attributes={"type": "sales"}).assignment_status == "pending"


def test_a_matched_target_sets_the_priority_and_otherwise_the_task_keeps_its_own(scene: Scene) -> None:
    flow = scene.workspace.workflows.create(
        friendly_name="by value",
        configuration=json.dumps(
            {
                "task_routing": {
                    "filters": [
                        {"expression": "vip == true", "targets": [{"queue": scene.queue, "priority": "50"}]},
                        {"expression": "1 == 1", "targets": [{"queue": scene.queue}]},
                    ]
                }
            }
        ),
    )
    assert scene.task(workflow_sid=flow.sid, priority=3, attributes={"vip": True}).priority == 50
    assert scene.task(workflow_sid=flow.sid, priority=3, attributes={"vip": False}).priority == 3


def test_new_attributes_route_a_pending_task_anew(scene: Scene) -> None:
    sales = scene.workspace.task_queues.create(friendly_name="sales", target_workers="team == 'sales'")
    flow = scene.workspace.workflows.create(
        friendly_name="by type",
        configuration=json.dumps(
            {
                "task_routing": {
                    "filters": [{"expression": "type == 'sales'", "targets": [{"queue": sales.sid}]}],
                    "default_filter": {"queue": scene.queue},
                }
            }
        ),
    )
    task = scene.task(workflow_sid=flow.sid, attributes={"type": "support"})
    assert task.task_queue_sid == scene.queue
    scene.cordboard.clock.advance(30)
    moved = scene.workspace.tasks(task.sid).update(attributes='{"type": "sales"}')
    assert moved.task_queue_sid == sales.sid
    assert moved.task_queue_entered_date == datetime(2026, 1, 1, 0, 0, 30, tzinfo=UTC)
    assert scene.events(task.sid)[-4:] == [
        "task.updated",
        "task-queue.moved",
        "task-queue.entered",
        "workflow.target-matched",
    ]


def test_a_pending_task_follows_the_configuration_it_entered_by(scene: Scene) -> None:
    other = scene.workspace.task_queues.create(friendly_name="other")
    task = scene.task()
    scene.workspace.workflows(scene.workflow).update(
        configuration=json.dumps({"task_routing": {"default_filter": {"queue": other.sid}}})
    )
    assert scene.workspace.tasks(task.sid).update(attributes='{"a": 1}').task_queue_sid == scene.queue
    assert scene.task().task_queue_sid == other.sid


def test_a_task_lives_no_longer_than_its_timeout_before_it_is_assigned(scene: Scene) -> None:
    task = scene.task(timeout=60)
    scene.cordboard.clock.advance(59)
    assert scene.status(task.sid) == "pending"
    scene.cordboard.clock.advance(1)
    found = scene.workspace.tasks(task.sid).fetch()
    assert (found.assignment_status, found.reason, found.age) == ("canceled", "Task TTL Exceeded", 60)
    scene.cordboard.clock.advance(100)
    assert scene.workspace.tasks(task.sid).fetch().age == 60


def test_the_time_to_live_withdraws_an_offer_and_frees_the_worker(scene: Scene) -> None:
    worker = scene.worker("ana")
    task = scene.task(timeout=60)
    offer = scene.offer(task.sid)
    scene.cordboard.clock.advance(60)
    assert scene.offer(task.sid).reservation_status == "canceled"
    assert scene.offer(scene.task().sid).worker_sid == worker.sid
    assert "reservation.canceled" in scene.events(offer.sid)


def test_an_assigned_task_outlives_its_timeout(scene: Scene) -> None:
    scene.worker("ana")
    task = scene.task(timeout=60)
    scene.answer(scene.offer(task.sid), "accepted")
    scene.cordboard.clock.advance(3600)
    assert scene.status(task.sid) == "assigned"


def test_a_task_is_canceled_with_a_reason_while_it_waits(scene: Scene) -> None:
    task = scene.task()
    canceled = scene.workspace.tasks(task.sid).update(assignment_status="canceled", reason="hung up")
    assert (canceled.assignment_status, canceled.reason) == ("canceled", "hung up")


@pytest.mark.parametrize(
    ("move", "sentence"),
    [
        ("canceled", "Cannot cancel task {0} because it is not pending or reserved."),
        ("wrapping", "Cannot wrap up a task {0} because it's not currently assigned"),
        ("completed", "Cannot complete task {0} because it is not currently assigned."),
    ],
)
def test_an_illegal_move_is_refused_in_the_vendors_words_and_changes_nothing(
    scene: Scene, move: str, sentence: str
) -> None:
    task = scene.task()
    scene.workspace.tasks(task.sid).update(assignment_status="canceled")
    before = scene.events(task.sid)
    with pytest.raises(TwilioRestException) as refused:
        scene.workspace.tasks(task.sid).update(assignment_status=move)
    where = f"{task.sid} in workspace {scene.sid} for account {scene.cordboard.account_sid}"
    assert (refused.value.status, refused.value.code) == (400, 20001)
    assert sentence.format(where) in refused.value.msg
    assert scene.status(task.sid) == "canceled"
    assert scene.events(task.sid) == before


@pytest.mark.parametrize("status", ["reserved", "assigned"])
def test_states_that_routing_sets_cannot_be_set(scene: Scene, status: str) -> None:
    task = scene.task()
    with pytest.raises(TwilioRestException) as refused:
        scene.workspace.tasks(task.sid).update(assignment_status=status)
    assert refused.value.status == 400
    assert scene.status(task.sid) == "pending"


def test_a_task_is_canceled_with_attributes_that_would_lead_it_elsewhere(scene: Scene) -> None:
    room = scene.room("room")
    flow = scene.flow(
        {"expression": "a == 1", "targets": [{"queue": scene.queue}]},
        {"expression": "a == 2", "targets": [{"queue": room}]},
    )
    for attributes in ('{"a": 2}', '{"a": 3}'):
        task = scene.task(workflow_sid=flow, attributes={"a": 1})
        canceled = scene.workspace.tasks(task.sid).update(
            assignment_status="canceled", reason="hung up", attributes=attributes
        )
        assert (canceled.assignment_status, canceled.reason) == ("canceled", "hung up")
        assert (canceled.attributes, canceled.task_queue_sid) == (attributes, scene.queue)
        told = scene.events(task.sid)[-2:]
        assert told == ["task.updated", "task.canceled"]


def test_the_status_that_a_task_has_goes_with_attributes_that_end_it(scene: Scene) -> None:
    flow = scene.flow({"expression": "a == 1", "targets": [{"queue": scene.queue}]})
    task = scene.task(workflow_sid=flow, attributes={"a": 1})
    ended = scene.workspace.tasks(task.sid).update(assignment_status="pending", attributes='{"a": 3}')
    assert (ended.assignment_status, ended.reason) == ("canceled", "Task canceled on Workflow timeout")


def test_wrapping_up_and_attributes_take_two_requests(scene: Scene) -> None:
    scene.worker("ana")
    task = scene.task()
    scene.answer(scene.offer(task.sid), "accepted")
    with pytest.raises(TwilioRestException) as refused:
        scene.workspace.tasks(task.sid).update(assignment_status="wrapping", attributes='{"a": 1}')
    assert refused.value.status == 400
    assert scene.status(task.sid) == "assigned"


def test_the_version_is_checked_when_the_caller_names_one(scene: Scene) -> None:
    task = scene.task()
    scene.workspace.tasks(task.sid).update(attributes='{"a": 1}', if_match='"0"')
    for header in ('"0"', "0", 'W/"0"'):
        with pytest.raises(TwilioRestException) as refused:
            scene.workspace.tasks(task.sid).update(attributes='{"a": 2}', if_match=header)
        assert refused.value.status == 412
    path = f"/v1/Workspaces/{scene.sid}/Tasks/{task.sid}"
    assert scene.cordboard.http.delete(path, host="taskrouter", headers={"If-Match": '"0"'}).status == 412
    assert scene.workspace.tasks(task.sid).fetch().attributes == '{"a": 1}'


def test_a_deleted_task_is_gone_and_its_worker_free(scene: Scene) -> None:
    scene.worker("ana")
    task = scene.task()
    offer = scene.offer(task.sid)
    scene.answer(offer, "accepted")
    assert scene.workspace.tasks(task.sid).delete()
    with pytest.raises(TwilioRestException) as gone:
        scene.workspace.tasks(task.sid).fetch()
    assert (gone.value.status, gone.value.code) == (404, 20404)
    assert len(scene.offers(scene.task().sid)) == 1


def test_a_list_has_an_etag_that_changes_with_what_is_on_it(scene: Scene) -> None:
    worker = scene.worker("ana")
    task = scene.task()
    offer = scene.offer(task.sid)
    base = f"/v1/Workspaces/{scene.sid}"
    reservations = f"{base}/Tasks/{task.sid}/Reservations", f"{base}/Workers/{worker.sid}/Reservations"

    def etags() -> list[str]:
        paths = f"{base}/Tasks", f"{base}/Workers", *reservations
        return [scene.cordboard.http.get(path, host="taskrouter").headers["etag"] for path in paths]

    before = etags()
    assert etags() == before
    assert all(re.fullmatch('"[0-9a-f]{16}"', etag) for etag in before)
    scene.answer(offer, "accepted")
    assert all(old != new for old, new in zip(before, etags(), strict=True))
    scene.cordboard.clock.advance(1)
    now = etags()
    scene.task()
    assert etags()[0] != now[0]
    queues = scene.cordboard.http.get(f"{base}/TaskQueues", host="taskrouter")
    assert "etag" not in queues.headers


def test_tasks_are_listed_by_every_filter(scene: Scene) -> None:
    scene.worker("ana")
    first = scene.task(priority=0, attributes={"n": 1})
    scene.answer(scene.offer(first.sid), "accepted")
    second = scene.task(attributes={"n": 2})
    third = scene.task(routing_target=scene.queue, priority=9, attributes={"n": 3})

    def found(**filters: Any) -> list[str]:
        return [task.sid for task in scene.workspace.tasks.list(**filters)]

    everything = [first.sid, second.sid, third.sid]
    assert found() == everything
    assert found(assignment_status=["assigned"]) == [first.sid]
    assert found(assignment_status=["assigned", "pending"]) == everything
    assert found(assignment_status=["assigned,pending"]) == everything
    assert found(priority=9) == [third.sid]
    assert found(workflow_sid=scene.workflow) == [first.sid, second.sid]
    assert found(workflow_name="Default Fifo Workflow") == [first.sid, second.sid]
    assert found(workflow_name="none of this name") == []
    assert found(task_queue_sid=scene.queue) == everything
    assert found(task_queue_name="Sample Queue") == everything
    assert found(task_queue_name="sample queue") == []
    assert found(routing_target=scene.queue) == [third.sid]
    assert found(has_addons=True) == []
    assert found(has_addons=False) == everything
    assert found(evaluate_task_attributes="n > 1") == [second.sid, third.sid]
    assert found(evaluate_task_attributes="n > 1", priority=9) == [third.sid]
    assert found(ordering="Priority:desc,DateCreated:asc") == [third.sid, first.sid, second.sid]
    assert found(ordering="DateCreated:desc") == everything[::-1]


def test_pages_of_filtered_tasks_are_full_and_stable_while_tasks_are_added(scene: Scene) -> None:
    wanted = [scene.task(attributes={"odd": n % 2}).sid for n in range(10)][1::2]
    page = scene.workspace.tasks.page(evaluate_task_attributes="odd == 1", page_size=2)
    seen = [task.sid for task in page]
    while page is not None and page.next_page_url:
        scene.task(attributes={"odd": 0})
        page = page.next_page()
        seen += [task.sid for task in page]
    assert seen == wanted


BAD_TASKS = [
    ({"Attributes": "not json"}, "Attributes"),
    ({"Attributes": "[1]"}, "Attributes"),
    ({"Attributes": json.dumps({"a": LONG})}, "Attributes"),
    ({"Attributes": '{"a": "\\u0000"}'}, "Attributes"),
    ({"Attributes": "{" * 200}, "Attributes"),
    ({"Timeout": "0"}, "Timeout"),
    ({"Timeout": "1209601"}, "Timeout"),
    ({"Timeout": "soon"}, "Timeout"),
    ({"Timeout": str(2**63)}, "Timeout"),
    ({"Priority": "-1"}, "Priority"),
    ({"Priority": "2147483648"}, "Priority"),
    ({"Priority": "1.5"}, "Priority"),
    ({"TaskChannel": "carrier-pigeon"}, "TaskChannel"),
    ({"TaskChannel": "a\0b"}, "TaskChannel"),
    ({"VirtualStartTime": "yesterday"}, "VirtualStartTime"),
    ({"VirtualStartTime": "2026-01-02T00:00:00Z"}, "VirtualStartTime"),
    ({"VirtualStartTime": "1899-01-01T00:00:00Z"}, "VirtualStartTime"),
    ({"WorkflowSid": "WWnothing"}, "WorkflowSid"),
    ({"WorkflowSid": "WW" + "0" * 32}, "WorkflowSid"),
    ({"RoutingTarget": "WK" + "0" * 32}, "RoutingTarget"),
    ({"RoutingTarget": "WT" + "0" * 32}, "RoutingTarget"),
    ({"RoutingTarget": "WQ" + "0" * 32}, "RoutingTarget"),
    ({"RoutingTarget": "WW" + "0" * 32}, "RoutingTarget"),
    ({"TaskQueueSid": "WQ" + "0" * 32}, "TaskQueueSid"),
    ({"IgnoreCapacity": "true"}, "IgnoreCapacity"),
]


@pytest.mark.parametrize(("form", "parameter"), BAD_TASKS)
def test_a_bad_task_is_refused_by_name_and_makes_nothing(scene: Scene, form: dict[str, str], parameter: str) -> None:
    path = f"/v1/Workspaces/{scene.sid}/Tasks"
    answer = scene.cordboard.http.post(path, form, host="taskrouter")
    assert answer.status == 400, answer.text
    assert answer.json["code"] == 20001
    assert parameter in answer.json["message"]
    assert scene.workspace.tasks.list() == []


@pytest.mark.parametrize(
    "query",
    [
        {"EvaluateTaskAttributes": "a >"},
        {"Ordering": "Age:asc"},
        {"Ordering": "DateCreated:asc,VirtualStartTime:asc"},
        {"AssignmentStatus": "lost"},
        {"Priority": "x"},
        {"PageSize": "1001"},
        {"Page": "1"},
        {"PageToken": "PA??"},
        {"WorkflowName": "no such workflow", "EvaluateTaskAttributes": "a >"},
        {"HasAddons": "true", "Ordering": "Age:asc"},
    ],
)
def test_a_bad_filter_is_refused(scene: Scene, query: dict[str, str]) -> None:
    answer = scene.cordboard.http.get(f"/v1/Workspaces/{scene.sid}/Tasks", query, host="taskrouter")
    assert (answer.status, answer.json["code"]) == (400, 20001)


def test_another_workspaces_task_is_not_found(cordboard: Cordboard) -> None:
    scene, other = Scene(cordboard), Scene(cordboard)
    task = scene.task()
    for path in (f"/v1/Workspaces/{other.sid}/Tasks/{task.sid}", f"/v1/Workspaces/{scene.sid}/Tasks/WT{'0' * 32}"):
        for answer in (
            cordboard.http.get(path, host="taskrouter"),
            cordboard.http.post(path, {"Priority": "1"}, host="taskrouter"),
            cordboard.http.delete(path, host="taskrouter"),
        ):
            assert (answer.status, answer.json["code"]) == (404, 20404)
