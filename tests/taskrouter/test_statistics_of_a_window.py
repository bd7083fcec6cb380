"""Cumulative statistics, definition by definition, in small days counted by hand (taskrouter.md 10.2)."""

import json
from datetime import timedelta
from typing import Any

from .scene import Scene


class Day:
    """A scene with a worker who has room for two tasks, and a clock at whole seconds."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.ana = scene.worker("ana")
        scene.capacity(self.ana.sid, "default", 2)

    def passes(self, seconds: float) -> None:
        self.scene.cordboard.clock.advance(seconds)

    def workspace(self, **window: Any) -> Any:
        return self.scene.workspace.cumulative_statistics().fetch(**window)

    def queue(self, sid: str | None = None, **window: Any) -> Any:
        return self.scene.workspace.task_queues(sid or self.scene.queue).cumulative_statistics().fetch(**window)

    def workflow(self, sid: str | None = None, **window: Any) -> Any:
        return self.scene.workspace.workflows(sid or self.scene.workflow).cumulative_statistics().fetch(**window)

    def everywhere(self, **window: Any) -> list[Any]:
        self.scene.cordboard.settled()
        return [self.workspace(**window), self.queue(**window), self.workflow(**window)]

    def two_queues(self, timeout: int) -> tuple[str, str, str]:
        """A queue that nobody serves, the one after it, and the workflow through both: a time-out each."""
        first = self.scene.workspace.task_queues.create(friendly_name="nobody's", target_workers="").sid
        second = self.scene.workspace.task_queues.create(friendly_name="nobody's either", target_workers="").sid
        targets = [{"queue": first, "timeout": timeout}, {"queue": second, "timeout": timeout}]
        configuration = {"task_routing": {"filters": [{"expression": "1==1", "targets": targets}]}}
        made = self.scene.workspace.workflows.create(
            friendly_name="through two", configuration=json.dumps(configuration)
        )
        return first, second, made.sid


def test_an_empty_window_is_nought(scene: Scene) -> None:
    for found in Day(scene).everywhere(split_by_wait_time="5"):
        figures = {name: value for name, value in vars(found).items() if name.startswith(("tasks_", "reservations_"))}
        assert set(figures.values()) == {0}
        assert found.avg_task_acceptance_time == 0
        assert found.wait_duration_until_accepted == {"avg": 0, "min": 0, "max": 0, "total": 0}
        none = {"tasks_canceled": 0, "reservations_accepted": 0}
        assert found.split_by_wait_time == {"5": {"above": none, "below": none}}


def test_tasks_are_counted_when_they_are_created_and_when_they_enter(scene: Scene) -> None:
    day = Day(scene)
    scene.task()
    scene.task(routing_target=scene.queue)
    scene.task(routing_target=day.ana.sid)
    workspace, queue, workflow = day.everywhere()
    assert (workspace.tasks_created, queue.tasks_entered, workflow.tasks_entered) == (3, 2, 1)


def test_reservations_are_counted_by_what_became_of_them(scene: Scene) -> None:
    day = Day(scene)
    accepted, rejected = scene.offer(scene.task().sid), scene.offer(scene.task().sid)
    scene.answer(accepted, "accepted")
    scene.answer(rejected, "rejected", worker_activity_sid=scene.activities["Unavailable"])
    scene.worker("bob")
    assert len(scene.offers(rejected.task_sid)) == 2
    scene.workspace.tasks(rejected.task_sid).update(assignment_status="canceled")
    scene.offer(scene.task().sid)
    day.passes(120)
    for found in day.everywhere():
        assert found.reservations_created == 4
        assert found.reservations_accepted == 1
        assert found.reservations_rejected == 1
        assert found.reservations_canceled == 1
        assert found.reservations_timed_out == 1
        assert found.reservations_rescinded == 0


def test_reservations_that_lose_to_a_sibling_are_rescinded(scene: Scene) -> None:
    day = Day(scene)
    scene.worker("bob")
    scene.workspace.task_queues(scene.queue).update(max_reserved_workers=2)
    first, _ = scene.offers(scene.task().sid)
    scene.answer(first, "accepted")
    for found in day.everywhere():
        assert (found.reservations_created, found.reservations_accepted, found.reservations_rescinded) == (2, 1, 1)


def test_waits_until_accepted_count_from_the_creation_of_the_task(scene: Scene) -> None:
    day = Day(scene)
    offers = []
    for waits in (4, 10):
        offers.append(scene.offer(scene.task().sid))
        day.passes(waits)
    for offer in offers:
        scene.answer(offer, "accepted")
    for found in day.everywhere():
        assert found.wait_duration_until_accepted == {"avg": 12, "min": 10, "max": 14, "total": 24}
        assert found.avg_task_acceptance_time == 12


def test_averages_are_whole_seconds_rounded_down(scene: Scene) -> None:
    day = Day(scene)
    first = scene.offer(scene.task().sid)
    day.passes(1)
    second = scene.offer(scene.task().sid)
    day.passes(2)
    scene.answer(first, "accepted")
    scene.answer(second, "accepted")
    assert day.queue().wait_duration_until_accepted == {"avg": 2, "min": 2, "max": 3, "total": 5}


def test_waits_in_a_queue_count_from_when_the_task_entered_it(scene: Scene) -> None:
    day = Day(scene)
    empty = scene.workspace.task_queues.create(friendly_name="nobody's", target_workers="").sid
    targets = [{"queue": empty, "timeout": 30}, {"queue": scene.queue}]
    configuration = {"task_routing": {"filters": [{"expression": "1==1", "targets": targets}]}}
    workflow = scene.workspace.workflows.create(friendly_name="late", configuration=json.dumps(configuration))
    task = scene.task(workflow_sid=workflow.sid)
    day.passes(38)
    scene.answer(scene.offer(task.sid), "accepted")
    found = day.queue()
    assert found.wait_duration_until_accepted == {"avg": 38, "min": 38, "max": 38, "total": 38}
    assert found.wait_duration_in_queue_until_accepted == {"avg": 8, "min": 8, "max": 8, "total": 8}
    assert day.queue(empty).wait_duration_until_accepted["total"] == 0


def test_waits_until_canceled_count_from_the_creation_of_the_task(scene: Scene) -> None:
    day = Day(scene)
    tasks = [scene.task() for _ in range(2)]
    day.passes(5)
    scene.workspace.tasks(tasks[0].sid).update(assignment_status="canceled")
    day.passes(15)
    scene.workspace.tasks(tasks[1].sid).update(assignment_status="canceled")
    for found in day.everywhere():
        assert found.tasks_canceled == 2
        assert found.wait_duration_until_canceled == {"avg": 12, "min": 5, "max": 20, "total": 25}


def test_tasks_are_counted_when_they_are_completed_and_when_they_are_deleted(scene: Scene) -> None:
    day = Day(scene)
    done = scene.offer(scene.task().sid)
    scene.answer(done, "accepted")
    scene.answer(done, "completed")
    scene.workspace.tasks(scene.task().sid).delete()
    for found in day.everywhere():
        assert (found.tasks_completed, found.tasks_deleted, found.tasks_canceled) == (1, 1, 0)


def test_an_ended_task_that_goes_by_itself_is_not_deleted(scene: Scene) -> None:
    day = Day(scene)
    task = scene.task()
    scene.workspace.tasks(task.sid).update(assignment_status="canceled")
    day.passes(10 * 60)
    assert scene.cordboard.http.get(f"/v1/Workspaces/{scene.sid}/Tasks/{task.sid}").status == 404
    assert day.workspace().tasks_deleted == 0


def test_a_task_that_is_assigned_for_a_day_is_deleted(scene: Scene) -> None:
    day = Day(scene)
    scene.answer(scene.offer(scene.task().sid), "accepted")
    day.passes(25 * 3600)
    for found in day.everywhere(minutes=26 * 60):
        assert found.tasks_deleted == 1


def test_a_task_moves_out_of_one_queue_and_falls_out_of_its_workflow_at_the_end(scene: Scene) -> None:
    day = Day(scene)
    first, second, workflow = day.two_queues(timeout=10)
    scene.task(workflow_sid=workflow)
    day.passes(25)
    assert (day.queue(first).tasks_entered, day.queue(first).tasks_moved, day.queue(first).tasks_canceled) == (1, 1, 0)
    assert (day.queue(second).tasks_entered, day.queue(second).tasks_moved, day.queue(second).tasks_canceled) == (
        1,
        0,
        1,
    )
    for found in (day.workspace(), day.workflow(workflow)):
        assert (found.tasks_moved, found.tasks_timed_out_in_workflow, found.tasks_canceled) == (1, 1, 1)
        assert found.wait_duration_until_canceled["total"] == 20
    assert day.workflow().tasks_timed_out_in_workflow == 0


def test_a_reservation_counts_for_the_queue_where_it_was_made(scene: Scene) -> None:
    """The task has moved on when its offer is over."""
    day = Day(scene)
    other = scene.workspace.task_queues.create(friendly_name="nobody's", target_workers="").sid
    targets = [{"queue": scene.queue, "timeout": 10}, {"queue": other}]
    configuration = {"task_routing": {"filters": [{"expression": "1==1", "targets": targets}]}}
    workflow = scene.workspace.workflows.create(friendly_name="on", configuration=json.dumps(configuration))
    offer = scene.offer(scene.task(workflow_sid=workflow.sid).sid)
    day.passes(60)
    scene.answer(offer, "rejected")
    assert (day.queue().reservations_created, day.queue().reservations_rejected) == (1, 1)
    assert (day.queue(other).reservations_rejected, day.queue(other).tasks_entered) == (0, 1)


def test_waits_are_split_at_each_threshold(scene: Scene) -> None:
    day = Day(scene)
    scene.capacity(day.ana.sid, "default", 3)
    offers = [scene.offer(scene.task().sid) for _ in range(3)]
    for offer, passes in zip(offers, (3, 4, 5), strict=True):
        day.passes(passes)
        scene.answer(offer, "accepted")
    waiting = scene.task()
    day.passes(6)
    scene.workspace.tasks(waiting.sid).update(assignment_status="canceled")
    # They waited 3, 7 and 12 seconds until they were accepted, and one 6 seconds until it was canceled.
    for found in day.everywhere(split_by_wait_time="5, 7,100"):
        assert found.split_by_wait_time == {
            "5": {
                "above": {"tasks_canceled": 1, "reservations_accepted": 2},
                "below": {"tasks_canceled": 0, "reservations_accepted": 1},
            },
            "7": {
                "above": {"tasks_canceled": 0, "reservations_accepted": 2},
                "below": {"tasks_canceled": 1, "reservations_accepted": 1},
            },
            "100": {
                "above": {"tasks_canceled": 0, "reservations_accepted": 0},
                "below": {"tasks_canceled": 1, "reservations_accepted": 3},
            },
        }
    assert day.workspace().split_by_wait_time is None


def test_a_task_channel_leaves_the_other_channels_tasks_out(scene: Scene) -> None:
    day = Day(scene)
    chat = scene.task(task_channel="chat")
    scene.answer(scene.offer(scene.task().sid), "accepted")
    day.passes(5)
    for asked in ("chat", chat.task_channel_sid):
        for found in day.everywhere(task_channel=asked):
            assert (found.reservations_created, found.reservations_accepted) == (1, 0)
    assert day.workspace(task_channel="no such channel").tasks_created == 0


def test_what_happened_before_and_after_the_window_is_not_in_it(scene: Scene) -> None:
    day = Day(scene)
    began = scene.cordboard.clock.now()
    for _ in range(5):
        scene.task()
        day.passes(100)
    at = [began + timedelta(seconds=seconds) for seconds in (100, 300)]
    # Both ends are in it: the tasks of the seconds 100, 200 and 300.
    assert day.workspace(start_date=at[0], end_date=at[1]).tasks_created == 3
    assert (
        day.workspace(start_date=at[0] + timedelta(seconds=1), end_date=at[1] - timedelta(seconds=1)).tasks_created == 1
    )
    found = day.workspace(start_date=at[0], end_date=at[1])
    assert (found.start_time, found.end_time) == (at[0], at[1])


def test_both_kinds_of_statistics_come_in_one_answer(scene: Scene) -> None:
    day = Day(scene)
    scene.task()
    day.passes(5)
    space = scene.workspace
    for both, now, then in (
        (space.statistics(), space.real_time_statistics(), space.cumulative_statistics()),
        *(
            (one.statistics(), one.real_time_statistics(), one.cumulative_statistics())
            for one in (space.task_queues(scene.queue), space.workflows(scene.workflow))
        ),
    ):
        found = both.fetch(split_by_wait_time="5")
        stands, happened = vars(now.fetch()), vars(then.fetch(split_by_wait_time="5"))
        assert found.realtime == {name: stands[name] for name in found.realtime}
        told = {name: found.cumulative[name] for name in found.cumulative if not name.endswith("_time")}
        assert told == {name: happened[name] for name in told}
        assert (found.realtime["total_tasks"], found.cumulative["reservations_created"]) == (1, 1)


def test_queues_are_listed_with_their_statistics(scene: Scene) -> None:
    day = Day(scene)
    other = scene.workspace.task_queues.create(friendly_name="other", target_workers="").sid
    scene.task()
    scene.task(routing_target=other)
    scene.cordboard.settled()
    listed = {each.task_queue_sid: each for each in scene.workspace.task_queues.statistics.list(page_size=1)}
    assert listed.keys() == {scene.queue, other}
    for sid, found in listed.items():
        single = scene.workspace.task_queues(sid).statistics().fetch()
        assert (found.realtime, found.cumulative) == (single.realtime, single.cumulative)
    assert [found.realtime["tasks_by_status"]["pending"] for found in listed.values()] == [0, 1]
    (named,) = scene.workspace.task_queues.statistics.list(friendly_name="other", split_by_wait_time="5", minutes=3)
    assert (named.task_queue_sid, named.cumulative["tasks_entered"]) == (other, 1)
    assert named.cumulative["split_by_wait_time"].keys() == {"5"}
    assert day.queue(other).tasks_entered == 1
