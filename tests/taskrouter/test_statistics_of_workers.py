"""Statistics of workers: their reservations, and how long they were in their activities (taskrouter.md 10)."""

from typing import Any

import pytest

from cordboard.taskrouter.actions import statistics_of_workers

from .refusals import sentence
from .scene import Scene


def passes(scene: Scene, seconds: float) -> None:
    scene.cordboard.clock.advance(seconds)


def becomes(scene: Scene, worker: Any, activity: str) -> None:
    scene.workspace.workers(worker.sid).update(activity_sid=scene.activities[activity])


def all_workers(scene: Scene, **window: Any) -> Any:
    scene.cordboard.settled()
    return scene.workspace.workers.cumulative_statistics().fetch(**window)


def workers(scene: Scene, **asked: Any) -> Any:
    scene.cordboard.settled()
    return scene.workspace.workers.statistics().fetch(**asked)


def one(scene: Scene, worker: Any, **window: Any) -> Any:
    return scene.workspace.workers(worker.sid).statistics().fetch(**window).cumulative


def durations(scene: Scene, found: Any) -> dict[str, tuple[int, int, int, int]]:
    """By the name of the activity: the shortest, the average, the longest, the sum."""
    told = found["activity_durations"] if isinstance(found, dict) else found.activity_durations
    assert [each["sid"] for each in told] == list(scene.activities.values())
    return {each["friendly_name"]: (each["min"], each["avg"], each["max"], each["total"]) for each in told}


NONE = (0, 0, 0, 0)


def test_workers_who_do_the_same_all_the_time_were_in_it_for_the_whole_window(scene: Scene) -> None:
    """The vendor's example: six workers Offline and nine Available for all of the fifteen minutes."""
    for number in range(15):
        scene.worker(f"w{number}", available=number >= 6)
    passes(scene, 3600)
    assert durations(scene, all_workers(scene)) == {
        "Offline": (900, 900, 900, 5400),
        "Available": (900, 900, 900, 8100),
        "Unavailable": NONE,
    }


def test_a_worker_who_came_in_the_window_counts_since_then(scene: Scene) -> None:
    scene.worker("ana")
    passes(scene, 200)
    scene.worker("bob")
    passes(scene, 100)
    assert durations(scene, all_workers(scene))["Available"] == (100, 200, 300, 400)


def test_each_spell_in_an_activity_counts_with_the_part_that_lies_in_the_window(scene: Scene) -> None:
    ana = scene.worker("ana")
    passes(scene, 1000)
    becomes(scene, ana, "Unavailable")  # 1000 s, of which the window has 100
    passes(scene, 300)
    becomes(scene, ana, "Available")
    passes(scene, 450)
    becomes(scene, ana, "Unavailable")
    passes(scene, 50)
    found = durations(scene, all_workers(scene, minutes=15))
    # The window begins 900 s ago, 900 s after ana came: 100 s of her first spell, 300, 450 and 50 of the others.
    assert found == {"Offline": NONE, "Available": (100, 275, 450, 550), "Unavailable": (50, 175, 300, 350)}
    assert durations(scene, one(scene, ana)) == found


def test_a_window_in_the_past_knows_nothing_of_later_changes(scene: Scene) -> None:
    ana, bob = scene.worker("ana"), scene.worker("bob")
    began = scene.cordboard.clock.now()
    passes(scene, 100)
    becomes(scene, ana, "Unavailable")
    passes(scene, 100)
    end = scene.cordboard.clock.now()
    passes(scene, 300)
    becomes(scene, bob, "Offline")
    becomes(scene, ana, "Offline")
    passes(scene, 500)
    expected = {"Offline": NONE, "Available": (100, 150, 200, 300), "Unavailable": (100, 100, 100, 100)}
    assert durations(scene, all_workers(scene, start_date=began, end_date=end)) == expected


def test_a_worker_who_is_gone_counts_until_then(scene: Scene) -> None:
    ana = scene.worker("ana", available=False)
    passes(scene, 70)
    scene.workspace.workers(ana.sid).delete()
    passes(scene, 100)
    assert durations(scene, all_workers(scene))["Offline"] == (70, 70, 70, 70)


def test_the_router_changes_activities_too(scene: Scene) -> None:
    """An offer that times out sends the worker away."""
    scene.worker("ana")
    scene.offer(scene.task().sid)
    passes(scene, 150)
    assert durations(scene, all_workers(scene)) == {
        "Offline": (30, 30, 30, 30),
        "Available": (120, 120, 120, 120),
        "Unavailable": NONE,
    }


