"""What ``POST /Interactions`` refuses: with which code, what it says, and that nothing was made (flex-interactions.md 12.4)."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from cordboard.testkit.exchange import Answer
from tests.flex.contact_center import CUSTOMER, INTERACTIONS, PAIR, SHOP, ContactCenter, bound, opened, people

NOBODY = "0" * 32
NO_CONVERSATION = f"CH{NOBODY}"
API = opened("api", PAIR)


class Fault(NamedTuple):
    """``routing`` None is a good one; ``says`` must be in the message."""

    channel: object
    routing: object
    code: int
    says: str


def refused(center: ContactCenter, answer: Answer, before: list[Any]) -> dict[str, Any]:
    """The error in the vendor's form; and nothing has happened since ``before``."""
    assert answer.status in {400, 409}, answer.text
    assert answer.json["status"] == answer.status
    assert answer.json["more_info"].endswith(f"/{answer.json['code']}")
    assert center.events() == before
    assert center.workspace.tasks.list() == []
    error: dict[str, Any] = answer.json
    return error


CHANNELS = {
    "none": Fault("", None, 45004, "Missing required parameter Channel in the post body"),
    "no JSON": Fault("{type:sms}", None, 45004, "Invalid parameter Channel"),
    "no object": Fault("[]", None, 45004, "Invalid parameter Channel: expected an object"),
    "nothing in it": Fault({}, None, 45366, "Channel.type"),
    "no type": Fault({"initiated_by": "api"}, None, 45366, "Channel.type"),
    "an unknown type": Fault({**API, "type": "fax"}, None, 45004, "Invalid parameter Channel.type: 'fax' is none of"),
    "voice": Fault({**API, "type": "voice"}, None, 45004, "Channel.type"),
    "a type that is no text": Fault({**API, "type": 7}, None, 45004, "Channel.type"),
    "no initiator": Fault({"type": "sms"}, None, 45366, "Channel.initiated_by"),
    "an unknown initiator": Fault({**API, "initiated_by": "bot"}, None, 45004, "Channel.initiated_by"),
    "a customer without a conversation": Fault(
        {"type": "sms", "initiated_by": "customer"}, None, 45366, "Channel.properties.media_channel_sid"
    ),
    "no such conversation": Fault(bound("customer", NO_CONVERSATION), None, 45356, NO_CONVERSATION),
    "no such conversation, by a program": Fault(bound("api", NO_CONVERSATION), None, 45356, NO_CONVERSATION),
    "a conversation that is no SID": Fault(bound("customer", "alice"), None, 45004, "media_channel_sid"),
    "a participant with nothing": Fault(opened("api", {"type": "sms"}), None, 45351, "Channel.participants[0]"),
    "a participant with both": Fault(opened("api", {**PAIR, "identity": "al"}), None, 45351, "either identity or"),
    "an address without proxy": Fault(opened("api", {"address": CUSTOMER}), None, 45351, "Channel.participants[0]"),
    "a proxy alone": Fault(opened("api", PAIR, {"proxy_address": SHOP}), None, 45351, "Channel.participants[1]"),
    "an address of no carrier": Fault(
        opened("api", {**PAIR, "address": "someone"}), None, 45366, "Invalid parameter Channel.participants[0]: "
    ),
    "two carriers": Fault(opened("api", {**PAIR, "address": f"whatsapp:{CUSTOMER}"}), None, 45366, "whatsapp"),
    "a text message with a level": Fault(opened("api", {**PAIR, "level": "to"}), None, 45366, "email"),
    "email with a proxy": Fault(
        {
            **opened("api", {"address": "a@x.example", "proxy_address": SHOP}, type_="email"),
            "properties": {"from": "b@x"},
        },
        None,
        45366,
        "Channel.participants[0]",
    ),
    "email from nobody": Fault(
        opened("api", {"address": "a@x.example"}, type_="email"), None, 45366, "Channel.properties.from"
    ),
    "an empty identity": Fault(opened("api", {"identity": ""}), None, 45004, "Channel.participants[0].identity"),
    "a long identity": Fault(opened("api", {"identity": "x" * 257}), None, 45004, "Channel.participants[0].identity"),
    "an identity like a user's SID": Fault(opened("api", {"identity": f"US{NOBODY}"}), None, 45366, "Identity"),
    "participants that are no list": Fault({**API, "participants": {}}, None, 45004, "Channel.participants"),
    "an address pair twice": Fault(
        opened("api", PAIR, PAIR), None, 45366, "Channel.participants[1]: it is in the list already"
    ),
    "an identity twice": Fault(
        opened("api", {"identity": "al"}, PAIR, {"identity": "al"}), None, 45366, "Channel.participants[2]: it is in"
    ),
    "an email address twice": Fault(
        {
            **opened("api", *({"address": "a@x.example", "level": level} for level in ("to", "cc")), type_="email"),
            "properties": {"from": "b@x.example"},
        },
        None,
        45366,
        "Channel.participants[1]: it is in the list already",
    ),
    "too many participants": Fault(
        opened("api", *({"identity": f"a{n}"} for n in range(51))), None, 45004, "at most 50"
    ),
    "an unknown channel": Fault({"sid": f"UO{NOBODY}"}, None, 45366, f"there is no channel UO{NOBODY}"),
    "a channel that is no SID": Fault({"sid": "UO1"}, None, 45004, "Channel.sid"),
    "NUL": Fault('{"type":"sms","initiated_by":"api\\u0000"}', None, 45004, "NUL"),
    "half a character": Fault('{"type":"\\ud800"}', None, 45004, "Invalid parameter Channel"),
    "a deep nest": Fault('{"a":' * 101 + "1" + "}" * 101, None, 45004, "100 levels"),
    "routing without properties": Fault(API, {}, 45004, "Routing.properties"),
    "routing that is no JSON": Fault(API, "x", 45004, "Invalid parameter Routing"),
}


