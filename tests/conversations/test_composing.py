"""What other products do with conversations inside their own unit, all or nothing."""

import pytest
from twilio.rest.conversations.v1 import V1

from cordboard.conversations.actions import conversations, messages, participants
from cordboard.conversations.model import Conversation, Level, Participant, State
from cordboard.kernel.errors import ApiError, Conflict, Invalid
from cordboard.storage.unit import Unit
from cordboard.testkit.running import Cordboard

CUSTOMER, SHOP = "+15551230000", "+15559990000"


def test_a_whole_conversation_is_made_in_one_unit(cordboard: Cordboard, api: V1) -> None:
    async def make(unit: Unit) -> tuple[Conversation, list[Participant]]:
        room = await conversations.open_new(unit, cordboard.account_sid, friendly_name="Call", attributes='{"a": 1}')
        await participants.add(unit, room, address=CUSTOMER, proxy_address=SHOP)
        await participants.add(unit, room, identity="ana", role="agent")
        await messages.add(unit, room, author=CUSTOMER, body="Hello")
        await messages.add(unit, room, author="ana", body="Hello you")
        return room, await participants.of(unit, room.sid)

    room, present = cordboard.call(cordboard.system.db.run(make))
    assert [(one.address, one.identity) for one in present] == [(CUSTOMER, None), (None, "ana")]
    found = api.conversations(room.sid)
    assert (found.fetch().friendly_name, found.fetch().attributes) == ("Call", '{"a": 1}')
    assert [(said.index, said.participant_sid) for said in found.messages.list()] == [
        (number, one.sid) for number, one in enumerate(present)
    ]
    assert [one.sid for one in found.participants.list()] == [one.sid for one in present]
    assert api.roles(found.participants("ana").fetch().role_sid).fetch().friendly_name == "agent"


def test_email_participants_have_a_level_and_a_name(cordboard: Cordboard, api: V1) -> None:
    async def make(unit: Unit) -> str:
        room = await conversations.open_new(unit, cordboard.account_sid)
        await participants.add(unit, room, address="ana@example.com", level=Level.TO, name="Ana")
        await participants.add(unit, room, address="ben@example.com", level=Level.CC)
        return room.sid

    room = api.conversations(cordboard.call(cordboard.system.db.run(make)))
    assert [one.messaging_binding for one in room.participants.list()] == [
        {"type": "email", "address": "ana@example.com", "level": "to", "name": "Ana"},
        {"type": "email", "address": "ben@example.com", "level": "cc"},
    ]


def test_a_level_is_for_email_only_and_an_unknown_role_is_refused(cordboard: Cordboard, api: V1) -> None:
    async def with_level(unit: Unit) -> None:
        room = await conversations.open_new(unit, cordboard.account_sid)
        await participants.add(unit, room, address=CUSTOMER, proxy_address=SHOP, level=Level.CC)

    async def with_role(unit: Unit) -> None:
        room = await conversations.open_new(unit, cordboard.account_sid)
        await participants.add(unit, room, identity="ana", role="captain")

    for make, code in ((with_level, 50420), (with_role, 50100)):
        with pytest.raises(Invalid) as refused:
            cordboard.call(cordboard.system.db.run(make))
        assert refused.value.code == code
    assert api.conversations.list() == []


def test_rules_hold_against_what_the_same_unit_does(cordboard: Cordboard, api: V1) -> None:
    async def same_pair(unit: Unit) -> None:
        room = await conversations.open_new(unit, cordboard.account_sid)
        await participants.add(unit, room, address=CUSTOMER, proxy_address=SHOP)
        await participants.add(unit, room, address=CUSTOMER, proxy_address=SHOP)

    async def same_identity(unit: Unit) -> None:
        room = await conversations.open_new(unit, cordboard.account_sid)
        await participants.add(unit, room, identity="ana")
        await participants.add(unit, room, identity="ana")

    async def same_name(unit: Unit) -> None:
        await conversations.open_new(unit, cordboard.account_sid, unique_name="room")
        await conversations.open_new(unit, cordboard.account_sid, unique_name="room")

    for make, code in ((same_pair, 50416), (same_identity, 50433), (same_name, 50353)):
        with pytest.raises(Conflict) as refused:
            cordboard.call(cordboard.system.db.run(make))
        assert refused.value.code == code
    assert (api.conversations.list(), api.users.list()) == ([], [])


