from datetime import UTC, datetime

import pytest
from twilio.rest.conversations.v1 import V1

from cordboard.testkit.running import Cordboard
from tests.conversations.refusals import refusal

CUSTOMER, SHOP, OTHER_SHOP = "+15551230000", "+15559990000", "+15558880000"
ADDRESS, PROXY = "MessagingBinding.Address", "MessagingBinding.ProxyAddress"
BINDING = {"messaging_binding_address": CUSTOMER, "messaging_binding_proxy_address": SHOP}


def test_a_customer_joins_by_an_address_pair(cordboard: Cordboard, api: V1) -> None:
    room = api.conversations.create()
    path = f"/v1/Conversations/{room.sid}/Participants"
    answer = cordboard.http.post(path, {ADDRESS: CUSTOMER, PROXY: SHOP, "Attributes": '{ "role": "driver" }'})
    assert answer.status == 201
    made = answer.json
    assert made["sid"].startswith("MB")
    assert made == {
        "sid": made["sid"],
        "account_sid": cordboard.account_sid,
        "conversation_sid": room.sid,
        "identity": None,
        "attributes": '{ "role": "driver" }',
        "messaging_binding": {"type": "sms", "address": CUSTOMER, "proxy_address": SHOP},
        "role_sid": None,
        "date_created": "2026-01-01T00:00:00Z",
        "date_updated": "2026-01-01T00:00:00Z",
        "url": f"http://localhost:8000{path}/{made['sid']}",
        "last_read_message_index": None,
        "last_read_timestamp": None,
    }
    assert cordboard.http.get(f"{path}/{made['sid']}").json == made


def test_a_person_joins_the_chat_by_identity_and_becomes_a_user(api: V1) -> None:
    room = api.conversations.create()
    ana = room.participants.create(identity="ana", date_created=datetime(2020, 1, 2, tzinfo=UTC))
    assert (ana.identity, ana.messaging_binding, ana.attributes) == ("ana", None, "{}")
    assert ana.date_created == datetime(2020, 1, 2, tzinfo=UTC)
    assert api.roles(ana.role_sid).fetch().friendly_name == "guest"
    user = api.users("ana").fetch()
    assert (user.identity, user.friendly_name, user.attributes) == ("ana", None, "{}")
    api.conversations.create().participants.create(identity="ana")
    assert [found.sid for found in api.users.list()] == [user.sid]
    assert api.conversations(room.sid).participants("ana").fetch().sid == ana.sid


@pytest.mark.parametrize(
    ("address", "proxy", "type_"),
    [
        ("+15551230000", "+15559990000", "sms"),
        ("+15551230000", "72345", "sms"),
        ("whatsapp:+15551230000", "whatsapp:+15559990000", "whatsapp"),
        ("rcs:+15551230000", "rcs:shop_agent", "rcs"),
        ("messenger:1234567", "messenger:7654321", "messenger"),
        ("gbm:1234567", "gbm:7654321", "gbm"),
        ("apple:urn:mbid:AQ", "apple:shop", "apple"),
    ],
)
def test_the_type_of_a_binding_is_read_off_the_address(api: V1, address: str, proxy: str, type_: str) -> None:
    made = api.conversations.create().participants.create(
        messaging_binding_address=address, messaging_binding_proxy_address=proxy
    )
    assert made.messaging_binding == {"type": type_, "address": address, "proxy_address": proxy}


def test_an_email_participant_has_no_proxy_address(cordboard: Cordboard, api: V1) -> None:
    room = api.conversations.create()
    made = room.participants.create(messaging_binding_address="ana@example.com")
    assert made.messaging_binding == {"type": "email", "address": "ana@example.com", "level": "to"}
    again = api.conversations.create().participants.create(messaging_binding_address="ana@example.com")
    assert again.messaging_binding["address"] == "ana@example.com"
    refused = cordboard.http.post(
        room.links["participants"].removeprefix("https://conversations.twilio.com"),
        {
            ADDRESS: "ben@example.com",
            PROXY: SHOP,
        },
    )
    assert (refused.status, refused.json["code"]) == (400, 50453)


