"""Access tokens of the official library are taken for what they grant, for as long as they, their key and their account are good."""

from typing import Any

import pytest
from twilio.jwt.access_token import AccessToken

from cordboard.kernel.caller import Caller, Grants, ServiceGrant, TaskRouterGrant, Token
from cordboard.kernel.errors import Unauthorized
from cordboard.testkit.running import Cordboard
from tests.accounts.minting import CHAT, SYNC, FlexGrant, access_token, caller_of, now, worker_grant

WORKSPACE, WORKER = f"WS{'3' * 32}", f"WK{'4' * 32}"


@pytest.fixture
def key(cordboard: Cordboard) -> Any:
    return cordboard.client.api.v2010.account.new_keys.create(friendly_name="Tokens")


def code_of(cordboard: Cordboard, jwt: str) -> int:
    with pytest.raises(Unauthorized) as refused:
        caller_of(cordboard, jwt)
    assert refused.value.status == 401
    return refused.value.code


def test_a_token_makes_a_caller_with_its_identity_and_grants(cordboard: Cordboard, key: Any) -> None:
    jwt = access_token(cordboard, key, CHAT, SYNC, FlexGrant(), worker_grant(WORKSPACE, WORKER))
    found = caller_of(cordboard, jwt)
    grants = Grants(
        identity="ana",
        task_router=TaskRouterGrant(WORKSPACE, WORKER, "worker"),
        chat=ServiceGrant(CHAT.service_sid),
        data_sync=ServiceGrant(SYNC.service_sid),
        flex={"role": "agent"},
    )
    expires_at = (now(cordboard) + 3600) * 1000
    assert found == Caller(cordboard.account_sid, key.sid, found.limits, Token(expires_at, grants))
    assert found.identity == "ana"
    assert found.limits is not None


def test_a_token_ends_at_its_second_although_it_was_used_just_before(cordboard: Cordboard, key: Any) -> None:
    jwt = access_token(cordboard, key, CHAT, ttl=60)
    for _ in range(2):
        cordboard.clock.advance(29)
        assert bearer(cordboard, jwt) == (403, 20403)
    cordboard.clock.advance(2)
    assert bearer(cordboard, jwt) == (401, 20104)


def bearer(cordboard: Cordboard, jwt: str) -> tuple[int, int]:
    """What the REST API says, which is open to no such token: 403 to a good one."""
    answer = cordboard.http.get("/taskrouter/v1/Workspaces", auth=None, headers={"authorization": f"Bearer {jwt}"})
    return answer.status, answer.json["code"]


def test_a_token_of_a_clock_a_little_ahead_is_good_and_one_of_tomorrow_is_not(cordboard: Cordboard, key: Any) -> None:
    assert caller_of(cordboard, access_token(cordboard, key, CHAT, begins=60)).identity == "ana"
    assert code_of(cordboard, access_token(cordboard, key, CHAT, begins=61)) == 20105
    assert code_of(cordboard, access_token(cordboard, key, CHAT, begins=-3600)) == 20104


def test_a_token_is_good_for_a_day_at_most(cordboard: Cordboard, key: Any) -> None:
    assert caller_of(cordboard, access_token(cordboard, key, CHAT, ttl=24 * 3600)).identity == "ana"
    assert code_of(cordboard, access_token(cordboard, key, CHAT, ttl=24 * 3600 + 120)) == 20157


def test_a_token_needs_no_identity_and_no_grant_to_be_good(cordboard: Cordboard, key: Any) -> None:
    made = AccessToken(cordboard.account_sid, key.sid, key.secret, nbf=None, valid_until=now(cordboard) + 60)
    found = caller_of(cordboard, made.to_jwt())
    assert found.token is not None
    assert found.token.grants == Grants()


def test_a_token_of_another_secret_is_refused(cordboard: Cordboard, key: Any) -> None:
    other = cordboard.client.api.v2010.account.new_keys.create()
    key.secret = other.secret
    assert code_of(cordboard, access_token(cordboard, key, CHAT)) == 20107


def test_a_token_of_a_key_that_was_deleted_is_refused_at_once(cordboard: Cordboard, key: Any) -> None:
    jwt = access_token(cordboard, key, CHAT)
    assert bearer(cordboard, jwt) == (403, 20403)
    cordboard.client.api.v2010.account.keys(key.sid).delete()
    assert bearer(cordboard, jwt) == (401, 20103)


