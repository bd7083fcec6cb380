from twilio.rest.conversations.v1 import V1

from cordboard.testkit.running import Cordboard
from tests.conversations.refusals import refusal


def test_a_user_answers_in_the_vendors_form_under_sid_and_identity(cordboard: Cordboard, api: V1) -> None:
    form = {"Identity": "ana@example.com", "FriendlyName": "Ana", "Attributes": '{ "team" : 1 }'}
    answer = cordboard.http.post("/v1/Users", form)
    assert answer.status == 201
    made = answer.json
    url = f"http://localhost:8000/v1/Users/{made['sid']}"
    configuration = api.services(made["chat_service_sid"]).configuration().fetch()
    assert made == {
        "sid": made["sid"],
        "account_sid": cordboard.account_sid,
        "chat_service_sid": api.configuration().fetch().default_chat_service_sid,
        "role_sid": configuration.default_chat_service_role_sid,
        "identity": "ana@example.com",
        "friendly_name": "Ana",
        "attributes": '{ "team" : 1 }',
        "is_online": None,
        "is_notifiable": None,
        "date_created": "2026-01-01T00:00:00Z",
        "date_updated": "2026-01-01T00:00:00Z",
        "url": url,
        "links": {"user_conversations": f"{url}/Conversations"},
    }
    for name in (made["sid"], "ana%40example.com"):
        assert cordboard.http.get(f"/v1/Users/{name}").json == made


def test_an_identity_has_one_user_in_a_service(api: V1) -> None:
    made = api.users.create(identity="ana")
    with refusal(409, 50201):
        api.users.create(identity="ana")
    api.conversations.create().participants.create(identity="ana")
    assert [user.sid for user in api.users.list()] == [made.sid]
    second = api.services(api.services.create(friendly_name="Second").sid)
    assert second.users.create(identity="ana").sid != made.sid


def test_an_identity_that_looks_like_a_sid_is_refused_wherever_a_user_would_come_of_it(api: V1) -> None:
    identity = "US" + "0" * 32
    with refusal(400, 50206):
        api.users.create(identity=identity)
    with refusal(400, 50206):
        api.conversations.create().participants.create(identity=identity)
    with refusal(400, 20001, match="Identity"):
        api.users.create(identity="")
    assert api.users.list() == []


def test_an_update_changes_what_is_given_and_nothing_else(cordboard: Cordboard, api: V1) -> None:
    made = api.users.create(identity="ana", friendly_name="Ana", attributes='{"a": 1}')
    cordboard.clock.advance(60)
    admin = next(role.sid for role in api.roles.list() if (role.type, role.friendly_name) == ("service", "admin"))
    changed = api.users("ana").update(role_sid=admin)
    assert (changed.sid, changed.role_sid, changed.friendly_name) == (made.sid, admin, "Ana")
    assert (changed.date_updated - made.date_updated).total_seconds() == 60
    assert api.users(made.sid).update(friendly_name="A").attributes == '{"a": 1}'
    guest = next(role.sid for role in api.roles.list() if role.friendly_name == "guest")
    with refusal(400, 50100):
        api.users("ana").update(role_sid=guest)
    with refusal(400, 50100):
        api.users.create(identity="ben", role_sid=guest)
    assert [(user.identity, user.role_sid) for user in api.users.list()] == [("ana", admin)]


def test_users_are_listed_in_the_order_of_making(cordboard: Cordboard, api: V1) -> None:
    for identity in ("zoe", "ana", "ben"):
        api.users.create(identity=identity)
        cordboard.clock.advance(1)
    assert [user.identity for user in api.users.list(page_size=2)] == ["zoe", "ana", "ben"]


def test_who_is_not_there_is_not_found(api: V1) -> None:
    elsewhere = api.services(api.services.create(friendly_name="Second").sid).users.create(identity="zoe")
    for name in ("nobody", "US" + "0" * 32, elsewhere.sid, "zoe"):
        with refusal(404, 20404):
            api.users(name).fetch()
