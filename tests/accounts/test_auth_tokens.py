"""Auth tokens rotate without a pause: by the official client, and by the settings of a start."""

import asyncio
from pathlib import Path

from cordboard.accounts.actions.signing import signing_tokens
from cordboard.kernel.settings import Settings
from cordboard.server.compose import compose, system_ports
from cordboard.testkit.exchange import Request, exchange
from cordboard.testkit.http import basic
from cordboard.testkit.running import Cordboard
from tests.accounts.refusals import refusal

FIRST, SECOND = "a" * 32, "b" * 32


def works(cordboard: Cordboard, auth_token: str) -> bool:
    return cordboard.http.get("/cordboard/v1/Keys", auth=(cordboard.account_sid, auth_token)).status == 200


def signing(cordboard: Cordboard) -> list[str]:
    sid = cordboard.account_sid
    found: list[str] = cordboard.call(cordboard.system.db.read(lambda view: signing_tokens(view, sid)))
    return found


def test_a_secondary_token_works_beside_the_first_until_it_is_promoted(cordboard: Cordboard) -> None:
    made = cordboard.client.accounts.v1.secondary_auth_token().create()
    secondary = made.secondary_auth_token
    assert made.account_sid == cordboard.account_sid
    assert made.date_created.isoformat() == "2026-01-01T00:00:00+00:00"
    assert secondary.isalnum()
    assert works(cordboard, cordboard.auth_token)
    assert works(cordboard, secondary)
    assert signing(cordboard) == [cordboard.auth_token, secondary]
    promoted = cordboard.client_of(cordboard.account_sid, secondary).accounts.v1.auth_token_promotion().update()
    assert promoted.auth_token == secondary
    assert not works(cordboard, cordboard.auth_token)
    assert works(cordboard, secondary)
    assert signing(cordboard) == [secondary]


def test_a_secondary_token_that_is_deleted_works_no_more(cordboard: Cordboard) -> None:
    resource = cordboard.client.accounts.v1.secondary_auth_token()
    secondary = resource.create().secondary_auth_token
    assert works(cordboard, secondary)
    assert resource.delete()
    assert not works(cordboard, secondary)
    assert works(cordboard, cordboard.auth_token)
    assert resource.create().secondary_auth_token != secondary


def test_there_is_one_secondary_token_at_a_time_and_none_to_promote_without(cordboard: Cordboard) -> None:
    accounts = cordboard.client.accounts.v1
    assert refusal(accounts.auth_token_promotion().update) == (404, 20404)
    assert refusal(accounts.secondary_auth_token().delete) == (404, 20404)
    secondary = accounts.secondary_auth_token().create().secondary_auth_token
    assert refusal(accounts.secondary_auth_token().create) == (409, 20409)
    assert signing(cordboard) == [cordboard.auth_token, secondary]


def test_no_token_is_recorded(cordboard: Cordboard) -> None:
    accounts = cordboard.client.accounts.v1
    secondary = accounts.secondary_auth_token().create().secondary_auth_token
    accounts.auth_token_promotion().update()
    auth = cordboard.account_sid, secondary
    events = cordboard.http.get("/cordboard/v1/Events", {"ResourceSid": cordboard.account_sid}, auth=auth)
    assert [event["type"] for event in events.json["events"]][-2:] == [
        "account.secondary_token_created",
        "account.token_changed",
    ]
    assert secondary not in events.text


class Started:
    """A database that is started again and again; ``token`` is the first account's afterwards."""

    def __init__(self, folder: Path) -> None:
        self._database = f"sqlite:///{folder}/cordboard.db"

    def token(self, auth_token: str = "", *calls: str) -> str:
        """Start with this setting, make the calls, and stop."""
        return asyncio.run(self._token(auth_token, calls))

    async def _token(self, auth_token: str, calls: tuple[str, ...]) -> str:
        settings = Settings(database=self._database, auth_token=auth_token)
        system = await compose(settings, system_ports(settings))
        try:
            told = system.first_account.auth_token
            for path in calls:
                headers = [(b"host", b"localhost"), (b"authorization", basic(*system.first_account).encode())]
                answer = await exchange(system.app, Request("POST", "http", path, headers, b""))
                assert answer.status in {200, 201}, answer.text
                told = answer.json.get("auth_token", told)
            return told
        finally:
            await system.stop()


SECONDARY, PROMOTE = "/accounts/v1/AuthTokens/Secondary", "/accounts/v1/AuthTokens/Promote"


def test_a_setting_that_still_holds_the_retired_token_does_not_bring_it_back(tmp_path: Path) -> None:
    server = Started(tmp_path)
    assert server.token(FIRST) == FIRST
    promoted = server.token(FIRST, SECONDARY, PROMOTE)
    assert promoted != FIRST
    assert server.token(FIRST) == promoted
    assert server.token() == promoted


def test_a_setting_with_another_token_replaces_the_one_that_is_there(tmp_path: Path) -> None:
    server = Started(tmp_path)
    assert server.token(FIRST) == FIRST
    assert server.token(SECOND, SECONDARY) == SECOND
    assert server.token(SECOND) == SECOND
