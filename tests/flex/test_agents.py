"""What becomes of an invite: the agent accepts, declines, or is done; and who is in the conversation then."""

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.flex.contact_center import CUSTOMER, PAIR, ContactCenter, attributes_of, opened, people, types


def test_accepting_lets_the_agent_join_in_the_same_unit(center: ContactCenter) -> None:
    ana, conversation = center.hire("ana"), center.conversation()
    made = center.inbound(conversation)
    offer = center.offer(ana)
    assert types(center.channel(made)) == ["customer"]
    start = len(center.events())
    offer.update(reservation_status="accepted")

    assert people(conversation) == [CUSTOMER, "ana"]
    customer, agent = center.channel(made).participants.list()
    assert (customer.type, customer.routing_properties) == ("customer", None)
    assert (agent.type, agent.sid[:2], agent.interaction_sid) == ("agent", "UT", made.sid)
    assert agent.routing_properties == {
        "task_sid": made.routing["properties"]["sid"],
        "worker_sid": ana.fetch().sid,
        "reservation_sid": offer.fetch().sid,
    }
    joined = [event for event in center.events("flex") if event["type"] == "participant.joined"][-1]
    assert joined["position"] > start
    assert joined["data"]["participant"]["task_sid"] == made.routing["properties"]["sid"]


def test_an_agent_who_cannot_join_does_not_get_the_task(center: ContactCenter) -> None:
    ana, conversation = center.hire("ana", contact_uri=f"client:US{'0' * 32}"), center.conversation()
    made = center.inbound(conversation)
    offer = center.offer(ana)
    before = center.events()
    with pytest.raises(TwilioRestException) as refused:
        offer.update(reservation_status="accepted")
    assert (refused.value.status, refused.value.code) == (400, 50206)
    assert offer.fetch().reservation_status == "pending"
    assert center.task(made).fetch().assignment_status == "reserved"
    assert (people(conversation), center.events()) == ([CUSTOMER], before)


def test_the_agent_has_the_role_of_agents(center: ContactCenter) -> None:
    ana, conversation = center.hire("ana"), center.conversation()
    center.inbound(conversation)
    center.accept(ana)
    roles = {role.sid: role.friendly_name for role in center.cordboard.client.conversations.v1.roles.list()}
    assert [roles.get(one.role_sid) for one in conversation.participants.list()] == [None, "agent"]


@pytest.mark.parametrize(
    ("name", "attributes", "identity"),
    [
        ("jdoe@example.org", {}, "jdoe_40example_2Eorg"),
        ("Zoë_1", {}, "Zo_C3_AB_5F1"),
        ("ana", {"contact_uri": "client:ana_40shop"}, "ana_40shop"),
        ("ana", {"contact_uri": "client:"}, "ana"),
        ("ana", {"contact_uri": "sip:ana@shop"}, "ana"),
        ("ana", {"contact_uri": 7}, "ana"),
    ],
)
def test_an_agents_identity_is_the_contact_uri_or_the_escaped_name(
    center: ContactCenter, name: str, attributes: dict[str, object], identity: str
) -> None:
    worker, conversation = center.hire(name, **attributes), center.conversation()
    center.inbound(conversation)
    center.accept(worker)
    assert people(conversation) == [CUSTOMER, identity]


def test_an_agent_who_is_in_the_conversation_already_joins_the_channel_only(center: ContactCenter) -> None:
    ana, conversation = center.hire("ana"), center.conversation()
    made = center.inbound(conversation)
    conversation.participants.create(identity="ana")
    center.accept(ana)
    assert people(conversation) == [CUSTOMER, "ana"]
    assert types(center.channel(made)) == ["customer", "agent"]


@pytest.mark.parametrize("how", ["reservation", "task", "wrapped reservation"])
def test_when_the_last_agent_is_done_the_channel_and_the_conversation_are_closed(
    center: ContactCenter, how: str
) -> None:
    ana, conversation = center.hire("ana"), center.conversation()
    made = center.inbound(conversation)
    offer = center.accept(ana)
    if how == "task":
        center.task(made).update(assignment_status="completed")
    else:
        if how == "wrapped reservation":
            offer.update(reservation_status="wrapping")
            assert center.channel(made).fetch().status == "active"
        offer.update(reservation_status="completed")
    assert center.task(made).fetch().assignment_status == "completed"
    assert center.channel(made).fetch().status == "closed"
    assert conversation.fetch().state == "closed"
    assert people(conversation) == [CUSTOMER]
    assert [event["type"] for event in center.events() if event["type"].startswith("task.")] == [
        "task.created",
        *(["task.wrapup"] if how == "wrapped reservation" else []),
        "task.completed",
    ]


def test_while_another_agent_serves_the_channel_it_stays_open(center: ContactCenter) -> None:
    ana, conversation = center.hire("ana"), center.conversation()
    made = center.inbound(conversation)
    first = center.accept(ana)
    bob = center.hire("bob")
    center.channel(made).invites.create(routing=center.routing())
    second = center.accept(bob)
    first.update(reservation_status="completed")
    assert (people(conversation), center.channel(made).fetch().status) == ([CUSTOMER, "bob"], "active")
    second.update(reservation_status="completed")
    assert (people(conversation), center.channel(made).fetch().status) == ([CUSTOMER], "closed")


