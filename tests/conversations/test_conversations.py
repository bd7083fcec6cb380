from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from twilio.base.exceptions import TwilioException
from twilio.rest.conversations.v1 import V1

from cordboard.conversations.store.messages import MESSAGES
from cordboard.conversations.store.participants import PARTICIPANTS
from cordboard.storage.unit import View
from cordboard.testkit.running import Cordboard
from tests.conversations.refusals import refusal

CUSTOMER, SHOP = "+15551230000", "+15559990000"


def test_a_conversation_is_made_with_nothing_and_answers_in_the_vendors_form(cordboard: Cordboard) -> None:
    answer = cordboard.http.post("/v1/Conversations", host="conversations")
    assert answer.status == 201
    made = answer.json
    url = f"https://conversations.twilio.com/v1/Conversations/{made['sid']}"
    assert made["sid"].startswith("CH")
    assert made["chat_service_sid"].startswith("IS")
    assert made == {
        "sid": made["sid"],
        "account_sid": cordboard.account_sid,
        "chat_service_sid": made["chat_service_sid"],
        "messaging_service_sid": None,
        "friendly_name": None,
        "unique_name": None,
        "attributes": "{}",
        "state": "active",
        "date_created": "2026-01-01T00:00:00Z",
        "date_updated": "2026-01-01T00:00:00Z",
        "timers": {},
        "bindings": {},
        "url": url,
        "links": {
            "participants": f"{url}/Participants",
            "messages": f"{url}/Messages",
            "webhooks": f"{url}/Webhooks",
            "export": f"{url}/Export",
        },
    }
    assert cordboard.http.get(f"/v1/Conversations/{made['sid']}", host="conversations").json == made


def test_what_is_given_is_kept_byte_for_byte(api: V1) -> None:
    attributes = '{ "topic" : "Ä",\n "n": 1.0 }'
    made = api.conversations.create(
        friendly_name="Return of order 7",
        unique_name="order/7 ü",
        attributes=attributes,
        state="inactive",
        date_created=datetime(2020, 5, 6, 7, 8, 9, tzinfo=UTC),
        date_updated=datetime(2021, 5, 6, tzinfo=UTC),
    )
    for found in (made, api.conversations(made.sid).fetch(), api.conversations("order%2F7 ü").fetch()):
        assert found.attributes == attributes
        assert (found.friendly_name, found.unique_name, found.state) == ("Return of order 7", "order/7 ü", "inactive")
        assert found.date_created == datetime(2020, 5, 6, 7, 8, 9, tzinfo=UTC)
        assert found.date_updated == datetime(2021, 5, 6, tzinfo=UTC)


def test_an_empty_name_is_not_an_absent_one(cordboard: Cordboard, api: V1) -> None:
    made = cordboard.http.post("/v1/Conversations", {"FriendlyName": "", "UniqueName": ""}).json
    assert (made["friendly_name"], made["unique_name"]) == ("", None)
    named = api.conversations.create(unique_name="room", friendly_name="Room")
    changed = cordboard.http.post(f"/v1/Conversations/{named.sid}", {"UniqueName": ""}).json
    assert (changed["friendly_name"], changed["unique_name"]) == ("Room", None)
    assert api.conversations.create(unique_name="room").unique_name == "room"


def test_a_unique_name_is_given_once_in_a_service(api: V1) -> None:
    first = api.conversations.create(unique_name="room")
    second = api.conversations.create(unique_name="other")
    with refusal(409, 50353):
        api.conversations.create(unique_name="room")
    with refusal(409, 50353):
        api.conversations(second.sid).update(unique_name="room")
    assert api.conversations(first.sid).update(unique_name="room").unique_name == "room"
    api.conversations(first.sid).delete()
    assert api.conversations(second.sid).update(unique_name="room").unique_name == "room"


def test_an_update_changes_what_is_given_and_nothing_else(cordboard: Cordboard, api: V1) -> None:
    made = api.conversations.create(friendly_name="Before", unique_name="room", attributes='{"a": 1}')
    cordboard.clock.advance(60)
    changed = api.conversations("room").update(friendly_name="After")
    assert (changed.friendly_name, changed.unique_name, changed.attributes) == ("After", "room", '{"a": 1}')
    assert changed.date_created == made.date_created
    assert changed.date_updated == made.date_updated + timedelta(seconds=60)


def test_people_and_messages_do_not_move_the_date_of_a_conversation(cordboard: Cordboard, api: V1) -> None:
    made = api.conversations.create()
    cordboard.clock.advance(60)
    made.participants.create(identity="ana")
    made.messages.create(body="Hello")
    assert api.conversations(made.sid).fetch().date_updated == made.date_updated


def test_states_go_to_and_fro_until_one_is_closed(api: V1) -> None:
    made = api.conversations.create()
    for state in ("inactive", "active", "active", "inactive", "closed"):
        assert api.conversations(made.sid).update(state=state).state == state
    assert api.conversations(made.sid).fetch().state == "closed"


@pytest.mark.parametrize(
    "change",
    [{"state": "active"}, {"state": "closed"}, {"friendly_name": "x"}, {"attributes": "{}"}, {"unique_name": "x"}],
    ids=str,
)
def test_a_closed_conversation_cannot_be_changed(api: V1, change: dict[str, str]) -> None:
    made = api.conversations.create(friendly_name="Done")
    closed = api.conversations(made.sid).update(state="closed")
    with refusal(400, 50377):
        api.conversations(made.sid).update(**change)
    found = api.conversations(made.sid).fetch()
    assert (found.state, found.friendly_name, found.date_updated) == ("closed", "Done", closed.date_updated)


