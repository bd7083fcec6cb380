from typing import Any

import pytest

from cordboard.testkit.exchange import Answer
from tests.flex.contact_center import CUSTOMER, INTERACTIONS, PAIR, SHOP, ContactCenter, people, types

SECOND = {"address": "+12025550199", "proxy_address": SHOP}


def participants_of(interaction: Any) -> str:
    return f"{INTERACTIONS}/{interaction.sid}/Channels/{interaction.channel['sid']}/Participants"


def add(center: ContactCenter, interaction: Any, type_: str | None, media: object, **more: object) -> Answer:
    form = {"Type": type_, "MediaProperties": media, **more}
    return center.cordboard.http.post(
        participants_of(interaction), {name: value for name, value in form.items() if value is not None}
    )


def set_status(center: ContactCenter, interaction: Any, participant: Any, status: str) -> Answer:
    return center.cordboard.http.post(f"{participants_of(interaction)}/{participant.sid}", {"Status": status})


@pytest.mark.parametrize("type_", ["customer", "external", "unknown", "supervisor"])
@pytest.mark.parametrize(
    ("media", "name"),
    [
        ({**SECOND, "type": "sms"}, "+12025550199"),
        ({"identity": "alice", "type": "web"}, "alice"),
        ({"level": "to", "name": "Al", "address": "al@x.example", "type": "email"}, "al@x.example"),
    ],
)
def test_somebody_is_added_to_the_channel_and_its_conversation(
    center: ContactCenter, type_: str, media: dict[str, str], name: str
) -> None:
    conversation = center.conversation()
    made = center.inbound(conversation)
    answer = add(center, made, type_, media)
    assert answer.status == 201
    added = answer.json
    assert added == {
        "sid": added["sid"],
        "channel_sid": made.channel["sid"],
        "interaction_sid": made.sid,
        "type": type_,
        "routing_properties": None,
        "url": f"http://localhost:8000{participants_of(made)}/{added['sid']}",
    }
    assert people(conversation) == [CUSTOMER, name]
    assert types(center.channel(made)) == ["customer", type_]
    assert center.events("flex")[-1]["type"] == "participant.joined"


def test_the_official_client_adds_and_removes_a_recipient(center: ContactCenter) -> None:
    conversation = center.conversation()
    channel = center.channel(center.inbound(conversation))
    added = channel.participants.create(type="customer", media_properties=SECOND)
    assert channel.participants(added.sid).update(status="closed").sid == added.sid
    assert types(channel) == ["customer"]
    assert people(conversation) == [CUSTOMER]
    assert channel.fetch().status == "active"


def test_a_supervisor_has_the_role_of_supervisors(center: ContactCenter) -> None:
    conversation = center.conversation()
    assert add(center, center.inbound(conversation), "supervisor", {"identity": "eve"}).status == 201
    roles = {role.sid: role.friendly_name for role in center.cordboard.client.conversations.v1.roles.list()}
    assert [roles[one.role_sid] for one in conversation.participants.list() if one.identity] == ["supervisor"]


@pytest.mark.parametrize(
    ("type_", "media", "more", "code", "says"),
    [
        ("agent", {"identity": "ana"}, {}, 45367, "Invites"),
        (None, SECOND, {}, 45367, "Missing required parameter Type"),
        ("customer", None, {}, 45367, "Missing required parameter MediaProperties"),
        ("robot", SECOND, {}, 45367, "'robot' is none of"),
        ("customer", "x", {}, 45367, "Invalid parameter MediaProperties"),
        ("customer", "[]", {}, 45367, "Invalid parameter MediaProperties: expected an object"),
        ("customer", {}, {}, 45351, "either identity or address"),
        ("customer", {**SECOND, "identity": "al"}, {}, 45351, "either identity or address"),
        ("customer", {"address": "+12025550199"}, {}, 45351, "either identity or address"),
        ("customer", {**SECOND, "address": "someone"}, {}, 45367, "Invalid parameter MediaProperties: "),
        ("customer", {**SECOND, "level": "over"}, {}, 45367, "MediaProperties.level"),
        ("customer", SECOND, {"RoutingProperties": {"task_sid": f"WT{'0' * 32}"}}, 45367, "RoutingProperties"),
        ("customer", SECOND, {"RoutingProperties": {"task_sid": "WT1"}}, 45367, "RoutingProperties.task_sid"),
    ],
)
def test_somebody_who_cannot_be_added_changes_nothing(
    center: ContactCenter, type_: str | None, media: object, more: dict[str, object], code: int, says: str
) -> None:
    made = center.inbound(center.conversation())
    before = center.events()
    answer = add(center, made, type_, media, **more)
    assert (answer.status, answer.json["code"]) == (400, code), answer.text
    assert says in answer.json["message"]
    assert center.events() == before


def test_voice_is_not_built(center: ContactCenter) -> None:
    answer = add(center, center.inbound(center.conversation()), "customer", {"coordinates": {"from": "1", "to": "2"}})
    assert (answer.status, answer.json["code"]) == (501, 90501)


def test_an_address_pair_of_another_conversation_is_refused_with_its_name(center: ContactCenter) -> None:
    conversation = center.conversation()
    made = center.inbound(center.conversation("+12025550144"))
    before = center.events()
    answer = add(center, made, "customer", PAIR)
    assert (answer.status, answer.json["code"]) == (409, 50416)
    assert answer.json["message"].endswith(f"already exists in Conversation {conversation.fetch().sid}")
    assert center.events() == before


