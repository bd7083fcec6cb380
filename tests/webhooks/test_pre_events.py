"""Pre-event webhooks of Conversations: who is asked what before it happens, and what each answer does (conversations 1.9)."""

import json
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from twilio.rest.conversations.v1 import V1

from cordboard.testkit.exchange import Answer
from cordboard.testkit.running import Cordboard
from tests.conversations.refusals import refusal
from tests.webhooks.receiver import GARBAGE, HUGE, OK, Behaviour, Gate, HostileReceiver, answer, says
from tests.webhooks.rooms import CUSTOMER, SHOP, TOLD, api_of, configure, delete, form_of, types
from tests.webhooks.sending import delivered

HEADER = {"X-Twilio-Webhook-Enabled": "true"}
REJECT = answer(403)


@pytest.fixture
def api(cordboard: Cordboard) -> V1:
    return api_of(cordboard)


@pytest.fixture
def room(api: V1) -> Any:
    """A conversation with somebody who has said something."""
    room = api.conversations(api.conversations.create(friendly_name="room").sid)
    room.participants.create(identity="ana")
    room.messages.create(author="ana", body="Hello")
    return room


@pytest.fixture
def asked(cordboard: Cordboard, room: Any, receiver: HostileReceiver) -> HostileReceiver:
    """A receiver that the account asks before everything."""
    assert room
    configure(cordboard, receiver, post_webhook_url="")
    return receiver


def replies(receiver: HostileReceiver, reply: Behaviour) -> None:
    receiver.script = lambda call: reply if call.path == "/pre" else OK


def state(cordboard: Cordboard) -> list[Any]:
    """Everything that was recorded."""
    cordboard.settled()
    found: list[Any] = cordboard.http.get("/cordboard/v1/Events", {"PageSize": 1000}).json["events"]
    return found


def actions(cordboard: Cordboard, api: V1, room: Any) -> dict[str, Callable[[], object]]:
    """What is asked first, and how a caller does it."""
    ana, said = room.participants.list()[0], room.messages.list()[0]
    return {
        "onConversationAdd": lambda: api.conversations.create(friendly_name="new", **TOLD),
        "onConversationUpdate": lambda: room.update(friendly_name="other", **TOLD),
        "onParticipantAdd": lambda: room.participants.create(identity="ben", **TOLD),
        "onParticipantUpdate": lambda: room.participants(ana.sid).update(attributes='{"a": 1}', **TOLD),
        "onMessageAdd": lambda: room.messages.create(author="ana", body="Hi", **TOLD),
        "onMessageUpdate": lambda: room.messages(said.sid).update(body="Bye", **TOLD),
        "onUserUpdate": lambda: api.users("ana").update(friendly_name="Ana", **TOLD),
        "onMessageRemove": lambda: delete(cordboard, said),
        "onParticipantRemove": lambda: delete(cordboard, ana),
        "onConversationRemove": lambda: delete(cordboard, room.fetch()),
    }


COMMON = {"EventType", "AccountSid", "ChatServiceSid", "Source", "RetryCount"}
DATES = {"DateCreated", "DateUpdated"}
ROOM = {"FriendlyName", "Attributes", "State"}
PERSON = {"ConversationSid", "Identity", "RoleSid", "Attributes"}
WORDS = {"ConversationSid", "Author", "ParticipantSid", "Body", "Attributes"}
PARAMETERS = {
    "onConversationAdd": ROOM,
    "onConversationUpdate": ROOM | {"ConversationSid"} | DATES,
    "onConversationRemove": ROOM | {"ConversationSid"} | DATES,
    "onParticipantAdd": PERSON,
    "onParticipantUpdate": PERSON | {"ParticipantSid"} | DATES,
    "onParticipantRemove": PERSON | {"ParticipantSid"} | DATES,
    "onMessageAdd": WORDS,
    "onMessageUpdate": WORDS | {"MessageSid", "Index"} | DATES,
    "onMessageRemove": WORDS | {"MessageSid", "Index"} | DATES,
    "onUserUpdate": {"UserSid", "Identity", "RoleSid", "Attributes", "FriendlyName", *DATES},
}


