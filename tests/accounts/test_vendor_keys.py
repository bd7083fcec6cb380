"""The key resources of the official client, unmodified: ``Keys`` and ``SigningKeys`` of the 2010 API, and ``iam``."""

from typing import Any

import pytest
from twilio.rest import Client

from cordboard.testkit.running import Cordboard
from tests.accounts.refusals import refusal

READ_MESSAGES = "/twilio/messaging/messages/read"


def client_of(cordboard: Cordboard, key: Any) -> Client:
    return cordboard.client_of(key.sid, key.secret, cordboard.account_sid)


@pytest.mark.parametrize(("news", "keys"), [("new_keys", "keys"), ("new_signing_keys", "signing_keys")])
def test_a_key_of_the_2010_api_is_made_fetched_renamed_listed_and_deleted(
    cordboard: Cordboard, news: str, keys: str
) -> None:
    account = cordboard.client.api.v2010.account
    made = getattr(account, news).create(friendly_name="CI")
    assert made.sid.startswith("SK")
    assert len(made.secret) == 32
    assert made.secret.isalnum()
    assert made.date_created.isoformat() == "2026-01-01T00:00:00+00:00"
    resource = getattr(account, keys)
    assert resource(made.sid).fetch().friendly_name == "CI"
    cordboard.clock.advance(60)
    renamed = resource(made.sid).update(friendly_name="CD")
    assert (renamed.friendly_name, renamed.date_updated.minute) == ("CD", 1)
    assert [key.friendly_name for key in resource.list()] == ["CD"]
    assert resource(made.sid).delete()
    assert refusal(resource(made.sid).fetch) == (404, 20404)
    assert refusal(client_of(cordboard, made).taskrouter.v1.workspaces.list)[0] == 401


def test_keys_and_signing_keys_are_one_resource_and_need_no_name(cordboard: Cordboard) -> None:
    account = cordboard.client.api.v2010.account
    made = account.new_keys.create()
    assert account.signing_keys(made.sid).fetch().friendly_name is None
    assert [key.sid for key in account.signing_keys.list()] == [made.sid]


def test_the_secret_is_in_no_answer_but_the_first(cordboard: Cordboard) -> None:
    made = cordboard.client.api.v2010.account.new_keys.create(friendly_name="CI")
    path = f"/2010-04-01/Accounts/{cordboard.account_sid}"
    for answer in (
        cordboard.http.get(f"{path}/Keys.json"),
        cordboard.http.get(f"{path}/SigningKeys/{made.sid}.json"),
        cordboard.http.get("/v1/Keys", {"AccountSid": cordboard.account_sid}, host="iam"),
        cordboard.http.get(f"/v1/Keys/{made.sid}", host="iam"),
    ):
        assert made.sid in answer.text
        assert made.secret not in answer.text


def test_lists_of_the_2010_api_are_paged_by_uris_without_a_prefix(cordboard: Cordboard) -> None:
    account = cordboard.client.api.v2010.account
    names = [account.new_keys.create(friendly_name=f"Key {number}").friendly_name for number in range(5)]
    assert [key.friendly_name for key in account.keys.list(page_size=2)] == names
    path = f"/2010-04-01/Accounts/{cordboard.account_sid}/Keys.json"
    second = cordboard.http.get(f"/api{path}?PageSize=2").json["next_page_uri"]
    assert second.startswith(f"{path}?PageSize=2&Page=1&PageToken=PA")
    page = cordboard.http.get(f"/api{second}").json
    assert (page["page"], page["page_size"], page["start"], page["end"]) == (1, 2, 2, 3)
    assert page["previous_page_uri"].startswith(f"{path}?")
    assert page["first_page_uri"] == f"{path}?PageSize=2&Page=0"