def test_reservations_of_workers_are_counted(scene: Scene) -> None:
    ana = scene.worker("ana")
    scene.answer(scene.offer(scene.task().sid), "accepted")
    bob = scene.worker("bob")
    scene.answer(scene.offer(scene.task(task_channel="chat").sid), "rejected")
    found = all_workers(scene)
    first, second = one(scene, ana), one(scene, bob)
    for name in ("created", "accepted", "rejected", "timed_out", "canceled", "rescinded"):
        figure = f"reservations_{name}"
        assert vars(found)[figure] == first[figure] + second[figure]
    assert (first["reservations_accepted"], first["reservations_rejected"]) == (1, 0)
    assert second["reservations_rejected"] == 1
    assert all_workers(scene, task_channel="default").reservations_rejected == 0
    assert one(scene, bob, task_channel="chat")["reservations_rejected"] == 1


def test_the_workers_of_a_queue_are_those_whom_it_finds(scene: Scene) -> None:
    skilled = scene.workspace.task_queues.create(friendly_name="skilled", target_workers="skill == 1")
    ana = scene.worker("ana", skill=1)
    scene.worker("bob", skill=2)
    scene.worker("cyd", skill=1, available=False)
    scene.offer(scene.task(routing_target=skilled.sid).sid)
    passes(scene, 50)
    for asked in ({"task_queue_sid": skilled.sid}, {"task_queue_name": "skilled"}):
        found = workers(scene, **asked)
        assert found.realtime["total_workers"] == 2
        assert [each["workers"] for each in found.realtime["activity_statistics"]] == [1, 1, 0]
        assert found.cumulative["reservations_created"] == 1
        assert durations(scene, found.cumulative) == {
            "Offline": (50, 50, 50, 50),
            "Available": (50, 50, 50, 50),
            "Unavailable": NONE,
        }
    assert workers(scene, task_queue_sid=skilled.sid, friendly_name="ana").cumulative == one(scene, ana)
    assert workers(scene, task_queue_sid=scene.queue, task_queue_name="skilled").realtime["total_workers"] == 0


def test_one_worker_is_meant_by_the_name(scene: Scene) -> None:
    ana = scene.worker("ana")
    scene.worker("bob")
    passes(scene, 30)
    found = workers(scene, friendly_name="ana")
    assert (found.realtime["total_workers"], found.cumulative) == (1, one(scene, ana))
    skilled = scene.workspace.task_queues.create(friendly_name="skilled", target_workers="skill == 1")
    for nobody in (
        {"friendly_name": "Ana"},
        {"friendly_name": "ana", "task_queue_sid": skilled.sid},
        {"task_queue_name": "no"},
    ):
        found = workers(scene, **nobody)
        assert found.realtime["total_workers"] == 0
        assert set(durations(scene, found.cumulative).values()) == {NONE}


def test_all_workers_are_meant_when_nobody_is_named(scene: Scene) -> None:
    scene.worker("ana")
    scene.offer(scene.task().sid)
    passes(scene, 30)
    found, alone = workers(scene), all_workers(scene)
    assert durations(scene, found.cumulative) == durations(scene, alone)
    assert found.cumulative["reservations_created"] == alone.reservations_created == 1
    assert found.realtime["activity_statistics"] == (
        scene.workspace.workers.real_time_statistics().fetch().activity_statistics
    )


def test_the_workers_of_a_large_queue_are_not_summed_up_one_by_one(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statistics_of_workers, "MOST_OF_A_QUEUE", 1)
    for name in ("ana", "bob"):
        scene.worker(name)
    assert "at most 1 workers" in sentence(workers, scene, task_queue_sid=scene.queue)
    assert workers(scene).realtime["total_workers"] == 2


def test_figures_outlive_a_restart(scene: Scene) -> None:
    ana = scene.worker("ana")
    passes(scene, 100)
    becomes(scene, ana, "Unavailable")
    passes(scene, 40)
    before = vars(all_workers(scene))
    scene.cordboard.restart()
    after = vars(all_workers(scene))
    assert after["activity_durations"] == before["activity_durations"]
    assert durations(scene, all_workers(scene))["Available"] == (100, 100, 100, 100)
