"""Queues that ask several workers at once (taskrouter.md 4, MaxReservedWorkers)."""

import json
from typing import Any

import pytest

from tests.taskrouter.refusals import refusal
from tests.taskrouter.scene import Scene


class Asking:
    """A queue that asks so many workers at once, and a workflow that leads into it."""

    def __init__(self, scene: Scene, most: int, **queue: Any) -> None:
        self.scene = scene
        made = scene.workspace.task_queues.create(friendly_name="several", max_reserved_workers=most, **queue)
        self.queue = scene.workspace.task_queues(made.sid)
        configuration = json.dumps({"task_routing": {"default_filter": {"queue": made.sid}}})
        flow = scene.workspace.workflows.create(friendly_name="several", configuration=configuration)
        self.workflow: str = flow.sid

    def task(self, **task: Any) -> Any:
        return self.scene.task(workflow_sid=self.workflow, **task)

    def asked(self, task: Any) -> list[tuple[str, str]]:
        """Whom the task was offered to, and what became of it."""
        offers = self.scene.offers(task.sid)
        return [(offer.worker_name, offer.reservation_status) for offer in offers]

    def of(self, task: Any, name: str) -> Any:
        """The worker's newest offer of the task."""
        return [offer for offer in self.scene.offers(task.sid) if offer.worker_name == name][-1]


def hire(scene: Scene, *names: str) -> dict[str, Any]:
    workers = {}
    for name in names:
        workers[name] = scene.worker(name)
        scene.cordboard.clock.advance(1)
    return workers


def test_as_many_workers_are_asked_as_the_queue_says(scene: Scene) -> None:
    asking = Asking(scene, 3)
    hire(scene, "ana", "ben", "cid", "dee")
    task = asking.task()
    assert asking.asked(task) == [("ana", "pending"), ("ben", "pending"), ("cid", "pending")]
    assert scene.status(task.sid) == "reserved"
    assert scene.events(task.sid).count("task.updated") == 0


def test_fifty_workers_are_asked_at_once(scene: Scene) -> None:
    asking = Asking(scene, 50)
    for number in range(52):
        scene.worker(f"w{number}")
    assert len(asking.asked(asking.task())) == 50


def test_with_fewer_free_there_are_fewer_reservations_and_who_comes_free_is_asked_too(scene: Scene) -> None:
    asking = Asking(scene, 3)
    hire(scene, "ana")
    task = asking.task()
    assert asking.asked(task) == [("ana", "pending")]
    hire(scene, "ben", "cid", "dee")
    assert asking.asked(task) == [("ana", "pending"), ("ben", "pending"), ("cid", "pending")]


def test_one_accepts_and_the_others_are_rescinded_with_their_places_free(scene: Scene) -> None:
    asking = Asking(scene, 3)
    workers = hire(scene, "ana", "ben", "cid")
    task = asking.task()
    scene.answer(asking.of(task, "ben"), "accepted")
    assert asking.asked(task) == [("ana", "rescinded"), ("ben", "accepted"), ("cid", "rescinded")]
    assert scene.status(task.sid) == "assigned"
    free = {
        name: scene.workspace.workers(worker.sid).worker_channels("default").fetch().available_capacity_percentage
        for name, worker in workers.items()
    }
    assert free == {"ana": 100, "ben": 0, "cid": 100}
    assert scene.events(asking.of(task, "ana").sid) == ["reservation.created", "reservation.rescinded"]


def test_accepting_a_lost_reservation_is_gone_and_changes_nothing(scene: Scene) -> None:
    asking = Asking(scene, 2)
    hire(scene, "ana", "ben")
    task = asking.task()
    scene.answer(asking.of(task, "ana"), "accepted")
    lost = asking.of(task, "ben")
    status, code, message = refusal(scene.answer, lost, "accepted")
    assert (status, code) == (410, 20410)
    assert task.sid in message
    assert refusal(scene.answer, lost, "rejected")[:2] == (400, 20001)
    assert asking.asked(task) == [("ana", "accepted"), ("ben", "rescinded")]


def test_a_worker_who_declines_is_not_asked_again_while_others_think_about_it(scene: Scene) -> None:
    asking = Asking(scene, 2)
    hire(scene, "ana", "ben")
    task = asking.task()
    scene.answer(asking.of(task, "ana"), "rejected")
    assert asking.asked(task) == [("ana", "rejected"), ("ben", "pending")]
    assert scene.status(task.sid) == "reserved"


