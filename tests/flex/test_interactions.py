import json
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from cordboard.testkit.running import Cordboard
from tests.flex.contact_center import (
    CUSTOMER,
    INTERACTIONS,
    PAIR,
    SHOP,
    ContactCenter,
    attributes_of,
    bound,
    opened,
    people,
    types,
)

WEBHOOK = "flex_interactionwebhook_01k8xqfbaxfh5tpnqm2psh6238"
CONTEXT = f"HQ{'0' * 32}"

TASK_KEYS = {
    "account_sid",
    "workspace_sid",
    "sid",
    "workflow_sid",
    "workflow_name",
    "queue_sid",
    "queue_name",
    "task_channel_sid",
    "task_channel_unique_name",
    "assignment_status",
    "assignmentCounter",
    "priority",
    "timeout",
    "age",
    "age_in_queue",
    "date_created",
    "date_updated",
    "task_queue_entered_date",
    "virtual_start_time",
    "reason",
    "routing_target",
    "addons",
    "ignore_capacity",
    "version",
    "custom_context",
    "twilio_context",
    "required_attention",
    "attributes",
}


def test_an_open_conversation_becomes_an_interaction_whose_task_names_all_of_it(center: ContactCenter) -> None:
    conversation = center.conversation()
    conversation_sid = conversation.fetch().sid
    made = center.inbound(conversation, attributes={"topic": "refund", "customerName": "Joni"})

    (channel,) = center.interactions(made.sid).channels.list()
    (invite,) = center.channel(made).invites.list()
    assert made.channel == {"type": "sms", "sid": channel.sid}
    assert (made.sid[:2], channel.sid[:2], invite.sid[:2]) == ("KD", "UO", "KG")
    assert (channel.type, channel.status, channel.error_code, channel.error_message) == ("sms", "active", None, None)
    assert attributes_of(made) == {
        "topic": "refund",
        "customerName": "Joni",
        "flexInteractionSid": made.sid,
        "flexInteractionChannelSid": channel.sid,
        "flexChannelInviteSid": invite.sid,
        "conversationSid": conversation_sid,
        "channelType": "sms",
        "initiatedBy": "customer",
        "direction": "inbound",
        "taskCreateSource": "interaction",
        "customers": {"name": "Joni", "phone": None, "email": None},
        "conversations": {
            "conversation_id": made.sid,
            "initiated_by": "customer",
            "communication_channel": "Sms",
            "media": [{"type": "ChatTranscript", "sid": conversation_sid}],
            "external_contact": SHOP,
        },
    }
    task = center.task(made).fetch()
    assert task.assignment_status == "pending"
    assert task.attributes == made.routing["properties"]["attributes"]
    assert types(center.channel(made)) == ["customer"]
    assert people(conversation) == [CUSTOMER]


def test_the_answer_is_the_snapshot_of_the_task_in_epoch_seconds(center: ContactCenter) -> None:
    made = center.create(opened("api", PAIR)).json
    now = int(center.cordboard.clock.now().timestamp())
    assert made.keys() == {
        "sid",
        "channel",
        "routing",
        "interaction_context_sid",
        "webhook_ttid",
        "url",
        "links",
    }
    assert made["routing"].keys() == {"reservation", "properties"}
    assert made["routing"]["reservation"] is None
    task = made["routing"]["properties"]
    assert task.keys() == TASK_KEYS
    assert isinstance(task["attributes"], str)
    times = ("date_created", "date_updated", "task_queue_entered_date", "virtual_start_time")
    assert [task[name] for name in times] == [now] * 4
    assert (
        task
        | {
            "workflow_sid": center.workflow.sid,
            "workflow_name": center.workflow.friendly_name,
            "queue_sid": center.queue.sid,
            "queue_name": center.queue.friendly_name,
            "task_channel_unique_name": "default",
            "assignment_status": "pending",
            "assignmentCounter": 0,
            "priority": 0,
            "timeout": 86_400,
            "age": 0,
            "age_in_queue": 0,
            "reason": "",
            "routing_target": None,
            "addons": "{}",
            "ignore_capacity": False,
            "custom_context": None,
            "twilio_context": None,
            "required_attention": None,
        }
        == task
    )
    assert made["url"] == f"http://localhost:8000/v1/Interactions/{made['sid']}"
    assert made["links"] == {"channels": f"{made['url']}/Channels"}


