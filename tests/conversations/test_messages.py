from datetime import UTC, datetime

import pytest
from twilio.base.exceptions import TwilioException
from twilio.rest.conversations.v1 import V1

from cordboard.testkit.running import Cordboard
from tests.conversations.refusals import refusal

CUSTOMER, SHOP = "+15551230000", "+15559990000"


def test_a_message_answers_in_the_vendors_form(cordboard: Cordboard, api: V1) -> None:
    room = api.conversations.create()
    path = f"/v1/Conversations/{room.sid}/Messages"
    answer = cordboard.http.post(path, {"Body": "Hello", "Attributes": '{ "n" : 1 }', "Subject": "Order 7"})
    assert answer.status == 201
    made = answer.json
    url = f"http://localhost:8000{path}/{made['sid']}"
    assert made["sid"].startswith("IM")
    assert made == {
        "sid": made["sid"],
        "account_sid": cordboard.account_sid,
        "conversation_sid": room.sid,
        "index": 0,
        "author": "system",
        "participant_sid": None,
        "body": "Hello",
        "subject": "Order 7",
        "attributes": '{ "n" : 1 }',
        "media": None,
        "content_sid": None,
        "delivery": None,
        "date_created": "2026-01-01T00:00:00Z",
        "date_updated": "2026-01-01T00:00:00Z",
        "url": url,
        "links": {"delivery_receipts": f"{url}/Receipts", "channel_metadata": f"{url}/ChannelMetadata"},
    }
    assert cordboard.http.get(f"{path}/{made['sid']}").json == made


def test_an_author_who_is_in_the_conversation_is_its_participant(api: V1) -> None:
    room = api.conversations.create()
    ana = room.participants.create(identity="ana")
    customer = room.participants.create(messaging_binding_address=CUSTOMER, messaging_binding_proxy_address=SHOP)
    said = [room.messages.create(author=author, body="Hi") for author in ("ana", CUSTOMER, "nobody", "system")]
    assert [message.participant_sid for message in said] == [ana.sid, customer.sid, None, None]
    assert [message.author for message in said] == ["ana", CUSTOMER, "nobody", "system"]
    one = api.conversations(room.sid).messages(said[2].sid)
    assert one.update(author="ana").participant_sid == ana.sid
    assert one.update(author="nobody").participant_sid is None


def test_a_message_wakes_an_inactive_conversation(api: V1) -> None:
    room = api.conversations.create(state="inactive")
    room.messages.create(body="Hello?")
    assert api.conversations(room.sid).fetch().state == "active"


def test_messages_are_listed_in_both_orders_page_by_page(api: V1) -> None:
    room = api.conversations.create()
    for number in range(5):
        room.messages.create(body=str(number))
    up = [(message.index, message.body) for message in room.messages.list(page_size=2)]
    assert up == [(number, str(number)) for number in range(5)]
    down = [message.index for message in room.messages.list(order="desc", page_size=2)]
    assert down == [4, 3, 2, 1, 0]
    page = room.messages.page(page_size=2, order="desc")
    room.messages.create(body="late")
    assert [message.index for message in page.next_page()] == [2, 1]
    with pytest.raises(TwilioException, match="Invalid parameter Order"):
        room.messages.list(order="newest")


def test_an_update_changes_what_is_given_and_nothing_else(cordboard: Cordboard, api: V1) -> None:
    room = api.conversations.create()
    made = room.messages.create(body="Helo", author="ana", attributes='{"a": 1}', subject="One")
    cordboard.clock.advance(60)
    changed = api.conversations(room.sid).messages(made.sid).update(body="Hello")
    assert (changed.body, changed.author, changed.attributes, changed.index) == ("Hello", "ana", '{"a": 1}', 0)
    assert changed.date_created == made.date_created
    assert (changed.date_updated - made.date_updated).total_seconds() == 60
    imported = api.conversations(room.sid).messages(made.sid).update(date_updated=datetime(2020, 1, 1, tzinfo=UTC))
    assert imported.date_updated == datetime(2020, 1, 1, tzinfo=UTC)


def test_the_index_of_a_deleted_message_is_not_given_again(api: V1) -> None:
    room = api.conversations.create()
    first, last = room.messages.create(body="one"), room.messages.create(body="two")
    assert api.conversations(room.sid).messages(last.sid).delete()
    assert room.messages.create(body="three").index == 2
    assert [message.index for message in room.messages.list()] == [0, 2]
    with refusal(404, 20404):
        api.conversations(room.sid).messages(last.sid).fetch()
    assert first.fetch().body == "one"


def test_a_message_may_be_empty_and_an_empty_body_is_not_an_absent_one(cordboard: Cordboard, api: V1) -> None:
    path = f"/v1/Conversations/{api.conversations.create().sid}/Messages"
    assert cordboard.http.post(path).json["body"] is None
    assert cordboard.http.post(path, {"Body": ""}).json["body"] == ""


def test_a_conversation_is_found_by_its_unique_name_for_everything_in_it(api: V1) -> None:
    room = api.conversations.create(unique_name="room")
    named = api.conversations("room")
    said = named.messages.create(body="Hello")
    ana = named.participants.create(identity="ana")
    assert (said.conversation_sid, ana.conversation_sid) == (room.sid, room.sid)
    assert named.messages(said.sid).fetch().body == "Hello"
    for list_ in (named.messages, named.participants):
        assert len(list_.list()) == 1


def test_messages_of_another_conversation_are_not_found_here(api: V1) -> None:
    here, there = api.conversations.create(), api.conversations.create()
    said = there.messages.create(body="Hello")
    one = api.conversations(here.sid).messages(said.sid)
    for move in (one.fetch, one.delete, lambda: one.update(body="Bye")):
        with refusal(404, 20404):
            move()
    assert said.fetch().body == "Hello"


def test_what_happened_is_recorded_with_the_facts_of_then(cordboard: Cordboard, api: V1) -> None:
    room = api.conversations.create()
    said = room.messages.create(body="Helo")
    one = api.conversations(room.sid).messages(said.sid)
    one.update(body="Hello")
    one.delete()
    events = cordboard.http.get("/cordboard/v1/Events", {"ResourceSid": said.sid}).json["events"]
    assert [(event["type"], event["data"]["message"]["body"]) for event in events] == [
        ("message.added", "Helo"),
        ("message.updated", "Hello"),
        ("message.removed", "Hello"),
    ]
    assert {event["data"]["conversation"]["sid"] for event in events} == {room.sid}
