"""Who has room, and who has waited longest (taskrouter.md 7.1 to 7.3, 7.5)."""

from typing import Any

import pytest

from tests.taskrouter.scene import Scene


def free(scene: Scene, worker_sid: str, channel: str = "default") -> int:
    found: int = scene.workspace.workers(worker_sid).worker_channels(channel).fetch().available_capacity_percentage
    return found


def test_a_direct_offer_that_ignores_capacity_is_counted_all_the_same(scene: Scene) -> None:
    worker = scene.worker("ana")
    scene.offer(scene.task().sid)
    offers = [scene.offer(scene.task(workflow=False, routing_target=worker.sid).sid) for _ in range(2)]
    assert free(scene, worker.sid) == 0
    waiting = scene.task().sid
    for offer in offers:
        scene.answer(scene.answer(offer, "accepted"), "completed")
        assert scene.offers(waiting) == []
    scene.capacity(worker.sid, "default", 2)
    assert len(scene.offers(waiting)) == 1


def test_a_direct_offer_reaches_an_offline_worker_whose_channel_is_off(scene: Scene) -> None:
    worker = scene.worker("ana", available=False)
    scene.workspace.workers(worker.sid).worker_channels("chat").update(capacity=0, available=False)
    task = scene.task(workflow=False, routing_target=worker.sid, task_channel="chat")
    assert scene.offer(task.sid).worker_sid == worker.sid


@pytest.mark.parametrize("what", [{"capacity": 1}, {"capacity": 1, "available": True}])
def test_a_patient_direct_task_waits_for_room_on_its_channel(scene: Scene, what: dict[str, Any]) -> None:
    worker = scene.worker("ana")
    channel = scene.workspace.workers(worker.sid).worker_channels("chat")
    channel.update(capacity=0, available=what.get("available") is None)
    task = scene.task(workflow=False, routing_target=worker.sid, ignore_capacity=False, task_channel="chat")
    assert scene.offers(task.sid) == []
    channel.update(**what)
    assert len(scene.offers(task.sid)) == 1


def test_a_direct_task_of_a_queue_needs_a_worker_of_that_queue(scene: Scene) -> None:
    worker = scene.worker("ana", languages=["en"])
    queue = scene.workspace.task_queues.create(friendly_name="french", target_workers="languages HAS 'fr'").sid
    task = scene.task(workflow=False, routing_target=worker.sid, task_queue_sid=queue)
    assert (task.assignment_status, task.reason) == ("canceled", "Worker ana is not in task queue french")
    assert scene.offers(task.sid) == []
    assert scene.events(task.sid) == ["task-queue.entered", "task.created", "task.canceled"]
    scene.workspace.workers(worker.sid).update(attributes='{"languages": ["fr"]}')
    again = scene.task(workflow=False, routing_target=worker.sid, task_queue_sid=queue)
    assert (scene.offer(again.sid).worker_sid, again.task_queue_sid) == (worker.sid, queue)


def test_the_percentage_of_free_room_is_rounded_down_and_zero_without_capacity(scene: Scene) -> None:
    worker = scene.worker("ana")
    seen = []
    for capacity in (3, 7, 50, 1):
        scene.capacity(worker.sid, "chat", capacity)
        offer = scene.offer(scene.task(task_channel="chat").sid)
        seen.append(free(scene, worker.sid, "chat"))
        scene.answer(offer, "canceled")
        scene.workspace.tasks(offer.task_sid).delete()
    scene.capacity(worker.sid, "chat", 0)
    assert [*seen, free(scene, worker.sid, "chat")] == [66, 85, 98, 0, 0]


def test_capacity_that_falls_below_the_load_waits_until_enough_is_done(scene: Scene) -> None:
    worker = scene.worker("ana")
    scene.capacity(worker.sid, "default", 3)
    offers = [scene.answer(scene.offer(scene.task().sid), "accepted") for _ in range(3)]
    scene.capacity(worker.sid, "default", 1)
    waiting = scene.task().sid
    for offer in offers[:2]:
        scene.answer(offer, "completed")
        assert scene.offers(waiting) == []
    scene.answer(offers[2], "completed")
    assert len(scene.offers(waiting)) == 1


@pytest.mark.parametrize(("optimized", "next_of_chat"), [(False, "ben"), (True, "ana")])
def test_an_optimized_channel_goes_by_its_own_idle_time(scene: Scene, optimized: bool, next_of_chat: str) -> None:
    scene.workspace.task_channels("chat").update(channel_optimized_routing=optimized)
    workers = [scene.worker("ana"), scene.worker("ben")]
    for worker in workers:
        scene.capacity(worker.sid, "chat", 5)
        scene.capacity(worker.sid, "voice", 5)
    order = [("chat", "ana"), ("chat", "ben"), ("voice", "ana")]
    for channel, name in order:
        scene.cordboard.clock.advance(1)
        assert scene.offer(scene.task(task_channel=channel).sid).worker_name == name
    scene.cordboard.clock.advance(1)
    assert scene.offer(scene.task(task_channel="chat").sid).worker_name == next_of_chat


def test_a_change_of_activity_does_not_make_a_worker_newer_in_line(scene: Scene) -> None:
    ana, ben = scene.worker("ana"), scene.worker("ben")
    for worker in (ana, ben):
        scene.capacity(worker.sid, "default", 3)
    assert scene.offer(scene.task().sid).worker_name == "ana"
    scene.cordboard.clock.advance(1)
    assert scene.offer(scene.task().sid).worker_name == "ben"
    for activity in ("Offline", "Available"):
        scene.cordboard.clock.advance(1)
        scene.workspace.workers(ana.sid).update(activity_sid=scene.activities[activity])
    assert scene.offer(scene.task().sid).worker_name == "ana"


def test_who_rejected_is_asked_again_at_once_when_nobody_else_is_free(scene: Scene) -> None:
    worker = scene.worker("ana")
    task = scene.task().sid
    scene.answer(scene.offer(task), "rejected")
    assert [(offer.worker_sid, offer.reservation_status) for offer in scene.offers(task)] == [
        (worker.sid, "rejected"),
        (worker.sid, "pending"),
    ]