def test_iam_makes_fetches_renames_lists_and_deletes_keys(cordboard: Cordboard) -> None:
    iam = cordboard.client.iam.v1
    made = iam.new_api_key.create(account_sid=cordboard.account_sid, friendly_name="CI")
    assert (len(made.secret), made.policy) == (32, None)
    assert iam.api_key(made.sid).fetch().friendly_name == "CI"
    assert iam.api_key(made.sid).update(friendly_name="CD").friendly_name == "CD"
    names = [
        "CD",
        *(iam.new_api_key.create(cordboard.account_sid, friendly_name=f"{n}").friendly_name for n in range(3)),
    ]
    listed = iam.get_api_keys.list(account_sid=cordboard.account_sid, page_size=2)
    assert [key.friendly_name for key in listed] == names
    assert listed[0].flags == ["rest_api", "signing"]
    assert iam.api_key(made.sid).delete()
    assert refusal(iam.api_key(made.sid).fetch) == (404, 20404)


def test_a_standard_key_may_all_but_accounts_keys_and_tokens(cordboard: Cordboard) -> None:
    client = client_of(cordboard, cordboard.client.api.v2010.account.new_keys.create())
    assert client.taskrouter.v1.workspaces.create(friendly_name="Support").sid
    assert client.conversations.v1.conversations.create().sid
    for call in (
        client.api.v2010.account.new_keys.create,
        client.api.v2010.account.keys.list,
        client.api.v2010.accounts.list,
        client.api.v2010.accounts.create,
        lambda: client.iam.v1.new_api_key.create(account_sid=cordboard.account_sid),
        client.accounts.v1.secondary_auth_token().create,
    ):
        assert refusal(call) == (401, 20003)


def test_a_main_key_may_all_that_the_auth_token_may(cordboard: Cordboard) -> None:
    made = cordboard.http.post("/cordboard/v1/Keys", {"FriendlyName": "Main", "KeyType": "main"}).json
    client = cordboard.client_of(made["sid"], made["secret"], cordboard.account_sid)
    assert client.api.v2010.account.new_keys.create().sid
    assert client.api.v2010.accounts.create(friendly_name="Branch").sid
    assert client.accounts.v1.secondary_auth_token().create().secondary_auth_token


def test_a_restricted_key_may_what_its_policy_says_and_is_told_what_is_missing(cordboard: Cordboard) -> None:
    workspaces = cordboard.client.taskrouter.v1.workspaces
    workspace = workspaces.create(friendly_name="Support")
    policy = {"allow": ["/twilio/taskrouter/workspaces/read", "/twilio/taskrouter/workspaces.task-queues/*"]}
    made = cordboard.client.iam.v1.new_api_key.create(
        account_sid=cordboard.account_sid, key_type="restricted", policy=policy
    )
    assert made.policy == policy
    limited = client_of(cordboard, made).taskrouter.v1.workspaces
    assert limited(workspace.sid).fetch().friendly_name == "Support"
    queues = limited(workspace.sid).task_queues
    queue = queues.create(friendly_name="Gold")
    assert [each.sid for each in queues.list()][-1] == queue.sid
    assert queues(queue.sid).update(friendly_name="Silver").friendly_name == "Silver"
    assert queues(queue.sid).delete()
    refused = cordboard.http.get("/v1/Workspaces", host="taskrouter", auth=(made.sid, made.secret))
    assert (refused.status, refused.json["code"]) == (401, 70051)
    needed = "twilio/taskrouter/workspaces/list"
    assert refused.json["message"] == f"Authorization Error: required permission {needed} is missing"
    before = len(workspaces.list())
    assert refusal(lambda: limited.create(friendly_name="Mine")) == (401, 70051)
    assert refusal(client_of(cordboard, made).api.v2010.account.keys.list) == (401, 70051)
    assert len(workspaces.list()) == before


@pytest.mark.parametrize(
    ("permission", "reads", "writes"),
    [
        ("/twilio/taskrouter/read", 200, 401),
        ("/twilio/taskrouter/write", 401, 201),
        ("/twilio/taskrouter/*", 200, 201),
        ("/twilio/conversations/*", 401, 401),
    ],
)
def test_a_whole_product_is_allowed_for_reading_or_writing(
    cordboard: Cordboard, permission: str, reads: int, writes: int
) -> None:
    form = {"FriendlyName": "R", "KeyType": "restricted", "Policy": {"allow": [permission]}}
    made = cordboard.http.post("/cordboard/v1/Keys", form).json
    auth = made["sid"], made["secret"]
    assert cordboard.http.get("/taskrouter/v1/Workspaces", auth=auth).status == reads
    created = cordboard.http.post("/taskrouter/v1/Workspaces", {"FriendlyName": "Support"}, auth=auth)
    assert created.status == writes


