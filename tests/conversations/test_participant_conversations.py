import pytest
from twilio.base.exceptions import TwilioException
from twilio.rest.conversations.v1 import V1

from cordboard.testkit.running import Cordboard

CUSTOMER, SHOP = "+15551230000", "+15559990000"
BINDING = {"messaging_binding_address": CUSTOMER, "messaging_binding_proxy_address": SHOP}


def test_a_customer_is_found_by_address_in_open_and_closed_conversations(cordboard: Cordboard, api: V1) -> None:
    old = api.conversations.create(friendly_name="Old")
    old.participants.create(**BINDING)
    api.conversations(old.sid).update(state="closed")
    cordboard.clock.advance(1)
    new = api.conversations.create(friendly_name="New", unique_name="new", attributes='{"a": 1}')
    customer = new.participants.create(**BINDING)
    other = api.conversations.create()
    other.participants.create(identity="ana")
    found = api.participant_conversations.list(address=CUSTOMER)
    assert [(one.conversation_friendly_name, one.conversation_state) for one in found] == [
        ("Old", "closed"),
        ("New", "active"),
    ]
    one = found[1]
    assert (one.participant_sid, one.participant_identity, one.participant_user_sid) == (customer.sid, None, None)
    assert one.participant_messaging_binding == {
        "address": CUSTOMER,
        "proxy_address": SHOP,
        "type": "sms",
        "level": None,
        "name": None,
        "projected_address": None,
    }
    assert (one.conversation_sid, one.conversation_unique_name) == (new.sid, "new")
    assert (one.conversation_attributes, one.conversation_timers) == ('{"a": 1}', {})
    assert one.conversation_date_created == new.date_created
    assert one.links == {"participant": customer.url, "conversation": new.url}


def test_a_user_is_found_by_identity_with_the_users_sid(api: V1) -> None:
    rooms = [api.conversations.create().sid for _ in range(5)]
    for sid in rooms:
        api.conversations(sid).participants.create(identity="ana")
    api.conversations(rooms[0]).participants.create(identity="ben")
    found = api.participant_conversations.list(identity="ana", page_size=2)
    assert [one.conversation_sid for one in found] == rooms
    assert {one.participant_user_sid for one in found} == {api.users("ana").fetch().sid}
    assert {one.participant_messaging_binding is None for one in found} == {True}
    assert api.participant_conversations.list(identity="Ana") == []
    assert api.participant_conversations.list(address="+15550000000") == []


def test_it_is_looked_for_in_one_service(cordboard: Cordboard, api: V1) -> None:
    second = api.services(api.services.create(friendly_name="Second").sid)
    inside = second.conversations.create()
    second.conversations(inside.sid).participants.create(**BINDING)
    assert api.participant_conversations.list(address=CUSTOMER) == []
    (one,) = second.participant_conversations.list(address=CUSTOMER)
    assert (one.conversation_sid, one.chat_service_sid) == (inside.sid, inside.chat_service_sid)
    assert one.links["conversation"] == inside.url
    other = cordboard.client_of(*cordboard.add_account("Branch")).conversations.v1
    assert other.participant_conversations.list(address=CUSTOMER) == []


@pytest.mark.parametrize(
    ("query", "code"), [({"identity": "ana", "address": CUSTOMER}, "50451"), ({}, "20001")], ids=["both", "neither"]
)
def test_it_wants_an_identity_or_an_address(api: V1, query: dict[str, str], code: str) -> None:
    with pytest.raises(TwilioException, match=code):
        api.participant_conversations.list(**query)
