"""Real-time statistics, definition by definition (taskrouter.md 10.1)."""

import json
from typing import Any

import pytest

from .refusals import refusal, sentence
from .scene import Scene

HOUR = 3600


def queue_of(scene: Scene, name: str, target_workers: str) -> str:
    sid: str = scene.workspace.task_queues.create(friendly_name=name, target_workers=target_workers).sid
    return sid


def stands(scene: Scene, **asked: Any) -> Any:
    scene.cordboard.settled()
    return scene.workspace.real_time_statistics().fetch(**asked)


def queue_stands(scene: Scene, sid: str | None = None, **asked: Any) -> Any:
    scene.cordboard.settled()
    return scene.workspace.task_queues(sid or scene.queue).real_time_statistics().fetch(**asked)


def workflow_stands(scene: Scene, sid: str | None = None) -> Any:
    scene.cordboard.settled()
    return scene.workspace.workflows(sid or scene.workflow).real_time_statistics().fetch()


def in_activities(found: Any) -> dict[str, int]:
    return {each["friendly_name"]: each["workers"] for each in found.activity_statistics}


def test_an_empty_workspace_stands_at_nought(scene: Scene) -> None:
    found = stands(scene)
    assert (found.total_tasks, found.total_workers) == (0, 0)
    assert found.tasks_by_status == {"pending": 0, "reserved": 0, "assigned": 0, "wrapping": 0}
    assert found.tasks_by_priority == {}
    assert (found.longest_task_waiting_age, found.longest_task_waiting_sid) == (0, None)
    assert in_activities(found) == {"Offline": 0, "Available": 0, "Unavailable": 0}


def test_tasks_are_counted_by_status_while_they_are_open(scene: Scene) -> None:
    scene.capacity(scene.worker("ana").sid, "default", 3)
    wrapping, assigned, reserved = (scene.offer(scene.task().sid) for _ in range(3))
    scene.task()
    scene.task()
    scene.answer(assigned, "accepted")
    scene.answer(wrapping, "accepted")
    scene.answer(wrapping, "wrapping")
    ended = scene.task()
    scene.workspace.tasks(ended.sid).update(assignment_status="canceled")
    for found in (stands(scene), queue_stands(scene), workflow_stands(scene)):
        assert found.tasks_by_status == {"pending": 2, "reserved": 1, "assigned": 1, "wrapping": 1}
        assert found.total_tasks == 5
    scene.answer(wrapping, "completed")
    scene.answer(reserved, "rejected")
    # Two of the three that wait are offered to her in the two places that are free now.
    assert stands(scene).tasks_by_status == {"pending": 1, "reserved": 2, "assigned": 1, "wrapping": 0}


def test_waiting_tasks_are_counted_by_priority_and_others_are_not(scene: Scene) -> None:
    scene.worker("ana")
    offers = [scene.offers(scene.task(priority=priority).sid) for priority in (7, 7, 99)]
    assert stands(scene).tasks_by_priority == {"0": 3}  # the workflow's target says 0
    workspace = scene.workspace.task_queues.create(friendly_name="direct", target_workers="")
    for priority in (7, 7, 99):
        scene.task(routing_target=workspace.sid, priority=priority)
    assert queue_stands(scene, workspace.sid).tasks_by_priority == {"7": 2, "99": 1}
    scene.answer(offers[0][0], "accepted")
    assert queue_stands(scene).tasks_by_priority == {"0": 2}


def test_the_longest_waiting_task_is_the_oldest_that_nobody_has_accepted(scene: Scene) -> None:
    scene.worker("ana")
    first = scene.task()
    scene.cordboard.clock.advance(10)
    second = scene.task()
    scene.cordboard.clock.advance(20)
    for found in (stands(scene), queue_stands(scene), workflow_stands(scene)):
        assert (found.longest_task_waiting_age, found.longest_task_waiting_sid) == (30, first.sid)
    scene.answer(scene.offer(first.sid), "accepted")
    for found in (stands(scene), queue_stands(scene), workflow_stands(scene)):
        assert (found.longest_task_waiting_age, found.longest_task_waiting_sid) == (20, second.sid)
    scene.workspace.tasks(second.sid).delete()
    assert (stands(scene).longest_task_waiting_age, stands(scene).longest_task_waiting_sid) == (0, None)


