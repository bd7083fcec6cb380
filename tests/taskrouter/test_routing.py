import json
from typing import Any

import pytest

from cordboard.testkit.running import Cordboard
from tests.taskrouter.scene import Scene


def test_a_task_goes_to_the_worker_who_has_the_skill(scene: Scene) -> None:
    scene.worker("ana", skills=["sales"])
    ben = scene.worker("ben", skills=["support"], level=3)
    scene.worker("cid", skills=["support"], level=1)
    queue = scene.workspace.task_queues.create(
        friendly_name="support", target_workers="skills HAS 'support' AND level > 2"
    )
    flow = scene.workspace.workflows.create(
        friendly_name="support", configuration=json.dumps({"task_routing": {"default_filter": {"queue": queue.sid}}})
    )
    assert scene.offer(scene.task(workflow_sid=flow.sid).sid).worker_sid == ben.sid


def test_a_task_waits_until_a_worker_becomes_available(scene: Scene) -> None:
    worker = scene.worker("ana", available=False)
    task = scene.task()
    assert scene.offers(task.sid) == []
    scene.workspace.workers(worker.sid).update(activity_sid=scene.activities["Available"])
    assert scene.offer(task.sid).worker_sid == worker.sid


def test_a_task_waits_until_a_worker_gets_the_skill(scene: Scene) -> None:
    worker = scene.worker("ana")
    queue = scene.workspace.task_queues.create(friendly_name="french", target_workers="languages HAS 'fr'")
    task = scene.task(routing_target=queue.sid)
    assert scene.offers(task.sid) == []
    scene.workspace.workers(worker.sid).update(attributes='{"languages": ["fr"]}')
    assert scene.offer(task.sid).worker_sid == worker.sid


def test_a_task_waits_until_the_queue_wants_other_workers(scene: Scene) -> None:
    worker = scene.worker("ana")
    queue = scene.workspace.task_queues.create(friendly_name="nobody", target_workers="1 == 2")
    task = scene.task(routing_target=queue.sid)
    assert scene.offers(task.sid) == []
    scene.workspace.task_queues(queue.sid).update(target_workers="1 == 1")
    assert scene.offer(task.sid).worker_sid == worker.sid


def test_a_worker_gets_as_many_tasks_of_a_channel_as_its_capacity(scene: Scene) -> None:
    worker = scene.worker("ana")
    scene.capacity(worker.sid, "chat", 3)
    tasks = [scene.task(task_channel="chat") for _ in range(5)]
    voice = scene.task(task_channel="voice")
    assert [len(scene.offers(task.sid)) for task in tasks] == [1, 1, 1, 0, 0]
    assert len(scene.offers(voice.sid)) == 1
    scene.capacity(worker.sid, "chat", 4)
    assert [len(scene.offers(task.sid)) for task in tasks] == [1, 1, 1, 1, 0]


def test_a_channel_that_is_not_available_or_has_no_capacity_gets_nothing(scene: Scene) -> None:
    worker = scene.worker("ana")
    channel = scene.workspace.workers(worker.sid).worker_channels("default")
    channel.update(available=False)
    task = scene.task()
    assert scene.offers(task.sid) == []
    channel.update(available=True, capacity=0)
    assert scene.offers(task.sid) == []
    channel.update(capacity=1)
    assert len(scene.offers(task.sid)) == 1


def test_the_worker_who_waited_longest_is_next(scene: Scene) -> None:
    names = [scene.worker(name).sid for name in ("ana", "ben", "cid")]
    order = []
    for _ in range(6):
        offer = scene.offer(scene.task().sid)
        order.append(offer.worker_sid)
        scene.cordboard.clock.advance(1)
        scene.answer(scene.answer(offer, "accepted"), "completed")
    assert order == names * 2


def test_tasks_leave_a_queue_by_priority_then_age(scene: Scene) -> None:
    flow = scene.workspace.workflows.create(
        friendly_name="plain",
        configuration=json.dumps({"task_routing": {"default_filter": {"queue": scene.queue}}}),
    )
    tasks: list[Any] = []
    for priority in (0, 5, 0, 9):
        tasks.append(scene.task(workflow_sid=flow.sid, priority=priority))
        scene.cordboard.clock.advance(1)
    scene.worker("ana")
    assert _served(scene, tasks) == [3, 1, 0, 2]


def test_a_lifo_queue_serves_the_youngest_first_whatever_its_priority(scene: Scene) -> None:
    queue = scene.workspace.task_queues.create(friendly_name="stack", task_order="LIFO")
    tasks: list[Any] = []
    for priority in (0, 9, 0):
        tasks.append(scene.task(routing_target=queue.sid, priority=priority))
        scene.cordboard.clock.advance(1)
    scene.worker("ana")
    assert _served(scene, tasks) == [2, 1, 0]


@pytest.mark.parametrize(("first", "served"), [("FIFO", [0, 1]), ("LIFO", [1, 0])])
def test_a_workspace_says_which_kind_of_queue_a_worker_drains_first(
    scene: Scene, first: str, served: list[int]
) -> None:
    scene.workspace.update(prioritize_queue_order=first)
    stack = scene.room("stack", task_order="LIFO")
    tasks = [scene.task(routing_target=queue) for queue in (scene.queue, stack)]
    scene.worker("ana")
    assert _served(scene, tasks) == served


