"""A worker hands a task on, as the JavaScript client does (realtime-protocols.md A.9, and that client's own tests)."""

from typing import Any

import pytest

from cordboard.testkit.exchange import Answer
from tests.taskrouter.scene import Scene


class Handing:
    """ana has accepted a task; ben is free."""

    def __init__(self, scene: Scene, **task: Any) -> None:
        self.scene = scene
        self.ana = scene.worker("ana")
        self.task: str = scene.task(**task).sid
        self.held = scene.answer(scene.offer(self.task), "accepted")
        self.ben = scene.worker("ben")

    def post(self, path: str, form: dict[str, str]) -> Answer:
        base = f"/v1/Workspaces/{self.scene.sid}/Workers/{self.ana.sid}/Transfers"
        return self.scene.cordboard.http.post(f"{base}{path}", form, host="taskrouter")

    def try_to(self, to: str, **more: str) -> Answer:
        return self.post("", {"TaskSid": self.task, "ReservationSid": self.held.sid, "To": to, **more})

    def to(self, to: str, **more: str) -> dict[str, Any]:
        answer = self.try_to(to, **more)
        assert answer.status == 201, answer.text
        made: dict[str, Any] = answer.json
        return made

    def again(self, transfer: dict[str, Any]) -> dict[str, Any]:
        answer = self.scene.cordboard.http.get(
            transfer["url"].removeprefix("https://taskrouter.twilio.com"), host="taskrouter"
        )
        found: dict[str, Any] = answer.json
        return found

    def cancel(self, transfer: dict[str, Any]) -> Answer:
        return self.post(f"/{transfer['sid']}", {"TaskSid": self.task, "TransferStatus": "canceled"})

    @property
    def status(self) -> str:
        return self.scene.status(self.task)

    @property
    def offered(self) -> list[tuple[str, str]]:
        return [(offer.worker_name, offer.reservation_status) for offer in self.scene.offers(self.task)]

    def newest(self) -> Any:
        return self.scene.offers(self.task)[-1]


@pytest.fixture
def handing(scene: Scene) -> Handing:
    return Handing(scene)


def test_a_transfer_is_answered_with_all_its_fields(scene: Scene, handing: Handing) -> None:
    made = handing.to(handing.ben.sid)
    assert (made["sid"][:2], len(made["sid"])) == ("TT", 34)
    assert made == {
        "sid": made["sid"],
        "account_sid": scene.cordboard.account_sid,
        "workspace_sid": scene.sid,
        "task_sid": handing.task,
        "initiating_reservation_sid": handing.held.sid,
        "initiating_worker_sid": handing.ana.sid,
        "initiating_queue_sid": scene.queue,
        "initiating_workflow_sid": scene.workflow,
        "transfer_mode": "WARM",
        "transfer_type": "WORKER",
        "transfer_to": handing.ben.sid,
        "transfer_status": "initiated",
        "transfer_failed_reason": None,
        "date_created": "2026-01-01T00:00:00Z",
        "date_updated": "2026-01-01T00:00:00Z",
        "url": f"https://taskrouter.twilio.com/v1/Workspaces/{scene.sid}/Workers/{handing.ana.sid}/Transfers/{made['sid']}",
    }
    assert handing.again(made) == made


def test_the_task_waits_and_is_offered_to_the_other_worker(scene: Scene, handing: Handing) -> None:
    handing.to(handing.ben.sid)
    assert handing.status == "reserved"
    assert handing.offered == [("ana", "accepted"), ("ben", "pending")]
    assert scene.events(handing.task)[-2:] == ["task.transfer-initiated", "task.updated"]


def test_a_warm_transfer_leaves_both_with_the_task_until_the_first_goes(scene: Scene, handing: Handing) -> None:
    made = handing.to(handing.ben.sid)
    scene.answer(handing.newest(), "accepted")
    assert handing.status == "assigned"
    assert handing.offered == [("ana", "accepted"), ("ben", "accepted")]
    assert handing.again(made)["transfer_status"] == "complete"
    scene.answer(handing.held, "wrapping")
    assert handing.status == "assigned"
    scene.answer(handing.held, "completed")
    assert handing.status == "assigned"
    scene.answer(handing.newest(), "completed")
    assert handing.status == "completed"


def test_a_cold_transfer_wraps_up_the_first_when_the_other_has_accepted(scene: Scene, handing: Handing) -> None:
    handing.to(handing.ben.sid, Mode="COLD")
    assert handing.offered == [("ana", "accepted"), ("ben", "pending")]
    scene.answer(handing.newest(), "accepted")
    assert handing.offered == [("ana", "wrapping"), ("ben", "accepted")]
    assert handing.status == "assigned"
    scene.answer(handing.held, "completed")
    scene.answer(handing.newest(), "wrapping")
    assert handing.status == "wrapping"


