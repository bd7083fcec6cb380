"""Target time-outs (taskrouter.md 5.3, 5.4): how a waiting task goes from target to target, and falls out."""

from typing import Any

import pytest

from cordboard.testkit.running import Cordboard
from tests.taskrouter.scene import Scene, routing

FELL_OUT = "Task canceled on Workflow timeout"


@pytest.fixture
def rooms(scene: Scene) -> list[str]:
    return [scene.room(f"Q{number}") for number in (1, 2, 3)]


def steps(rooms: list[str], **keys: Any) -> list[dict[str, Any]]:
    """Three targets of ten seconds each."""
    return [{"queue": room, "timeout": 10, **keys} for room in rooms]


def test_a_task_escalates_through_three_targets_and_falls_out_with_the_reason(scene: Scene, rooms: list[str]) -> None:
    task = scene.task(workflow_sid=scene.flow(steps(rooms)))
    assert (task.assignment_status, task.task_queue_friendly_name) == ("pending", "Q1")
    for seconds, place in [(9, "Q1"), (1, "Q2"), (9, "Q2"), (1, "Q3"), (9, "Q3")]:
        scene.cordboard.clock.advance(seconds)
        assert scene.place(task.sid) == ("pending", place)
    scene.cordboard.clock.advance(1)
    assert scene.place(task.sid) == ("canceled", "Q3")
    assert scene.workspace.tasks(task.sid).fetch().reason == FELL_OUT
    moving = ["task-queue.timeout", "task-queue.moved", "task-queue.entered", "workflow.target-matched"]
    assert scene.events(task.sid) == [
        *["workflow.entered", "task-queue.entered", "task.created", "workflow.target-matched"],
        *moving,
        *moving,
        *["task-queue.timeout", "workflow.timeout", "task.canceled"],
    ]


def test_each_target_finds_workers_of_its_own_queue(scene: Scene) -> None:
    near = scene.room("near", target_workers="near == true")
    scene.worker("ana", near=True, busy=True)
    far = scene.worker("ben", near=False)
    scene.capacity(scene.worker("cid", near=True).sid, "default", 0)
    scene.answer(scene.offer(scene.task(routing_target=near).sid), "accepted")
    task = scene.task(workflow_sid=scene.flow([{"queue": near, "timeout": 30}, {"queue": scene.queue}]))
    assert scene.offers(task.sid) == []
    scene.cordboard.clock.advance(30)
    assert scene.offer(task.sid).worker_sid == far.sid


def test_a_later_target_inherits_the_queue_and_the_time_in_it_goes_on(scene: Scene) -> None:
    targets = [{"queue": scene.queue, "timeout": 10, "expression": "worker.level > 5"}, {"timeout": 20}, {}]
    worker = scene.worker("ana", level=1)
    task = scene.task(workflow_sid=scene.flow(targets))
    entered = task.task_queue_entered_date
    assert scene.offers(task.sid) == []
    scene.cordboard.clock.advance(10)
    assert scene.offer(task.sid).worker_sid == worker.sid
    assert scene.workspace.tasks(task.sid).fetch().task_queue_entered_date == entered
    assert "task-queue.moved" not in scene.events(task.sid)


def test_a_target_may_raise_the_priority(scene: Scene, rooms: list[str]) -> None:
    targets = [{"queue": scene.queue, "timeout": 10, "priority": 5}, {"timeout": 10, "priority": "50"}, {}]
    task = scene.task(workflow_sid=scene.flow(targets), priority=1)
    assert task.priority == 5
    assert scene.task(workflow_sid=scene.flow([{"queue": rooms[0]}]), priority=7).priority == 7
    scene.cordboard.clock.advance(10)
    assert scene.workspace.tasks(task.sid).fetch().priority == 50
    scene.cordboard.clock.advance(10)
    assert scene.workspace.tasks(task.sid).fetch().priority == 50