def test_everything_is_asked_once_signed_and_with_its_parameters(
    cordboard: Cordboard, api: V1, room: Any, asked: HostileReceiver
) -> None:
    wanted = actions(cordboard, api, room)
    for act in wanted.values():
        act()
    assert types(asked, "/pre") == [*wanted]
    assert {name: form_of(asked, name).keys() - COMMON for name in PARAMETERS} == PARAMETERS
    assert all(call.method == "POST" and call.is_signed_by(cordboard.auth_token) for call in asked.calls)
    assert all("x-cordboard-event-position" not in call.headers for call in asked.calls)
    assert len({call.token for call in asked.calls}) == len(wanted)


def test_what_is_asked_is_how_it_would_be(api: V1, room: Any, asked: HostileReceiver) -> None:
    room.update(friendly_name="other", attributes='{"a": 1}', state="inactive", **TOLD)
    form = form_of(asked, "onConversationUpdate")
    assert (form["FriendlyName"], form["Attributes"], form["State"]) == ("other", '{"a": 1}', "inactive")
    binding = {"messaging_binding_address": CUSTOMER, "messaging_binding_proxy_address": SHOP}
    room.participants.create(**binding, **TOLD)
    form = form_of(asked, "onParticipantAdd")
    assert (form["MessagingBinding.Address"], form["MessagingBinding.Type"]) == (CUSTOMER, "SMS")
    api.conversations.create(unique_name="named", **TOLD)
    assert form_of(asked, "onConversationAdd")["UniqueName"] == "named"


def test_closing_a_conversation_is_asked_too(room: Any, asked: HostileReceiver) -> None:
    replies(asked, REJECT)
    with refusal(403, 50056):
        room.update(state="closed", **TOLD)
    assert form_of(asked, "onConversationUpdate")["State"] == "closed"
    assert room.fetch().state == "active"


@pytest.mark.parametrize("reply", [OK, answer(200), says("{}"), says(""), says('{"other": 1, "body": null}')])
def test_an_answer_that_wants_nothing_lets_it_happen_as_it_is(
    cordboard: Cordboard, room: Any, asked: HostileReceiver, reply: bytes
) -> None:
    replies(asked, reply)
    said = room.messages.create(author="ana", body="Hi", attributes='{"a":1}', **TOLD)
    assert (said.body, said.author, said.attributes, said.index) == ("Hi", "ana", '{"a":1}', 1)
    (delivery,) = delivered(cordboard)
    assert (delivery["status"], delivery["resource_sid"], delivery["error"]) == ("delivered", said.sid, None)
    assert delivery["payload"]["EventType"] == "onMessageAdd"
    assert delivery["sid"] == asked.calls[0].token


def test_an_answer_changes_a_message(room: Any, asked: HostileReceiver) -> None:
    replies(asked, says('{"body": "***", "author": "bot", "attributes": {"seen": [1, "ü"]}, "index": 9}'))
    said = room.messages.create(author="ana", body="4111 1111", **TOLD)
    assert (said.body, said.author, said.participant_sid, said.index) == ("***", "bot", None, 1)
    assert json.loads(said.attributes) == {"seen": [1, "ü"]}
    assert room.messages(said.sid).fetch().body == "***"
    replies(asked, says('{"body": "+++", "attributes": "[1]"}', "text/plain"))
    said = room.messages(said.sid).update(body="4111", **TOLD)
    assert (said.body, said.author, said.attributes) == ("+++", "bot", "[1]")


def test_an_answer_names_a_conversation(api: V1, room: Any, asked: HostileReceiver) -> None:
    replies(asked, says('{"friendly_name": "named by the hook", "unique_name": "x", "attributes": "[]"}'))
    made = api.conversations.create(friendly_name="new", **TOLD)
    assert (made.friendly_name, made.unique_name, made.attributes) == ("named by the hook", None, "{}")
    assert room.update(attributes='{"a": 1}', **TOLD).friendly_name == "named by the hook"