def test_a_create_answers_201_with_the_five_headers_for_browsers(center: ContactCenter) -> None:
    answer = center.create(opened("api", PAIR))
    assert answer.status == 201
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "POST" in answer.headers["access-control-allow-methods"].split(", ")
    assert "OPTIONS" in answer.headers["access-control-allow-methods"].split(", ")
    assert {"Content-Type", "Authorization"} <= set(answer.headers["access-control-allow-headers"].split(", "))
    assert answer.headers["access-control-allow-credentials"] == "false"
    assert answer.headers["access-control-expose-headers"]
    assert answer.headers["twilio-request-id"].startswith("RQ")
    assert answer.headers["content-type"] == "application/json"


def test_an_agents_interaction_is_offered_to_that_agent_alone_and_is_outbound(center: ContactCenter) -> None:
    bob, ana = center.hire("bob"), center.hire("ana")
    routing = center.routing(queue_sid=center.queue.sid, worker_sid=ana.fetch().sid)
    made = center.interactions.create(channel=opened("agent", PAIR), routing=routing)

    task = made.routing["properties"]
    assert (task["routing_target"], task["queue_sid"]) == (ana.fetch().sid, center.queue.sid)
    assert (task["workflow_sid"], task["ignore_capacity"]) == (center.workflow.sid, False)
    attributes = attributes_of(made)
    assert (attributes["direction"], attributes["initiatedBy"]) == ("outbound", "agent")
    assert attributes["conversations"]["initiated_by"] == "Agent"
    assert attributes["conversations"]["direction"] == "Outbound"
    assert center.offer(ana).fetch().task_sid == task["sid"]
    assert bob.reservations.list() == []

    conversation = center.conversations(attributes["conversationSid"])
    assert people(conversation) == [CUSTOMER]
    center.accept(ana)
    assert people(conversation) == [CUSTOMER, "ana"]


def test_an_agents_interaction_waits_until_the_agent_has_room(center: ContactCenter) -> None:
    ana = center.hire("ana")
    routing = center.routing(queue_sid=center.queue.sid, worker_sid=ana.fetch().sid)
    center.interactions.create(channel=opened("agent", PAIR), routing=routing)
    center.interactions.create(channel=opened("agent", {**PAIR, "proxy_address": "+12025550101"}), routing=routing)
    first = center.accept(ana)
    center.cordboard.settled()
    assert ana.reservations.list(reservation_status="pending") == []
    first.update(reservation_status="completed")
    assert center.offer(ana).fetch().reservation_status == "pending"


@pytest.mark.parametrize(
    ("type_", "participant", "name"),
    [
        ("sms", PAIR, CUSTOMER),
        ("whatsapp", {"address": f"whatsapp:{CUSTOMER}", "proxy_address": f"whatsapp:{SHOP}"}, f"whatsapp:{CUSTOMER}"),
        ("messenger", {"address": "messenger:77", "proxy_address": "messenger:1"}, "messenger:77"),
        ("gbm", {"address": "gbm:77", "proxy_address": "gbm:1"}, "gbm:77"),
        ("web", {"identity": "alice"}, "alice"),
        ("chat", {"identity": "alice", "name": "Alice"}, "alice"),
        ("email", {"address": "al@x.example", "level": "cc", "name": "Al", "type": "email"}, "al@x.example"),
    ],
)
@pytest.mark.parametrize("initiated_by", ["agent", "api"])
def test_a_new_conversation_has_the_participants_that_were_named(
    center: ContactCenter, initiated_by: str, type_: str, participant: dict[str, str], name: str
) -> None:
    ana = center.hire("ana").fetch().sid
    channel = opened(initiated_by, participant, type_=type_)
    channel["properties"] = {"type": type_, "direction": "outbound", "from": "shop@x.example", "from_name": "Shop"}
    routing = center.routing(queue_sid=center.queue.sid, worker_sid=ana)
    made = center.interactions.create(channel=channel, routing=routing)
    attributes = attributes_of(made)
    conversation = center.conversations(attributes["conversationSid"])
    assert people(conversation) == [name]
    assert types(center.channel(made)) == ["customer"]
    assert made.channel["type"] == attributes["channelType"] == type_
    assert attributes["conversations"]["communication_channel"] == type_.capitalize()
    assert attributes["conversations"]["external_contact"] == "shop@x.example"
    if type_ == "email":
        binding = conversation.participants.list()[0].messaging_binding
        assert (binding["type"], binding["level"], binding["name"]) == ("email", "cc", "Al")


