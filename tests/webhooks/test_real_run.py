"""A server in a process of its own, killed again and again under load, and a receiver that listens on."""

import itertools
import json
import signal
import threading
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from cordboard.testkit.loop import LoopThread
from tests.server.processes import Served
from tests.webhooks.receiver import ACCEPT, OK, Call, HostileReceiver

CREDENTIALS = {"CORDBOARD_ACCOUNT_SID": "AC" + "1" * 32, "CORDBOARD_AUTH_TOKEN": "t" * 32}
AUTH = (CREDENTIALS["CORDBOARD_ACCOUNT_SID"], CREDENTIALS["CORDBOARD_AUTH_TOKEN"])
ROUNDS, WRITERS, ENOUGH = 4, 4, 40


@pytest.fixture
def receiver() -> Iterator[HostileReceiver]:
    with LoopThread() as loop:
        receiver = HostileReceiver()
        loop.call(receiver.start())
        yield receiver
        loop.call(receiver.stop())


def test_a_killed_server_has_told_everything_in_order(tmp_path: Path, receiver: HostileReceiver) -> None:
    receiver.script = lambda call: ACCEPT if call.path == "/assign" else OK
    base = ""
    for _ in range(ROUNDS):
        with (
            Served(tmp_path, "--port", "0", **CREDENTIALS) as served,
            httpx.Client(base_url=served.url, auth=AUTH, timeout=20) as client,
        ):
            base = base or lay_out(client, receiver.url)
            with ThreadPoolExecutor(WRITERS) as writers:
                enough = threading.Event()
                working = [writers.submit(work, served.url, base, enough) for _ in range(WRITERS)]
                assert enough.wait(20)
                served.process.send_signal(signal.SIGKILL)
            served.process.wait()
            for worker in working:
                worker.result()
    with (
        Served(tmp_path, "--port", "0", **CREDENTIALS) as served,
        httpx.Client(base_url=served.url, auth=AUTH, timeout=20) as client,
    ):
        while client.get("/cordboard/v1/Deliveries", params={"Status": "pending"}).json()["deliveries"]:
            pass
        happened = list(events(client, base))
    told = [call for call in receiver.calls if call.path == "/events"]
    assert {call.form["Sid"] for call in told} == {event["sid"] for event in happened}
    assert len(happened) > ROUNDS * ENOUGH
    assert all(call.is_signed_by(AUTH[1]) for call in receiver.calls)
    in_order(told)
    reserved = {event["resource_sid"] for event in happened if event["type"] == "reservation.created"}
    assert {call.form["ReservationSid"] for call in receiver.calls if call.path == "/assign"} == reserved


def in_order(told: list[Call]) -> None:
    """What is told of a task for the first time is told in the order in which it happened."""
    of_task: dict[str, list[int]] = defaultdict(list)
    for call in told:
        position = int(call.headers["x-cordboard-event-position"])
        if "TaskSid" in call.form and position not in of_task[call.form["TaskSid"]]:
            of_task[call.form["TaskSid"]].append(position)
    assert all(positions == sorted(positions) for positions in of_task.values())


def lay_out(client: httpx.Client, url: str) -> str:
    form = {"FriendlyName": "x", "Template": "FIFO", "EventCallbackUrl": f"{url}/events"}
    base = f"/v1/Workspaces/{made(client, '/v1/Workspaces', form)['sid']}"
    (workflow,) = client.get(f"{base}/Workflows").json()["workflows"]
    made(client, f"{base}/Workflows/{workflow['sid']}", {"AssignmentCallbackUrl": f"{url}/assign"})
    activities = client.get(f"{base}/Activities").json()["activities"]
    (free,) = [found["sid"] for found in activities if found["available"]]
    for number in range(3):
        worker = made(client, f"{base}/Workers", {"FriendlyName": f"w{number}", "ActivitySid": free})
        made(client, f"{base}/Workers/{worker['sid']}/Channels/default", {"Capacity": "50"})
    return base


def work(url: str, base: str, enough: threading.Event) -> None:
    """Create tasks, and complete those that were assigned, until the server is gone."""
    with httpx.Client(base_url=url, auth=AUTH, timeout=20) as client:
        try:
            for count in itertools.count():
                task = made(client, f"{base}/Tasks", {"Attributes": json.dumps({"count": count})})
                client.post(f"{base}/Tasks/{task['sid']}", data={"AssignmentStatus": "completed"})
                if count * WRITERS > ENOUGH:
                    enough.set()
        except httpx.TransportError:
            return


def made(client: httpx.Client, path: str, form: dict[str, str]) -> dict[str, Any]:
    answer = client.post(path, data=form)
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


def events(client: httpx.Client, base: str) -> Iterator[dict[str, Any]]:
    """What happened in the workspace, as the feed has it."""
    workspace = base.rpartition("/")[2]
    query: dict[str, Any] | None = {"PageSize": 1000}
    path = "/cordboard/v1/Events"
    while True:
        page = client.get(path, params=query).json()
        for event in page["events"]:
            if event["product"] == "taskrouter" and event["scope_sid"] == workspace:
                yield event
        if page["meta"]["next_page_url"] is None:
            return
        path, query = page["meta"]["next_page_url"], None