def test_the_age_in_a_queue_counts_from_when_the_task_entered_it(scene: Scene) -> None:
    """The elder task comes over from another queue after the younger one was there."""
    other = queue_of(scene, "other", "")
    filters = [{"expression": "need == 'other'", "targets": [{"queue": other}]}]
    configuration = json.dumps({"task_routing": {"filters": filters, "default_filter": {"queue": scene.queue}}})
    workflow = scene.workspace.workflows.create(friendly_name="by need", configuration=configuration)
    elder = scene.task(workflow_sid=workflow.sid)
    scene.cordboard.clock.advance(10)
    younger = scene.task(workflow_sid=workflow.sid, attributes={"need": "other"})
    scene.cordboard.clock.advance(10)
    scene.workspace.tasks(elder.sid).update(attributes='{"need": "other"}')
    scene.cordboard.clock.advance(5)
    found = queue_stands(scene, other)
    assert (found.longest_task_waiting_age, found.longest_task_waiting_sid) == (25, elder.sid)
    assert (found.longest_relative_task_age_in_queue, found.longest_relative_task_sid_in_queue) == (15, younger.sid)
    left = queue_stands(scene)
    assert (left.total_tasks, left.longest_task_waiting_sid, left.longest_relative_task_sid_in_queue) == (0, None, None)


def test_workers_are_counted_by_every_activity_of_the_workspace(scene: Scene) -> None:
    scene.worker("ana")
    bob = scene.worker("bob")
    scene.worker("cyd", available=False)
    assert in_activities(stands(scene)) == {"Offline": 1, "Available": 2, "Unavailable": 0}
    scene.workspace.workers(bob.sid).update(activity_sid=scene.activities["Unavailable"])
    found = stands(scene)
    assert in_activities(found) == {"Offline": 1, "Available": 1, "Unavailable": 1}
    assert found.total_workers == 3
    scene.workspace.workers(bob.sid).delete()
    workers = scene.workspace.workers.real_time_statistics().fetch(task_channel="chat")
    assert (in_activities(workers), workers.total_workers) == ({"Offline": 1, "Available": 1, "Unavailable": 0}, 2)


def test_a_queue_counts_the_workers_whom_its_expression_finds(scene: Scene) -> None:
    skilled = queue_of(scene, "skilled", "skill > 1")
    scene.worker("ana", skill=2)
    bob = scene.worker("bob", skill=3, available=False)
    scene.worker("cyd", skill=1)
    found = queue_stands(scene, skilled)
    assert (found.total_eligible_workers, found.total_available_workers) == (2, 1)
    assert in_activities(found) == {"Offline": 1, "Available": 1, "Unavailable": 0}
    scene.workspace.workers(bob.sid).update(activity_sid=scene.activities["Available"])
    assert queue_stands(scene, skilled).total_available_workers == 2
    scene.workspace.workers(bob.sid).update(attributes='{"skill": 0}')
    assert queue_stands(scene, skilled).total_eligible_workers == 1
    scene.workspace.task_queues(skilled).update(target_workers="skill < 3")
    assert queue_stands(scene, skilled).total_eligible_workers == 3


def test_an_available_worker_counts_whether_busy_or_not(scene: Scene) -> None:
    scene.worker("ana")
    scene.answer(scene.offer(scene.task().sid), "accepted")
    found = queue_stands(scene)
    assert (found.total_eligible_workers, found.total_available_workers) == (1, 1)


