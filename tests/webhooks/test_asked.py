"""The assignment callback: what is asked, and what comes of each reply (taskrouter.md 8.1, 8.2)."""

import json
from typing import Any

import pytest

from cordboard.testkit.running import Cordboard
from tests.taskrouter.scene import Scene
from tests.webhooks.receiver import ACCEPT, OK, REJECT, Behaviour, Gate, HostileReceiver, answer, says
from tests.webhooks.sending import delivered, restart, wait_until

BAD = answer(500)


@pytest.fixture
def asking(cordboard: Cordboard, receiver: HostileReceiver) -> Scene:
    """A workspace whose workflow asks ``/assign`` and then ``/fallback``, each for at most 200 ms."""
    scene = Scene(cordboard)
    update(scene, receiver, fallback=True)
    return scene


def update(scene: Scene, receiver: HostileReceiver, *, fallback: bool) -> None:
    scene.workspace.workflows(scene.workflow).update(
        assignment_callback_url=f"{receiver.url}/assign#tt=200",
        fallback_assignment_callback_url=f"{receiver.url}/fallback#tt=200" if fallback else "",
        task_reservation_timeout=60,
    )


def replies(receiver: HostileReceiver, first: Behaviour, fallback: Behaviour = OK) -> None:
    receiver.script = lambda call: first if call.path == "/assign" else fallback


def outcome(scene: Scene) -> tuple[str, str]:
    """A worker is there, a task comes; what becomes of its first reservation, and of the task."""
    scene.worker("ana")
    task = scene.task()
    reservation = scene.offers(task.sid)[0]
    return reservation.reservation_status, scene.workspace.tasks(task.sid).fetch().assignment_status


def test_what_is_asked(asking: Scene, receiver: HostileReceiver) -> None:
    worker = asking.worker("ana", language="de")
    task = asking.task(attributes={"language": "de"})
    offer = asking.offer(task.sid)
    (call,) = receiver.calls
    assert (call.method, call.path) == ("POST", "/assign")
    assert call.is_signed_by(asking.cordboard.auth_token)
    assert call.form == {
        "Timestamp": "1767225600",
        "AccountSid": asking.cordboard.account_sid,
        "WorkspaceSid": asking.sid,
        "WorkflowSid": asking.workflow,
        "WorkflowName": "Default Fifo Workflow",
        "TaskQueueSid": asking.queue,
        "TaskQueueName": "Sample Queue",
        "WorkerSid": worker.sid,
        "WorkerName": "ana",
        "WorkerAttributes": json.dumps({"language": "de"}),
        "TaskSid": task.sid,
        "TaskAttributes": json.dumps({"language": "de"}),
        "TaskAge": "0",
        "TaskPriority": "0",
        "TaskChannelSid": task.task_channel_sid,
        "TaskChannelUniqueName": "default",
        "AddOns": "{}",
        "ReservationSid": offer.sid,
    }


@pytest.mark.parametrize(
    ("reply", "reservation", "task"),
    [
        (ACCEPT, "accepted", "assigned"),
        (says('{"instruction": "ACCEPT", "other": 1}', "application/json; charset=utf-8"), "accepted", "assigned"),
        (OK, "pending", "reserved"),
        (answer(200), "pending", "reserved"),
        (says("{}"), "pending", "reserved"),
    ],
)
def test_a_reply_is_obeyed(asking: Scene, receiver: HostileReceiver, reply: bytes, reservation: str, task: str) -> None:
    replies(receiver, reply)
    assert outcome(asking) == (reservation, task)
    assert [call.path for call in receiver.calls] == ["/assign"]
    (delivery,) = delivered(asking.cordboard)
    assert (delivery["status"], delivery["error"]) == ("delivered", None)


def test_a_rejection_takes_the_activity_along(asking: Scene, receiver: HostileReceiver) -> None:
    offline = asking.activities["Offline"]
    replies(receiver, says(json.dumps({"instruction": "reject", "activity_sid": offline})))
    assert outcome(asking) == ("rejected", "pending")
    (worker,) = asking.workspace.workers.list()
    assert worker.activity_sid == offline


def test_a_rejection_without_an_activity_leaves_the_worker_as_they_are(
    asking: Scene, receiver: HostileReceiver
) -> None:
    receiver.behaves(REJECT, OK)
    assert outcome(asking) == ("rejected", "reserved")
    (worker,) = asking.workspace.workers.list()
    assert worker.available