@pytest.mark.parametrize("name", CHANNELS)
def test_a_channel_that_cannot_be_made_leaves_nothing_behind(center: ContactCenter, name: str) -> None:
    fault = CHANNELS[name]
    before = center.events()
    error = refused(center, center.create(fault.channel, fault.routing), before)
    assert error["code"] == fault.code
    assert fault.says in error["message"]
    assert center.conversations.list() == []


ROUTINGS: dict[str, tuple[dict[str, Any], str]] = {
    "workspace missing": ({"workspace_sid": None}, "Routing.properties.workspace_sid"),
    "workspace that is no SID": ({"workspace_sid": "mine"}, "Routing.properties.workspace_sid"),
    "workspace of nobody": ({"workspace_sid": f"WS{NOBODY}"}, "Routing.properties.workspace_sid: there is no"),
    "workflow of nobody": ({"workflow_sid": f"WW{NOBODY}"}, "Routing.properties.workflow_sid: there is no"),
    "queue of nobody": ({"queue_sid": f"WQ{NOBODY}"}, "Routing.properties.queue_sid: there is no"),
    "worker of nobody": ({"worker_sid": f"WK{NOBODY}"}, "Routing.properties.worker_sid: there is no"),
    "task channel of nobody": ({"task_channel_sid": f"TC{NOBODY}"}, "Routing.properties.task_channel_sid: there is no"),
    "task channel without a name": (
        {"task_channel_unique_name": "WorkflowSid"},
        "Routing.properties.task_channel_unique_name: there is no task channel WorkflowSid",
    ),
    "negative priority": ({"priority": -1}, "Routing.properties.priority"),
    "priority of 32 bits": ({"priority": 2**31}, "Routing.properties.priority"),
    "priority of 65 bits": ({"priority": 2**64}, "Routing.properties.priority"),
    "no time": ({"timeout": 0}, "Routing.properties.timeout"),
    "more than two weeks": ({"timeout": 1_209_601}, "Routing.properties.timeout"),
    "half a second": ({"timeout": 0.5}, "Routing.properties.timeout"),
    "attributes in a list": ({"attributes": []}, "Routing.properties.attributes"),
    "attributes as text that is no JSON": ({"attributes": "{topic}"}, "Routing.properties.attributes: it is not valid"),
    "attributes as text that is no object": ({"attributes": "[1]"}, "Routing.properties.attributes: expected a JSON"),
    "long attributes": ({"attributes": {"a": "x" * 4096}}, "Routing.properties.attributes: expected at most 4096"),
    "long attributes as text": ({"attributes": json.dumps({"a": "x" * 4096})}, "at most 4096 characters"),
}


@pytest.mark.parametrize("name", ROUTINGS)
def test_a_task_that_cannot_be_made_leaves_nothing_behind(center: ContactCenter, name: str) -> None:
    properties, says = ROUTINGS[name]
    wanted = {key: value for key, value in center.routing(**properties)["properties"].items() if value is not None}
    before = center.events()
    error = refused(center, center.create(API, {"properties": wanted}), before)
    assert error["code"] == 45004
    assert says in error["message"]
    assert center.conversations.list() == []


@pytest.mark.parametrize("type_", ["taskrouter", "TASKROUTER", ""])
def test_routing_is_taskrouters_in_any_case(center: ContactCenter, type_: str) -> None:
    assert center.create(API, {**center.routing(), "type": type_}).status == 201


def test_nobody_else_routes(center: ContactCenter) -> None:
    error = refused(center, center.create(API, {**center.routing(), "type": "dice"}), center.events())
    assert (error["code"], error["message"]) == (45004, "Invalid parameter Routing.type: expected TaskRouter")


