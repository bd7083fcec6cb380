from twilio.rest.conversations.v1 import V1

from cordboard.testkit.running import Cordboard
from tests.conversations.refusals import refusal

NOBODY = "IS" + "0" * 32


def test_an_account_is_born_with_one_service_its_default_one(api: V1) -> None:
    (service,) = api.services.list()
    configuration = api.configuration().fetch()
    assert configuration.default_chat_service_sid == service.sid
    assert service.friendly_name == "Flex Chat Service"
    assert service.links["conversations"] == f"{service.url}/Conversations"
    assert configuration.links["service"] == f"{service.url}/Configuration"


def test_every_account_has_a_service_of_its_own(cordboard: Cordboard, api: V1) -> None:
    other = cordboard.client_of(*cordboard.add_account("Branch")).conversations.v1
    (service,) = other.services.list()
    assert service.sid != api.configuration().fetch().default_chat_service_sid
    assert other.configuration().fetch().default_chat_service_sid == service.sid
    assert other.roles.list()[0].chat_service_sid == service.sid


def test_a_service_has_the_roles_of_flex_with_the_documented_permissions(api: V1) -> None:
    roles = {(role.type, role.friendly_name): set(role.permissions) for role in api.roles.list()}
    guest = {"sendMessage", "sendMediaMessage", "leaveConversation"}
    agent = guest | {
        "editConversationAttributes",
        "editOwnMessage",
        "editOwnMessageAttributes",
        "deleteOwnMessage",
    }
    assert roles["conversation", "guest"] == guest
    assert roles["conversation", "agent"] == agent
    for name in ("admin", "supervisor"):
        any_message = {"editAnyMessage", "editAnyMessageAttributes", "deleteAnyMessage"}
        assert roles["conversation", name] == agent | any_message
    assert roles["service", "supervisor"] == {
        "joinConversation",
        "addParticipant",
        "removeParticipant",
        "editOwnUserInfo",
    }
    assert "editAnyUserInfo" in roles["service", "admin"]
    assert {name for scope, name in roles if scope == "service"} > {"service admin", "service user"}


def test_newcomers_to_a_service_get_the_roles_of_its_configuration(api: V1) -> None:
    configuration = api.services(api.configuration().fetch().default_chat_service_sid).configuration().fetch()
    assert api.roles(configuration.default_conversation_role_sid).fetch().friendly_name == "guest"
    assert api.roles(configuration.default_chat_service_role_sid).fetch().type == "service"
    assert api.roles(configuration.default_conversation_creator_role_sid).fetch().type == "conversation"
    assert configuration.reachability_enabled is False


def test_another_service_has_the_same_roles_and_is_a_world_of_its_own(api: V1) -> None:
    made = api.services.create(friendly_name="Second")
    assert api.services(made.sid).fetch().friendly_name == "Second"
    second = api.services(made.sid)
    names = [(role.type, role.friendly_name) for role in second.roles.list()]
    assert names == [(role.type, role.friendly_name) for role in api.roles.list()]
    inside = second.conversations.create(unique_name="room")
    outside = api.conversations.create(unique_name="room")
    assert inside.chat_service_sid == made.sid
    assert second.conversations("room").fetch().sid == inside.sid
    assert api.conversations("room").fetch().sid == outside.sid
    with refusal(404, 20404):
        api.conversations(inside.sid).fetch()
    with refusal(404, 20404):
        second.conversations(outside.sid).messages.create(body="over there")


def test_the_short_paths_mean_the_service_that_the_configuration_says(api: V1) -> None:
    first = api.configuration().fetch().default_chat_service_sid
    second = api.services.create(friendly_name="Second").sid
    room = api.conversations.create().sid
    assert api.configuration().update(default_chat_service_sid=second).default_chat_service_sid == second
    assert api.conversations.create().chat_service_sid == second
    assert api.services(first).conversations(room).fetch().sid == room
    with refusal(404, 20404):
        api.conversations(room).fetch()


def test_a_default_service_must_be_one_of_the_account(cordboard: Cordboard, api: V1) -> None:
    before = api.configuration().fetch().default_chat_service_sid
    strange = cordboard.client_of(*cordboard.add_account("Branch")).conversations.v1.services.list()[0].sid
    for sid in (NOBODY, strange):
        with refusal(400, 50050):
            api.configuration().update(default_chat_service_sid=sid)
    assert api.configuration().fetch().default_chat_service_sid == before


def test_the_long_paths_answer_with_long_urls_and_the_service(cordboard: Cordboard, api: V1) -> None:
    service = api.services(api.configuration().fetch().default_chat_service_sid)
    room = service.conversations.create()
    message = service.conversations(room.sid).messages.create(body="Hello")
    ana = service.conversations(room.sid).participants.create(identity="ana")
    assert room.url.endswith(f"/v1/Services/{room.chat_service_sid}/Conversations/{room.sid}")
    assert (message.chat_service_sid, ana.chat_service_sid) == (room.chat_service_sid, room.chat_service_sid)
    for found in (message, ana):
        assert found.url.startswith(room.url)
        answer = cordboard.http.get(found.url.removeprefix("https://conversations.twilio.com"), host="conversations")
        assert answer.json["sid"] == found.sid
    assert api.conversations(room.sid).fetch().url.endswith(f"/v1/Conversations/{room.sid}")


def test_what_a_service_is_called_on_the_short_path_does_not_matter(cordboard: Cordboard, api: V1) -> None:
    second = api.services.create(friendly_name="Second").sid
    made = cordboard.http.post("/v1/Conversations", {"ChatServiceSid": second}).json
    assert made["chat_service_sid"] == api.configuration().fetch().default_chat_service_sid