def test_an_address_pair_is_in_one_open_conversation_and_the_refusal_names_it(api: V1) -> None:
    first = api.conversations.create()
    first.participants.create(**BINDING)
    sentence = f"A binding for this participant and proxy address already exists in Conversation {first.sid}$"
    for room in (api.conversations.create(), first):
        with refusal(409, 50416, match=sentence):
            room.participants.create(**BINDING)
    api.conversations(first.sid).update(state="inactive")
    with refusal(409, 50416, match=sentence):
        api.conversations.create().participants.create(**BINDING)


def test_each_half_of_a_pair_may_be_in_other_pairs(api: V1) -> None:
    api.conversations.create().participants.create(**BINDING)
    for address, proxy in ((CUSTOMER, OTHER_SHOP), ("+15551110000", SHOP), (SHOP, CUSTOMER)):
        made = api.conversations.create().participants.create(
            messaging_binding_address=address, messaging_binding_proxy_address=proxy
        )
        assert made.messaging_binding["proxy_address"] == proxy


def test_a_pair_of_another_account_is_no_hindrance(cordboard: Cordboard, api: V1) -> None:
    api.conversations.create().participants.create(**BINDING)
    other = cordboard.client_of(*cordboard.add_account("Branch")).conversations.v1
    assert other.conversations.create().participants.create(**BINDING).sid


def test_closing_or_leaving_frees_a_pair(api: V1) -> None:
    first = api.conversations.create()
    first.participants.create(**BINDING)
    api.conversations(first.sid).update(state="closed")
    second = api.conversations.create()
    customer = second.participants.create(**BINDING)
    api.conversations(second.sid).participants(customer.sid).delete()
    assert api.conversations.create().participants.create(**BINDING).sid


def test_an_identity_is_in_a_conversation_once(api: V1) -> None:
    room = api.conversations.create()
    ana = room.participants.create(identity="ana")
    with refusal(409, 50433, match="ana"):
        room.participants.create(identity="ana")
    assert room.participants.create(identity="Ana").identity == "Ana"
    api.conversations(room.sid).participants(ana.sid).delete()
    assert room.participants.create(identity="ana").sid != ana.sid


def test_who_joins_wakes_an_inactive_conversation(api: V1) -> None:
    room = api.conversations.create(state="inactive")
    room.participants.create(identity="ana")
    assert api.conversations(room.sid).fetch().state == "active"


def test_a_refused_participant_wakes_nobody_and_makes_no_user(cordboard: Cordboard, api: V1) -> None:
    api.conversations.create().participants.create(**BINDING)
    room = api.conversations.create(state="inactive")
    events = cordboard.http.get("/cordboard/v1/Events").json["events"]
    with refusal(409, 50416):
        room.participants.create(**BINDING)
    with refusal(400, 50100):
        room.participants.create(identity="ana", role_sid="RL" + "0" * 32)
    assert api.conversations(room.sid).fetch().state == "inactive"
    assert api.users.list() == []
    assert room.participants.list() == []
    assert cordboard.http.get("/cordboard/v1/Events").json["events"] == events


def test_a_role_is_one_for_conversations_in_the_same_service(api: V1) -> None:
    room = api.conversations.create()
    by_name = {(role.type, role.friendly_name): role.sid for role in api.roles.list()}
    agent = room.participants.create(identity="ana", role_sid=by_name["conversation", "agent"])
    customer = room.participants.create(**BINDING, role_sid=by_name["conversation", "guest"])
    assert agent.role_sid == by_name["conversation", "agent"]
    assert customer.role_sid == by_name["conversation", "guest"]
    elsewhere = api.services(api.services.create(friendly_name="Second").sid).roles.list()
    strange = [role.sid for role in elsewhere if role.type == "conversation"]
    for sid in (by_name["service", "admin"], strange[0]):
        with refusal(400, 50100):
            room.participants.create(identity="ben", role_sid=sid)
        with refusal(400, 50100):
            api.conversations(room.sid).participants(agent.sid).update(role_sid=sid)
    changed = api.conversations(room.sid).participants("ana").update(role_sid=by_name["conversation", "supervisor"])
    assert changed.role_sid == by_name["conversation", "supervisor"]