def test_a_program_makes_a_conversation_with_nobody_in_it(center: ContactCenter) -> None:
    made = center.interactions.create(channel=opened("api", type_="web"), routing=center.routing())
    conversation = center.conversations(attributes_of(made)["conversationSid"])
    assert (conversation.fetch().state, people(conversation)) == ("active", [])
    assert attributes_of(made)["direction"] == "inbound"
    assert attributes_of(made)["conversations"]["initiated_by"] == "API"
    assert types(center.channel(made)) == []


@pytest.mark.parametrize("initiated_by", ["agent", "api"])
def test_to_a_conversation_that_is_there_only_those_are_added_who_are_missing(
    center: ContactCenter, initiated_by: str
) -> None:
    conversation = center.conversation()
    channel = bound(initiated_by, conversation.fetch().sid)
    channel["participants"] = [PAIR, {"identity": "alice"}]
    routing = center.routing(queue_sid=center.queue.sid, worker_sid=center.hire("ana").fetch().sid)
    made = center.interactions.create(channel=channel, routing=routing)
    assert people(conversation) == [CUSTOMER, "alice"]
    assert types(center.channel(made)) == ["customer", "customer"]


def test_agents_who_are_in_the_conversation_already_are_no_customers(center: ContactCenter) -> None:
    conversation = center.conversation()
    roles = center.cordboard.client.conversations.v1.roles.list()
    (agent,) = [role.sid for role in roles if (role.friendly_name, role.type) == ("agent", "conversation")]
    conversation.participants.create(identity="ana", role_sid=agent)
    conversation.participants.create(identity="alice")
    made = center.inbound(conversation)
    assert people(conversation) == [CUSTOMER, "ana", "alice"]
    assert types(center.channel(made)) == ["customer", "customer"]


def test_attributes_copied_from_another_task_do_not_win_over_what_is_true(center: ContactCenter) -> None:
    earlier = center.inbound(center.conversation())
    copied = attributes_of(earlier) | {"taskCreateSource": "me", "direction": "outbound", "channelType": "web"}
    made = center.inbound(center.conversation("+12025550144"), attributes=copied)
    old, new = attributes_of(earlier), attributes_of(made)
    for name in ("flexInteractionSid", "flexInteractionChannelSid", "flexChannelInviteSid", "conversationSid"):
        assert new[name] != old[name]
    assert (new["taskCreateSource"], new["direction"], new["channelType"]) == ("interaction", "inbound", "sms")
    assert new["conversations"]["media"] == [{"type": "ChatTranscript", "sid": new["conversationSid"]}]
    assert new["conversations"]["conversation_id"] == earlier.sid, "it joins the two in reports"


@pytest.mark.parametrize(
    ("given", "customers"),
    [
        ({}, {}),
        ({"customerAddress": "+1555"}, {"name": None, "phone": "+1555", "email": None}),
        ({"customerAddress": "a@x.example"}, {"name": None, "phone": None, "email": "a@x.example"}),
        ({"customerName": "Joni"}, {"name": "Joni", "phone": None, "email": None}),
        (
            {"customerName": "Joni", "customers": {"name": "J.", "organization": "Bells"}},
            {"name": "J.", "phone": None, "email": None, "organization": "Bells"},
        ),
        ({"customers": {"external_id": 7}}, {"external_id": 7}),
    ],
)
def test_customers_are_made_of_name_and_address_under_what_the_caller_says(
    center: ContactCenter, given: dict[str, Any], customers: dict[str, Any]
) -> None:
    assert attributes_of(center.inbound(center.conversation(), attributes=given))["customers"] == customers


