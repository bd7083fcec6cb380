"""Post-event webhooks of Conversations: who is told of what, with which parameters, in which order (conversations 1.9)."""

import json
from typing import Any

import pytest
from twilio.rest.conversations.v1 import V1

from cordboard.conversations.actions import conversations, messages
from cordboard.storage.unit import Unit
from cordboard.testkit.running import Cordboard
from tests.conversations.refusals import refusal
from tests.flex.contact_center import ContactCenter
from tests.webhooks.receiver import Gate, HostileReceiver, answer
from tests.webhooks.rooms import CUSTOMER, EVERY, OF_SERVICES, SHOP, TOLD, api_of, configure, delete, form_of, types
from tests.webhooks.sending import delivered

POST = [name for name in EVERY if name.endswith("ed")]


@pytest.fixture
def api(cordboard: Cordboard) -> V1:
    return api_of(cordboard)


@pytest.fixture
def told(cordboard: Cordboard, receiver: HostileReceiver) -> HostileReceiver:
    """A receiver that the account tells of everything that has happened."""
    configure(cordboard, receiver, *POST, pre_webhook_url="")
    return receiver


async def say_much(unit: Unit, account_sid: str, room: str) -> None:
    conversation = await conversations.find_held(unit, account_sid, room)
    assert conversation
    for _ in range(1001):
        await messages.add(unit, conversation, body="Hello")


def everything(cordboard: Cordboard, rooms: Any, users: Any) -> None:
    """Everything that a caller can do, once each."""
    room = rooms(rooms.create(friendly_name="one", **TOLD).sid)
    ana = room.participants.create(identity="ana", **TOLD)
    said = room.messages.create(author="ana", body="Hello", **TOLD)
    room.update(friendly_name="two", **TOLD)
    room.participants(ana.sid).update(attributes="{}", **TOLD)
    room.messages(said.sid).update(body="Hello!", **TOLD)
    delete(cordboard, said)
    delete(cordboard, ana)
    delete(cordboard, room.update(state="inactive", **TOLD))
    users("ana").update(friendly_name="Ana", **TOLD)
    cordboard.settled()


IN_ORDER = [
    "onConversationAdded",
    "onUserAdded",
    "onParticipantAdded",
    "onMessageAdded",
    "onConversationUpdated",
    "onParticipantUpdated",
    "onMessageUpdated",
    "onMessageRemoved",
    "onParticipantRemoved",
    "onConversationStateUpdated",
    "onConversationRemoved",
    "onUserUpdated",
]


def test_everything_that_happens_is_told_signed_and_in_order(
    cordboard: Cordboard, api: V1, told: HostileReceiver
) -> None:
    everything(cordboard, api.conversations, api.users)
    users = ["onUserAdded", "onUserUpdated"]
    assert [name for name in types(told) if name not in users] == [name for name in IN_ORDER if name not in users]
    assert [name for name in types(told) if name in users] == users
    assert all(call.method == "POST" and call.is_signed_by(cordboard.auth_token) for call in told.calls)
    assert {found["status"] for found in delivered(cordboard)} == {"delivered"}


COMMON = {"EventType", "AccountSid", "ChatServiceSid", "Source", "RetryCount"}
DATES = {"DateCreated", "DateUpdated"}
ROOM = {"ConversationSid", "FriendlyName", "Attributes", "State"}
PERSON = {"ConversationSid", "ParticipantSid", "Identity", "RoleSid", "Attributes"}
WORDS = {"ConversationSid", "MessageSid", "Index", "Author", "ParticipantSid", "Body", "Attributes"}
PARAMETERS = {
    "onConversationAdded": ROOM | DATES,
    "onConversationUpdated": ROOM | DATES,
    "onConversationRemoved": ROOM | DATES | {"DateRemoved"},
    "onConversationStateUpdated": {"ConversationSid", "StateUpdated", "StateFrom", "StateTo", "Reason"},
    "onParticipantAdded": PERSON | DATES,
    "onParticipantUpdated": PERSON | DATES,
    "onParticipantRemoved": PERSON | DATES | {"DateRemoved"},
    "onMessageAdded": WORDS | {"DateCreated"},
    "onMessageUpdated": WORDS | DATES,
    "onMessageRemoved": WORDS | DATES | {"DateRemoved"},
    "onUserAdded": {"UserSid", "Identity", "RoleSid", "Attributes", *DATES},
    "onUserUpdated": {"UserSid", "Identity", "RoleSid", "Attributes", "FriendlyName", *DATES},
}


