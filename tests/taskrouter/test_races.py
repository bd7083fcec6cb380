"""Calls that arrive together and contradict each other, on either database: one is first, and the rest follows from that."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from cordboard.testkit.running import Cordboard
from tests.nodes.naming import must_name_what_it_changes
from tests.taskrouter.scene import Scene
from tests.taskrouter.test_at_the_same_time import together

ROUNDS = 5


@pytest.fixture(params=["sqlite", "postgres"])
def cordboard_database(request: pytest.FixtureRequest) -> str | None:
    if request.param == "sqlite":
        return None
    url: str = request.getfixturevalue("postgres_database")
    return url


@pytest.fixture
def scene(cordboard: Cordboard) -> Scene:
    must_name_what_it_changes(cordboard.system.db)
    return Scene(cordboard)


def several(scene: Scene, most: int) -> str:
    """A workflow into a queue that asks so many workers at once, and these workers."""
    queue = scene.workspace.task_queues.create(friendly_name="several", max_reserved_workers=most)
    for number in range(most):
        scene.worker(f"w{number}")
    configuration = json.dumps({"task_routing": {"default_filter": {"queue": queue.sid}}})
    flow: str = scene.workspace.workflows.create(friendly_name="several", configuration=configuration).sid
    return flow


def rounds(scene: Scene, flow: str) -> Iterator[list[Any]]:
    """The offers of one fresh task after another."""
    for _ in range(ROUNDS):
        yield scene.offers(scene.task(workflow_sid=flow).sid)


def call(offer: Any, status: str) -> tuple[str, str, dict[str, str]]:
    path = f"Tasks/{offer.task_sid}/Reservations/{offer.sid}"
    return "POST", path, {"ReservationStatus": status}


def found(scene: Scene, task_sid: str) -> list[str]:
    return sorted(offer.reservation_status for offer in scene.offers(task_sid))


def loads(scene: Scene) -> dict[str, int]:
    """How much of the only place of each worker is taken, in percent."""
    return {
        worker.friendly_name: 100
        - scene.workspace.workers(worker.sid).worker_channels("default").fetch().available_capacity_percentage
        for worker in scene.workspace.workers.list()
    }


def test_of_many_who_accept_one_wins_and_the_others_learn_that_it_is_gone(scene: Scene) -> None:
    for offers in rounds(scene, several(scene, 4)):
        answers = together(scene, *[call(offer, "accepted") for offer in offers])
        assert sorted(answer.status for answer in answers) == [200, 410, 410, 410]
        assert found(scene, offers[0].task_sid) == ["accepted", "rescinded", "rescinded", "rescinded"]
        assert sorted(loads(scene).values()) == [0, 0, 0, 100]
        scene.workspace.tasks(offers[0].task_sid).update(assignment_status="completed")


def test_all_who_decline_at_once_leave_the_task_waiting(scene: Scene) -> None:
    flow = several(scene, 4)
    offline = scene.activities["Offline"]
    (offers, *_) = rounds(scene, flow)
    calls = [
        ("POST", path, {**form, "WorkerActivitySid": offline})
        for _, path, form in (call(o, "rejected") for o in offers)
    ]
    assert {answer.status for answer in together(scene, *calls)} == {200}
    assert found(scene, offers[0].task_sid) == ["rejected"] * 4
    assert scene.status(offers[0].task_sid) == "pending"


def test_accepting_and_canceling_the_task_leave_one_of_the_two(scene: Scene) -> None:
    for offers in rounds(scene, several(scene, 2)):
        task = offers[0].task_sid
        cancel = ("POST", f"Tasks/{task}", {"AssignmentStatus": "canceled"})
        accepted, canceled = together(scene, call(offers[0], "accepted"), cancel)
        assert (accepted.status, canceled.status) in {(200, 400), (400, 200)}
        if accepted.status == 200:
            assert (scene.status(task), found(scene, task)) == ("assigned", ["accepted", "rescinded"])
            scene.workspace.tasks(task).update(assignment_status="completed")
        else:
            assert (scene.status(task), found(scene, task)) == ("canceled", ["canceled", "canceled"])
        assert set(loads(scene).values()) == {0}


def test_accepting_in_the_moment_of_the_time_out_leaves_one_of_the_two(scene: Scene) -> None:
    """The alarm is due when the clock moves; the answer comes while it rings."""
    scene.workspace.workflows(scene.workflow).update(task_reservation_timeout=5)
    workers = [scene.worker(f"w{number}").sid for number in range(ROUNDS)]
    offers = [scene.offer(scene.task().sid) for _ in workers]
    answers = together(scene, *[call(offer, "accepted") for offer in offers], after_ms=5000)
    for offer, answer in zip(offers, answers, strict=True):
        after = scene.offers(offer.task_sid)[0].reservation_status
        assert (answer.status, after) in {(200, "accepted"), (400, "timeout")}
        assert scene.status(offer.task_sid) in {"assigned", "reserved", "pending"}


def test_two_changes_of_capacity_and_an_offer_lose_nothing(scene: Scene) -> None:
    worker = scene.worker("ana").sid
    path = f"Workers/{worker}/Channels"
    tasks = [("POST", "Tasks", {"WorkflowSid": scene.workflow, "TaskChannel": "chat"})] * 4
    answers = together(
        scene,
        ("POST", f"{path}/chat", {"Capacity": "3"}),
        ("POST", f"{path}/voice", {"Capacity": "7"}),
        *tasks,
        ("POST", f"{path}/chat", {"Capacity": "2"}),
        ("POST", f"{path}/sms", {"Available": "false"}),
    )
    assert {answer.status for answer in answers} == {200, 201}
    offered = sum(len(scene.offers(answer.json["sid"])) for answer in answers if answer.status == 201)
    channels = {
        found.task_channel_unique_name: found for found in scene.workspace.workers(worker).worker_channels.list()
    }
    assert channels["voice"].configured_capacity == 7
    assert channels["sms"].available is False
    assert channels["chat"].configured_capacity in {2, 3}
    assert offered in {channels["chat"].configured_capacity, 3}


def test_two_who_leave_a_warm_transfer_at_once_complete_the_task(scene: Scene) -> None:
    for number in range(ROUNDS):
        scene.worker(f"a{number}")
        held = scene.answer(scene.offer(scene.task().sid), "accepted")
        other = scene.worker(f"b{number}")
        form = {"TaskSid": held.task_sid, "ReservationSid": held.sid, "To": other.sid}
        (made,) = together(scene, ("POST", f"Workers/{held.worker_sid}/Transfers", form))
        assert made.status == 201, made.text
        taken = scene.answer(scene.offers(held.task_sid)[-1], "accepted")
        answers = together(scene, call(held, "completed"), call(taken, "completed"))
        assert [answer.status for answer in answers] == [200, 200]
        assert scene.status(held.task_sid) == "completed"


def test_a_transfer_and_its_workers_leaving_end_in_one_order_or_the_other(scene: Scene) -> None:
    for number in range(ROUNDS):
        scene.worker(f"a{number}")
        held = scene.answer(scene.offer(scene.task().sid), "accepted")
        other = scene.worker(f"b{number}")
        form = {"TaskSid": held.task_sid, "ReservationSid": held.sid, "To": other.sid}
        transfer = ("POST", f"Workers/{held.worker_sid}/Transfers", form)
        handed, left = together(scene, transfer, call(held, "completed"))
        assert left.status == 200
        if handed.status == 201:
            assert scene.status(held.task_sid) == "reserved"
            scene.answer(scene.offers(held.task_sid)[-1], "accepted")
            scene.workspace.tasks(held.task_sid).update(assignment_status="completed")
        assert scene.status(held.task_sid) == "completed"
