"""The JavaScript SDK, unmodified: keys, subaccounts, auth tokens, and the tokens that it mints.

It takes the time of the machine, so the server is started at that.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cordboard.kernel.caller import ServiceGrant, TaskRouterGrant
from cordboard.kernel.clock import SystemClock, iso
from cordboard.testkit.running import Cordboard
from cordboard.testkit.workbench import Workbench
from tests.accounts.minting import caller_of

_HERE = Path(__file__).parent
_NODE = Path(sys.executable).with_name("node")
_PATIENCE_S = 30

WORKSPACE, WORKER = f"WS{'1' * 32}", f"WK{'2' * 32}"


@pytest.fixture(scope="module")
def cordboard(cordboard_workbench: Workbench) -> Iterator[Cordboard]:
    with cordboard_workbench.cordboard(seed=1, start=str(iso(SystemClock().now()))) as cordboard:
        yield cordboard


@pytest.fixture(scope="module")
def report(cordboard: Cordboard) -> Any:
    command = [str(_NODE), str(_HERE / "credentials.js"), cordboard.url, cordboard.account_sid, cordboard.auth_token]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE_S, check=False)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_keys_are_made_listed_page_by_page_renamed_and_deleted(report: Any) -> None:
    assert report["listed"] == ["Key 1", "Key 2", "Key 3"]
    assert report["dateCreated"] is True
    assert report["renamed"] == "Renamed"
    # Three less one, the restricted one, and the one that signs.
    assert report["left"] == 4


def test_a_subaccount_is_made_and_closed(report: Any) -> None:
    assert report["closed"] == ["closed", True, "string"]


def test_a_restricted_key_may_what_its_policy_says(report: Any) -> None:
    assert report["policy"] == {"allow": ["/twilio/taskrouter/read"]}
    assert report["reads"] == 0
    assert report["refused"] == [401, 70051]


def test_the_auth_token_rotates(cordboard: Cordboard, report: Any) -> None:
    assert report["promoted"] is True
    for auth_token, status in ((cordboard.auth_token, 401), (report["authToken"], 200)):
        auth = cordboard.account_sid, auth_token
        assert cordboard.http.get("/cordboard/v1/Keys", auth=auth).status == status


def test_its_access_token_is_taken_with_its_grants(cordboard: Cordboard, report: Any) -> None:
    found = caller_of(cordboard, report["access"])
    assert (found.account_sid, found.identity) == (cordboard.account_sid, "ana")
    assert found.token is not None
    grants = found.token.grants
    assert grants.task_router == TaskRouterGrant(WORKSPACE, WORKER, "worker")
    assert (grants.chat, grants.data_sync) == (ServiceGrant(f"IS{'3' * 32}"), ServiceGrant(f"IS{'4' * 32}"))


def test_its_capability_token_opens_what_its_policies_say(cordboard: Cordboard, report: Any) -> None:
    auth = "token", report["capability"]
    path = f"/taskrouter/v1/Workspaces/{WORKSPACE}"
    # Nothing is there under these SIDs: 404 is said to whom the policies let in.
    assert cordboard.http.get(f"{path}/Workers/{WORKER}", auth=auth).status == 404
    assert cordboard.http.get(f"{path}/Workers/{WORKER}/Reservations", auth=auth).status == 404
    assert cordboard.http.get(f"{path}/Workers", auth=auth).status == 403