def test_each_event_has_its_parameters(cordboard: Cordboard, api: V1, told: HostileReceiver) -> None:
    everything(cordboard, api.conversations, api.users)
    assert {name: form_of(told, name).keys() - COMMON for name in PARAMETERS} == PARAMETERS
    for form in told.forms:
        assert form["AccountSid"] == cordboard.account_sid
        assert form["ChatServiceSid"] == api.configuration().fetch().default_chat_service_sid
        assert (form["Source"], form["RetryCount"]) == ("API", "0")


def test_a_message_is_told_as_it_is(cordboard: Cordboard, api: V1, told: HostileReceiver) -> None:
    room = api.conversations(api.conversations.create(unique_name="room").sid)
    ana = room.participants.create(identity="ana")
    cordboard.clock.advance(0.123)
    said = room.messages.create(author="ana", body="Grüße & so", attributes='{"a": 1}', subject="Hi", **TOLD)
    cordboard.settled()
    form = form_of(told, "onMessageAdded")
    assert (form["MessageSid"], form["ConversationSid"], form["ParticipantSid"]) == (
        said.sid,
        said.conversation_sid,
        ana.sid,
    )
    assert (form["Body"], form["Author"], form["Index"]) == ("Grüße & so", "ana", "0")
    assert (form["Attributes"], form["MessageSubject"]) == ('{"a": 1}', "Hi")
    assert form["DateCreated"] == "2026-01-01T00:00:00.123Z"


def test_somebody_at_an_address_is_told_with_the_binding(cordboard: Cordboard, api: V1, told: HostileReceiver) -> None:
    room = api.conversations(api.conversations.create().sid)
    binding = {"messaging_binding_address": CUSTOMER, "messaging_binding_proxy_address": SHOP}
    room.participants.create(**binding, **TOLD)
    cordboard.settled()
    form = form_of(told, "onParticipantAdded")
    assert form["MessagingBinding.Address"] == CUSTOMER
    assert form["MessagingBinding.ProxyAddress"] == SHOP
    assert form["MessagingBinding.Type"] == "SMS"
    assert "Identity" not in form


def test_what_somebody_has_read_is_told(cordboard: Cordboard, api: V1, told: HostileReceiver) -> None:
    room = api.conversations(api.conversations.create().sid)
    ana = room.participants.create(identity="ana").sid
    room.messages.create(body="Hello")
    room.participants(ana).update(last_read_message_index=0, **TOLD)
    cordboard.settled()
    assert form_of(told, "onParticipantUpdated")["LastReadMessageIndex"] == "0"


def test_a_message_that_wakes_a_conversation_tells_of_both(
    cordboard: Cordboard, api: V1, told: HostileReceiver
) -> None:
    room = api.conversations(api.conversations.create(state="inactive").sid)
    room.messages.create(body="Hello", **TOLD)
    cordboard.settled()
    assert types(told) == ["onConversationStateUpdated", "onMessageAdded"]
    form = form_of(told, "onConversationStateUpdated")
    assert (form["StateFrom"], form["StateTo"], form["Reason"]) == ("inactive", "active", "EVENT")
    assert form["StateUpdated"] == "2026-01-01T00:00:00.000Z"


@pytest.mark.parametrize("header", [None, "false", "0", "no"])
def test_a_call_that_does_not_ask_for_it_is_told_to_nobody(
    cordboard: Cordboard, told: HostileReceiver, header: str | None
) -> None:
    headers = {} if header is None else {"X-Twilio-Webhook-Enabled": header}
    room = cordboard.http.post("/v1/Conversations", headers=headers).json
    cordboard.http.post(f"/v1/Conversations/{room['sid']}/Messages", {"Body": "Hello"}, headers=headers)
    cordboard.http.delete(f"/v1/Conversations/{room['sid']}", headers=headers)
    cordboard.settled()
    assert told.calls == []


@pytest.mark.parametrize("header", ["X-Twilio-Webhook-Enabled", "x-twilio-webhook-enabled", "X-TWILIO-WEBHOOK-ENABLED"])
def test_the_headers_name_may_be_written_in_any_case(cordboard: Cordboard, told: HostileReceiver, header: str) -> None:
    cordboard.http.post("/v1/Conversations", headers={header: "True"})
    cordboard.settled()
    assert types(told) == ["onConversationAdded"]


def test_only_events_of_the_filter_are_told(cordboard: Cordboard, api: V1, receiver: HostileReceiver) -> None:
    configure(cordboard, receiver, "onMessageAdded", "onConversationRemoved")
    everything(cordboard, api.conversations, api.users)
    assert types(receiver) == ["onMessageAdded", "onConversationRemoved"]