def test_of_participants_and_users_nothing_can_be_changed(api: V1, room: Any, asked: HostileReceiver) -> None:
    replies(asked, says('{"identity": "eve", "attributes": "[]", "friendly_name": "Eve"}'))
    ben = room.participants.create(identity="ben", **TOLD)
    assert (ben.identity, ben.attributes) == ("ben", "{}")
    assert api.users("ana").update(friendly_name="Ana", **TOLD).friendly_name == "Ana"


def test_what_is_told_afterwards_is_what_the_answer_made_of_it(
    cordboard: Cordboard, room: Any, receiver: HostileReceiver
) -> None:
    configure(cordboard, receiver)
    replies(receiver, says('{"body": "***"}'))
    room.messages.create(body="4111 1111", **TOLD)
    cordboard.settled()
    assert (form_of(receiver, "onMessageAdd")["Body"], form_of(receiver, "onMessageAdded")["Body"]) == (
        "4111 1111",
        "***",
    )


@pytest.mark.parametrize(
    ("said", "code", "parameter"),
    [
        ({"body": 7}, 20001, "Body"),
        ({"body": "x" * (32 * 1024 + 1)}, 50504, "Body"),
        ({"author": ["bot"]}, 20001, "Author"),
        ({"author": "x" * 257}, 20001, "Author"),
        ({"attributes": "no json"}, 50304, "Attributes"),
        ({"attributes": {"a": "x" * 4096}}, 50303, "Attributes"),
    ],
)
def test_a_change_that_no_caller_may_make_is_refused_to_the_caller(
    cordboard: Cordboard, room: Any, asked: HostileReceiver, said: dict[str, Any], code: int, parameter: str
) -> None:
    replies(asked, says(json.dumps(said)))
    before = state(cordboard)
    with refusal(400, code, parameter):
        room.messages.create(body="Hi", **TOLD)
    assert state(cordboard) == before


@pytest.mark.parametrize(
    ("status", "code"), [(400, 50056), (403, 50056), (404, 50056), (429, 50056), (500, 50057), (503, 50057)]
)
def test_4xx_and_5xx_reject_everything_and_nothing_is_kept(
    cordboard: Cordboard, api: V1, room: Any, asked: HostileReceiver, status: int, code: int
) -> None:
    replies(asked, answer(status, '{"body": "other"}'))
    before = state(cordboard)
    for name, act in actions(cordboard, api, room).items():
        if name.endswith("Remove"):
            refused = act()
            assert isinstance(refused, Answer)
            assert (refused.status, refused.json["code"]) == (403, code)
            assert (name in refused.json["message"], str(status) in refused.json["message"]) == (True, True)
        else:
            with refusal(403, code, name):
                act()
    assert len(asked.calls) == len(PARAMETERS)
    assert (state(cordboard), delivered(cordboard)) == (before, [])
    assert [said.body for said in room.messages.list()] == ["Hello"]


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (None, 50076),
        (GARBAGE, 50076),
        (HUGE, 50057),
        (answer(302, location="/pre"), 50076),
        (answer(304), 50057),
        (says("OK", "text/plain"), 50057),
        (says('["body"]'), 50057),
        (says('{"body": "a\\u0000b"}'), 50057),
        (says("[" * 200 + "]" * 200), 50057),
    ],
)
def test_without_an_answer_that_can_be_read_it_happens_as_it_is_and_is_noted(
    cordboard: Cordboard, room: Any, asked: HostileReceiver, reply: Behaviour, code: int
) -> None:
    replies(asked, reply)
    said = room.messages.create(author="ana", body="Hi", **TOLD)
    assert (said.body, room.messages(said.sid).fetch().body) == ("Hi", "Hi")
    (delivery,) = delivered(cordboard)
    assert (delivery["status"], delivery["error_code"]) == ("failed", code)
    assert delivery["error"]
    refused = cordboard.http.post(f"/cordboard/v1/Deliveries/{delivery['sid']}/Replay")
    assert refused.status == 400


