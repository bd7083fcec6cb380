import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from twilio.base.exceptions import TwilioRestException

from cordboard.testkit.running import Cordboard
from cordboard.testkit.workbench import ACCOUNT_SID, AUTH_TOKEN, Workbench


def keys_of(cordboard: Cordboard) -> list[str]:
    return [key["friendly_name"] for key in cordboard.http.get("/cordboard/v1/Keys").json["keys"]]


def add_key(cordboard: Cordboard, name: str) -> str:
    sid: str = cordboard.http.post("/cordboard/v1/Keys", {"FriendlyName": name}).json["sid"]
    return sid


def test_the_account_and_its_token_are_known(cordboard: Cordboard) -> None:
    assert (cordboard.account_sid, cordboard.auth_token) == (ACCOUNT_SID, AUTH_TOKEN)
    assert cordboard.client.api.v2010.accounts(ACCOUNT_SID).fetch().sid == ACCOUNT_SID


def test_each_server_has_rows_of_its_own(cordboard: Cordboard, cordboard_workbench: Workbench) -> None:
    add_key(cordboard, "mine")
    with cordboard_workbench.cordboard(seed=1) as other:
        assert keys_of(other) == []
        add_key(other, "theirs")
    assert keys_of(cordboard) == ["mine"]


def test_a_server_that_ended_leaves_no_file_and_no_thread(cordboard_workbench: Workbench) -> None:
    def left() -> Iterator[object]:
        yield from cordboard_workbench._folder.rglob("*")
        yield from (thread.name for thread in threading.enumerate())

    before = list(left())
    with cordboard_workbench.cordboard(seed=1) as cordboard:
        add_key(cordboard, "a key")
        assert len(list(left())) > len(before)
    assert list(left()) == before


def test_the_same_seed_makes_the_same_sids_and_secrets(cordboard_workbench: Workbench) -> None:
    made = []
    for seed in (7, 7, 8):
        with cordboard_workbench.cordboard(seed) as cordboard:
            made.append((add_key(cordboard, "a key"), cordboard.add_account("another")))
    assert made[0] == made[1]
    assert made[0] != made[2]


@pytest.mark.cordboard(seed=7, start="2026-03-29T00:59:59+01:00")
def test_the_marker_gives_seed_and_start(cordboard: Cordboard) -> None:
    assert cordboard.seed == 7
    assert cordboard.clock.now().isoformat() == "2026-03-28T23:59:59+00:00"


def test_a_new_account_sees_nothing_of_the_first(cordboard: Cordboard) -> None:
    add_key(cordboard, "a key")
    sid, token = cordboard.add_account("another")
    assert cordboard.http.get("/cordboard/v1/Keys", auth=(sid, token)).json["keys"] == []
    assert cordboard.client_of(sid, token).api.v2010.accounts(sid).fetch().friendly_name == "another"


def test_a_refusal_is_the_sdks_own_exception(cordboard: Cordboard) -> None:
    with pytest.raises(TwilioRestException) as refusal:
        cordboard.client_of(ACCOUNT_SID, "wrong").api.v2010.accounts(ACCOUNT_SID).fetch()
    assert (refusal.value.status, refusal.value.code) == (401, 20003)


def test_several_threads_may_call_at_once(cordboard: Cordboard) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: add_key(cordboard, f"key {number}"), range(32)))
    assert sorted(keys_of(cordboard)) == sorted(f"key {number}" for number in range(32))


def test_the_url_leads_to_the_same_server_until_it_ends(cordboard_workbench: Workbench) -> None:
    with cordboard_workbench.cordboard(seed=1) as cordboard:
        add_key(cordboard, "a key")
        found = httpx.get(f"{cordboard.url}/cordboard/v1/Keys", auth=(ACCOUNT_SID, AUTH_TOKEN), trust_env=False)
        assert [key["friendly_name"] for key in found.json()["keys"]] == ["a key"]
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{cordboard.url}/healthz", trust_env=False)


def test_a_server_starts_and_ends_in_ten_milliseconds(cordboard_workbench: Workbench) -> None:
    def took() -> float:
        begun = time.perf_counter()
        with cordboard_workbench.cordboard(seed=1):
            pass
        return time.perf_counter() - begun

    assert min(took() for _ in range(10)) < 0.010
