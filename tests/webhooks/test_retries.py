"""When is tried again, in which order, and when that ends. Time is the server's, and moved."""

import socket

import pytest

from cordboard.kernel.chance import SeededChance
from cordboard.testkit.clock import MovableClock
from cordboard.testkit.running import Cordboard
from cordboard.webhooks.backing_off import quiet_ms, wait_ms
from cordboard.webhooks.model import DELIVERY, Move, Status
from tests.webhooks.receiver import OK, HostileReceiver, answer, listening
from tests.webhooks.sending import GET, delivered, fetch, restart, send, send_many

BAD = answer(500)
MINUTE, HOUR = 60, 3600


def fails_for(receiver: HostileReceiver, *resources: str) -> None:
    receiver.script = lambda call: BAD if call.form["Resource"] in resources else OK


def test_a_failed_delivery_is_tried_again_until_it_is_taken(cordboard: Cordboard, receiver: HostileReceiver) -> None:
    receiver.behaves(BAD, BAD, None, OK)
    sid = send(cordboard, receiver.url)
    cordboard.settled()
    assert fetch(cordboard, sid)["date_due"] is not None
    cordboard.clock.advance(2 * MINUTE)
    found = fetch(cordboard, sid)
    assert (found["status"], found["attempts"], found["error"]) == ("delivered", 4, None)
    assert {(call.token, call.body) for call in receiver.calls} == {(sid, receiver.calls[0].body)}
    cordboard.clock.advance(5 * HOUR)
    assert len(receiver.calls) == 4


def test_waits_grow_and_are_spread() -> None:
    chance = SeededChance(1)
    for attempt, most in enumerate((1, 4, 16, 64, 256, 900, 900, 900), 1):
        waits = {wait_ms(attempt, chance.fraction()) for _ in range(50)}
        assert most * 500 <= min(waits) < max(waits) <= most * 1000
        assert len(waits) > 10
    assert wait_ms(10**6, 0.99) <= 900_000
    assert quiet_ms(1, 0.5) == 0
    assert quiet_ms(10**6, 0.99) <= 60_000


def test_who_asks_for_time_gets_it(cordboard: Cordboard, receiver: HostileReceiver) -> None:
    receiver.behaves(answer(503, retry_after="300"), answer(429, retry_after="soon"), OK)
    send(cordboard, receiver.url)
    cordboard.clock.advance(299)
    assert len(receiver.calls) == 1
    cordboard.clock.advance(1)
    assert len(receiver.calls) == 2
    cordboard.clock.advance(4)
    assert len(receiver.calls) == 3


def test_after_four_hours_it_is_parked_and_said_so(cordboard: Cordboard, receiver: HostileReceiver) -> None:
    receiver.behaves(BAD)
    sid = send(cordboard, receiver.url)
    cordboard.clock.advance(4 * HOUR - 1)
    assert fetch(cordboard, sid)["status"] == "pending"
    cordboard.clock.advance(MINUTE + 1)
    found = fetch(cordboard, sid)
    assert (found["status"], found["error"], found["date_due"]) == ("parked", "it answered 500", None)
    assert 20 < found["attempts"] == len(receiver.calls) < 40
    (event,) = cordboard.http.get("/cordboard/v1/Events", {"ResourceSid": sid}).json["events"]
    assert (event["type"], event["data"]["attempts"]) == ("delivery.parked", found["attempts"])
    cordboard.clock.advance(HOUR)
    assert len(receiver.calls) == found["attempts"]


def test_deliveries_about_one_resource_wait_for_each_other(cordboard: Cordboard, receiver: HostileReceiver) -> None:
    receiver.behaves(BAD, BAD, OK)
    sids = [send(cordboard, receiver.url) for _ in range(5)]
    cordboard.clock.advance(30)
    assert [call.token for call in receiver.calls] == [sids[0], sids[0], *sids]


def test_others_do_not_wait_for_a_resource_that_fails(cordboard: Cordboard, receiver: HostileReceiver) -> None:
    fails_for(receiver, "bad")
    bad = [send(cordboard, receiver.url, "bad") for _ in range(3)]
    good = [send(cordboard, receiver.url, f"good {number}") for number in range(20)]
    cordboard.clock.advance(5)
    assert {call.token for call in receiver.calls if call.form["Resource"] != "bad"} == set(good)
    assert {call.token for call in receiver.calls if call.form["Resource"] == "bad"} == {bad[0]}


def test_after_a_minute_of_failure_later_ones_pass(cordboard: Cordboard, receiver: HostileReceiver) -> None:
    first = send(cordboard, receiver.url)
    cordboard.settled()
    receiver.script = lambda call: BAD if "Poison" in call.form else OK
    poisoned = send(cordboard, receiver.url, payload='{"Poison": "yes"}')
    later = [send(cordboard, receiver.url) for _ in range(3)]
    cordboard.clock.advance(59)
    assert {call.token for call in receiver.calls} == {first, poisoned}
    # The receiver itself may be left alone for a few seconds just then.
    cordboard.clock.advance(15)
    assert [call.token for call in receiver.calls if call.token not in {first, poisoned}] == later
    assert fetch(cordboard, poisoned)["status"] == "pending"