def test_a_task_channel_leaves_the_other_channels_tasks_out(scene: Scene) -> None:
    chat = scene.task(task_channel="chat")
    scene.cordboard.clock.advance(5)
    scene.task(task_channel="voice")
    for asked in ("chat", chat.task_channel_sid):
        found = stands(scene, task_channel=asked)
        assert (found.total_tasks, found.longest_task_waiting_sid, found.tasks_by_priority) == (1, chat.sid, {"0": 1})
    assert queue_stands(scene, task_channel="voice").longest_task_waiting_age == 0
    assert queue_stands(scene, task_channel="no such channel").total_tasks == 0


def test_a_restarted_server_counts_what_is_there(scene: Scene) -> None:
    scene.worker("ana")
    scene.answer(scene.offer(scene.task().sid), "accepted")
    scene.task()
    scene.cordboard.clock.advance(HOUR)
    before = vars(stands(scene))
    scene.cordboard.restart()
    after = vars(stands(scene))
    for name in (
        "total_tasks",
        "tasks_by_status",
        "tasks_by_priority",
        "longest_task_waiting_sid",
        "activity_statistics",
    ):
        assert after[name] == before[name]


class Body:
    """What the official client takes for a JSON body."""

    def __init__(self, queue_sids: object) -> None:
        self.queue_sids = queue_sids

    def to_dict(self) -> dict[str, object]:
        return {"QueueSids": self.queue_sids}


def test_several_queues_are_told_in_one_answer_and_a_foreign_one_stands_at_nought(scene: Scene) -> None:
    other = queue_of(scene, "other", "")
    scene.worker("ana")
    task = scene.task()
    scene.cordboard.clock.advance(4)
    foreign = "WQ" + "0" * 32
    found = scene.workspace.task_queues.bulk_real_time_statistics.create(body=Body([scene.queue, other, foreign]))
    assert found.task_queue_response_count == 3
    one, empty, nobody = found.task_queue_data
    single = queue_stands(scene)
    assert one == {
        "task_queue_sid": scene.queue,
        "total_tasks": 1,
        "tasks_by_status": {"pending": 0, "reserved": 1, "assigned": 0, "wrapping": 0},
        "tasks_by_priority": {"0": 1},
        "longest_task_waiting_age": 4,
        "longest_task_waiting_sid": task.sid,
        "total_eligible_workers": 1,
        "total_available_workers": 1,
        "activity_statistics": single.activity_statistics,
    }
    for none, sid in ((empty, other), (nobody, foreign)):
        assert (none["task_queue_sid"], none["total_tasks"], none["total_eligible_workers"]) == (sid, 0, 0)
        assert set(none["tasks_by_status"].values()) == {0}
        assert none["longest_task_waiting_sid"] is None


@pytest.mark.parametrize("queue_sids", [[], ["WQ" + "0" * 32] * 51, ["WQ123"], [7], "WQ" + "0" * 32, None])
def test_a_bulk_call_takes_one_to_fifty_well_formed_queue_sids(scene: Scene, queue_sids: object) -> None:
    said = sentence(scene.workspace.task_queues.bulk_real_time_statistics.create, body=Body(queue_sids))
    assert "QueueSids" in said


def test_bulk_statistics_are_answered_five_times_a_second(scene: Scene) -> None:
    bulk = scene.workspace.task_queues.bulk_real_time_statistics
    # What is refused otherwise costs nothing.
    assert sentence(bulk.create, body=Body([]))
    for _ in range(5):
        assert bulk.create(body=Body([scene.queue])).task_queue_response_count == 1
    status, code, message = refusal(bulk.create, body=Body([scene.queue]))
    assert (status, code) == (429, 20429)
    assert "Too Many Requests" in message
    answer = scene.cordboard.http.post_json(
        f"/v1/Workspaces/{scene.sid}/TaskQueues/RealTimeStatistics", {"QueueSids": [scene.queue]}, host="taskrouter"
    )
    assert (answer.status, answer.headers["retry-after"]) == (429, "1")
    assert answer.json["more_info"].endswith("/20429")
    scene.cordboard.clock.advance(1)
    assert bulk.create(body=Body([scene.queue])).task_queue_response_count == 1