def test_nobody_is_added_to_a_channel_that_is_closed_or_has_lost_its_conversation(center: ContactCenter) -> None:
    closed, orphaned = (center.conversation(address) for address in (CUSTOMER, "+12025550144"))
    interactions = [center.inbound(conversation) for conversation in (closed, orphaned)]
    closed.update(state="closed")
    orphaned.delete()
    for made in interactions:
        answer = add(center, made, "customer", SECOND)
        assert (answer.status, answer.json["code"]) == (400, 45376)


def test_closing_an_agent_completes_the_task_and_parks_the_interaction(center: ContactCenter) -> None:
    ana, conversation = center.hire("ana"), center.conversation()
    made = center.inbound(conversation)
    offer = center.accept(ana)
    channel = center.channel(made)
    _, agent = channel.participants.list()
    channel.participants(agent.sid).update(status="closed")
    assert offer.fetch().reservation_status == "completed"
    assert center.task(made).fetch().assignment_status == "completed"
    assert (channel.fetch().status, conversation.fetch().state) == ("active", "active")
    assert (people(conversation), types(channel)) == ([CUSTOMER], ["customer"])

    conversation.messages.create(author=CUSTOMER, body="Is anybody there?")
    center.cordboard.settled()
    assert len(center.workspace.tasks.list()) == 1, "a parked customer's message makes no task"
    invited = channel.invites.create(routing=center.routing())
    assert (invited.interaction_sid, invited.channel_sid) == (made.sid, made.channel["sid"])
    center.accept(ana)
    assert people(conversation) == [CUSTOMER, "ana"]


def test_an_agent_who_wraps_up_leaves_the_channel_open_even_when_done(center: ContactCenter) -> None:
    ana, conversation = center.hire("ana"), center.conversation()
    made = center.inbound(conversation)
    offer = center.accept(ana)
    channel = center.channel(made)
    _, agent = channel.participants.list()
    for _ in range(2):
        assert set_status(center, made, agent, "wrapup").status == 200
    assert offer.fetch().reservation_status == "wrapping"
    assert (people(conversation), types(channel)) == ([CUSTOMER, "ana"], ["customer", "agent"])
    assert [event["type"] for event in center.events("flex")].count("participant.updated") == 1

    offer.update(reservation_status="completed")
    assert (people(conversation), types(channel)) == ([CUSTOMER], ["customer"])
    assert (channel.fetch().status, conversation.fetch().state) == ("active", "active")


def test_an_agent_who_wraps_up_can_be_closed(center: ContactCenter) -> None:
    ana = center.hire("ana")
    made = center.inbound(center.conversation())
    offer = center.accept(ana)
    center.channel(made).update(status="closed")
    _, agent = center.channel(made).participants.list()
    assert set_status(center, made, agent, "closed").status == 200
    assert offer.fetch().reservation_status == "completed"


def test_somebody_who_has_left_is_not_there_to_be_closed(center: ContactCenter) -> None:
    ana = center.hire("ana")
    made = center.inbound(center.conversation())
    center.accept(ana)
    _, agent = center.channel(made).participants.list()
    answers = center.all_at_once(4, lambda _: set_status(center, made, agent, "closed"))
    assert sorted(answer.status for answer in answers) == [200, 404, 404, 404]
    assert {answer.json["code"] for answer in answers if answer.status == 404} == {45362}
    before = center.events()
    assert set_status(center, made, agent, "wrapup").json["code"] == 45362
    assert center.events() == before


@pytest.mark.parametrize(
    ("status", "says"),
    [("wrapup", "only agents wrap up"), ("active", "'active' is none of closed, wrapup"), ("", "is none of")],
)
def test_a_status_that_a_customer_cannot_have_changes_nothing(center: ContactCenter, status: str, says: str) -> None:
    made = center.inbound(center.conversation())
    (customer,) = center.channel(made).participants.list()
    before = center.events()
    answer = set_status(center, made, customer, status)
    assert (answer.status, answer.json["code"]) == (400, 45004)
    assert says in answer.json["message"]
    assert center.events() == before


def test_a_participant_of_another_channel_is_not_found(center: ContactCenter) -> None:
    made, other = (center.inbound(center.conversation(address)) for address in (CUSTOMER, "+12025550144"))
    (customer,) = center.channel(other).participants.list()
    answer = set_status(center, made, customer, "closed")
    assert (answer.status, answer.json["code"]) == (404, 20404)
    assert types(center.channel(other)) == ["customer"]


def test_participants_are_listed_in_pages(center: ContactCenter) -> None:
    made = center.inbound(center.conversation())
    for number in range(3):
        add(center, made, "customer", {"identity": f"guest{number}"})
    page = center.cordboard.http.get(participants_of(made), {"PageSize": 3}).json
    assert (len(page["participants"]), page["meta"]["key"]) == (3, "participants")
    assert len(center.cordboard.http.get(page["meta"]["next_page_url"].partition("8000")[2]).json["participants"]) == 1
    assert len(center.channel(made).participants.list(page_size=2)) == 4