def test_a_slow_answer_is_not_waited_for(cordboard: Cordboard, room: Any, asked: HostileReceiver) -> None:
    configure(cordboard, asked, pre_webhook_url=f"{asked.url}/pre#tt=200", post_webhook_url="")
    gate = Gate(cordboard, REJECT)
    replies(asked, gate)
    assert room.messages.create(body="Hi", **TOLD).body == "Hi"
    gate.open()
    (delivery,) = delivered(cordboard)
    assert (delivery["status"], delivery["error_code"]) == ("failed", 50076)
    assert "200 ms" in delivery["error"]


def test_nobody_there_lets_it_happen(cordboard: Cordboard, room: Any, receiver: HostileReceiver) -> None:
    configure(cordboard, receiver, pre_webhook_url="http://127.0.0.1:1/pre")
    assert room.messages.create(body="Hi", **TOLD).body == "Hi"


def test_an_answer_after_a_redirect_counts(cordboard: Cordboard, room: Any, asked: HostileReceiver) -> None:
    asked.script = lambda call: (
        answer(307, location="/there") if call.path == "/pre" else says('{"body": "from there"}')
    )
    assert room.messages.create(body="Hi", **TOLD).body == "from there"
    assert all(call.is_signed_by(cordboard.auth_token) for call in asked.calls)


def test_a_get_asks_by_its_url(cordboard: Cordboard, room: Any, receiver: HostileReceiver) -> None:
    configure(cordboard, receiver, "onMessageAdd", method="GET", post_webhook_url="")
    replies(receiver, says('{"body": "***"}'))
    assert room.messages.create(body="Grüße & so", **TOLD).body == "***"
    (call,) = receiver.calls
    assert (call.method, call.form["Body"]) == ("GET", "Grüße & so")
    assert call.is_signed_by(cordboard.auth_token)


@pytest.mark.parametrize("header", [{}, {"X-Twilio-Webhook-Enabled": "false"}])
def test_a_call_that_does_not_ask_for_it_asks_nobody(
    cordboard: Cordboard, room: Any, asked: HostileReceiver, header: dict[str, str]
) -> None:
    path = f"/v1/Conversations/{room.fetch().sid}/Messages"
    assert cordboard.http.post(path, {"Body": "Hi"}, headers=header).status == 201
    assert asked.calls == []


def test_only_what_the_filters_name_is_asked(cordboard: Cordboard, room: Any, receiver: HostileReceiver) -> None:
    configure(cordboard, receiver, "onMessageAdd", "onMessageUpdated")
    said = room.messages.create(body="Hi", **TOLD)
    room.messages(said.sid).update(body="Bye", **TOLD)
    room.update(friendly_name="other", **TOLD)
    cordboard.settled()
    assert types(receiver, "/pre") == ["onMessageAdd"]
    assert types(receiver) == ["onMessageUpdated"]


def test_the_service_is_asked_in_the_accounts_place(api: V1, room: Any, asked: HostileReceiver) -> None:
    service = api.services(api.configuration().fetch().default_chat_service_sid)
    service.configuration.webhooks().update(pre_webhook_url=f"{asked.url}/service", filters=["onMessageAdd"])
    room.messages.create(body="Hi", **TOLD)
    room.participants.create(identity="ben", **TOLD)
    assert types(asked, "/service") == ["onMessageAdd"]
    assert types(asked, "/pre") == ["onParticipantAdd"]