@pytest.mark.parametrize(("answer", "reason"), [("rejected", "rejected the task"), ("canceled", "was canceled")])
def test_who_declines_a_transfer_to_them_alone_ends_it(
    scene: Scene, handing: Handing, answer: str, reason: str
) -> None:
    made = handing.to(handing.ben.sid)
    scene.answer(handing.newest(), answer)
    assert handing.status == "assigned"
    ended = handing.again(made)
    assert ended["transfer_status"] == "failed"
    assert reason in ended["transfer_failed_reason"]
    assert scene.events(handing.task)[-2:] == ["task.transfer-failed", "task.updated"]
    scene.answer(handing.held, "completed")
    assert handing.status == "completed"


def test_a_transfer_that_nobody_answers_fails_and_the_other_goes_offline(scene: Scene, handing: Handing) -> None:
    made = handing.to(handing.ben.sid)
    scene.cordboard.settled()
    scene.cordboard.clock.advance(120)
    assert handing.again(made)["transfer_failed_reason"] == "Worker ben did not answer in time"
    assert scene.workspace.workers(handing.ben.sid).fetch().activity_name == "Offline"
    assert handing.status == "assigned"


def test_a_queue_goes_on_to_its_next_worker_and_never_back_to_the_first(scene: Scene, handing: Handing) -> None:
    scene.capacity(handing.ana.sid, "default", 5)
    queue = scene.workspace.task_queues.create(friendly_name="second level").sid
    made = handing.to(queue)
    assert made["transfer_type"] == "QUEUE"
    assert scene.workspace.tasks(handing.task).fetch().task_queue_sid == queue
    first = handing.newest()
    assert first.worker_name == "ben"
    offline = scene.activities["Offline"]
    scene.answer(first, "rejected", worker_activity_sid=offline)
    assert handing.status == "pending"
    assert handing.offered == [("ana", "accepted"), ("ben", "rejected")]
    assert scene.events(handing.task)[-2:] == ["task.transfer-attempt-failed", "task.updated"]
    assert handing.again(made)["transfer_status"] == "initiated"
    scene.worker("cid")
    scene.answer(handing.newest(), "accepted")
    assert handing.again(made)["transfer_status"] == "complete"
    assert scene.workspace.tasks(handing.task).fetch().task_queue_sid == queue


def test_a_canceled_transfer_withdraws_its_offer_and_the_task_is_where_it_was(scene: Scene, handing: Handing) -> None:
    queue = scene.workspace.task_queues.create(friendly_name="second level").sid
    made = handing.to(queue)
    assert handing.offered == [("ana", "accepted"), ("ben", "pending")]
    answer = handing.cancel(made)
    assert (answer.status, answer.json["transfer_status"]) == (200, "canceled")
    assert handing.offered == [("ana", "accepted"), ("ben", "canceled")]
    found = scene.workspace.tasks(handing.task).fetch()
    assert (found.assignment_status, found.task_queue_sid) == ("assigned", scene.queue)
    assert scene.events(handing.task)[-2:] == ["task.transfer-canceled", "task.updated"]
    refused = handing.cancel(made)
    assert refused.status == 400
    assert refused.json["message"] == f"Transfer {made['sid']} is already canceled . Cannot cancel transfer."


def test_a_transfer_may_give_the_task_a_priority_and_more_attributes(scene: Scene) -> None:
    handing = Handing(scene, attributes={"a": 1, "b": 2})
    handing.to(handing.ben.sid, Priority="7", Attributes='{"b": 3, "c": 4}')
    found = scene.workspace.tasks(handing.task).fetch()
    assert found.priority == 7
    assert found.attributes == '{"a":1,"b":3,"c":4}'


def test_a_task_that_is_being_transferred_is_neither_canceled_nor_completed(scene: Scene, handing: Handing) -> None:
    made = handing.to(handing.ben.sid)
    base = f"/v1/Workspaces/{scene.sid}/Tasks/{handing.task}"
    scene.cordboard.settled()
    for status in ("canceled", "completed", "wrapping"):
        answer = scene.cordboard.http.post(base, {"AssignmentStatus": status}, host="taskrouter")
        assert (answer.status, answer.json["code"]) == (400, 20001)
        assert made["sid"] in answer.json["message"]
    assert handing.offered == [("ana", "accepted"), ("ben", "pending")]


def test_who_has_left_meanwhile_gets_the_task_back_in_the_state_they_left_it(scene: Scene, handing: Handing) -> None:
    handing.to(handing.ben.sid)
    scene.cordboard.settled()
    scene.answer(handing.held, "wrapping")
    assert handing.status == "reserved"
    scene.answer(handing.newest(), "rejected")
    assert handing.status == "wrapping"