def test_a_token_for_another_account_than_its_keys_is_refused(cordboard: Cordboard, key: Any) -> None:
    stranger, _ = cordboard.add_account("A stranger")
    assert code_of(cordboard, access_token(cordboard, key, CHAT, account_sid=stranger)) == 20103
    assert code_of(cordboard, access_token(cordboard, key, CHAT, account_sid=f"AC{'9' * 32}")) == 20103


def test_a_token_of_a_suspended_account_is_refused_until_it_is_active_again(cordboard: Cordboard) -> None:
    branch = cordboard.client.api.v2010.accounts.create()
    account = cordboard.client.api.v2010.accounts(branch.sid)
    jwt = access_token(cordboard, account.new_keys.create(), CHAT, account_sid=branch.sid)
    assert bearer(cordboard, jwt) == (403, 20403)
    account.update(status="suspended")
    assert bearer(cordboard, jwt) == (401, 20103)
    account.update(status="active")
    assert bearer(cordboard, jwt) == (403, 20403)


def test_a_main_key_signs_tokens_and_a_restricted_one_does_not(cordboard: Cordboard) -> None:
    iam = cordboard.client.iam.v1
    restricted = iam.new_api_key.create(
        account_sid=cordboard.account_sid, key_type="restricted", policy={"allow": ["/twilio/taskrouter/*"]}
    )
    assert code_of(cordboard, access_token(cordboard, restricted, CHAT)) == 20160
    made = cordboard.http.post("/cordboard/v1/Keys", {"FriendlyName": "Main", "KeyType": "main"}).json
    main = type("Key", (), made)
    assert caller_of(cordboard, access_token(cordboard, main, CHAT)).key_sid == made["sid"]


def test_a_worker_may_over_rest_what_a_capability_token_would_let_it(cordboard: Cordboard, key: Any) -> None:
    workspaces = cordboard.client.taskrouter.v1.workspaces
    workspace = workspaces(workspaces.create(friendly_name="Support", template="FIFO").sid)
    ana, eve = (workspace.workers.create(friendly_name=name) for name in ("ana", "eve"))
    (available,) = workspace.activities.list(friendly_name="Available")
    jwt = access_token(cordboard, key, worker_grant(ana.workspace_sid, ana.sid))
    client = cordboard.client_of("token", jwt, cordboard.account_sid)
    mine = client.taskrouter.v1.workspaces(ana.workspace_sid)
    assert mine.workers(ana.sid).fetch().friendly_name == "ana"
    assert mine.workers(ana.sid).update(activity_sid=available.sid).activity_name == "Available"
    assert mine.workers(ana.sid).reservations.list() == []
    assert len(mine.activities.list()) == 3
    path = f"/taskrouter/v1/Workspaces/{ana.workspace_sid}"
    for verb, place in (
        ("GET", ""),
        ("GET", "/Workers"),
        ("GET", f"/Workers/{eve.sid}"),
        ("POST", "/Tasks"),
        ("DELETE", f"/Workers/{ana.sid}"),
        ("POST", f"/Workers/{ana.sid}"),
        ("POST", f"/Workers/{ana.sid}?Attributes=%7B%7D&ActivitySid={available.sid}"),
    ):
        refused = cordboard.http.request(verb, f"{path}{place}", auth=("token", jwt))
        assert (refused.status, refused.json["code"]) == (403, 20403), (verb, place)


def test_a_supervisor_works_in_the_workspace_and_in_no_other(cordboard: Cordboard, key: Any) -> None:
    workspaces = cordboard.client.taskrouter.v1.workspaces
    mine, other = (workspaces.create(friendly_name=name, template="FIFO") for name in ("Mine", "Other"))
    ana = workspaces(mine.sid).workers.create(friendly_name="ana")
    for role, deletes in (("supervisor", 403), ("admin", 204)):
        auth = "token", access_token(cordboard, key, worker_grant(mine.sid, ana.sid, role))
        path = f"/taskrouter/v1/Workspaces/{mine.sid}"
        assert cordboard.http.get(path, auth=auth).status == 200
        assert cordboard.http.get(f"{path}/Workers", auth=auth).status == 200
        renamed = cordboard.http.post(f"{path}/Workers/{ana.sid}", {"FriendlyName": role}, auth=auth)
        assert renamed.json["friendly_name"] == role
        assert cordboard.http.delete(f"{path}/Workers/{ana.sid}", auth=auth).status == deletes
        assert cordboard.http.delete(path, auth=auth).status == 403
        assert cordboard.http.get(f"/taskrouter/v1/Workspaces/{other.sid}", auth=auth).status == 403
