"""Nobody waits for a receiver but its own deliveries, and what receivers cost is bounded."""

from typing import Any

import pytest

from cordboard.testkit.running import Cordboard
from cordboard.webhooks import receivers
from cordboard.webhooks.receivers import AT_ONCE, WARD
from tests.taskrouter.scene import Scene
from tests.webhooks.receiver import OK, Gate, HostileReceiver, answer
from tests.webhooks.sending import delivered, fetch, send, send_many, wait_until


def sent_to(receiver: HostileReceiver, path: str) -> list[str]:
    return [call.token for call in receiver.calls if call.path.startswith(path)]


def test_a_hundred_dead_receivers_and_a_slow_one_change_nothing_for_others(
    cordboard: Cordboard, receiver: HostileReceiver
) -> None:
    dead, slow = Gate(cordboard), Gate(cordboard)
    receiver.script = lambda call: {"/dead": dead, "/slow": slow}.get(call.path[:5], OK)
    scene = Scene(cordboard, event_callback_url=f"{receiver.url}/events", events_filter="reservation.accepted")
    scene.worker("ana")
    for _ in range(5):
        send_many(cordboard, [(f"{receiver.url}/dead/{number}", f"dead {number}") for number in range(100)])
        send_many(cordboard, [(f"{receiver.url}/slow", f"slow {number}") for number in range(20)])
    dead.wait_for_calls(100)
    slow.wait_for_calls()
    good = send_many(cordboard, [(f"{receiver.url}/good", f"good {number}") for number in range(200)])
    wait_until(cordboard, lambda: len(sent_to(receiver, "/good")) == len(good))
    task = scene.workspace.tasks(scene.task().sid)
    offers: list[Any] = []
    while not offers:
        offers = task.reservations.list()
    task.reservations(offers[0].sid).update(reservation_status="accepted")
    wait_until(cordboard, lambda: len(sent_to(receiver, "/events")) == 1)
    dead.open()
    slow.open()
    # On a machine so slow that the dead have had their 15 seconds, they are called again.
    cordboard.clock.advance(60)
    assert {found["status"] for found in delivered(cordboard)} == {"delivered"}


def test_the_dead_have_a_ward_and_never_more(cordboard: Cordboard, receiver: HostileReceiver) -> None:
    dead = Gate(cordboard)
    receiver.script = lambda call: dead if call.path.startswith("/dead") else OK
    send_many(cordboard, [(f"{receiver.url}/dead/{number}", "one") for number in range(3 * WARD)])
    dead.wait_for_calls(WARD)
    last = send(cordboard, f"{receiver.url}/new")
    assert len(sent_to(receiver, "/dead")) == WARD
    dead.open()
    cordboard.settled()
    assert sent_to(receiver, "/new") == [last]
    assert len(sent_to(receiver, "/dead")) == 3 * WARD


def test_a_place_in_the_ward_is_not_lost_to_one_that_has_nothing_to_send_any_more(
    cordboard: Cordboard, receiver: HostileReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receivers, "WARD", 1)
    failing, slow = Gate(cordboard, answer(500)), Gate(cordboard)
    receiver.script = lambda call: {"/failing": failing, "/slow": slow}.get(call.path, OK)
    failed = send(cordboard, f"{receiver.url}/failing")
    failing.wait_for_calls()
    send(cordboard, f"{receiver.url}/slow")
    failing.open()
    slow.wait_for_calls()
    # The one that failed is looked at again at once, stands behind the slow one, and is not due before some time has passed.
    while not fetch(cordboard, failed)["attempts"]:
        pass
    last = send(cordboard, f"{receiver.url}/new")
    slow.open()
    cordboard.settled()
    assert sent_to(receiver, "/new") == [last]


def test_a_receiver_has_more_calls_at_once_the_better_it_does(cordboard: Cordboard, receiver: HostileReceiver) -> None:
    for most in (1, 2, 4, AT_ONCE):
        gate = Gate(cordboard)
        receiver.behaves(gate)
        send_many(cordboard, [(receiver.url, f"{most} {number}") for number in range(most)])
        gate.wait_for_calls(most)
        gate.open()
        cordboard.settled()
    gate = Gate(cordboard)
    receiver.behaves(gate)
    send_many(cordboard, [(receiver.url, f"resource {number}") for number in range(50)])
    gate.wait_for_calls(AT_ONCE)
    gate.open()
    cordboard.settled()
    assert receiver.most_at_once == AT_ONCE


def test_a_slow_receiver_does_not_hold_up_its_own_other_resources(
    cordboard: Cordboard, receiver: HostileReceiver
) -> None:
    send_many(cordboard, [(receiver.url, f"first {number}") for number in range(10)])
    cordboard.settled()
    gate = Gate(cordboard)
    receiver.script = lambda call: gate if call.form["Resource"] == "slow" else OK
    send(cordboard, receiver.url, "slow")
    gate.wait_for_calls()
    others = send_many(cordboard, [(receiver.url, f"quick {number}") for number in range(10)])
    wait_until(cordboard, lambda: set(others) <= {call.token for call in receiver.calls})
    gate.open()
    cordboard.settled()
