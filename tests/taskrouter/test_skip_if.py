"""``skip_if`` (taskrouter.md 5.5): a target is left at once when nobody can be reserved and it holds."""

from typing import Any

import pytest

from cordboard.testkit.running import Cordboard
from tests.taskrouter.scene import Scene


@pytest.fixture
def rooms(scene: Scene) -> list[str]:
    return [scene.room("first", target_workers="first == true"), scene.room("second", target_workers="second == true")]


def skipping(rooms: list[str], skip_if: str) -> list[dict[str, Any]]:
    return [{"queue": rooms[0], "skip_if": skip_if}, {"queue": rooms[1]}]


def test_a_target_without_available_workers_is_skipped(scene: Scene, rooms: list[str]) -> None:
    scene.worker("ana", available=False, first=True)
    ben = scene.worker("ben", second=True)
    task = scene.task(workflow_sid=scene.flow(skipping(rooms, "workers.available == 0")))
    assert task.task_queue_friendly_name == "first"
    assert scene.offer(task.sid).worker_sid == ben.sid
    assert scene.place(task.sid) == ("reserved", "second")
    assert scene.events(task.sid)[4:] == ["task-queue.moved", "task-queue.entered", "workflow.target-matched"]


def test_a_target_whose_condition_does_not_hold_keeps_the_task(scene: Scene, rooms: list[str]) -> None:
    ana = scene.worker("ana", first=True)
    scene.worker("ben", second=True)
    scene.capacity(ana.sid, "default", 0)
    task = scene.task(workflow_sid=scene.flow(skipping(rooms, "workers.available == 0")))
    assert scene.place(task.sid) == ("pending", "first")


def test_the_condition_is_asked_on_entering_only(scene: Scene, rooms: list[str]) -> None:
    ana = scene.worker("ana", first=True)
    scene.capacity(ana.sid, "default", 0)
    task = scene.task(workflow_sid=scene.flow(skipping(rooms, "workers.available == 0")))
    assert scene.place(task.sid) == ("pending", "first")
    scene.workspace.workers(ana.sid).update(activity_sid=scene.activities["Offline"])
    scene.workspace.tasks(task.sid).update(priority=3)
    assert scene.place(task.sid) == ("pending", "first")


def test_nobody_is_skipped_past_a_worker_who_can_be_reserved_at_once(scene: Scene, rooms: list[str]) -> None:
    scene.capacity(scene.worker("ana", first=True).sid, "default", 2)
    flow = scene.flow(skipping(rooms, "1==1"))
    tasks = [scene.task(workflow_sid=flow).sid for _ in range(4)]
    assert [scene.place(task) for task in tasks] == [
        ("reserved", "first"),
        ("reserved", "first"),
        ("pending", "second"),
        ("pending", "second"),
    ]


def test_workers_are_counted_by_activity_whatever_their_capacity(scene: Scene, rooms: list[str]) -> None:
    offline = scene.activities["Offline"]
    scene.worker("ana", available=False, first=True)
    scene.worker("ben", available=False, second=True)
    two = scene.task(workflow_sid=scene.flow(skipping(rooms, f"workers.{offline} < 2 AND workers.unavailable == 1")))
    none = scene.task(workflow_sid=scene.flow(skipping(rooms, f"workers.{offline} == 0")))
    assert scene.place(two.sid) == ("pending", "second")
    assert scene.place(none.sid) == ("pending", "first")


def test_a_task_that_was_offered_is_not_skipped_when_the_offer_lapses(scene: Scene, rooms: list[str]) -> None:
    scene.worker("ana", first=True)
    task = scene.task(workflow_sid=scene.flow(skipping(rooms, "workers.available == 0")))
    scene.answer(scene.offer(task.sid), "rejected", worker_activity_sid=scene.activities["Offline"])
    assert scene.place(task.sid) == ("pending", "first")


def test_several_targets_are_skipped_one_after_the_other(scene: Scene, rooms: list[str]) -> None:
    targets = [{"queue": rooms[0], "skip_if": "1==1"}, {"skip_if": "1==1", "priority": 8}, {"queue": rooms[1]}]
    task = scene.task(workflow_sid=scene.flow(targets))
    assert scene.place(task.sid) == ("pending", "second")
    assert scene.workspace.tasks(task.sid).fetch().priority == 8


def test_a_filter_whose_last_target_is_skipped_has_not_matched(scene: Scene, rooms: list[str]) -> None:
    only = [{"queue": rooms[0], "skip_if": "1==1"}]
    to_next = scene.task(workflow_sid=scene.flow(only, [{"queue": rooms[1]}]))
    to_default = scene.task(workflow_sid=scene.flow(only, default={"queue": scene.queue}))
    assert scene.place(to_next.sid) == ("pending", "second")
    assert scene.place(to_default.sid) == ("pending", "Sample Queue")


def test_who_is_skipped_out_of_the_last_target_of_all_falls_out(scene: Scene, rooms: list[str]) -> None:
    task = scene.task(workflow_sid=scene.flow([{"queue": rooms[0], "skip_if": "1==1"}]))
    assert scene.place(task.sid) == ("canceled", "first")
    assert scene.workspace.tasks(task.sid).fetch().reason == "Task canceled on Workflow timeout"
    assert scene.events(task.sid)[-2:] == ["workflow.skipped", "task.canceled"]


def test_a_target_entered_by_a_time_out_may_be_skipped_too(scene: Scene, rooms: list[str]) -> None:
    targets = [{"queue": scene.queue, "timeout": 10}, {"queue": rooms[0], "skip_if": "1==1"}, {"queue": rooms[1]}]
    task = scene.task(workflow_sid=scene.flow(targets))
    assert scene.place(task.sid) == ("pending", "Sample Queue")
    scene.cordboard.clock.advance(10)
    assert scene.place(task.sid) == ("pending", "second")


def test_a_restart_does_not_forget_to_look(cordboard: Cordboard) -> None:
    scene = Scene(cordboard)
    rooms = [scene.room("first"), scene.room("second", target_workers="1==2")]
    task = scene.task(workflow_sid=scene.flow(skipping(rooms, "workers.available == 0")))
    cordboard.restart()
    assert scene.place(task.sid) == ("pending", "second")


def test_a_hundred_tasks_at_once_each_get_a_worker_or_are_skipped(scene: Scene, rooms: list[str]) -> None:
    for name in ("ana", "ben", "cid"):
        scene.capacity(scene.worker(name, first=True).sid, "default", 10)
    flow = scene.flow(skipping(rooms, "1==1"))
    places = [scene.place(task) for task in [scene.task(workflow_sid=flow).sid for _ in range(100)]]
    assert places.count(("reserved", "first")) == 30
    assert places.count(("pending", "second")) == 70
