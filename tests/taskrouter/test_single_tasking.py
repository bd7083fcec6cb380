"""Workspaces for one task at a time: the queue says what the worker does (taskrouter.md 2.2, 4, 7.1, 7.5)."""

import json
from typing import Any

import pytest

from cordboard.testkit.running import Cordboard
from tests.taskrouter.scene import Scene


class Single(Scene):
    """A single-tasking workspace with a queue that reserves into Reserved and assigns into Busy, and an idle worker."""

    def __init__(self, cordboard: Cordboard, *, most: int = 1) -> None:
        super().__init__(cordboard, multi_task_enabled=False)
        queue = self.workspace.task_queues.create(
            friendly_name="all",
            max_reserved_workers=most,
            reservation_activity_sid=self.activities["Reserved"],
            assignment_activity_sid=self.activities["Busy"],
        )
        configuration = json.dumps({"task_routing": {"default_filter": {"queue": queue.sid}}})
        self.workflow = self.workspace.workflows.create(friendly_name="all", configuration=configuration).sid
        self.ana = self.hire("ana")

    def hire(self, name: str) -> str:
        made = self.workspace.workers.create(friendly_name=name, activity_sid=self.activities["Idle"])
        sid: str = made.sid
        return sid

    def doing(self, worker_sid: str) -> str:
        self.cordboard.settled()
        name: str = self.workspace.workers(worker_sid).fetch().activity_name
        return name


@pytest.fixture
def single(cordboard: Cordboard) -> Single:
    return Single(cordboard)


def test_a_worker_has_one_task_whatever_the_capacity_of_its_channels(single: Single) -> None:
    single.capacity(single.ana, "chat", 5)
    first = single.task(task_channel="chat").sid
    second = single.task(task_channel="voice").sid
    offer = single.offer(first)
    assert single.offers(second) == []
    single.workspace.workers(single.ana).update(activity_sid=single.activities["Idle"])
    assert single.offers(second) == []
    single.answer(single.answer(offer, "accepted"), "wrapping")
    single.workspace.workers(single.ana).update(activity_sid=single.activities["Idle"])
    assert single.offers(second) == []
    single.answer(offer, "completed")
    assert len(single.offers(second)) == 1


def test_capacity_and_availability_of_channels_have_no_say(single: Single) -> None:
    single.workspace.workers(single.ana).worker_channels("default").update(capacity=0, available=False)
    assert len(single.offers(single.task().sid)) == 1


@pytest.mark.parametrize(("answer", "activity"), [("rejected", "Idle"), ("canceled", "Idle"), ("accepted", "Busy")])
def test_an_answer_puts_the_worker_where_the_sheet_says(single: Single, answer: str, activity: str) -> None:
    offer = single.offer(single.task().sid)
    assert single.doing(single.ana) == "Reserved"
    events = len(single.events(single.ana))
    single.answer(offer, answer)
    moves = [event for event in single.events(single.ana)[events:] if event == "worker.activity.update"]
    assert moves
    data = single.cordboard.http.get("/cordboard/v1/Events", {"ResourceSid": single.ana, "PageSize": "1000"}).json
    first = [event for event in data["events"] if event["type"] == "worker.activity.update"][1]
    assert first["data"]["activity"]["friendly_name"] == activity


def test_a_rejection_may_name_another_activity(single: Single) -> None:
    offer = single.offer(single.task().sid)
    single.answer(offer, "rejected", worker_activity_sid=single.activities["Offline"])
    assert single.doing(single.ana) == "Offline"


def test_a_time_out_goes_to_the_time_out_activity_and_a_canceled_task_back_to_the_former(single: Single) -> None:
    task = single.task().sid
    single.offer(task)
    single.workspace.tasks(task).update(assignment_status="canceled")
    assert single.doing(single.ana) == "Idle"
    single.offer(single.task().sid)
    single.cordboard.clock.advance(120)
    assert single.doing(single.ana) == "Offline"


def test_completing_leaves_the_activity_to_the_program(single: Single) -> None:
    offer = single.answer(single.offer(single.task().sid), "accepted")
    single.answer(offer, "completed")
    assert single.doing(single.ana) == "Busy"


def test_who_lost_the_task_to_another_is_back_where_they_were(cordboard: Cordboard) -> None:
    single = Single(cordboard, most=2)
    ben = single.hire("ben")
    offers: list[Any] = single.offers(single.task().sid)
    assert [single.doing(worker) for worker in (single.ana, ben)] == ["Reserved", "Reserved"]
    single.answer(offers[0], "accepted")
    assert [single.doing(worker) for worker in (single.ana, ben)] == ["Busy", "Idle"]


def test_a_worker_who_leaves_and_rejects_what_is_pending_stays_where_they_went(single: Single) -> None:
    offer = single.offer(single.task().sid)
    offline = single.activities["Offline"]
    single.workspace.workers(single.ana).update(activity_sid=offline, reject_pending_reservations=True)
    assert single.doing(single.ana) == "Offline"
    assert single.offer(offer.task_sid).reservation_status == "rejected"


def test_a_worker_of_a_multi_tasking_workspace_keeps_its_activity_throughout(cordboard: Cordboard) -> None:
    scene = Scene(cordboard)
    busy = scene.activities["Unavailable"]
    scene.workspace.task_queues(scene.queue).update(reservation_activity_sid=busy, assignment_activity_sid=busy)
    worker = scene.worker("ana")
    offer = scene.offer(scene.task().sid)
    scene.answer(scene.answer(offer, "accepted"), "completed")
    assert scene.events(worker.sid) == ["worker.created"]