@pytest.mark.parametrize(
    ("path", "form", "status", "code"),
    [
        ("", {"Attributes": "no json"}, 400, 50304),
        ("", {}, 400, 50347),
        ("/Participants", {"Identity": "ana"}, 409, 50433),
        ("/Participants", {"MessagingBinding.Address": "x"}, 400, 50407),
        ("/Messages", {"Attributes": '"' + "x" * 4096 + '"'}, 400, 50303),
        ("/Messages/IM00000000000000000000000000000000", {"Body": "Hi"}, 404, 20404),
    ],
)
def test_a_call_that_is_refused_anyway_asks_nobody(
    cordboard: Cordboard, room: Any, asked: HostileReceiver, path: str, form: dict[str, str], status: int, code: int
) -> None:
    path = f"/v1/Conversations/{room.fetch().sid}{path}"
    refused = cordboard.http.post(path, form, headers=HEADER)
    assert (refused.status, refused.json["code"]) == (status, code)
    assert asked.calls == []


def test_a_change_that_changes_nothing_asks_nobody(room: Any, asked: HostileReceiver) -> None:
    room.update(state="active", **TOLD)
    assert asked.calls == []


class Asked:
    """A call whose question waits for its answer while a test does something else."""

    def __init__(self, cordboard: Cordboard, receiver: HostileReceiver, reply: bytes = OK) -> None:
        configure(cordboard, receiver, post_webhook_url="")
        self._gate = Gate(cordboard, reply)
        self._receiver = receiver
        self._pool = ThreadPoolExecutor(2)
        replies(receiver, self._gate)

    def begin(self, call: Callable[[], Answer]) -> "Future[Answer]":
        return self._pool.submit(call)

    def wait(self) -> None:
        self._gate.wait_for_calls()

    def open(self) -> None:
        self._gate.open()
        self._pool.shutdown(wait=True)


def test_a_conversation_that_was_closed_meanwhile_stays_closed(
    cordboard: Cordboard, room: Any, receiver: HostileReceiver
) -> None:
    asked, path = Asked(cordboard, receiver), f"/v1/Conversations/{room.fetch().sid}"
    calls = [
        asked.begin(lambda: cordboard.http.post(f"{path}/Messages", {"Body": "Hi"}, headers=HEADER)),
    ]
    asked.wait()
    room.update(state="closed")
    asked.open()
    refused = calls[0].result()
    assert (refused.status, refused.json["code"]) == (400, 50377)
    assert [said.body for said in room.messages.list()] == ["Hello"]
    assert delivered(cordboard) == []


def test_what_was_deleted_meanwhile_is_not_found(cordboard: Cordboard, room: Any, receiver: HostileReceiver) -> None:
    asked, path = Asked(cordboard, receiver), f"/v1/Conversations/{room.fetch().sid}"
    call = asked.begin(lambda: cordboard.http.post(f"{path}/Participants/ana", {"Attributes": "[]"}, headers=HEADER))
    asked.wait()
    room.participants("ana").delete()
    asked.open()
    refused = call.result()
    assert (refused.status, refused.json["code"]) == (404, 20404)


def test_a_pair_that_was_bound_meanwhile_is_refused_with_the_winner(
    cordboard: Cordboard, api: V1, room: Any, receiver: HostileReceiver
) -> None:
    asked, path = Asked(cordboard, receiver), f"/v1/Conversations/{room.fetch().sid}/Participants"
    form = {"MessagingBinding.Address": CUSTOMER, "MessagingBinding.ProxyAddress": SHOP}
    call = asked.begin(lambda: cordboard.http.post(path, form, headers=HEADER))
    asked.wait()
    winner = api.conversations.create().sid
    cordboard.http.post(f"/v1/Conversations/{winner}/Participants", form)
    asked.open()
    refused = call.result()
    assert (refused.status, refused.json["code"]) == (409, 50416)
    assert winner in refused.json["message"]


def test_a_message_takes_its_index_when_it_is_written(
    cordboard: Cordboard, room: Any, receiver: HostileReceiver
) -> None:
    asked, path = Asked(cordboard, receiver), f"/v1/Conversations/{room.fetch().sid}/Messages"
    call = asked.begin(lambda: cordboard.http.post(path, {"Body": "late"}, headers=HEADER))
    asked.wait()
    assert room.messages.create(body="early").index == 1
    asked.open()
    assert call.result().json["index"] == 2
    assert [said.body for said in room.messages.list()] == ["Hello", "early", "late"]