def test_without_filters_nothing_is_told(cordboard: Cordboard, api: V1, receiver: HostileReceiver) -> None:
    api.configuration.webhooks().update(post_webhook_url=f"{receiver.url}/post")
    everything(cordboard, api.conversations, api.users)
    assert delivered(cordboard) == []


def test_a_get_has_the_parameters_in_the_url_and_is_signed(
    cordboard: Cordboard, api: V1, receiver: HostileReceiver
) -> None:
    configure(cordboard, receiver, "onConversationAdded", method="GET", post_webhook_url=f"{receiver.url}/post?key=1")
    api.conversations.create(friendly_name="Zoë", **TOLD)
    cordboard.settled()
    (call,) = receiver.calls
    assert (call.method, call.form["key"], call.form["FriendlyName"]) == ("GET", "1", "Zoë")
    assert call.is_signed_by(cordboard.auth_token)


def test_a_service_is_told_besides_the_account_and_of_its_own_only(
    cordboard: Cordboard, api: V1, receiver: HostileReceiver
) -> None:
    configure(cordboard, receiver, *POST, pre_webhook_url="")
    one, other = (api.services(api.services.create(friendly_name=name).sid) for name in ("one", "other"))
    url = f"{receiver.url}/service"
    one.configuration.webhooks().update(post_webhook_url=url, filters=[*OF_SERVICES])
    everything(cordboard, one.conversations, one.users)
    everything(cordboard, other.conversations, other.users)
    assert types(receiver, "/service") == [name for name in IN_ORDER if not name.startswith("onUser")]
    assert {call.form["ChatServiceSid"] for call in receiver.calls if call.path == "/service"} == {one.fetch().sid}
    assert sorted(types(receiver)) == sorted(IN_ORDER * 2)


def test_a_conversation_tells_its_own_webhooks_until_its_end(
    cordboard: Cordboard, api: V1, receiver: HostileReceiver
) -> None:
    room, other = (api.conversations(api.conversations.create().sid) for _ in range(2))
    wanted = ["onMessageAdded", "onParticipantAdded", "onConversationUpdated", "onConversationRemoved"]
    room.webhooks.create(target="webhook", configuration_url=f"{receiver.url}/post", configuration_filters=wanted)
    for one in (room, other):
        one.messages.create(body="Hello", **TOLD)
        one.participants.create(identity="ana", **TOLD)
        delete(cordboard, one.update(friendly_name="one", **TOLD))
    cordboard.settled()
    assert types(receiver) == ["onMessageAdded", "onParticipantAdded", "onConversationUpdated", "onConversationRemoved"]
    assert all(call.is_signed_by(cordboard.auth_token) for call in receiver.calls)


def test_a_trigger_is_told_of_messages_with_one_of_its_words(
    cordboard: Cordboard, api: V1, receiver: HostileReceiver
) -> None:
    room = api.conversations(api.conversations.create().sid)
    room.webhooks.create(
        target="trigger",
        configuration_url=f"{receiver.url}/post",
        configuration_method="get",
        configuration_triggers=["help", "an agent"],
    )
    for body in ("I need help", "helpless", "HELP", "agent", "give me an agent", None):
        room.messages.create(**({"body": body} if body else {}), **TOLD)
    room.update(friendly_name="help", **TOLD)
    cordboard.settled()
    assert receiver.told("Body") == ["I need help", "helpless", "give me an agent"]
    assert {call.method for call in receiver.calls} == {"GET"}


def test_a_studio_flow_is_kept_and_nobody_is_called(cordboard: Cordboard, api: V1) -> None:
    room = api.conversations(api.conversations.create().sid)
    room.webhooks.create(target="studio", configuration_flow_sid=f"FW{'a' * 32}")
    room.messages.create(body="Hello", **TOLD)
    cordboard.settled()
    assert delivered(cordboard) == []


def test_a_webhook_that_comes_late_hears_of_the_messages_from_an_index_on(
    cordboard: Cordboard, api: V1, receiver: HostileReceiver
) -> None:
    room = api.conversations(api.conversations.create().sid)
    for body in "abcde":
        room.messages.create(body=body)
    room.webhooks.create(
        target="webhook",
        configuration_url=f"{receiver.url}/post",
        configuration_filters=["onMessageAdded"],
        configuration_replay_after=2,
    )
    room.messages.create(body="f", **TOLD)
    cordboard.settled()
    assert receiver.told("Body") == ["c", "d", "e", "f"]
    assert receiver.told("Index") == ["2", "3", "4", "5"]
    assert set(types(receiver)) == {"onMessageAdded"}