def test_attributes_of_4096_characters_are_taken_and_one_more_is_not(center: ContactCenter) -> None:
    most = {"a": "x" * (4096 - len('{"a":""}'))}
    assert center.create(opened("api", type_="web"), center.routing(attributes=most)).status == 201
    more = {"a": most["a"] + "x"}
    assert center.create(opened("api", type_="web"), center.routing(attributes=more)).status == 400


@pytest.mark.parametrize(
    "text", [f'{{"a":{"9" * 400}}}', '{"a":-9223372036854775809}', '{"a":1.5e308}', '{"a":"\\u2028"}']
)
def test_numbers_and_letters_of_any_size_are_kept_in_attributes(center: ContactCenter, text: str) -> None:
    answer = center.create(API, f'{{"properties":{{"workspace_sid":"{center.sid}","attributes":{text}}}}}')
    assert answer.status == 201, answer.text
    kept = json.loads(answer.json["routing"]["properties"]["attributes"])
    assert kept["a"] == json.loads(text)["a"]


def test_routing_is_required_for_a_new_channel(center: ContactCenter) -> None:
    error = refused(center, center.create(API, ""), center.events())
    assert (error["code"], error["message"]) == (45004, "Missing required parameter Routing in the post body")


def test_the_workflow_must_be_named_where_there_are_several(center: ContactCenter) -> None:
    configuration = json.dumps({"task_routing": {"default_filter": {"queue": center.queue.sid}}})
    center.workspace.workflows.create(friendly_name="Second", configuration=configuration)
    ana = center.hire("ana").fetch().sid
    for properties in ({}, {"queue_sid": center.queue.sid}, {"queue_sid": center.queue.sid, "worker_sid": ana}):
        error = refused(center, center.create(API, center.routing(**properties)), center.events())
        assert error["code"] == 45004
        assert "Routing.properties.workflow_sid" in error["message"]
    assert center.create(API, center.routing(workflow_sid=center.workflow.sid)).status == 201


@pytest.mark.parametrize("missing", ["queue_sid", "worker_sid"])
def test_an_agents_interaction_names_queue_and_worker(center: ContactCenter, missing: str) -> None:
    properties = {"queue_sid": center.queue.sid, "worker_sid": center.hire("ana").fetch().sid}
    del properties[missing]
    error = refused(center, center.create(opened("agent", PAIR), center.routing(**properties)), center.events())
    assert error["code"] == 45004
    assert f"Routing.properties.{missing}" in error["message"]


def test_an_agents_interaction_needs_somebody_to_talk_to(center: ContactCenter) -> None:
    routing = center.routing(queue_sid=center.queue.sid, worker_sid=center.hire("ana").fetch().sid)
    error = refused(center, center.create(opened("agent"), routing), center.events())
    assert (error["code"], error["message"]) == (
        45366,
        "Missing required parameter Channel.participants in the post body",
    )


def test_a_closed_conversation_takes_no_channel(center: ContactCenter) -> None:
    conversation = center.conversation()
    conversation.update(state="closed")
    sid = conversation.fetch().sid
    for initiated_by in ("customer", "api"):
        error = refused(center, center.create(bound(initiated_by, sid)), center.events())
        assert error["code"] == 45354
        assert sid in error["message"]


def test_a_conversation_without_a_customer_takes_no_channel_of_a_customers(center: ContactCenter) -> None:
    conversation = center.conversations(center.conversations.create().sid)
    error = refused(center, center.create(bound("customer", conversation.fetch().sid)), center.events())
    assert error["code"] == 45355
    assert center.create(bound("api", conversation.fetch().sid)).status == 201


def test_a_conversation_of_another_account_is_not_there(center: ContactCenter) -> None:
    other = center.cordboard.client_of(*center.cordboard.add_account("Another"))
    sid = other.conversations.v1.conversations.create().sid
    assert refused(center, center.create(bound("api", sid)), center.events())["code"] == 45356


@pytest.mark.parametrize(
    ("participants", "code", "place"),
    [
        ([{"type": "sms"}], 45351, 0),
        ([PAIR, {**PAIR, "identity": "al"}], 45351, 1),
        ([PAIR, PAIR], 45366, 1),
        ([{**PAIR, "level": "bcc"}], 90501, None),
    ],
)
def test_who_is_to_join_a_conversation_that_is_there_is_checked_as_well(
    center: ContactCenter, participants: list[dict[str, str]], code: int, place: int | None
) -> None:
    conversation = center.conversation()
    conversation.participants.create(identity="alice")
    before = center.events()
    answer = center.create({**bound("api", conversation.fetch().sid), "participants": participants})
    assert answer.json["code"] == code
    assert place is None or f"Channel.participants[{place}]" in answer.json["message"]
    assert center.events() == before