def test_a_closed_conversation_takes_no_people_and_no_messages_and_can_be_read(api: V1) -> None:
    made = api.conversations.create()
    ana = made.participants.create(identity="ana")
    said = made.messages.create(body="Hello")
    api.conversations(made.sid).update(state="closed")
    room = api.conversations(made.sid)
    changes: list[Callable[[], object]] = [
        lambda: room.participants.create(identity="ben"),
        lambda: room.participants(ana.sid).update(attributes="[]"),
        lambda: room.participants(ana.sid).delete(),
        lambda: room.messages.create(body="Still there?"),
        lambda: room.messages(said.sid).update(body="Bye"),
        lambda: room.messages(said.sid).delete(),
    ]
    for change in changes:
        with refusal(400, 50377):
            change()
    assert [(message.body, message.attributes) for message in room.messages.list()] == [("Hello", "{}")]
    assert [(one.identity, one.attributes) for one in room.participants.list()] == [("ana", "{}")]


def test_a_deleted_conversation_is_gone_with_everything_in_it(api: V1) -> None:
    made = api.conversations.create()
    customer = made.participants.create(messaging_binding_address=CUSTOMER, messaging_binding_proxy_address=SHOP)
    said = made.messages.create(body="Hello")
    api.conversations(made.sid).update(state="closed")
    assert api.conversations(made.sid).delete()
    room = api.conversations(made.sid)
    for look in (
        room.fetch,
        room.participants(customer.sid).fetch,
        room.messages(said.sid).fetch,
        room.messages(said.sid).delete,
        room.delete,
    ):
        with refusal(404, 20404):
            look()
    assert api.participant_conversations.list(address=CUSTOMER) == []


def test_nothing_of_a_deleted_conversation_stays_on_disk(cordboard: Cordboard, api: V1) -> None:
    kept, gone = api.conversations.create(), api.conversations.create()
    for room in (kept, gone):
        room.participants.create(identity="ana")
        room.messages.create(body="Hello")
    api.conversations(gone.sid).delete()

    async def look(view: View) -> list[set[str]]:
        people, said = await view.all(PARTICIPANTS.where()), await view.all(MESSAGES.where())
        return [{one.conversation_sid for one in people}, {one.conversation_sid for one in said}]

    assert cordboard.call(cordboard.system.db.read(look)) == [{kept.sid}, {kept.sid}]


def test_deleting_an_open_conversation_frees_its_address_pairs(api: V1) -> None:
    binding = {"messaging_binding_address": CUSTOMER, "messaging_binding_proxy_address": SHOP}
    made = api.conversations.create()
    made.participants.create(**binding)
    api.conversations(made.sid).delete()
    assert api.conversations.create().participants.create(**binding).sid


def test_a_list_is_in_the_order_of_making_and_pages_stably_while_rows_are_added(cordboard: Cordboard, api: V1) -> None:
    sids = []
    for _ in range(5):
        sids.append(api.conversations.create().sid)
        cordboard.clock.advance(1)
    page = api.conversations.page(page_size=2)
    seen = [found.sid for found in page]
    late = api.conversations.create().sid
    while (page := page.next_page()) is not None:
        seen += [found.sid for found in page]
    assert seen == [*sids, late]


def test_a_list_is_of_one_state_or_between_two_dates_inclusively(cordboard: Cordboard, api: V1) -> None:
    first = api.conversations.create()
    cordboard.clock.advance(3600)
    second = api.conversations.create(state="inactive")
    cordboard.clock.advance(3600.5)
    third = api.conversations.create()

    def listed(**filters: str) -> list[str]:
        return [found.sid for found in api.conversations.list(**filters)]

    assert listed(state="active") == [first.sid, third.sid]
    assert listed(state="inactive") == [second.sid]
    assert listed(state="closed") == []
    assert listed(state="initializing") == []
    assert listed(start_date="2026-01-01T01:00:00Z") == [second.sid, third.sid]
    assert listed(end_date="2026-01-01T01:00:00Z") == [first.sid, second.sid]
    assert listed(start_date="2026-01-01T02:00:00Z", end_date="2026-01-01T02:00:00Z") == [third.sid]
    assert listed(start_date="2026-01-02") == []
    assert listed(end_date="2026-01-01T01:00:00Z", state="active") == [first.sid]
    with pytest.raises(TwilioException, match="50396"):
        listed(start_date="2026-01-01T02:00:00Z", end_date="2026-01-01T01:00:00Z")


def test_what_happened_is_recorded_with_the_facts_of_then(cordboard: Cordboard, api: V1) -> None:
    made = api.conversations.create(friendly_name="Before")
    api.conversations(made.sid).update(friendly_name="After", state="inactive")
    made.messages.create(body="Hello")
    api.conversations(made.sid).update(state="closed")
    api.conversations(made.sid).delete()
    events = cordboard.http.get("/cordboard/v1/Events", {"ResourceSid": made.sid}).json["events"]
    told = [
        (
            event["type"],
            event["data"]["conversation"]["friendly_name"],
            event["data"]["conversation"]["state"],
            event["data"].get("before"),
            event["data"].get("reason"),
        )
        for event in events
    ]
    assert told == [
        ("conversation.added", "Before", "active", None, None),
        ("conversation.updated", "After", "active", None, None),
        ("conversation.state.updated", "After", "inactive", "active", "API"),
        ("conversation.state.updated", "After", "active", "inactive", "EVENT"),
        ("conversation.state.updated", "After", "closed", "active", "API"),
        ("conversation.removed", "After", "closed", None, None),
    ]
    assert {event["scope_sid"] for event in events} == {made.chat_service_sid}