def test_the_task_waits_again_when_all_have_declined_and_all_are_asked_anew(scene: Scene) -> None:
    asking = Asking(scene, 2)
    workers = hire(scene, "ana", "ben")
    task = asking.task()
    for name in workers:
        offline = scene.activities["Offline"]
        scene.answer(asking.of(task, name), "rejected", worker_activity_sid=offline)
    assert scene.status(task.sid) == "pending"
    for worker in workers.values():
        scene.workspace.workers(worker.sid).update(activity_sid=scene.activities["Available"])
    assert asking.asked(task)[2:] == [("ana", "pending"), ("ben", "pending")]


def test_a_round_of_several_reservations_counts_as_one_offer(scene: Scene) -> None:
    asking = Asking(scene, 2)
    hire(scene, "ana", "ben")
    task = asking.task()
    asking.asked(task)
    (created, *_) = scene.cordboard.http.get("/cordboard/v1/Events", {"ResourceSid": asking.of(task, "ben").sid}).json[
        "events"
    ]
    assert created["data"]["task"]["assignment_counter"] == 1


def test_all_time_out_and_go_where_the_workspace_says(scene: Scene) -> None:
    asking = Asking(scene, 2)
    workers = hire(scene, "ana", "ben")
    task = asking.task()
    asking.asked(task)
    scene.cordboard.clock.advance(120)
    assert asking.asked(task) == [("ana", "timeout"), ("ben", "timeout")]
    assert scene.status(task.sid) == "pending"
    assert {scene.workspace.workers(worker.sid).fetch().activity_name for worker in workers.values()} == {"Offline"}


def test_canceling_the_task_cancels_all_its_offers(scene: Scene) -> None:
    asking = Asking(scene, 3)
    hire(scene, "ana", "ben")
    task = asking.task()
    asking.asked(task)
    scene.workspace.tasks(task.sid).update(assignment_status="canceled", reason="gone")
    assert asking.asked(task) == [("ana", "canceled"), ("ben", "canceled")]


def test_a_worker_with_room_for_two_gets_each_task_once(scene: Scene) -> None:
    asking = Asking(scene, 5)
    ana = scene.worker("ana")
    scene.capacity(ana.sid, "default", 2)
    first, second, third = (asking.task() for _ in range(3))
    assert [asking.asked(task) for task in (first, second, third)] == [[("ana", "pending")], [("ana", "pending")], []]


def test_each_of_several_tasks_asks_for_itself_in_the_order_of_the_queue(scene: Scene) -> None:
    asking = Asking(scene, 2)
    tasks = [asking.task() for _ in range(2)]
    hire(scene, "ana", "ben", "cid")
    assert [asking.asked(task) for task in tasks] == [
        [("ana", "pending"), ("ben", "pending")],
        [("cid", "pending")],
    ]


def test_a_worker_who_takes_another_task_leaves_the_round_open_for_the_next(scene: Scene) -> None:
    asking = Asking(scene, 2)
    hire(scene, "ana", "ben")
    first = asking.task()
    second = asking.task()
    assert asking.asked(second) == []
    scene.answer(asking.of(first, "ana"), "accepted")
    assert asking.asked(second) == [("ben", "pending")]
    scene.answer(asking.of(first, "ana"), "completed")
    assert asking.asked(second) == [("ben", "pending"), ("ana", "pending")]


@pytest.mark.parametrize(("before", "after", "asked"), [(1, 3, 3), (3, 1, 1)])
def test_a_changed_number_counts_for_tasks_that_wait(scene: Scene, before: int, after: int, asked: int) -> None:
    asking = Asking(scene, before)
    task = asking.task()
    scene.cordboard.settled()
    asking.queue.update(max_reserved_workers=after)
    hire(scene, "ana", "ben", "cid")
    assert len(asking.asked(task)) == asked


def test_a_round_that_has_begun_takes_more_workers_when_the_number_rises(scene: Scene) -> None:
    asking = Asking(scene, 2)
    task = asking.task()
    hire(scene, "ana")
    assert len(asking.asked(task)) == 1
    asking.queue.update(max_reserved_workers=3)
    hire(scene, "ben", "cid", "dee")
    assert len(asking.asked(task)) == 3


def test_a_task_for_one_worker_asks_nobody_else(scene: Scene) -> None:
    asking = Asking(scene, 3)
    workers = hire(scene, "ana", "ben")
    task = scene.task(workflow=False, routing_target=workers["ben"].sid, task_queue_sid=asking.queue.fetch().sid)
    assert asking.asked(task) == [("ben", "pending")]


def test_whom_a_round_has_asked_is_known_again_after_a_restart(scene: Scene) -> None:
    asking = Asking(scene, 3)
    hire(scene, "ana", "ben")
    task = asking.task()
    scene.answer(asking.of(task, "ana"), "rejected")
    scene.cordboard.restart()
    scene.worker("cid")
    scene.worker("dee")
    assert asking.asked(task) == [("ana", "rejected"), ("ben", "pending"), ("cid", "pending")]
