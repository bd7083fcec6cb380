"""The resources: webhooks of an account, of a service, and of one conversation (conversations-and-channels.md 1.3, 1.4, 1.9)."""

from typing import Any

import pytest
from twilio.rest.conversations.v1 import V1

from cordboard.testkit.running import Cordboard
from tests.conversations.refusals import refusal

URL = "https://example.com/hook"
FLOW = f"FW{'a' * 32}"


@pytest.fixture
def room(api: V1) -> Any:
    return api.conversations(api.conversations.create().sid)


def test_an_account_has_no_webhooks_until_they_are_set(cordboard: Cordboard, api: V1) -> None:
    found = api.configuration.webhooks().fetch()
    assert (found.account_sid, found.target) == (cordboard.account_sid, "webhook")
    assert (found.pre_webhook_url, found.post_webhook_url, found.method, found.filters) == (None,) * 4
    assert found.url.endswith("/v1/Configuration/Webhooks")


def test_an_accounts_webhooks_keep_what_an_update_does_not_name(api: V1) -> None:
    api.configuration.webhooks().update(
        pre_webhook_url=f"{URL}/pre", post_webhook_url=f"{URL}/post", method="GET", filters=["onMessageAdd"]
    )
    api.configuration.webhooks().update(filters=["onMessageAdd", "onUserAdded", "onMessageAdd"], target="flex")
    found = api.configuration.webhooks().fetch()
    assert (found.pre_webhook_url, found.post_webhook_url) == (f"{URL}/pre", f"{URL}/post")
    assert (found.method, found.target) == ("GET", "flex")
    assert found.filters == ["onMessageAdd", "onUserAdded"]


def test_an_empty_url_takes_a_webhook_away(api: V1) -> None:
    api.configuration.webhooks().update(pre_webhook_url=URL, post_webhook_url=URL)
    found = api.configuration.webhooks().update(pre_webhook_url="")
    assert (found.pre_webhook_url, found.post_webhook_url) == (None, URL)


def test_every_service_has_webhooks_of_its_own(cordboard: Cordboard, api: V1) -> None:
    one, other = api.services.create(friendly_name="one").sid, api.services.create(friendly_name="other").sid
    api.services(one).configuration.webhooks().update(
        pre_webhook_url=f"{URL}/pre", post_webhook_url=URL, method="post", filters=["onMessageAdded"]
    )
    found = api.services(one).configuration.webhooks().fetch()
    assert (found.account_sid, found.chat_service_sid) == (cordboard.account_sid, one)
    assert (found.pre_webhook_url, found.post_webhook_url) == (f"{URL}/pre", URL)
    assert (found.method, found.filters) == ("POST", ["onMessageAdded"])
    empty = api.services(other).configuration.webhooks().fetch()
    assert (empty.pre_webhook_url, empty.post_webhook_url, empty.method, empty.filters) == (None,) * 4
    assert api.configuration.webhooks().fetch().post_webhook_url is None


CONFIGURATIONS = ("/v1/Configuration/Webhooks", "/v1/Services/IS/Configuration/Webhooks")
BAD_CONFIGURATION: list[tuple[dict[str, Any], int, str]] = [
    ({}, 20161, "parameter"),
    ({"PreWebhookUrl": "example.com"}, 50077, "PreWebhookUrl"),
    ({"PreWebhookUrl": "ftp://example.com"}, 50077, "PreWebhookUrl"),
    ({"PostWebhookUrl": "http://"}, 50078, "PostWebhookUrl"),
    ({"PostWebhookUrl": f"{URL}?{'x' * 2048}"}, 50078, "PostWebhookUrl"),
    ({"Method": "PUT"}, 50055, "Method"),
    ({"Filters": ["onMessageAdded", "onMessageSend"]}, 50365, "Filters"),
    ({"Filters": ""}, 50365, "Filters"),
    ({"Filters": "onmessageadded"}, 50365, "Filters"),
]


@pytest.mark.parametrize("path", CONFIGURATIONS)
@pytest.mark.parametrize(("form", "code", "parameter"), BAD_CONFIGURATION)
def test_a_configuration_that_is_wrong_is_refused_by_name_and_not_kept(
    cordboard: Cordboard, api: V1, path: str, form: dict[str, Any], code: int, parameter: str
) -> None:
    path = path.replace("IS", api.services.create(friendly_name="one").sid)
    before = cordboard.http.get(path, host="conversations").json
    refused = cordboard.http.post(path, form, host="conversations")
    assert (refused.status, refused.json["code"]) == (400, code)
    assert parameter in refused.json["message"]
    assert cordboard.http.get(path, host="conversations").json == before