def test_a_webhook_that_does_not_hear_messages_has_none_replayed(
    cordboard: Cordboard, api: V1, receiver: HostileReceiver
) -> None:
    room = api.conversations(api.conversations.create().sid)
    room.messages.create(body="help")
    url = f"{receiver.url}/post"
    room.webhooks.create(
        target="webhook",
        configuration_url=url,
        configuration_filters=["onParticipantAdded"],
        configuration_replay_after=0,
    )
    cordboard.settled()
    assert receiver.calls == []
    room.webhooks.create(
        target="trigger", configuration_url=url, configuration_triggers=["help"], configuration_replay_after=0
    )
    cordboard.settled()
    assert receiver.told("Body") == ["help"]


def test_of_more_than_a_thousand_messages_none_is_replayed(
    cordboard: Cordboard, api: V1, receiver: HostileReceiver
) -> None:
    room = api.conversations(api.conversations.create().sid)
    sid = room.fetch().sid
    cordboard.call(cordboard.system.db.run(lambda unit: say_much(unit, cordboard.account_sid, sid)))
    hook = {"configuration_url": f"{receiver.url}/post", "configuration_filters": ["onMessageAdded"]}
    with refusal(400, 20001, "Configuration.ReplayAfter"):
        room.webhooks.create(target="webhook", configuration_replay_after=0, **hook)
    assert (room.webhooks.list(), delivered(cordboard)) == ([], [])
    room.webhooks.create(target="webhook", configuration_replay_after=1, **hook)
    assert len(delivered(cordboard)) == 1000


def test_a_refused_call_is_told_to_nobody(cordboard: Cordboard, api: V1, told: HostileReceiver) -> None:
    room = api.conversations.create().sid
    refused = cordboard.http.post(
        f"/v1/Conversations/{room}", {"Attributes": "{"}, headers={"X-Twilio-Webhook-Enabled": "true"}
    )
    assert refused.status == 400
    cordboard.settled()
    assert told.calls == []


def test_each_attempt_says_how_often_it_was_tried_before(cordboard: Cordboard, api: V1, told: HostileReceiver) -> None:
    told.behaves(answer(500), answer(500), answer(200))
    api.conversations.create(**TOLD)
    cordboard.clock.advance(60)
    assert told.told("RetryCount") == ["0", "1", "2"]
    assert delivered(cordboard)[0]["payload"]["RetryCount"] == "2"
    assert all(call.is_signed_by(cordboard.auth_token) for call in told.calls)
    assert len({call.token for call in told.calls}) == 1


def test_a_receiver_that_hangs_holds_up_no_call(cordboard: Cordboard, api: V1, told: HostileReceiver) -> None:
    gate = Gate(cordboard)
    told.behaves(gate)
    room = api.conversations(api.conversations.create(**TOLD).sid)
    gate.wait_for_calls()
    assert room.messages.create(body="Hello", **TOLD).index == 0
    gate.open()


def test_what_flex_does_is_told_without_being_asked_for(cordboard: Cordboard, told: HostileReceiver) -> None:
    center = ContactCenter(cordboard)
    ana = center.hire("ana")
    channel = {"type": "sms", "initiated_by": "api", "participants": [{"address": CUSTOMER, "proxy_address": SHOP}]}
    interaction = center.interactions.create(channel=channel, routing=center.routing())
    center.accept(ana)
    center.channel(interaction).update(status="closed", routing={"status": "closed"})
    cordboard.settled()
    assert [name for name in types(told) if not name.startswith("onUser")] == [
        "onConversationAdded",
        "onParticipantAdded",
        "onParticipantAdded",
        "onConversationStateUpdated",
        "onParticipantRemoved",
    ]
    added = [form for form in told.forms if form["EventType"] == "onParticipantAdded"]
    assert added[0]["MessagingBinding.Address"] == CUSTOMER
    assert added[1]["Identity"] == "ana"
    assert form_of(told, "onConversationStateUpdated")["StateTo"] == "closed"
    assert json.loads(added[0]["Attributes"]) == {}


def test_a_strangers_events_go_to_the_strangers_urls(cordboard: Cordboard, told: HostileReceiver) -> None:
    sid, token = cordboard.add_account("A stranger")
    stranger = cordboard.client_of(sid, token).conversations.v1
    stranger.conversations.create(**TOLD)
    cordboard.settled()
    assert told.calls == []
    stranger.configuration.webhooks().update(post_webhook_url=f"{told.url}/post", filters=["onConversationAdded"])
    stranger.conversations.create(**TOLD)
    cordboard.settled()
    (call,) = told.calls
    assert call.form["AccountSid"] == sid
    assert call.is_signed_by(token)
    assert not call.is_signed_by(cordboard.auth_token)