def test_a_raised_priority_brings_a_task_before_others_of_its_queue(scene: Scene) -> None:
    patient = scene.task()
    raised = scene.task(workflow_sid=scene.flow([{"queue": scene.queue, "timeout": 10}, {"priority": 9}]))
    scene.cordboard.clock.advance(10)
    scene.worker("ana")
    assert [len(scene.offers(task.sid)) for task in (patient, raised)] == [0, 1]


def test_a_target_without_time_out_keeps_the_task_until_its_time_to_live_is_over(
    scene: Scene, rooms: list[str]
) -> None:
    task = scene.task(workflow_sid=scene.flow([{"queue": rooms[0]}, {"queue": rooms[1]}]), timeout=3600)
    scene.cordboard.clock.advance(3599)
    assert scene.place(task.sid) == ("pending", "Q1")
    scene.cordboard.clock.advance(1)
    assert scene.workspace.tasks(task.sid).fetch().reason == "Task TTL Exceeded"


def test_the_time_to_live_ends_a_task_that_is_still_escalating(scene: Scene, rooms: list[str]) -> None:
    task = scene.task(workflow_sid=scene.flow(steps(rooms)), timeout=15)
    scene.cordboard.clock.advance(14)
    assert scene.place(task.sid) == ("pending", "Q2")
    scene.cordboard.clock.advance(1)
    assert scene.workspace.tasks(task.sid).fetch().reason == "Task TTL Exceeded"


def test_an_offer_is_not_cut_when_the_target_is_over_and_the_task_moves_on_when_it_ends(
    scene: Scene, rooms: list[str]
) -> None:
    scene.worker("ana")
    task = scene.task(workflow_sid=scene.flow(steps(rooms), task_reservation_timeout=25))
    scene.cordboard.clock.advance(24)
    assert scene.place(task.sid) == ("reserved", "Q1")
    scene.cordboard.clock.advance(1)
    assert scene.place(task.sid) == ("pending", "Q3")
    scene.cordboard.clock.advance(5)
    assert scene.place(task.sid) == ("canceled", "Q3")


def test_an_offer_that_ends_past_every_target_ends_the_task(scene: Scene, rooms: list[str]) -> None:
    scene.worker("ana")
    task = scene.task(workflow_sid=scene.flow(steps(rooms), default={"queue": rooms[0]}))
    offer = scene.offer(task.sid)
    scene.cordboard.clock.advance(31)
    scene.answer(offer, "rejected")
    assert scene.workspace.tasks(task.sid).fetch().reason == FELL_OUT


def test_a_rejection_within_the_targets_time_leaves_the_task_there(scene: Scene, rooms: list[str]) -> None:
    ana, ben = scene.worker("ana"), scene.worker("ben")
    task = scene.task(workflow_sid=scene.flow(steps(rooms)))
    offer = scene.offer(task.sid)
    scene.cordboard.clock.advance(8)
    scene.answer(offer, "rejected", worker_activity_sid=scene.activities["Offline"])
    assert [found.worker_sid for found in scene.offers(task.sid)] == [ana.sid, ben.sid]
    assert scene.place(task.sid) == ("reserved", "Q1")


def test_a_time_out_while_reserved_and_one_after_a_release_both_ring(scene: Scene, rooms: list[str]) -> None:
    scene.worker("ana")
    task = scene.task(workflow_sid=scene.flow(steps(rooms)))
    offer = scene.offer(task.sid)
    scene.cordboard.clock.advance(12)
    assert scene.place(task.sid) == ("reserved", "Q1")
    scene.answer(offer, "rejected", worker_activity_sid=scene.activities["Offline"])
    assert scene.place(task.sid) == ("pending", "Q2")
    scene.cordboard.clock.advance(8)
    assert scene.place(task.sid) == ("pending", "Q3")


def test_who_is_offered_past_the_end_of_a_target_is_still_ended_by_the_time_to_live(
    scene: Scene, rooms: list[str]
) -> None:
    scene.worker("ana")
    task = scene.task(workflow_sid=scene.flow(steps(rooms), task_reservation_timeout=600), timeout=60)
    scene.cordboard.clock.advance(59)
    assert scene.place(task.sid) == ("reserved", "Q1")
    scene.cordboard.clock.advance(1)
    assert scene.workspace.tasks(task.sid).fetch().reason == "Task TTL Exceeded"