def test_users_are_nothing_that_a_service_tells_of(api: V1) -> None:
    webhooks = api.services(api.configuration().fetch().default_chat_service_sid).configuration.webhooks()
    for name in ("onUserAdded", "onUserUpdate", "onUserUpdated"):
        with refusal(400, 50365, name):
            webhooks.update(filters=[name])


def test_a_conversations_webhook_shows_what_its_target_needs(cordboard: Cordboard, room: Any) -> None:
    told = room.webhooks.create(target="webhook", configuration_url=URL, configuration_filters=["onMessageAdded"])
    assert told.sid.startswith("WH")
    assert (told.account_sid, told.conversation_sid) == (cordboard.account_sid, room.fetch().sid)
    assert told.configuration == {"url": URL, "method": "post", "filters": ["onMessageAdded"]}
    heard = room.webhooks.create(
        target="trigger",
        configuration_url=URL,
        configuration_method="get",
        configuration_triggers=["help", "agent"],
        configuration_filters=["onMessageAdded"],
        configuration_replay_after=7,
    )
    assert heard.configuration == {"url": URL, "method": "get", "triggers": ["help", "agent"], "replay_after": 7}
    flow = room.webhooks.create(target="studio", configuration_flow_sid=FLOW, configuration_url=URL)
    assert (flow.target, flow.configuration) == ("studio", {"flow_sid": FLOW})
    assert [found.sid for found in room.webhooks.list()] == [told.sid, heard.sid, flow.sid]
    fetched = room.webhooks(heard.sid).fetch()
    assert fetched.configuration == heard.configuration
    assert fetched.url == f"{room.fetch().url}/Webhooks/{heard.sid}"
    assert fetched.date_created == fetched.date_updated


def test_a_webhook_is_changed_and_deleted(cordboard: Cordboard, room: Any) -> None:
    made = room.webhooks.create(target="webhook", configuration_url=URL, configuration_filters=["onMessageAdded"])
    cordboard.clock.advance(5)
    changed = room.webhooks(made.sid).update(configuration_method="get", configuration_filters=["onMessageRemoved"])
    assert changed.configuration == {"url": URL, "method": "get", "filters": ["onMessageRemoved"]}
    assert changed.date_updated > changed.date_created
    room.webhooks(made.sid).delete()
    with refusal(404, 20404):
        room.webhooks(made.sid).fetch()
    assert room.webhooks.list() == []


def test_the_long_path_names_the_service(api: V1) -> None:
    service = api.services(api.services.create(friendly_name="one").sid)
    room = service.conversations(service.conversations.create().sid)
    made = room.webhooks.create(target="studio", configuration_flow_sid=FLOW)
    assert (made.chat_service_sid, made.url) == (service.fetch().sid, f"{room.fetch().url}/Webhooks/{made.sid}")
    room.webhooks(made.sid).update(configuration_flow_sid=f"FW{'b' * 32}")
    assert room.webhooks(made.sid).fetch().configuration == {"flow_sid": f"FW{'b' * 32}"}
    assert len(room.webhooks.list()) == 1
    room.webhooks(made.sid).delete()
    assert room.webhooks.list() == []


FULL: dict[str, dict[str, Any]] = {
    "webhook": {"Target": "webhook", "Configuration.Url": URL, "Configuration.Filters": ["onMessageAdded"]},
    "trigger": {"Target": "trigger", "Configuration.Url": URL, "Configuration.Triggers": ["help"]},
    "studio": {"Target": "studio", "Configuration.FlowSid": FLOW},
}
BAD: list[tuple[str, dict[str, Any], int]] = [
    ("webhook", {"Target": "flex"}, 50364),
    ("webhook", {"Target": ""}, 50364),
    ("webhook", {"Configuration.Url": ""}, 50369),
    ("trigger", {"Configuration.Url": ""}, 50369),
    ("webhook", {"Configuration.Url": "nowhere"}, 20001),
    ("webhook", {"Configuration.Url": f"{URL}?{'x' * 512}"}, 50372),
    ("webhook", {"Configuration.Method": "put"}, 50055),
    ("webhook", {"Configuration.Filters": "onMessageSent"}, 50365),
    ("webhook", {"Configuration.Filters": "onMessageAdd"}, 50365),
    ("webhook", {"Configuration.Filters": "onUserAdded"}, 50365),
    ("trigger", {"Configuration.Triggers": ""}, 50366),
    ("trigger", {"Configuration.Triggers": "x" * 249}, 50366),
    ("trigger", {"Configuration.Triggers": list("abcdef")}, 50362),
    ("studio", {"Configuration.FlowSid": "FW1"}, 50367),
    ("webhook", {"Configuration.ReplayAfter": "-1"}, 20001),
    ("webhook", {"Configuration.ReplayAfter": "9" * 30}, 20001),
]