def test_what_the_caller_says_under_conversations_is_kept_beside_ours(center: ContactCenter) -> None:
    given = {"conversations": {"conversation_id": "WT1", "outcome": "sold", "initiated_by": "x"}, "n": 2**70}
    attributes = attributes_of(center.inbound(center.conversation(), attributes=given))
    assert attributes["n"] == 2**70
    assert attributes["conversations"]["conversation_id"] == "WT1"
    assert attributes["conversations"]["outcome"] == "sold"
    assert attributes["conversations"]["initiated_by"] == "customer"


def test_attributes_may_be_json_text_inside_json(center: ContactCenter) -> None:
    made = center.inbound(center.conversation(), attributes=json.dumps({"topic": "refund"}))
    assert attributes_of(made)["topic"] == "refund"


def test_routing_takes_a_queue_a_task_channel_a_priority_and_a_timeout(center: ContactCenter) -> None:
    (sms,) = [one for one in center.workspace.task_channels.list() if one.unique_name == "sms"]
    routing = center.routing(
        workflow_sid=center.workflow.sid,
        queue_sid=center.queue.sid,
        task_channel_sid=sms.sid,
        task_channel_unique_name="chat",
        priority=7,
        timeout=1_209_600,
    )
    routing["type"] = "TaskRouter"
    made = center.interactions.create(channel=opened("api", PAIR), routing=routing)
    task = made.routing["properties"]
    assert (task["routing_target"], task["queue_sid"]) == (center.queue.sid, center.queue.sid)
    assert (task["task_channel_sid"], task["task_channel_unique_name"]) == (sms.sid, "sms")
    assert (task["priority"], task["timeout"], task["workflow_sid"]) == (7, 1_209_600, center.workflow.sid)
    center.cordboard.clock.advance(1_209_600)
    assert center.task(made).fetch().assignment_status == "canceled"


def test_fetch_and_update_show_the_task_as_it_is_now_and_nothing_when_it_is_gone(center: ContactCenter) -> None:
    ana = center.hire("ana")
    made = center.inbound(center.conversation())
    center.accept(ana)
    center.cordboard.clock.advance(30)
    found = center.interactions(made.sid).fetch()
    assert (found.sid, found.channel, found.links) == (made.sid, made.channel, made.links)
    task = found.routing["properties"]
    assert (task["assignment_status"], task["assignmentCounter"], task["age"]) == ("assigned", 1, 30)
    assert center.interactions(made.sid).update().routing == found.routing
    center.task(made).delete()
    assert center.interactions(made.sid).fetch().routing is None
    assert center.channel(made).fetch().status == "active", "the vendor leaves it to the caller to close or invite"


def test_context_and_webhook_are_kept_and_another_webhook_can_be_named(center: ContactCenter) -> None:
    made = center.interactions.create(
        channel=opened("api", PAIR),
        routing=center.routing(),
        interaction_context_sid=CONTEXT,
        webhook_ttid=WEBHOOK,
    )
    assert (made.interaction_context_sid, made.webhook_ttid) == (CONTEXT, WEBHOOK)
    other = WEBHOOK[:-1] + "9"
    assert center.interactions(made.sid).update(webhook_ttid=other).webhook_ttid == other
    found = center.interactions(made.sid).update()
    assert (found.interaction_context_sid, found.webhook_ttid) == (CONTEXT, other)
    refused = center.cordboard.http.post(f"{INTERACTIONS}/{made.sid}", {"WebhookTtid": "flex_interactionwebhook_1"})
    assert (refused.status, refused.json["code"]) == (400, 45004)
    assert center.interactions(made.sid).fetch().webhook_ttid == other


def test_another_webhook_is_recorded_and_the_same_is_no_change(center: ContactCenter) -> None:
    made = center.inbound(center.conversation())
    start = len(center.events())
    for _ in range(2):
        center.interactions(made.sid).update(webhook_ttid=WEBHOOK)
    (event,) = center.events()[start:]
    assert (event["type"], event["resource_sid"], event["scope_sid"]) == ("interaction.updated", made.sid, made.sid)
    assert event["data"]["interaction"]["webhook_ttid"] == WEBHOOK