def test_several_fifo_queues_of_a_worker_are_one_line_by_priority_and_age(scene: Scene) -> None:
    other = scene.room("other")
    tasks: list[Any] = []
    for queue, priority in ((scene.queue, 0), (other, 5), (scene.queue, 5), (other, 0)):
        tasks.append(scene.task(routing_target=queue, priority=priority))
        scene.cordboard.clock.advance(1)
    scene.worker("ana")
    assert _served(scene, tasks) == [1, 2, 0, 3]


def test_a_lifo_queue_goes_by_the_virtual_start_time_too(scene: Scene) -> None:
    stack = scene.room("stack", task_order="LIFO")
    starts = ("2025-12-31T01:00:00Z", "2025-12-31T03:00:00Z", "2025-12-31T02:00:00Z")
    tasks = [scene.task(routing_target=stack, virtual_start_time=start) for start in starts]
    scene.worker("ana")
    assert _served(scene, tasks) == [1, 2, 0]


def test_a_virtual_start_time_puts_a_task_forward(scene: Scene) -> None:
    first = scene.task()
    early = scene.task(virtual_start_time="2025-12-31T00:00:00Z")
    scene.worker("ana")
    assert _served(scene, [first, early]) == [1, 0]


def test_a_task_for_one_worker_ignores_capacity_and_availability_unless_told_otherwise(scene: Scene) -> None:
    worker = scene.worker("ana", available=False)
    task = scene.task(routing_target=worker.sid)
    assert (task.routing_target, task.ignore_capacity, task.workflow_sid) == (worker.sid, True, None)
    assert scene.offer(task.sid).worker_sid == worker.sid
    patient = scene.task(routing_target=worker.sid, ignore_capacity=False)
    assert scene.offers(patient.sid) == []
    scene.capacity(worker.sid, "default", 2)
    scene.workspace.workers(worker.sid).update(activity_sid=scene.activities["Available"])
    assert scene.offer(patient.sid).worker_sid == worker.sid


def test_a_task_for_one_worker_is_canceled_when_that_worker_rejects_it(scene: Scene) -> None:
    ana = scene.worker("ana")
    scene.worker("ben")
    task = scene.task(routing_target=ana.sid)
    scene.answer(scene.offer(task.sid), "rejected")
    assert scene.status(task.sid) == "canceled"


def test_a_task_straight_into_a_queue_waits_again_when_it_is_rejected(scene: Scene) -> None:
    ana, ben = scene.worker("ana"), scene.worker("ben")
    task = scene.task(routing_target=scene.queue)
    assert (task.task_queue_sid, task.workflow_sid) == (scene.queue, None)
    scene.answer(scene.offer(task.sid), "rejected")
    assert [offer.worker_sid for offer in scene.offers(task.sid)] == [ana.sid, ben.sid]


def test_a_routing_target_may_be_a_workflow(scene: Scene) -> None:
    task = scene.task(routing_target=scene.workflow)
    assert (task.workflow_sid, task.task_queue_sid) == (scene.workflow, scene.queue)


def test_waiting_tasks_and_loads_are_known_again_after_a_restart(cordboard: Cordboard) -> None:
    scene = Scene(cordboard)
    worker = scene.worker("ana")
    taken, waiting = scene.task(), scene.task()
    offer = scene.answer(scene.offer(taken.sid), "accepted")
    cordboard.restart()
    assert scene.offers(waiting.sid) == []
    scene.answer(offer, "completed")
    assert scene.offer(waiting.sid).worker_sid == worker.sid


def test_no_worker_ever_has_more_than_its_capacity(scene: Scene) -> None:
    workers = [scene.worker(f"w{n}").sid for n in range(3)]
    for worker in workers:
        scene.capacity(worker, "chat", 2)
    tasks = [scene.task(task_channel="chat").sid for _ in range(10)]
    offers = [offer for task in tasks for offer in scene.offers(task)]
    assert len(offers) == 6
    assert all(sum(offer.worker_sid == worker for offer in offers) == 2 for worker in workers)


def test_every_waiting_task_has_an_alarm(scene: Scene) -> None:
    tasks = [scene.task(timeout=timeout).sid for timeout in (10, 20, 30)]
    scene.cordboard.clock.advance(30)
    assert [scene.status(task) for task in tasks] == ["canceled"] * 3


def _served(scene: Scene, tasks: list[Any]) -> list[int]:
    """The order in which one worker with room for one task gets these tasks."""
    order: list[int] = []
    while len(order) < len(tasks):
        scene.cordboard.settled()
        (offer,) = [
            found
            for number, task in enumerate(tasks)
            if number not in order
            for found in scene.workspace.tasks(task.sid).reservations.list(reservation_status="pending")
        ]
        order.append([task.sid for task in tasks].index(offer.task_sid))
        scene.answer(scene.answer(offer, "accepted"), "completed")
    return order