@pytest.mark.parametrize("bad", [BAD, answer(404), None, answer(302, location="/assign"), says("no json"), ACCEPT[:-1]])
def test_without_a_usable_reply_the_fallback_is_asked_the_same(
    asking: Scene, receiver: HostileReceiver, bad: Behaviour
) -> None:
    replies(receiver, bad, ACCEPT)
    assert outcome(asking) == ("accepted", "assigned")
    first, last = receiver.calls[0], receiver.calls[-1]
    assert (first.path, last.path) == ("/assign", "/fallback")
    assert first.form == last.form
    assert last.is_signed_by(asking.cordboard.auth_token)


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (says('{"instruction": "accept"}', "text/html"), 40000),
        (answer(200, '{"instruction": "accept"}'), 40000),
        (says("accept"), 40001),
        (says('["accept"]'), 40001),
        (says('{"instruction": "accept"}' + " " * 70_000), 40001),
        (says('{"accept": true}'), 40005),
        (says('{"instruction": "dance"}'), 55555),
        (says('{"instruction": 7}'), 55555),
        (says('{"instruction": "supervise"}'), 55555),
    ],
)
def test_a_reply_that_cannot_be_used_changes_nothing_and_is_told(
    asking: Scene, receiver: HostileReceiver, reply: bytes, code: int
) -> None:
    update(asking, receiver, fallback=False)
    replies(receiver, reply)
    assert outcome(asking) == ("pending", "reserved")
    (delivery,) = delivered(asking.cordboard)
    assert (delivery["status"], delivery["error_code"]) == ("failed", code)


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ({"instruction": "reject", "activity_sid": f"WA{'0' * 32}"}, 40100),
        ({"instruction": "reject", "activity_sid": 7}, 40100),
        ({"instruction": "call", "to": "+12025550143", "from": "+12025550144"}, 40112),
        ({"instruction": "dequeue", "to": "client:ana", "from": "client:x"}, 40140),
        ({"instruction": "redirect", "url": "https://x/y"}, 40121),
        ({"instruction": "conference", "to": "client:ana", "from": "client:x"}, 40142),
        ({"instruction": "call", "to": "client:ana", "from": "x", "url": "https://x/y"}, 55555),
    ],
)
def test_an_instruction_that_cannot_be_followed_changes_nothing_and_is_told(
    asking: Scene, receiver: HostileReceiver, reply: dict[str, Any], code: int
) -> None:
    replies(receiver, says(json.dumps(reply)))
    assert outcome(asking) == ("pending", "reserved")
    (delivery,) = delivered(asking.cordboard)
    assert (delivery["status"], delivery["error_code"]) == ("delivered", code)
    assert delivery["error"]


@pytest.mark.parametrize("fallback", [True, False])
def test_with_nobody_there_the_reservation_is_canceled_and_the_task_waits_again(
    asking: Scene, receiver: HostileReceiver, *, fallback: bool
) -> None:
    update(asking, receiver, fallback=fallback)
    receiver.behaves(*[BAD] * (2 if fallback else 1), OK)
    asking.worker("ana")
    task = asking.task()
    first, second = asking.offers(task.sid)
    assert (first.reservation_status, second.reservation_status) == ("canceled", "pending")
    assert asking.status(task.sid) == "reserved"
    assert {found["status"] for found in delivered(asking.cordboard)} == {"failed", "delivered"}


def test_a_dead_url_is_not_asked_in_a_frenzy(asking: Scene, receiver: HostileReceiver) -> None:
    replies(receiver, BAD, BAD)
    asking.worker("ana")
    asking.task()
    asking.cordboard.clock.advance(60)
    assert len(receiver.calls) < 60


@pytest.mark.parametrize("reply", [ACCEPT, REJECT, BAD])
def test_a_reservation_that_was_answered_meanwhile_stays_as_it_is(
    asking: Scene, receiver: HostileReceiver, reply: bytes
) -> None:
    gate = Gate(asking.cordboard, reply)
    receiver.behaves(gate)
    asking.worker("ana")
    task = asking.task()
    gate.wait_for_calls()
    (offer,) = asking.workspace.tasks(task.sid).reservations.list()
    asking.answer(offer, "accepted")
    asking.workspace.tasks(task.sid).update(assignment_status="completed")
    gate.open()
    (found,) = asking.offers(task.sid)
    assert found.reservation_status == "completed"


def test_a_server_that_ended_before_the_reply_asks_again(asking: Scene, receiver: HostileReceiver) -> None:
    gate = Gate(asking.cordboard)
    receiver.behaves(gate, ACCEPT)
    asking.worker("ana")
    task = asking.task()
    gate.wait_for_calls()
    restart(asking.cordboard)
    assert asking.status(task.sid) == "assigned"
    assert len(receiver.calls) == 2
    assert len({call.token for call in receiver.calls}) == 1


def test_events_that_hang_hold_up_no_question_even_at_the_same_url(asking: Scene, receiver: HostileReceiver) -> None:
    gate = Gate(asking.cordboard)
    receiver.script = lambda call: gate if "EventType" in call.form else ACCEPT
    asking.workspace.update(event_callback_url=f"{receiver.url}/assign")
    asking.worker("ana")
    gate.wait_for_calls()
    task = asking.workspace.tasks(asking.task().sid)
    wait_until(asking.cordboard, lambda: any("EventType" not in call.form for call in receiver.calls))
    gate.open()
    asking.cordboard.settled()
    assert task.fetch().assignment_status == "assigned"