def test_a_second_channel_of_a_conversation_is_refused_by_the_name_of_the_first(center: ContactCenter) -> None:
    conversation = center.conversation()
    made = center.inbound(conversation)
    before = center.events()
    for initiated_by in ("customer", "api"):
        answer = center.create(bound(initiated_by, conversation.fetch().sid))
        assert (answer.status, answer.json["code"]) == (409, 45353)
        assert made.channel["sid"] in answer.json["message"]
    assert center.events() == before


def test_of_many_channels_at_once_on_one_conversation_there_is_one(center: ContactCenter) -> None:
    sid = center.conversation().fetch().sid
    answers = center.all_at_once(8, lambda _: center.create(bound("customer", sid)))
    assert sorted(answer.status for answer in answers) == [201] + [409] * 7
    (made,) = [answer.json["channel"]["sid"] for answer in answers if answer.status == 201]
    assert all(made in answer.json["message"] for answer in answers if answer.status == 409)
    assert len(center.workspace.tasks.list()) == 1


def test_of_many_interactions_at_once_with_one_address_pair_there_is_one(center: ContactCenter) -> None:
    answers = center.all_at_once(8, lambda _: center.create(API))
    assert sorted(answer.status for answer in answers) == [201] + [409] * 7
    (conversation,) = center.conversations.list()
    assert people(center.conversations(conversation.sid)) == [CUSTOMER]
    assert len(center.workspace.tasks.list()) == 1
    assert {(answer.json["code"], answer.json["message"]) for answer in answers if answer.status == 409} == {
        (50416, f"A binding for this participant and proxy address already exists in Conversation {conversation.sid}")
    }


BUILT_LATER: dict[str, Callable[[], dict[str, Any]]] = {
    "bcc": lambda: opened("api", {"address": "a@x.example", "level": "bcc"}, type_="web"),
    "voice": lambda: opened("api", {"coordinates": {"from": SHOP, "to": CUSTOMER}}),  # type: ignore[dict-item] # no text
}


@pytest.mark.parametrize("name", BUILT_LATER)
def test_what_is_not_built_yet_says_so_and_makes_nothing(center: ContactCenter, name: str) -> None:
    before = center.events()
    answer = center.create(BUILT_LATER[name]())
    assert (answer.status, answer.json["code"]) == (501, 90501)
    assert name in answer.json["message"]
    assert center.events() == before


@pytest.mark.parametrize(
    ("parameter", "text"),
    [
        ("InteractionContextSid", "HQ1"),
        ("InteractionContextSid", f"KD{NOBODY}"),
        ("InteractionContextSid", f"HQ{NOBODY}\n"),
        ("InteractionContextSid", ""),
        ("WebhookTtid", "flex_interactionwebhook_01K8XQFBAXFH5TPNQM2PSH6238"),
        ("WebhookTtid", "flex_interactionwebhook_01k8xqfbaxfh5tpnqm2psh623"),
        ("WebhookTtid", "flex_interactionwebhook_01k8xqfbaxfh5tpnqm2psh6238\n"),
        ("WebhookTtid", "WH" + NOBODY),
    ],
)
def test_context_and_webhook_have_their_forms(center: ContactCenter, parameter: str, text: str) -> None:
    before = center.events()
    form = {"Channel": API, "Routing": center.routing(), parameter: text}
    error = refused(center, center.cordboard.http.post(INTERACTIONS, form), before)
    assert error["code"] == 45004
    assert f"Invalid parameter {parameter}: expected" in error["message"]


def test_null_is_as_good_as_nothing_for_what_need_not_be_there(center: ContactCenter) -> None:
    optional = ("workflow_sid", "queue_sid", "worker_sid", "task_channel_sid", "task_channel_unique_name")
    routing = center.routing(**dict.fromkeys((*optional, "attributes", "priority", "timeout")))
    channel = dict.fromkeys(("sid", "properties", "participants")) | {"type": "web", "initiated_by": "api"}
    assert center.create(channel, {**routing, "type": None}).status == 201
    participant = dict.fromkeys(("address", "proxy_address", "level", "name")) | {"identity": "al"}
    properties = dict.fromkeys(("media_channel_sid", "from", "from_name"))
    assert center.create({**channel, "properties": properties, "participants": [participant]}).status == 201


def test_unknown_parameters_and_keys_are_ignored(center: ContactCenter) -> None:
    channel = {**API, "colour": "red", "properties": {"type": "sms", "x": [None]}}
    routing = center.routing(media_channel_sid="CH1", anything={"a": 1})
    assert center.create(channel, routing, Colour="red").status == 201