def test_a_task_that_everybody_has_left_is_completed_when_its_transfer_fails(scene: Scene, handing: Handing) -> None:
    handing.to(handing.ben.sid)
    scene.cordboard.settled()
    scene.answer(handing.held, "completed")
    assert handing.status == "reserved"
    scene.answer(handing.newest(), "rejected")
    assert handing.status == "completed"


def test_deleting_a_task_ends_its_transfer(scene: Scene, handing: Handing) -> None:
    made = handing.to(handing.ben.sid)
    scene.cordboard.settled()
    scene.workspace.tasks(handing.task).delete()
    channel = scene.workspace.workers(handing.ben.sid).worker_channels("default").fetch()
    assert channel.available_capacity_percentage == 100
    assert (
        scene.cordboard.http.get(made["url"].removeprefix("https://taskrouter.twilio.com"), host="taskrouter").status
        == 404
    )


def test_the_time_to_live_does_not_cut_a_transfer_but_a_day_does(scene: Scene) -> None:
    handing = Handing(scene, timeout=60)
    scene.workspace.workers(handing.ben.sid).update(activity_sid=scene.activities["Offline"])
    handing.to(handing.ben.sid)
    scene.cordboard.clock.advance(3600)
    assert handing.status == "pending"
    scene.cordboard.clock.advance(23 * 3600)
    found = scene.cordboard.http.get(f"/v1/Workspaces/{scene.sid}/Tasks/{handing.task}", host="taskrouter")
    assert found.status == 404


def test_a_transferred_task_may_be_transferred_again_and_back(scene: Scene, handing: Handing) -> None:
    handing.to(handing.ben.sid, Mode="COLD")
    by_ben = scene.answer(handing.newest(), "accepted")
    scene.answer(handing.held, "completed")
    path = f"/v1/Workspaces/{scene.sid}/Workers/{handing.ben.sid}/Transfers"
    form = {"TaskSid": handing.task, "ReservationSid": by_ben.sid, "To": handing.ana.sid, "Mode": "COLD"}
    assert scene.cordboard.http.post(path, form, host="taskrouter").status == 201
    scene.answer(handing.newest(), "accepted")
    assert handing.offered == [("ana", "completed"), ("ben", "wrapping"), ("ana", "accepted")]


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("To", "WK" + "0" * 32),
        ("To", "WQ" + "0" * 32),
        ("To", "WW" + "0" * 32),
        ("To", "ben"),
        ("To", ""),
        ("ReservationSid", "WR" + "0" * 32),
        ("TaskSid", "WT" + "0" * 32),
        ("Mode", "TEPID"),
        ("Priority", "-1"),
        ("Attributes", "[]"),
        ("Attributes", '{"a": "' + "x" * 4090 + '"}'),
    ],
)
def test_a_wrong_transfer_is_refused_by_name_and_changes_nothing(handing: Handing, parameter: str, value: str) -> None:
    answer = handing.try_to(handing.ben.sid, **{parameter: value})
    assert (answer.status, answer.json["code"]) == (400, 20001)
    assert f"Invalid parameter {parameter}" in answer.json["message"]
    assert handing.offered == [("ana", "accepted")]


def test_attributes_that_become_too_long_with_the_tasks_own_are_refused(scene: Scene) -> None:
    handing = Handing(scene, attributes={"a": "x" * 3000})
    answer = handing.try_to(handing.ben.sid, Attributes='{"b": "' + "x" * 3000 + '"}')
    assert answer.status == 400
    assert "Invalid parameter Attributes" in answer.json["message"]
    assert handing.status == "assigned"


def test_a_task_is_not_transferred_to_who_has_it_nor_by_who_has_not(scene: Scene, handing: Handing) -> None:
    assert "already" in handing.try_to(handing.ana.sid).json["message"]
    base = f"/v1/Workspaces/{scene.sid}/Workers/{handing.ben.sid}/Transfers"
    form = {"TaskSid": handing.task, "ReservationSid": handing.held.sid, "To": handing.ana.sid}
    answer = scene.cordboard.http.post(base, form, host="taskrouter")
    assert (answer.status, "ReservationSid" in answer.json["message"]) == (400, True)


def test_a_task_is_transferred_once_at_a_time_and_only_while_it_is_in_hand(scene: Scene, handing: Handing) -> None:
    made = handing.to(handing.ben.sid)
    assert handing.try_to(handing.ben.sid).status == 400
    handing.cancel(made)
    scene.answer(handing.held, "wrapping")
    answer = handing.try_to(handing.ben.sid)
    assert (answer.status, "wrapping" in answer.json["message"]) == (400, True)