def test_an_update_changes_what_is_given_and_nothing_else(cordboard: Cordboard, api: V1) -> None:
    room = api.conversations.create()
    for body in ("one", "two"):
        room.messages.create(body=body)
    ana = room.participants.create(identity="ana", attributes='{"a": 1}')
    cordboard.clock.advance(60)
    one = api.conversations(room.sid).participants(ana.sid)
    read = one.update(last_read_message_index=1, last_read_timestamp="2026-01-01T00:00:30Z")
    assert (read.last_read_message_index, read.last_read_timestamp) == (1, "2026-01-01T00:00:30Z")
    assert (read.attributes, read.role_sid, read.date_created) == ('{"a": 1}', ana.role_sid, ana.date_created)
    assert one.update(attributes="[1]").last_read_message_index == 1
    for nothing in ("null", ""):
        one.update(last_read_message_index=0)
        path = f"/v1/Conversations/{room.sid}/Participants/{ana.sid}"
        assert cordboard.http.post(path, {"LastReadMessageIndex": nothing}).json["last_read_message_index"] is None


@pytest.mark.parametrize("index", ["2", "-1", "1.0", "x", "9" * 19, "9" * 60])
def test_one_reads_only_messages_that_are_there(cordboard: Cordboard, api: V1, index: str) -> None:
    room = api.conversations.create()
    for body in ("one", "two"):
        room.messages.create(body=body)
    ana = room.participants.create(identity="ana")
    answer = cordboard.http.post(
        f"/v1/Conversations/{room.sid}/Participants/{ana.sid}", {"LastReadMessageIndex": index, "Attributes": "[]"}
    )
    assert (answer.status, answer.json["code"]) == (400, 50421)
    assert room.participants.list()[0].attributes == "{}"


def test_a_conversation_has_at_most_50_participants_who_are_not_in_the_chat(api: V1) -> None:
    room = api.conversations.create()
    for number in range(50):
        room.participants.create(messaging_binding_address=f"+1555123{number:04}", messaging_binding_proxy_address=SHOP)
    with refusal(400, 50418):
        room.participants.create(messaging_binding_address="+15557770000", messaging_binding_proxy_address=SHOP)
    first = room.participants.list(limit=1)[0]
    api.conversations(room.sid).participants(first.sid).delete()
    assert room.participants.create(identity="ana").sid
    assert room.participants.create(messaging_binding_address="+15557770000", messaging_binding_proxy_address=SHOP).sid


def test_participants_of_another_conversation_are_not_found_here(api: V1) -> None:
    here, there = api.conversations.create(), api.conversations.create()
    ana = there.participants.create(identity="ana")
    for name in (ana.sid, "ana"):
        one = api.conversations(here.sid).participants(name)
        for move in (one.fetch, one.delete, lambda one=one: one.update(attributes="[]")):
            with refusal(404, 20404):
                move()
    assert [one.sid for one in there.participants.list()] == [ana.sid]


def test_what_happened_is_recorded_with_the_facts_of_then(cordboard: Cordboard, api: V1) -> None:
    room = api.conversations.create()
    ana = room.participants.create(identity="ana")
    one = api.conversations(room.sid).participants(ana.sid)
    one.update(attributes="[1]")
    one.delete()
    events = cordboard.http.get("/cordboard/v1/Events", {"ResourceSid": ana.sid}).json["events"]
    assert [(event["type"], event["data"]["participant"]["attributes"]) for event in events] == [
        ("participant.added", "{}"),
        ("participant.updated", "[1]"),
        ("participant.removed", "[1]"),
    ]
    assert [event["data"]["conversation"]["participant_count"] for event in events] == [1, 1, 0]
    assert {event["scope_sid"] for event in events} == {room.chat_service_sid}
    users = [
        event for event in cordboard.http.get("/cordboard/v1/Events").json["events"] if event["type"] == "user.added"
    ]
    assert [event["data"]["user"]["identity"] for event in users] == ["ana"]