def test_a_task_that_is_being_transferred_does_not_escalate(scene: Scene, rooms: list[str]) -> None:
    ana, ben = scene.worker("ana"), scene.worker("ben", available=False)
    flow = scene.flow({"expression": "n == 1", "targets": [{"queue": rooms[1]}]}, steps(rooms))
    task = scene.task(workflow_sid=flow)
    held = scene.answer(scene.offer(task.sid), "accepted")
    form = {"TaskSid": task.sid, "ReservationSid": held.sid, "To": ben.sid}
    transfers = f"/v1/Workspaces/{scene.sid}/Workers/{ana.sid}/Transfers"
    assert scene.cordboard.http.post(transfers, form, host="taskrouter").status == 201
    scene.cordboard.clock.advance(60)
    scene.workspace.workflows(flow).update(configuration=routing([{"queue": rooms[2]}]), re_evaluate_tasks="true")
    scene.workspace.tasks(task.sid).update(attributes='{"n": 1}')
    assert scene.place(task.sid) == ("pending", "Q1")


def test_behind_the_last_target_a_later_filter_takes_the_task_and_the_default_filter_never(
    scene: Scene, rooms: list[str]
) -> None:
    later = {"expression": "b == 1", "targets": [{"queue": rooms[1], "timeout": 10}]}
    flow = scene.flow([{"queue": rooms[0], "timeout": 10}], later, default={"queue": rooms[2]})
    task, plain = scene.task(workflow_sid=flow, attributes={"b": 1}), scene.task(workflow_sid=flow)
    scene.cordboard.clock.advance(10)
    assert scene.place(task.sid) == ("pending", "Q2")
    assert scene.place(plain.sid) == ("canceled", "Q1")
    scene.cordboard.clock.advance(10)
    assert scene.place(task.sid) == ("canceled", "Q2")


def test_the_default_filter_takes_what_no_filter_takes_and_keeps_it(scene: Scene, rooms: list[str]) -> None:
    flow = scene.flow(
        {"expression": "a == 1", "targets": steps(rooms[:1])}, default={"queue": rooms[2], "priority": "4"}
    )
    task = scene.task(workflow_sid=flow)
    assert (task.task_queue_friendly_name, task.priority) == ("Q3", 4)
    scene.cordboard.clock.advance(3600)
    assert scene.place(task.sid) == ("pending", "Q3")


def test_an_assigned_task_is_left_alone_by_the_time_out_of_its_target(scene: Scene, rooms: list[str]) -> None:
    scene.worker("ana")
    task = scene.task(workflow_sid=scene.flow(steps(rooms)))
    scene.answer(scene.offer(task.sid), "accepted")
    scene.cordboard.clock.advance(60)
    assert scene.place(task.sid) == ("assigned", "Q1")


def test_a_task_sent_to_a_workflow_as_its_target_walks_through_it(scene: Scene, rooms: list[str]) -> None:
    task = scene.task(routing_target=scene.flow(steps(rooms)))
    scene.cordboard.clock.advance(10)
    assert scene.place(task.sid) == ("pending", "Q2")


def test_time_outs_that_were_due_while_the_server_was_down_happen_when_it_is_back(cordboard: Cordboard) -> None:
    scene = Scene(cordboard)
    rooms = [scene.room(f"Q{number}") for number in (1, 2, 3)]
    tasks = [scene.task(workflow_sid=scene.flow(steps(rooms))).sid for _ in range(2)]
    cordboard.restart()
    cordboard.clock.advance(10)
    assert [scene.place(task) for task in tasks] == [("pending", "Q2")] * 2
    cordboard.restart()
    cordboard.clock.advance(20)
    assert [scene.place(task) for task in tasks] == [("canceled", "Q3")] * 2