def test_whoever_waits_for_an_answer_holds_up_nobody(cordboard: Cordboard, api: V1, receiver: HostileReceiver) -> None:
    asked, made = Asked(cordboard, receiver), api.conversations.create().sid
    path = f"/v1/Conversations/{made}/Messages"
    call = asked.begin(lambda: cordboard.http.post(path, {"Body": "Hi"}, headers=HEADER))
    asked.wait()
    assert cordboard.http.post(path, {"Body": "Ho"}).json["index"] == 0
    asked.open()
    assert call.result().json["index"] == 1


def test_a_call_that_is_repeated_with_its_key_is_asked_once(
    cordboard: Cordboard, room: Any, asked: HostileReceiver
) -> None:
    replies(asked, says('{"body": "***"}'))
    path, keyed = f"/v1/Conversations/{room.fetch().sid}/Messages", {**HEADER, "Idempotency-Key": "k"}
    first, again = (cordboard.http.post(path, {"Body": "Hi"}, headers=keyed) for _ in range(2))
    assert (first.status, first.json["body"]) == (201, "***")
    assert (again.status, again.body) == (201, first.body)
    assert len(asked.calls) == 1


def test_a_call_that_is_repeated_with_its_key_while_it_asks_asks_nobody(
    cordboard: Cordboard, room: Any, receiver: HostileReceiver
) -> None:
    asked, path = Asked(cordboard, receiver, says('{"body": "***"}')), f"/v1/Conversations/{room.fetch().sid}/Messages"
    keyed = {**HEADER, "Idempotency-Key": "k"}
    calls = [asked.begin(lambda: cordboard.http.post(path, {"Body": "Hi"}, headers=keyed)) for _ in range(2)]
    asked.wait()
    asked.open()
    first, again = (call.result() for call in calls)
    assert (first.status, first.json) == (201, again.json)
    assert len(receiver.calls) == 1
    assert len(room.messages.list()) == 2


def test_a_call_that_was_rejected_may_be_tried_again_with_its_key(
    cordboard: Cordboard, room: Any, asked: HostileReceiver
) -> None:
    asked.behaves(REJECT, OK)
    path, keyed = f"/v1/Conversations/{room.fetch().sid}/Messages", {**HEADER, "Idempotency-Key": "k"}
    statuses = [cordboard.http.post(path, {"Body": "Hi"}, headers=keyed).status for _ in range(2)]
    assert (statuses, len(asked.calls)) == ([403, 201], 2)


def test_an_interaction_asks_nobody(cordboard: Cordboard, asked: HostileReceiver) -> None:
    workspaces = cordboard.client.taskrouter.v1.workspaces
    workspace = workspaces.create(friendly_name="A shop", template="FIFO").sid
    cordboard.client.flex_api.v1.interaction.create(
        channel={"type": "sms", "initiated_by": "api", "participants": [{"address": CUSTOMER, "proxy_address": SHOP}]},
        routing={"properties": {"workspace_sid": workspace}},
    )
    cordboard.settled()
    assert asked.calls == []


def test_a_stranger_asks_the_strangers_own_url_only(cordboard: Cordboard, asked: HostileReceiver) -> None:
    replies(asked, REJECT)
    sid, token = cordboard.add_account("A stranger")
    stranger = cordboard.client_of(sid, token).conversations.v1
    stranger.conversations.create(**TOLD)
    assert asked.calls == []
    stranger.configuration.webhooks().update(pre_webhook_url=f"{asked.url}/pre", filters=["onConversationAdd"])
    with refusal(403, 50056):
        stranger.conversations.create(**TOLD)
    (call,) = asked.calls
    assert call.is_signed_by(token)