def test_a_new_policy_takes_the_place_of_the_old_one_at_once(cordboard: Cordboard) -> None:
    iam = cordboard.client.iam.v1
    made = iam.new_api_key.create(
        account_sid=cordboard.account_sid, key_type="restricted", policy={"allow": ["/twilio/taskrouter/read"]}
    )
    limited = client_of(cordboard, made)
    assert limited.taskrouter.v1.workspaces.list() == []
    updated = iam.api_key(made.sid).update(policy={"allow": ["/twilio/conversations/read", READ_MESSAGES]})
    assert updated.policy == {"allow": ["/twilio/conversations/read", READ_MESSAGES]}
    assert limited.conversations.v1.conversations.list() == []
    assert refusal(limited.taskrouter.v1.workspaces.list) == (401, 70051)


@pytest.mark.parametrize(
    "form",
    [
        {"KeyType": "restricted"},
        {"Policy": {"allow": [READ_MESSAGES]}},
        {"KeyType": "main"},
        {"KeyType": "restricted", "Policy": {"allow": []}},
        {"KeyType": "restricted", "Policy": {"allow": [READ_MESSAGES] * 101}},
        {"KeyType": "restricted", "Policy": {"allow": ["/twilio/fakepermission/doesnotexist"]}},
        {"KeyType": "restricted", "Policy": {"allow": ["everything"]}},
        {"KeyType": "restricted", "Policy": {"allow": [READ_MESSAGES], "deny": []}},
        {"FriendlyName": "x" * 65},
    ],
)
def test_a_key_that_cannot_be_is_refused_by_its_parameter_and_not_made(
    cordboard: Cordboard, form: dict[str, Any]
) -> None:
    answer = cordboard.http.post("/v1/Keys", {"AccountSid": cordboard.account_sid, **form}, host="iam")
    assert answer.status == 400
    assert answer.json["code"] in {70001, 70002}
    assert answer.json["message"].startswith("Invalid parameter")
    assert cordboard.client.iam.v1.get_api_keys.list(account_sid=cordboard.account_sid) == []


def test_a_policy_is_for_restricted_keys_and_a_main_key_for_those_who_may_everything(cordboard: Cordboard) -> None:
    iam = cordboard.client.iam.v1
    standard = iam.new_api_key.create(account_sid=cordboard.account_sid)
    assert refusal(lambda: iam.api_key(standard.sid).update(policy={"allow": [READ_MESSAGES]})) == (400, 70002)
    maker = iam.new_api_key.create(
        account_sid=cordboard.account_sid,
        key_type="restricted",
        policy={"allow": ["/twilio/iam/api-keys/create"]},
    )
    form = {"FriendlyName": "Mine", "KeyType": "main"}
    refused = cordboard.http.post("/cordboard/v1/Keys", form, auth=(maker.sid, maker.secret))
    assert (refused.status, refused.json["code"]) == (403, 20403)


def test_the_document_names_the_permission_of_every_operation(cordboard: Cordboard) -> None:
    paths = cordboard.http.get("/openapi.json").json["paths"]
    named = {
        (verb, path): row["x-cordboard-permission"]
        for path, rows in paths.items()
        for verb, row in rows.items()
        if "x-cordboard-permission" in row
    }
    workspace = "/taskrouter/v1/Workspaces/{WorkspaceSid}"
    # These are the vendor's own names.
    assert named["get", f"{workspace}/Workers"] == "/twilio/taskrouter/workspaces.workers/list"
    assert named["get", f"{workspace}/TaskQueues/{{Sid}}"] == "/twilio/taskrouter/workspaces.task-queues/read"
    reservation = f"{workspace}/Tasks/{{TaskSid}}/Reservations/{{Sid}}"
    assert named["post", reservation] == "/twilio/taskrouter/workspaces.tasks.reservations/update"
    assert named["delete", f"{workspace}/TaskChannels/{{Sid}}"] == "/twilio/taskrouter/workspaces.task-channels/delete"
    assert named["post", "/iam/v1/Keys"] == "/twilio/iam/api-keys/create"
