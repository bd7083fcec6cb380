import asyncio
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client

from cordboard.testkit import workbench
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


def test_a_whole_story_leaves_the_same_record_for_the_same_seed(cordboard_workbench: Workbench) -> None:
    def tell(cordboard: Cordboard) -> Any:
        workspace = cordboard.client.taskrouter.v1.workspaces.create(friendly_name="A workspace", template="FIFO")
        (available,) = workspace.activities.list(friendly_name="Available")
        for number in range(3):
            workspace.workers.create(friendly_name=f"worker {number}", activity_sid=available.sid)
            workspace.tasks.create(attributes=f'{{"number": {number}}}', workflow_sid=workspace.workflows.list()[0].sid)
            cordboard.settled()
        cordboard.clock.advance(300)
        return cordboard.http.get("/cordboard/v1/Events", {"PageSize": 1000}).json["events"]

    records = []
    for _ in range(2):
        with cordboard_workbench.cordboard(seed=7) as cordboard:
            records.append(tell(cordboard))
    assert records[0] == records[1]
    assert sum(event["type"] == "reservation.created" for event in records[0]) >= 3


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


# The SDK passes credentials as aiohttp 3.14 would not have them.
@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:The 'auth' parameter is deprecated:DeprecationWarning")
def test_an_async_program_calls_by_the_url(cordboard: Cordboard) -> None:
    async def program() -> list[str]:
        async with AsyncTwilioHttpClient() as http_client:
            client = Client(ACCOUNT_SID, AUTH_TOKEN, http_client=http_client)
            client.taskrouter.base_url = f"{cordboard.url}/taskrouter"
            await client.taskrouter.v1.workspaces.create_async(friendly_name="A workspace")
            return [workspace.friendly_name for workspace in await client.taskrouter.v1.workspaces.list_async()]

    assert asyncio.run(program()) == ["A workspace"]


def test_without_a_folder_in_memory_the_temporary_folder_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbench, "_IN_MEMORY", Path("/nowhere"))
    with Workbench() as bench, bench.cordboard(seed=1) as cordboard:
        assert cordboard.http.get("/cordboard/v1/Keys").status == 200
        assert bench._folder.parent == Path(tempfile.gettempdir())
    assert not bench._folder.exists()


def test_a_server_starts_and_ends_in_ten_milliseconds(cordboard_workbench: Workbench) -> None:
    def took() -> float:
        begun = time.perf_counter()
        with cordboard_workbench.cordboard(seed=1):
            pass
        return time.perf_counter() - begun

    assert any(took() < 0.010 for _ in range(100))