def test_a_pair_may_move_to_another_conversation_in_one_unit(cordboard: Cordboard, api: V1) -> None:
    first = api.conversations.create()
    first.participants.create(messaging_binding_address=CUSTOMER, messaging_binding_proxy_address=SHOP)

    async def move(unit: Unit) -> str:
        old = await conversations.find(unit, cordboard.account_sid, first.sid)
        assert old is not None
        await conversations.close(unit, old)
        new = await conversations.open_new(unit, cordboard.account_sid)
        await participants.add(unit, new, address=CUSTOMER, proxy_address=SHOP)
        return new.sid

    second = cordboard.call(cordboard.system.db.run(move))
    found = api.participant_conversations.list(address=CUSTOMER)
    assert [(one.conversation_sid, one.conversation_state) for one in found] == [
        (first.sid, "closed"),
        (second, "active"),
    ]


def test_closing_twice_is_closing_once(cordboard: Cordboard, api: V1) -> None:
    sid = api.conversations.create().sid

    async def close(unit: Unit) -> Conversation:
        room = await conversations.find(unit, cordboard.account_sid, sid)
        assert room is not None
        return await conversations.close(unit, await conversations.close(unit, room))

    for _ in range(2):
        assert cordboard.call(cordboard.system.db.run(close)).state is State.CLOSED
    events = cordboard.http.get("/cordboard/v1/Events", {"ResourceSid": sid}).json["events"]
    assert [event["type"] for event in events] == ["conversation.added", "conversation.state.updated"]


def test_somebody_leaves_a_closed_conversation_once_and_twice(cordboard: Cordboard, api: V1) -> None:
    sid = api.conversations.create().sid
    api.conversations(sid).participants.create(identity="ana")
    api.conversations(sid).update(state="closed")

    async def leave(unit: Unit) -> list[Participant]:
        await participants.remove(unit, ana)
        await participants.remove(unit, ana)
        return await participants.of(unit, sid)

    (ana,) = cordboard.call(cordboard.system.db.run(lambda unit: participants.of(unit, sid)))
    for _ in range(2):
        assert cordboard.call(cordboard.system.db.run(leave)) == []
    assert api.conversations(sid).participants.list() == []
    events = cordboard.http.get("/cordboard/v1/Events", {"ResourceSid": ana.sid}).json["events"]
    assert [event["type"] for event in events] == ["participant.added", "participant.removed"]
    assert api.conversations(sid).fetch().state == "closed"


def test_joining_and_speaking_are_refused_in_a_closed_conversation(cordboard: Cordboard, api: V1) -> None:
    sid = api.conversations.create().sid
    api.conversations(sid).update(state="closed")

    async def join(unit: Unit) -> None:
        room = await conversations.find(unit, cordboard.account_sid, sid)
        assert room is not None
        await participants.add(unit, room, identity="ana")

    async def speak(unit: Unit) -> None:
        room = await conversations.find(unit, cordboard.account_sid, sid)
        assert room is not None
        await messages.add(unit, room, body="Hello")

    for act in (join, speak):
        with pytest.raises(ApiError) as refused:
            cordboard.call(cordboard.system.db.run(act))
        assert refused.value.code == 50377


def test_a_conversation_of_another_account_is_not_found(cordboard: Cordboard) -> None:
    stranger, token = cordboard.add_account("Branch")
    theirs = cordboard.client_of(stranger, token).conversations.v1.conversations.create().sid

    async def look(unit: Unit) -> list[Conversation | None]:
        return [await conversations.find(unit, account, theirs) for account in (cordboard.account_sid, stranger)]

    mine, own = cordboard.call(cordboard.system.db.run(look))
    assert mine is None
    assert own is not None
    assert own.sid == theirs
