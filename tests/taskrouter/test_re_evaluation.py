"""What leads a waiting task elsewhere but time: its attributes, another configuration (taskrouter.md 5.9)."""

from typing import Any

import pytest

from cordboard.taskrouter.engine.re_evaluation import A_UNIT
from tests.taskrouter.refusals import sentence
from tests.taskrouter.scene import Scene, routing


@pytest.fixture
def rooms(scene: Scene) -> list[str]:
    return [scene.room(f"Q{number}") for number in (1, 2, 3)]


def gold(room: str, **target: Any) -> dict[str, Any]:
    return {"expression": "tier == 'gold'", "targets": [{"queue": room, **target}]}


def change(scene: Scene, task_sid: str, attributes: str) -> None:
    scene.workspace.tasks(task_sid).update(attributes=attributes)


def test_new_attributes_lead_a_pending_task_into_another_filter(scene: Scene, rooms: list[str]) -> None:
    task = scene.task(workflow_sid=scene.flow(gold(rooms[0], priority=9), default={"queue": rooms[1]}))
    assert task.task_queue_friendly_name == "Q2"
    scene.cordboard.clock.advance(60)
    changed = scene.workspace.tasks(task.sid).update(attributes='{"tier": "gold"}')
    assert (changed.task_queue_friendly_name, changed.priority) == ("Q1", 9)
    assert changed.task_queue_entered_date == changed.date_updated
    assert scene.events(task.sid)[4:] == [
        "task.updated",
        "task-queue.moved",
        "task-queue.entered",
        "workflow.target-matched",
    ]


def test_new_attributes_that_lead_nowhere_end_the_task(scene: Scene, rooms: list[str]) -> None:
    task = scene.task(workflow_sid=scene.flow(gold(rooms[0])), attributes={"tier": "gold"})
    change(scene, task.sid, "{}")
    assert scene.place(task.sid) == ("canceled", "Q1")
    assert scene.workspace.tasks(task.sid).fetch().reason == "Task canceled on Workflow timeout"


def test_new_attributes_that_lead_to_the_same_filter_put_nothing_off(scene: Scene, rooms: list[str]) -> None:
    targets = [{"queue": room, "timeout": 10} for room in rooms]
    task = scene.task(workflow_sid=scene.flow(targets))
    for seconds in range(1, 20):
        scene.cordboard.clock.advance(1)
        change(scene, task.sid, f'{{"n": {seconds}}}')
    assert scene.place(task.sid) == ("pending", "Q2")
    scene.cordboard.clock.advance(1)
    assert scene.place(task.sid) == ("pending", "Q3")
    assert scene.events(task.sid).count("workflow.target-matched") == 3


def test_the_time_of_a_filter_that_is_entered_late_counts_from_then(scene: Scene, rooms: list[str]) -> None:
    filter_ = {"expression": "tier == 'gold'", "targets": [{"queue": rooms[0], "timeout": 5}, {"queue": rooms[1]}]}
    task = scene.task(workflow_sid=scene.flow(filter_, default={"queue": rooms[2]}))
    scene.cordboard.clock.advance(600)
    change(scene, task.sid, '{"tier": "gold"}')
    scene.cordboard.clock.advance(4)
    assert scene.place(task.sid) == ("pending", "Q1")
    scene.cordboard.clock.advance(1)
    assert scene.place(task.sid) == ("pending", "Q2")


def test_a_filter_that_reads_the_time_is_asked_when_a_task_is_evaluated_and_not_by_the_clock(scene: Scene) -> None:
    late = scene.room("late")
    by_night = {"expression": "taskrouter.currentTime >= 100", "targets": [{"queue": late}]}
    flow = scene.flow(by_night, default={"queue": scene.queue})
    task = scene.task(workflow_sid=flow)
    scene.cordboard.clock.advance(2 * 3600)
    assert scene.place(task.sid) == ("pending", "Sample Queue")
    assert scene.task(workflow_sid=flow).task_queue_sid == late
    assert scene.workspace.tasks(task.sid).update(attributes='{"a": 1}').task_queue_sid == late


def test_a_filter_that_a_task_has_timed_out_of_does_not_take_it_again(scene: Scene, rooms: list[str]) -> None:
    flow = scene.flow([{"queue": rooms[0], "timeout": 10}], gold(rooms[2]), [{"queue": rooms[1]}])
    task = scene.task(workflow_sid=flow)
    scene.cordboard.clock.advance(10)
    change(scene, task.sid, '{"n": 1}')
    assert scene.place(task.sid) == ("pending", "Q2")
    change(scene, task.sid, '{"tier": "gold"}')
    assert scene.place(task.sid) == ("pending", "Q3")


def test_attributes_changed_while_the_task_is_offered_count_when_it_waits_again(scene: Scene, rooms: list[str]) -> None:
    scene.worker("ana")
    task = scene.task(workflow_sid=scene.flow(gold(rooms[0]), default={"queue": rooms[1]}))
    offer = scene.offer(task.sid)
    change(scene, task.sid, '{"tier": "gold"}')
    assert scene.place(task.sid) == ("reserved", "Q2")
    scene.answer(offer, "rejected", worker_activity_sid=scene.activities["Offline"])
    assert scene.place(task.sid) == ("pending", "Q1")
    change(scene, task.sid, '{"tier": "gold", "n": 1}')
    assert scene.place(task.sid) == ("pending", "Q1")


