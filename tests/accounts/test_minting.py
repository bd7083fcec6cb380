"""Tokens that the server mints for developers are what the official library makes and reads."""

from typing import Any

import jwt
import pytest
from twilio.jwt.access_token import AccessToken

from cordboard.kernel.caller import Grants, ServiceGrant, TaskRouterGrant
from cordboard.kernel.clock import SystemClock, iso
from cordboard.testkit.running import Cordboard
from cordboard.testkit.workbench import Workbench
from tests.accounts.minting import caller_of

TOKENS = "/cordboard/v1/Tokens"
GRANTS: dict[str, Any] = {
    "task_router": {"workspace_sid": f"WS{'1' * 32}", "worker_sid": f"WK{'2' * 32}", "role": "worker"},
    "chat": {"service_sid": f"IS{'3' * 32}"},
    "voice": {"incoming": {"allow": True}},
}


def test_a_minted_token_is_let_in_with_what_was_asked_for(cordboard: Cordboard) -> None:
    made = cordboard.http.post(TOKENS, {"Identity": "ana", "Grants": GRANTS, "Ttl": 60})
    assert made.status == 201
    assert made.json["identity"] == "ana"
    assert made.json["grants"] == {**GRANTS, "identity": "ana"}
    assert made.json["date_expires"] == "2026-01-01T00:01:00Z"
    found = caller_of(cordboard, made.json["token"])
    assert (found.account_sid, found.key_sid) == (cordboard.account_sid, made.json["key_sid"])
    assert found.token is not None
    router = TaskRouterGrant(**GRANTS["task_router"])
    assert found.token.grants == Grants("ana", router, ServiceGrant(f"IS{'3' * 32}"))


def test_it_has_the_form_of_the_official_ones(cordboard: Cordboard) -> None:
    key = cordboard.client.api.v2010.account.new_keys.create()
    form = {"Identity": "ana", "Grants": GRANTS, "KeySid": key.sid}
    mine = cordboard.http.post(TOKENS, form).json["token"]
    at = int(cordboard.clock.now().timestamp())
    official = AccessToken(
        cordboard.account_sid, key.sid, key.secret, identity="ana", nbf=at, valid_until=at + 3600
    ).to_jwt()
    assert jwt.get_unverified_header(mine) == jwt.get_unverified_header(official)
    without_checks: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
    mine, official = (
        jwt.decode(each, key.secret, algorithms=["HS256"], options=without_checks) for each in (mine, official)
    )
    assert mine.pop("iat") == mine["nbf"] == official["nbf"]
    assert mine.pop("grants") == {**GRANTS, "identity": "ana"}
    assert official.pop("grants") == {"identity": "ana"}
    assert (mine.pop("jti").partition("-")[0], official.pop("jti").partition("-")[0]) == (key.sid, key.sid)
    assert mine == official


def test_the_official_library_reads_it(cordboard_workbench: Workbench) -> None:
    # The library goes by the machine's clock.
    with cordboard_workbench.cordboard(seed=1, start=str(iso(SystemClock().now()))) as cordboard:
        key = cordboard.client.api.v2010.account.new_keys.create()
        made = cordboard.http.post(TOKENS, {"Identity": "ana", "KeySid": key.sid}).json
        read = AccessToken.from_jwt(made["token"], key.secret)
        assert read.payload["grants"] == {"identity": "ana"}


def test_without_a_key_to_sign_one_is_made_once(cordboard: Cordboard) -> None:
    one, two = (cordboard.http.post(TOKENS, {"Identity": name}).json for name in ("ana", "eve"))
    (key,) = cordboard.client.api.v2010.account.keys.list()
    assert one["key_sid"] == two["key_sid"] == key.sid
    assert key.friendly_name == "Access tokens"


def test_a_key_that_calls_signs_itself_and_for_no_other(cordboard: Cordboard) -> None:
    first, second = (cordboard.client.api.v2010.account.new_keys.create() for _ in range(2))
    auth = second.sid, second.secret
    assert cordboard.http.post(TOKENS, {"Identity": "ana"}, auth=auth).json["key_sid"] == second.sid
    refused = cordboard.http.post(TOKENS, {"Identity": "ana", "KeySid": first.sid}, auth=auth)
    assert (refused.status, refused.json["code"]) == (403, 20403)


def test_a_restricted_key_signs_nothing_although_it_may_mint(cordboard: Cordboard) -> None:
    policy: Any = {"allow": ["/twilio/cordboard/*"]}
    key = cordboard.client.iam.v1.new_api_key.create(cordboard.account_sid, key_type="restricted", policy=policy)
    refused = cordboard.http.post(TOKENS, {"Identity": "ana"}, auth=(key.sid, key.secret))
    assert (refused.status, refused.json["code"]) == (403, 20403)
    named = cordboard.http.post(TOKENS, {"Identity": "ana", "KeySid": key.sid})
    assert named.status == 403


def test_a_token_makes_no_tokens(cordboard: Cordboard) -> None:
    made = cordboard.http.post(TOKENS, {"Identity": "ana", "Grants": GRANTS}).json["token"]
    assert cordboard.http.post(TOKENS, {"Identity": "eve"}, auth=("token", made)).status == 403


@pytest.mark.parametrize(
    ("form", "code", "named"),
    [
        ({}, 20001, "Identity"),
        ({"Identity": ""}, 20001, "Identity"),
        ({"Identity": "x" * 257}, 20001, "Identity"),
        ({"Identity": "ana", "Ttl": 0}, 20001, "Ttl"),
        ({"Identity": "ana", "Ttl": 86401}, 20001, "Ttl"),
        ({"Identity": "ana", "Grants": "[]"}, 20001, "Grants"),
        ({"Identity": "ana", "Grants": {"chat": "IS"}}, 20106, "Grants"),
        ({"Identity": "ana", "Grants": {"x": "y" * 2100}}, 20001, "Grants"),
        ({"Identity": "ana", "KeySid": "SK1"}, 20001, "KeySid"),
        ({"Identity": "ana", "KeySid": f"SK{'9' * 32}"}, 20001, "KeySid"),
    ],
)
def test_what_makes_no_token_is_refused_by_its_parameter(
    cordboard: Cordboard, form: dict[str, Any], code: int, named: str
) -> None:
    refused = cordboard.http.post(TOKENS, form)
    assert (refused.status, refused.json["code"]) == (400, code)
    assert named in refused.json["message"]
    assert cordboard.client.api.v2010.account.keys.list() == []


def test_a_strangers_key_signs_nothing_here(cordboard: Cordboard) -> None:
    key = cordboard.client.api.v2010.account.new_keys.create()
    stranger = cordboard.add_account("A stranger")
    refused = cordboard.http.post(TOKENS, {"Identity": "ana", "KeySid": key.sid}, auth=stranger)
    assert refused.status == 400