def test_one_resource_at_two_urls_is_two_lanes(cordboard: Cordboard, receiver: HostileReceiver) -> None:
    receiver.script = lambda call: BAD if call.path == "/bad" else OK
    for _ in range(2):
        send(cordboard, f"{receiver.url}/bad")
        send(cordboard, f"{receiver.url}/good")
        send(cordboard, f"{receiver.url}/good", **GET)
    cordboard.clock.advance(1)
    good = [call for call in receiver.calls if call.path == "/good"]
    assert len(good) == 4
    assert len({call.token for call in receiver.calls if call.path == "/bad"}) == 1


def test_a_receiver_that_is_away_for_hours_gets_everything_when_it_is_back(cordboard: Cordboard) -> None:
    place = socket.socket()
    # Nobody listens there, and no other program gets the port.
    place.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{place.getsockname()[1]}"
    sids = [send(cordboard, url, f"resource {number % 7}") for number in range(40)]
    cordboard.clock.advance(3 * HOUR)
    with listening(cordboard, place) as back:
        cordboard.clock.advance(20 * MINUTE)
        assert sorted(call.token for call in back.calls) == sorted(sids)


def test_a_server_that_was_away_for_hours_sends_what_waited(cordboard: Cordboard, receiver: HostileReceiver) -> None:
    receiver.behaves(BAD, OK)
    sids = {send(cordboard, receiver.url, "a"), send(cordboard, receiver.url, "b")}
    clock = cordboard.system.ports.clock
    assert isinstance(clock, MovableClock)
    cordboard.call(cordboard.system.stop())
    clock.move_to(clock.now() + 6 * HOUR * 1000)
    restart(cordboard)
    cordboard.clock.advance(MINUTE)
    assert {found["status"] for found in delivered(cordboard)} == {"delivered"}
    assert {call.token for call in receiver.calls} == sids


def test_a_dead_receivers_deliveries_are_parked_without_many_calls_for_each(
    cordboard: Cordboard, receiver: HostileReceiver
) -> None:
    receiver.behaves(BAD)
    send_many(cordboard, [(receiver.url, f"resource {number}") for number in range(300)])
    cordboard.clock.advance(4 * HOUR + 2 * MINUTE)
    assert {found["status"] for found in delivered(cordboard)} == {"parked"}
    assert len(receiver.calls) < 600


def test_a_client_error_does_not_hold_up_the_receiver(cordboard: Cordboard, receiver: HostileReceiver) -> None:
    receiver.script = lambda call: answer(400) if call.form["Resource"].startswith("bad") else OK
    for number in range(30):
        send(cordboard, receiver.url, f"{'bad' if number % 3 else 'good'} {number}")
    cordboard.settled()
    assert len(receiver.calls) == 30


def test_a_parked_delivery_is_replayed(cordboard: Cordboard, receiver: HostileReceiver) -> None:
    receiver.behaves(BAD)
    sid = send(cordboard, receiver.url)
    cordboard.clock.advance(5 * HOUR)
    receiver.behaves(OK)
    tried = len(receiver.calls)
    again = cordboard.http.post(f"/cordboard/v1/Deliveries/{sid}/Replay")
    assert (again.status, again.json["status"], again.json["attempts"]) == (200, "pending", 0)
    cordboard.settled()
    assert fetch(cordboard, sid)["status"] == "delivered"
    assert len(receiver.calls) == tried + 1
    assert receiver.calls[-1].token == sid
    types = [event["type"] for event in cordboard.http.get("/cordboard/v1/Events", {"ResourceSid": sid}).json["events"]]
    assert types == ["delivery.parked", "delivery.replayed"]


def test_a_delivered_one_is_replayed_and_holds_nobody_back(cordboard: Cordboard, receiver: HostileReceiver) -> None:
    sid = send(cordboard, receiver.url)
    cordboard.settled()
    receiver.script = lambda call: BAD if call.token == sid else OK
    cordboard.http.post(f"/cordboard/v1/Deliveries/{sid}/Replay")
    later = send(cordboard, receiver.url)
    cordboard.clock.advance(1)
    assert fetch(cordboard, later)["status"] == "delivered"
    assert fetch(cordboard, sid)["status"] == "pending"


def test_what_is_under_way_cannot_be_replayed(cordboard: Cordboard, receiver: HostileReceiver) -> None:
    receiver.behaves(BAD)
    sid = send(cordboard, receiver.url)
    cordboard.settled()
    refused = cordboard.http.post(f"/cordboard/v1/Deliveries/{sid}/Replay")
    assert (refused.status, refused.json["code"]) == (400, 20001)
    assert "pending" in refused.json["message"]


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("move", Move)
def test_only_what_is_over_is_replayed_and_only_what_waits_ends(status: Status, move: Move) -> None:
    legal = status is Status.PENDING if move is not Move.REPLAY else status in {Status.PARKED, Status.DELIVERED}
    assert ((status, move) in DELIVERY) == legal


def test_deliveries_are_listed_by_status_and_resource(cordboard: Cordboard, receiver: HostileReceiver) -> None:
    fails_for(receiver, "bad")
    send(cordboard, receiver.url, "good")
    send(cordboard, receiver.url, "bad")
    cordboard.clock.advance(1)
    assert [found["resource_sid"] for found in delivered(cordboard)] == ["good", "bad"]
    assert [found["resource_sid"] for found in delivered(cordboard, Status="pending")] == ["bad"]
    assert [found["status"] for found in delivered(cordboard, ResourceSid="good")] == ["delivered"]
    assert delivered(cordboard, Status="parked") == []
    assert cordboard.http.get("/cordboard/v1/Deliveries", {"Status": "lost"}).status == 400