def test_attributes_of_a_task_in_hand_or_sent_straight_to_a_queue_lead_nowhere(scene: Scene, rooms: list[str]) -> None:
    scene.worker("ana")
    flow = scene.flow(gold(rooms[0]), default={"queue": rooms[1]})
    taken, direct = scene.task(workflow_sid=flow), scene.task(routing_target=rooms[2], workflow_sid=flow)
    scene.answer(scene.offer(taken.sid), "accepted")
    for task in (taken, direct):
        change(scene, task.sid, '{"tier": "gold"}')
    assert scene.place(taken.sid) == ("assigned", "Q2")
    assert scene.place(direct.sid) == ("pending", "Q3")


def test_another_configuration_is_for_later_tasks_unless_waiting_ones_are_re_evaluated(
    scene: Scene, rooms: list[str]
) -> None:
    flow = scene.flow([{"queue": rooms[0], "timeout": 10}, {"queue": rooms[1]}])
    workflow = scene.workspace.workflows(flow)
    first = scene.task(workflow_sid=flow)
    workflow.update(configuration=routing([{"queue": rooms[2]}]))
    second = scene.task(workflow_sid=flow)
    assert (scene.place(first.sid), scene.place(second.sid)) == (("pending", "Q1"), ("pending", "Q3"))
    scene.cordboard.clock.advance(10)
    assert scene.place(first.sid) == ("pending", "Q2")
    workflow.update(re_evaluate_tasks="true")
    assert scene.workspace.tasks(first.sid).fetch().task_queue_friendly_name == "Q3"


def test_re_evaluated_tasks_start_at_the_top_of_the_new_configuration(scene: Scene, rooms: list[str]) -> None:
    flow = scene.flow(gold(rooms[0], timeout=10), [{"queue": rooms[0]}])
    tasks = [scene.task(workflow_sid=flow, attributes={"tier": tier}) for tier in ("gold", "silver")]
    scene.cordboard.clock.advance(3600)
    after = [{"queue": rooms[1], "timeout": 30, "priority": 2}, {"queue": rooms[2]}]
    scene.workspace.workflows(flow).update(
        configuration=routing({"expression": "tier == 'gold'", "targets": after}, default={"queue": rooms[0]}),
        re_evaluate_tasks="true",
    )
    assert [scene.place(task.sid) for task in tasks] == [("pending", "Q2"), ("pending", "Q1")]
    assert scene.workspace.tasks(tasks[0].sid).fetch().priority == 2
    scene.cordboard.clock.advance(30)
    assert scene.place(tasks[0].sid) == ("pending", "Q3")


def test_re_evaluated_tasks_that_nothing_takes_any_more_fall_out(scene: Scene, rooms: list[str]) -> None:
    flow = scene.flow([{"queue": rooms[0]}])
    task = scene.task(workflow_sid=flow)
    scene.workspace.workflows(flow).update(configuration=routing(gold(rooms[1])), re_evaluate_tasks="true")
    assert scene.place(task.sid) == ("canceled", "Q1")


def test_only_pending_tasks_of_that_workflow_are_re_evaluated(scene: Scene, rooms: list[str]) -> None:
    scene.worker("ana")
    flow, other = scene.flow([{"queue": rooms[0]}]), scene.flow([{"queue": rooms[0]}])
    offered = scene.task(workflow_sid=flow)
    assert scene.place(offered.sid) == ("reserved", "Q1")
    elsewhere, direct = scene.task(workflow_sid=other), scene.task(workflow_sid=flow, routing_target=rooms[1])
    scene.workspace.workflows(flow).update(configuration=routing([{"queue": rooms[2]}]), re_evaluate_tasks="true")
    assert scene.place(offered.sid) == ("reserved", "Q1")
    assert scene.place(elsewhere.sid) == ("pending", "Q1")
    assert scene.place(direct.sid) == ("pending", "Q2")


def test_a_configuration_that_is_refused_re_evaluates_nothing(scene: Scene, rooms: list[str]) -> None:
    flow = scene.flow([{"queue": rooms[0]}])
    task = scene.task(workflow_sid=flow)
    refused = sentence(
        scene.workspace.workflows(flow).update, configuration=routing([{"queue": "WQ"}]), re_evaluate_tasks="true"
    )
    assert "task_routing.filters[0].targets[0].queue" in refused
    assert scene.place(task.sid) == ("pending", "Q1")


def test_more_tasks_than_one_unit_takes_are_all_re_evaluated(scene: Scene, rooms: list[str]) -> None:
    flow = scene.flow([{"queue": rooms[0]}])
    tasks = [scene.task(workflow_sid=flow).sid for _ in range(A_UNIT + 3)]
    scene.workspace.workflows(flow).update(configuration=routing([{"queue": rooms[1]}]), re_evaluate_tasks="true")
    scene.cordboard.settled()
    moved = scene.workspace.tasks.list(task_queue_name="Q2", page_size=1000)
    assert {task.sid for task in moved} == set(tasks)


def test_a_queue_that_only_an_older_configuration_names_may_be_deleted_and_is_passed_over(
    scene: Scene, rooms: list[str]
) -> None:
    flow = scene.flow([{"queue": room, "timeout": 10} for room in rooms])
    assert f"workflow {flow}" in sentence(scene.workspace.task_queues(rooms[1]).delete)
    task = scene.task(workflow_sid=flow)
    scene.workspace.workflows(flow).update(configuration=routing([{"queue": scene.queue}]))
    assert scene.workspace.task_queues(rooms[1]).delete() is True
    scene.cordboard.clock.advance(10)
    assert scene.place(task.sid) == ("pending", "Q3")
