"""Calls that wait for an answer from outside: on both databases, many at once, and where they must not go."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from cordboard.testkit.exchange import Answer
from cordboard.testkit.running import Cordboard
from cordboard.testkit.workbench import Workbench
from tests.webhooks.receiver import Gate, HostileReceiver, answer, listening, says
from tests.webhooks.rooms import CUSTOMER, SHOP, TOLD, api_of, configure, types
from tests.webhooks.sending import delivered
from tests.webhooks.test_production import in_production

HEADER = {"X-Twilio-Webhook-Enabled": "true"}


@pytest.fixture
def on_postgresql(cordboard_workbench: Workbench, postgres_database: str) -> Iterator[Cordboard]:
    with cordboard_workbench.cordboard(seed=1, database=postgres_database) as cordboard:
        yield cordboard


def say(cordboard: Cordboard, room: str, body: str, **headers: str) -> Answer:
    path = f"/v1/Conversations/{room}/Messages"
    return cordboard.http.post(path, {"Body": body}, headers={**HEADER, **headers})


def test_on_postgresql_a_rejected_call_keeps_nothing_and_a_changed_one_the_change(on_postgresql: Cordboard) -> None:
    with listening(on_postgresql) as receiver:
        configure(on_postgresql, receiver, post_webhook_url="")
        room = api_of(on_postgresql).conversations.create().sid
        receiver.behaves(answer(403), says('{"body": "***"}'))
        assert [say(on_postgresql, room, "Hi").status for _ in range(2)] == [403, 201]
        (said,) = api_of(on_postgresql).conversations(room).messages.list()
        assert (said.body, said.index) == ("***", 0)
        assert on_postgresql.system.db.tally.reruns == 0
        (delivery,) = delivered(on_postgresql)
        assert (delivery["status"], delivery["resource_sid"]) == ("delivered", said.sid)


def test_on_postgresql_the_second_unit_sees_what_happened_meanwhile(on_postgresql: Cordboard) -> None:
    with listening(on_postgresql) as receiver, ThreadPoolExecutor(2) as pool:
        configure(on_postgresql, receiver, post_webhook_url="")
        gate = Gate(on_postgresql)
        receiver.behaves(gate)
        rooms = api_of(on_postgresql).conversations
        room, other = (rooms.create().sid for _ in range(2))
        binding = {"MessagingBinding.Address": CUSTOMER, "MessagingBinding.ProxyAddress": SHOP}
        path = f"/v1/Conversations/{room}/Participants"
        call = pool.submit(lambda: on_postgresql.http.post(path, binding, headers=HEADER))
        gate.wait_for_calls()
        said = pool.submit(lambda: say(on_postgresql, other, "Hi"))
        gate.wait_for_calls(2)
        on_postgresql.http.post(path.replace(room, other), binding)
        rooms(other).update(state="closed")
        rooms(room).participants.create(messaging_binding_address=CUSTOMER, messaging_binding_proxy_address=SHOP)
        gate.open()
        taken, closed = call.result(), said.result()
    assert (taken.status, taken.json["code"]) == (409, 50416)
    assert (closed.status, closed.json["code"]) == (400, 50377)


def test_a_receiver_that_hangs_has_32_calls_at_once_and_holds_up_no_other(
    cordboard: Cordboard, receiver: HostileReceiver
) -> None:
    api = api_of(cordboard)
    configure(cordboard, receiver, post_webhook_url="")
    sid, token = cordboard.add_account("A stranger")
    stranger = cordboard.client_of(sid, token).conversations.v1
    stranger.configuration.webhooks().update(pre_webhook_url=f"{receiver.url}/quick", filters=["onConversationAdd"])
    gate = Gate(cordboard)
    receiver.script = lambda call: gate if call.path == "/pre" else says('{"friendly_name": "quick"}')
    room = api.conversations.create().sid
    with ThreadPoolExecutor(48) as pool:
        calls = [pool.submit(say, cordboard, room, str(number)) for number in range(48)]
        gate.wait_for_calls(32)
        assert stranger.conversations.create(**TOLD).friendly_name == "quick"
        assert len(types(receiver, "/pre")) == 32
        gate.open()
        assert {call.result().status for call in calls} == {201}
    assert len(api.conversations(room).messages.list()) == 48
    assert len(types(receiver, "/pre")) == 48


def test_a_question_does_not_go_where_deliveries_must_not_go(cordboard: Cordboard, receiver: HostileReceiver) -> None:
    configure(cordboard, receiver, post_webhook_url="")
    room = api_of(cordboard).conversations.create().sid
    receiver.behaves(says('{"body": "changed"}'))
    in_production(cordboard)
    before = receiver.connections
    assert say(cordboard, room, "Hi").json["body"] == "Hi"
    assert (receiver.connections, receiver.calls) == (before, [])
    (delivery,) = delivered(cordboard)
    assert (delivery["status"], delivery["error_code"]) == ("failed", 50076)
    assert delivery["error"].startswith("127.0.0.1 leads to a loopback address")

    in_production(cordboard, "127.0.0.1")
    assert say(cordboard, room, "Hi").json["body"] == "changed"
    receiver.behaves(answer(307, location=f"http://127.0.0.2:{receiver.port}/inside"))
    assert say(cordboard, room, "Hi").json["body"] == "Hi"
    assert {call.path for call in receiver.calls} == {"/pre"}


def test_a_question_is_signed_by_both_tokens_while_there_are_two(
    cordboard: Cordboard, receiver: HostileReceiver
) -> None:
    configure(cordboard, receiver, post_webhook_url="")
    room = api_of(cordboard).conversations.create().sid
    cordboard.http.post("/v1/AuthTokens/Secondary", host="accounts")
    say(cordboard, room, "Hi")
    (call,) = receiver.calls
    assert call.is_signed_by(cordboard.auth_token)
    assert "x-cordboard-signature-secondary" in call.headers


def test_a_server_that_stops_while_it_asks_keeps_nothing(cordboard: Cordboard, receiver: HostileReceiver) -> None:
    gate = Gate(cordboard)
    receiver.behaves(gate)
    configure(cordboard, receiver, post_webhook_url="")
    room = api_of(cordboard).conversations.create().sid
    with ThreadPoolExecutor(1) as pool:
        call: Any = pool.submit(say, cordboard, room, "Hi")
        gate.wait_for_calls()
        cordboard.call(cordboard.system.rest.drain_running(0.01))
        assert call.result().status == 503
    gate.open()
    cordboard.restart()
    assert api_of(cordboard).conversations(room).messages.list() == []
