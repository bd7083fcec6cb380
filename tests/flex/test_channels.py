from typing import Any

import pytest

from tests.flex.contact_center import CUSTOMER, INTERACTIONS, PAIR, ContactCenter, opened, people, types

CLOSED = {"status": "closed"}
WRAPUP = {"status": "wrapup"}


def path_of(interaction: Any) -> str:
    return f"{INTERACTIONS}/{interaction.sid}/Channels/{interaction.channel['sid']}"


def types_of(center: ContactCenter, start: int) -> list[str]:
    return [f"{event['product']} {event['type']}" for event in center.events()[start:]]


@pytest.mark.parametrize("spelling", ["closed", "close"])
@pytest.mark.parametrize("routing", [None, WRAPUP])
def test_closing_a_channel_closes_the_conversation_and_leaves_the_agent_to_wrap_up(
    center: ContactCenter, spelling: str, routing: dict[str, str] | None
) -> None:
    ana, conversation = center.hire("ana"), center.conversation()
    made = center.inbound(conversation)
    offer = center.accept(ana)
    form: dict[str, object] = {"Status": spelling} | ({"Routing": routing} if routing else {})
    assert center.cordboard.http.post(path_of(made), form).json["status"] == "closed"
    assert conversation.fetch().state == "closed"
    assert center.task(made).fetch().assignment_status == "wrapping"
    assert offer.fetch().reservation_status == "wrapping"
    assert types(center.channel(made)) == ["customer", "agent"]
    assert people(conversation) == [CUSTOMER, "ana"]

    offer.update(reservation_status="completed")
    assert center.task(made).fetch().assignment_status == "completed"
    assert types(center.channel(made)) == ["customer"]
    assert people(conversation) == [CUSTOMER]


def test_closing_a_channel_with_its_routing_completes_the_task(center: ContactCenter) -> None:
    ana, conversation = center.hire("ana"), center.conversation()
    made = center.inbound(conversation)
    offer = center.accept(ana)
    start = len(center.events())
    assert center.channel(made).update(status="closed", routing=CLOSED).status == "closed"
    assert conversation.fetch().state == "closed"
    assert center.task(made).fetch().assignment_status == "completed"
    assert offer.fetch().reservation_status == "completed"
    assert types(center.channel(made)) == ["customer"]
    assert people(conversation) == [CUSTOMER]
    assert sorted(types_of(center, start)) == [
        "conversations conversation.state.updated",
        "conversations participant.removed",
        "flex channel.status.updated",
        "flex participant.left",
        "taskrouter reservation.completed",
        "taskrouter task.completed",
    ]


@pytest.mark.parametrize("routing", [None, CLOSED])
@pytest.mark.parametrize("offered", [False, True])
def test_a_task_that_nobody_took_is_canceled_with_its_channel(
    center: ContactCenter, routing: dict[str, str] | None, *, offered: bool
) -> None:
    ana = center.hire("ana") if offered else None
    made = center.inbound(center.conversation())
    offer = center.offer(ana) if ana else None
    center.channel(made).update(status="closed", **({"routing": routing} if routing else {}))
    task = center.task(made).fetch()
    assert (task.assignment_status, task.reason) == ("canceled", "Interaction channel closed")
    if offer is not None:
        assert offer.fetch().reservation_status == "canceled"


def test_closing_ends_the_tasks_of_all_agents(center: ContactCenter) -> None:
    ana, conversation = center.hire("ana"), center.conversation()
    made = center.inbound(conversation)
    first = center.accept(ana)
    bob = center.hire("bob")
    invited = center.channel(made).invites.create(routing=center.routing())
    second = center.accept(bob)
    waiting = center.channel(made).invites.create(routing=center.routing())
    center.channel(made).update(status="closed", routing=CLOSED)
    assert [one.fetch().reservation_status for one in (first, second)] == ["completed", "completed"]
    statuses = [center.task(one).fetch().assignment_status for one in (made, invited, waiting)]
    assert statuses == ["completed", "completed", "canceled"]
    assert people(conversation) == [CUSTOMER]


def test_closing_twice_changes_nothing_the_second_time(center: ContactCenter) -> None:
    ana = center.hire("ana")
    made = center.inbound(center.conversation())
    center.accept(ana)
    first = center.cordboard.http.post(path_of(made), {"Status": "closed"})
    before = center.events()
    second = center.cordboard.http.post(path_of(made), {"Status": "closed", "Routing": CLOSED})
    assert (first.status, second.status, second.json) == (200, 200, first.json)
    assert center.events() == before
    assert center.task(made).fetch().assignment_status == "wrapping"


def test_of_two_closes_at_once_one_closes(center: ContactCenter) -> None:
    ana = center.hire("ana")
    made = center.inbound(center.conversation())
    center.accept(ana)
    start = len(center.events())
    form = {"Status": "closed", "Routing": CLOSED}
    answers = center.all_at_once(8, lambda _: center.cordboard.http.post(path_of(made), form))
    assert {(answer.status, answer.json["status"]) for answer in answers} == {(200, "closed")}
    recorded = types_of(center, start)
    assert len(recorded) == len(set(recorded)), "everything has happened once"
    assert "flex channel.status.updated" in recorded