def test_context_and_webhook_can_be_named_by_the_channel_that_is_there(center: ContactCenter) -> None:
    made = center.interactions.create(channel=opened("api", PAIR), routing=center.routing(), webhook_ttid=WEBHOOK)
    channel = {"sid": made.channel["sid"]}
    again = center.interactions.create(channel=channel, interaction_context_sid=CONTEXT)
    assert (again.sid, again.interaction_context_sid, again.webhook_ttid) == (made.sid, CONTEXT, WEBHOOK)
    other = WEBHOOK[:-1] + "9"
    invited = center.interactions.create(channel=channel, routing=center.routing(), webhook_ttid=other)
    assert (invited.interaction_context_sid, invited.webhook_ttid) == (CONTEXT, other)
    found = center.interactions(made.sid).fetch()
    assert (found.interaction_context_sid, found.webhook_ttid) == (CONTEXT, other)


def test_a_channel_that_is_there_answers_its_interaction_and_with_routing_invites_again(center: ContactCenter) -> None:
    made = center.inbound(center.conversation())
    again = center.interactions.create(channel={"sid": made.channel["sid"]})
    assert (again.sid, again.routing) == (made.sid, made.routing)
    assert len(center.channel(made).invites.list()) == 1
    invited = center.interactions.create(
        channel={"sid": made.channel["sid"]}, routing=center.routing(attributes={"second": True})
    )
    assert (invited.sid, invited.channel) == (made.sid, made.channel)
    first, second = center.channel(made).invites.list()
    assert attributes_of(invited)["flexChannelInviteSid"] == second.sid != first.sid
    assert center.interactions(made.sid).fetch().routing == invited.routing


def test_a_task_that_no_queue_takes_is_canceled_at_once_and_the_answer_says_so(center: ContactCenter) -> None:
    configuration = json.dumps({"task_routing": {"filters": []}})
    workflow = center.workspace.workflows.create(friendly_name="Nowhere", configuration=configuration)
    made = center.inbound(center.conversation(), workflow_sid=workflow.sid)
    assert made.routing["properties"]["assignment_status"] == "canceled"
    assert center.channel(made).fetch().status == "active"


def test_what_happens_is_recorded_in_the_interactions_scope(center: ContactCenter) -> None:
    made = center.inbound(center.conversation())
    (participant,) = center.channel(made).participants.list()
    events = center.events("flex")
    assert {event["scope_sid"] for event in events} == {made.sid}
    assert [(event["type"], event["resource_sid"]) for event in events] == [
        ("interaction.created", made.sid),
        ("channel.created", made.channel["sid"]),
        ("participant.joined", participant.sid),
        ("channel.status.updated", made.channel["sid"]),
    ]
    assert {event["data"]["channel"]["conversation_sid"] for event in events} == {
        attributes_of(made)["conversationSid"]
    }


def test_an_interaction_nobody_made_is_not_found(center: ContactCenter) -> None:
    with pytest.raises(TwilioRestException) as refused:
        center.interactions(f"KD{'0' * 32}").fetch()
    assert (refused.value.status, refused.value.code) == (404, 20404)


def test_the_configuration_names_the_instance_and_the_conversation_service(cordboard: Cordboard) -> None:
    found = cordboard.http.get("/v1/Configuration", host="flex-api").json
    service = cordboard.client.conversations.v1.configuration().fetch().default_chat_service_sid
    assert found["account_sid"] == cordboard.account_sid
    assert (found["flex_instance_sid"][:2], found["chat_service_instance_sid"]) == ("GO", service)
    assert cordboard.client.flex_api.v1.configuration().fetch().flex_instance_sid == found["flex_instance_sid"]
    other = cordboard.http.get("/v1/Configuration", host="flex-api", auth=cordboard.add_account("Another")).json
    assert other["flex_instance_sid"] != found["flex_instance_sid"]