@pytest.mark.parametrize(("target", "more", "code"), BAD)
def test_a_webhook_that_is_wrong_is_refused_and_not_made(
    cordboard: Cordboard, room: Any, target: str, more: dict[str, Any], code: int
) -> None:
    path = f"/v1/Conversations/{room.fetch().sid}/Webhooks"
    refused = cordboard.http.post(path, {**FULL[target], **more}, host="conversations")
    assert (refused.status, refused.json["code"]) == (400, code), refused.text
    assert next(iter(more)) in refused.json["message"]
    assert room.webhooks.list() == []


@pytest.mark.parametrize(
    ("target", "left_out", "code"),
    [
        ("webhook", "Target", 50368),
        ("webhook", "Configuration.Url", 50369),
        ("trigger", "Configuration.Url", 50369),
        ("webhook", "Configuration.Filters", 50370),
        ("trigger", "Configuration.Triggers", 50371),
        ("studio", "Configuration.FlowSid", 50367),
    ],
)
def test_a_webhook_without_what_its_target_needs_is_refused(
    cordboard: Cordboard, room: Any, target: str, left_out: str, code: int
) -> None:
    path = f"/v1/Conversations/{room.fetch().sid}/Webhooks"
    form = {name: value for name, value in FULL[target].items() if name != left_out}
    refused = cordboard.http.post(path, form, host="conversations")
    assert (refused.status, refused.json["code"]) == (400, code)
    assert left_out in refused.json["message"]


def test_an_update_may_not_take_away_what_the_target_needs(room: Any) -> None:
    made = room.webhooks.create(target="webhook", configuration_url=URL, configuration_filters=["onMessageAdded"])
    with refusal(400, 50369):
        room.webhooks(made.sid).update(configuration_url="")
    with refusal(400, 20161):
        room.webhooks(made.sid).update()
    assert room.webhooks(made.sid).fetch().configuration == made.configuration


def test_a_conversation_has_at_most_five(room: Any) -> None:
    made = [room.webhooks.create(target="studio", configuration_flow_sid=FLOW).sid for _ in range(5)]
    with refusal(400, 50361):
        room.webhooks.create(target="studio", configuration_flow_sid=FLOW)
    room.webhooks(made[0]).delete()
    room.webhooks.create(target="studio", configuration_flow_sid=FLOW)
    assert len(room.webhooks.list()) == 5


def test_a_webhook_is_found_in_its_own_conversation_only(api: V1, room: Any) -> None:
    made = room.webhooks.create(target="studio", configuration_flow_sid=FLOW).sid
    other = api.conversations(api.conversations.create().sid)
    for call in (other.webhooks(made).fetch, other.webhooks(made).delete):
        with refusal(404, 20404):
            call()
    assert [found.sid for found in room.webhooks.list()] == [made]


def test_a_closed_conversation_gets_no_webhook_and_its_own_may_go(room: Any) -> None:
    made = room.webhooks.create(target="studio", configuration_flow_sid=FLOW).sid
    room.update(state="closed")
    with refusal(400, 50377):
        room.webhooks.create(target="studio", configuration_flow_sid=FLOW)
    with refusal(400, 50377):
        room.webhooks(made).update(configuration_flow_sid=FLOW)
    room.webhooks(made).delete()
    assert room.webhooks.list() == []


def test_webhooks_go_with_their_conversation(cordboard: Cordboard, room: Any) -> None:
    made = room.webhooks.create(target="studio", configuration_flow_sid=FLOW).sid
    room.delete()
    told = cordboard.http.get("/cordboard/v1/Events", {"ResourceSid": made}).json["events"]
    assert [event["type"] for event in told] == ["webhook.added"]
    with refusal(404, 20404):
        room.webhooks(made).fetch()


def test_a_strangers_account_has_webhooks_of_its_own(cordboard: Cordboard, api: V1) -> None:
    api.configuration.webhooks().update(post_webhook_url=URL, filters=["onMessageAdded"])
    stranger = cordboard.client_of(*cordboard.add_account("A stranger")).conversations.v1
    assert stranger.configuration.webhooks().fetch().post_webhook_url is None
    service = api.configuration().fetch().default_chat_service_sid
    with refusal(404, 20404):
        stranger.services(service).configuration.webhooks().update(post_webhook_url=URL)