def test_the_customers_addresses_are_free_again_after_the_close(center: ContactCenter) -> None:
    made = center.interactions.create(channel=opened("api", PAIR), routing=center.routing())
    assert center.create(opened("api", PAIR)).json["code"] == 50416
    center.channel(made).update(status="closed")
    assert center.create(opened("api", PAIR)).status == 201


@pytest.mark.parametrize(
    ("form", "code", "says"),
    [
        ({}, 45358, "Missing required parameter Status"),
        ({"Routing": CLOSED}, 45358, "Missing required parameter Status"),
        ({"Status": ""}, 45359, "only closed"),
        ({"Status": "active"}, 45359, "'active' cannot be set"),
        ({"Status": "wrapup"}, 45359, "'wrapup' cannot be set"),
        ({"Status": "Closed"}, 45359, "'Closed' cannot be set"),
        ({"Status": "x" * 65}, 45359, "at most 64 characters"),
        ({"Status": "inactive"}, 45004, "Routing"),
        ({"Status": "inactive", "Routing": WRAPUP}, 45004, "Routing"),
        ({"Status": "closed", "Routing": {"status": "open"}}, 45004, "Routing.status"),
        ({"Status": "closed", "Routing": "closed"}, 45004, "Invalid parameter Routing"),
        ({"Status": "closed", "Routing": "[]"}, 45004, "Invalid parameter Routing"),
    ],
)
def test_a_status_that_cannot_be_set_changes_nothing(
    center: ContactCenter, form: dict[str, object], code: int, says: str
) -> None:
    made = center.inbound(center.conversation())
    before = center.events()
    answer = center.cordboard.http.post(path_of(made), form)
    assert (answer.status, answer.json["code"]) == (400, code)
    assert says in answer.json["message"]
    assert center.events() == before
    assert center.channel(made).fetch().status == "active"


def test_leaving_a_channel_is_not_built_and_changes_nothing(center: ContactCenter) -> None:
    made = center.inbound(center.conversation())
    before = center.events()
    answer = center.cordboard.http.post(path_of(made), {"Status": "inactive", "Routing": CLOSED})
    assert (answer.status, answer.json["code"]) == (501, 90501)
    assert center.events() == before


def test_a_conversation_that_others_close_closes_its_channel_in_the_same_unit(center: ContactCenter) -> None:
    ana, conversation = center.hire("ana"), center.conversation()
    made = center.inbound(conversation)
    offer = center.accept(ana)
    waiting = center.channel(made).invites.create(routing=center.routing())
    conversation.update(state="closed")
    assert center.channel(made).fetch().status == "closed"
    assert offer.fetch().reservation_status == "wrapping"
    assert center.task(waiting).fetch().assignment_status == "canceled"
    start = len(center.events())
    offer.update(reservation_status="completed")
    assert "flex channel.status.updated" not in types_of(center, start)
    assert types(center.channel(made)) == ["customer"]


def test_a_conversation_that_is_only_inactive_leaves_its_channel_alone(center: ContactCenter) -> None:
    ana, conversation = center.hire("ana"), center.conversation()
    made = center.inbound(conversation)
    conversation.update(state="inactive")
    assert center.channel(made).fetch().status == "active"
    center.accept(ana)
    assert conversation.fetch().state == "active", "somebody joined"


def test_a_channel_can_be_closed_when_its_conversation_is_gone(center: ContactCenter) -> None:
    ana, conversation = center.hire("ana"), center.conversation()
    made = center.inbound(conversation)
    offer = center.accept(ana)
    conversation.delete()
    assert center.channel(made).update(status="closed", routing=CLOSED).status == "closed"
    assert offer.fetch().reservation_status == "completed"


def test_an_offer_can_be_accepted_when_the_conversation_is_gone_but_nobody_joins(center: ContactCenter) -> None:
    ana, conversation = center.hire("ana"), center.conversation()
    made = center.inbound(conversation)
    offer = center.offer(ana)
    conversation.delete()
    assert offer.update(reservation_status="accepted").reservation_status == "accepted"
    assert types(center.channel(made)) == ["customer"]


def test_a_channel_is_listed_and_fetched_in_its_interaction_only(center: ContactCenter) -> None:
    made, other = (center.inbound(center.conversation(address)) for address in (CUSTOMER, "+12025550144"))
    (listed,) = center.interactions(made.sid).channels.list()
    found = center.channel(made).fetch()
    assert (found.sid, found.interaction_sid, found.type) == (listed.sid, made.sid, "sms")
    assert found.url == f"https://flex-api.twilio.com/v1/Interactions/{made.sid}/Channels/{found.sid}"
    assert found.links == {name: f"{found.url}/{name.title()}" for name in ("participants", "invites", "transfers")}
    strange = f"{INTERACTIONS}/{other.sid}/Channels/{found.sid}"
    for answer in (
        center.cordboard.http.get(strange),
        center.cordboard.http.post(strange, {"Status": "closed"}),
        center.cordboard.http.get(f"{strange}/Invites"),
        center.cordboard.http.get(f"{strange}/Participants"),
    ):
        assert (answer.status, answer.json["code"]) == (404, 20404)
    assert center.channel(made).fetch().status == "active"