def test_while_another_invite_waits_the_channel_stays_open(center: ContactCenter) -> None:
    ana, conversation = center.hire("ana"), center.conversation()
    made = center.inbound(conversation)
    offer = center.accept(ana)
    waiting = center.channel(made).invites.create(routing=center.routing())
    offer.update(reservation_status="completed")
    assert (conversation.fetch().state, center.channel(made).fetch().status) == ("active", "active")
    assert center.accept(ana).fetch().task_sid == waiting.routing["properties"]["sid"]


def test_of_two_agents_who_are_done_at_once_the_second_closes_the_channel(center: ContactCenter) -> None:
    ana, conversation = center.hire("ana"), center.conversation()
    made = center.inbound(conversation)
    offers = [center.accept(ana)]
    bob = center.hire("bob")
    center.channel(made).invites.create(routing=center.routing())
    offers.append(center.accept(bob))
    paths = [
        f"/v1/Workspaces/{center.sid}/Workers/{found.worker_sid}/Reservations/{found.sid}"
        for found in (offer.fetch() for offer in offers)
    ]
    form = {"ReservationStatus": "completed"}
    answers = center.all_at_once(2, lambda place: center.cordboard.http.post(paths[place], form))
    assert [answer.status for answer in answers] == [200, 200]
    assert (center.channel(made).fetch().status, conversation.fetch().state) == ("closed", "closed")


def test_an_agent_on_two_tasks_of_one_channel_leaves_with_the_second(center: ContactCenter) -> None:
    ana, conversation = center.hire("ana"), center.conversation()
    ana.worker_channels("default").update(capacity=2)
    made = center.inbound(conversation)
    first = center.accept(ana)
    center.channel(made).invites.create(routing=center.routing())
    second = center.accept(ana)
    assert types(center.channel(made)) == ["customer", "agent", "agent"]
    first.update(reservation_status="completed")
    assert people(conversation) == [CUSTOMER, "ana"]
    second.update(reservation_status="completed")
    assert people(conversation) == [CUSTOMER]


def test_a_declined_invite_to_one_agent_is_canceled_and_the_conversation_goes_on(center: ContactCenter) -> None:
    ana, conversation = center.hire("ana"), center.conversation()
    made = center.inbound(conversation, queue_sid=center.queue.sid, worker_sid=ana.fetch().sid)
    offer = center.offer(ana)
    offer.update(reservation_status="rejected")
    assert center.task(made).fetch().assignment_status == "canceled"
    assert (conversation.fetch().state, center.channel(made).fetch().status) == ("active", "active")
    assert people(conversation) == [CUSTOMER]


def test_a_declined_invite_to_a_queue_is_offered_to_the_next(center: ContactCenter) -> None:
    ana, conversation = center.hire("ana"), center.conversation()
    made = center.inbound(conversation)
    offer = center.offer(ana)
    bob = center.hire("bob")
    (offline,) = center.workspace.activities.list(friendly_name="Offline")
    offer.update(reservation_status="rejected", worker_activity_sid=offline.sid)
    assert center.accept(bob).fetch().task_sid == center.task(made).fetch().sid
    assert people(conversation) == [CUSTOMER, "bob"]


def test_an_invite_that_nobody_answers_leaves_the_channel_open(center: ContactCenter) -> None:
    ana = center.hire("ana")
    made = center.inbound(center.conversation())
    center.offer(ana)
    center.cordboard.clock.advance(120)
    assert center.task(made).fetch().assignment_status == "pending"
    center.cordboard.clock.advance(86_400)
    assert center.task(made).fetch().assignment_status == "canceled"
    assert center.channel(made).fetch().status == "active"


@pytest.mark.parametrize("assigned", [False, True])
def test_a_task_that_is_deleted_or_canceled_leaves_the_conversation_open(
    center: ContactCenter, *, assigned: bool
) -> None:
    conversation = center.conversation()
    ana = center.hire("ana")
    made = center.inbound(conversation)
    if assigned:
        center.accept(ana)
        center.task(made).delete()
    else:
        center.task(made).update(assignment_status="canceled")
    assert (conversation.fetch().state, center.channel(made).fetch().status) == ("active", "active")
    assert people(conversation) == [CUSTOMER]
    center.channel(made).invites.create(routing=center.routing())
    center.accept(ana)
    assert people(conversation) == [CUSTOMER, "ana"]


def test_a_task_of_taskrouters_own_lets_nobody_join_anything(center: ContactCenter) -> None:
    ana = center.hire("ana")
    center.workspace.tasks.create(workflow_sid=center.workflow.sid, attributes="{}")
    center.accept(ana).update(reservation_status="completed")
    assert center.events("flex") == []


def test_a_conversation_that_flex_opened_gets_its_agent_too(center: ContactCenter) -> None:
    ana = center.hire("ana")
    made = center.interactions.create(channel=opened("api", PAIR), routing=center.routing())
    center.accept(ana)
    assert people(center.conversations(attributes_of(made)["conversationSid"])) == [CUSTOMER, "ana"]
