"""The seven promises of docs/decisions/README.md, each by its name, through what users have."""

import json
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from cordboard.testkit.running import Cordboard
from cordboard.testkit.workbench import Workbench
from tests.server.processes import Served
from tests.taskrouter.scene import Scene

WRITERS = 8
KILL_AFTER = 150


def test_promise_1_a_2xx_means_it_is_on_disk(tmp_path: Path) -> None:
    credentials = {"CORDBOARD_ACCOUNT_SID": "AC" + "1" * 32, "CORDBOARD_AUTH_TOKEN": "t" * 32}
    flags = ("--port", "0", "--database", f"sqlite:///{tmp_path / 'killed.db'}")
    auth = (credentials["CORDBOARD_ACCOUNT_SID"], credentials["CORDBOARD_AUTH_TOKEN"])
    acknowledged: list[dict[str, Any]] = []
    with Served(tmp_path, *flags, **credentials) as served, httpx.Client(base_url=served.url, auth=auth) as client:
        routing = _floor(client)

        def create_until_killed(_: int) -> None:
            while True:
                try:
                    answer = client.post("/v1/Interactions", data={"Channel": API_CHANNEL, "Routing": routing})
                except httpx.HTTPError:
                    return
                assert answer.status_code == 201, answer.text
                acknowledged.append(answer.json())
                if len(acknowledged) == KILL_AFTER:
                    served.process.send_signal(signal.SIGKILL)

        with ThreadPoolExecutor(WRITERS) as writers:
            list(writers.map(create_until_killed, range(WRITERS)))
    assert len(acknowledged) >= KILL_AFTER
    with Served(tmp_path, *flags, **credentials) as served, httpx.Client(base_url=served.url, auth=auth) as client:
        for interaction in acknowledged:
            _is_whole(client, interaction)
        positions = [event["position"] for event in _all(client, "/cordboard/v1/Events", "events")]
        assert positions == list(range(1, len(positions) + 1))


def test_promise_2_an_event_is_recorded_with_the_change_or_not_at_all(scene: Scene) -> None:
    task = scene.task()
    assert scene.events(task.sid) == [
        "workflow.entered",
        "task-queue.entered",
        "task.created",
        "workflow.target-matched",
    ]
    before = _feed(scene.cordboard)
    refused = scene.cordboard.http.post(
        f"/v1/Workspaces/{scene.sid}/Tasks/{task.sid}", {"AssignmentStatus": "completed"}, host="taskrouter"
    )
    assert refused.status == 400
    assert _feed(scene.cordboard) == before


def test_promise_3_the_router_never_offers_beyond_capacity_and_a_task_has_one_owner(scene: Scene) -> None:
    workers = [scene.worker(f"worker {number}").sid for number in range(3)]
    for worker in workers:
        scene.capacity(worker, "chat", 2)
    tasks = [scene.task(task_channel="chat").sid for _ in range(12)]
    served: list[str] = []
    while len(served) < len(tasks):
        offers = [offer for task in tasks for offer in scene.offers(task)]
        open_offers = [offer for offer in offers if offer.reservation_status in {"pending", "accepted"}]
        assert all(sum(offer.worker_sid == worker for offer in open_offers) <= 2 for worker in workers)
        assert len({offer.task_sid for offer in open_offers}) == len(open_offers)
        for offer in open_offers:
            if offer.reservation_status == "pending":
                scene.answer(scene.answer(offer, "accepted"), "completed")
                served.append(offer.task_sid)
    assert sorted(served) == sorted(tasks)


def test_promise_3_a_direct_offer_that_ignores_capacity_is_counted(scene: Scene) -> None:
    worker = scene.worker("ana")
    for _ in range(3):
        scene.answer(scene.offer(scene.task(routing_target=worker.sid).sid), "accepted")
    channel = scene.workspace.workers(worker.sid).worker_channels("default").fetch()
    assert (channel.assigned_tasks, channel.available_capacity_percentage) == (3, 0)
    assert scene.offers(scene.task().sid) == []


def test_promise_4_no_task_is_stuck(scene: Scene) -> None:
    nobody = scene.workspace.task_queues.create(friendly_name="nobody", target_workers="1 == 2")
    tasks = [scene.task(timeout=60).sid, scene.task(routing_target=nobody.sid, timeout=90).sid]
    scene.cordboard.clock.advance(90)
    assert [scene.status(task) for task in tasks] == ["canceled", "canceled"]


def test_promise_5_every_list_pages_stably_while_rows_are_added(scene: Scene) -> None:
    made = [scene.task().sid for _ in range(7)]
    page = scene.workspace.tasks.page(page_size=3)
    seen = [task.sid for task in page]
    while page is not None and page.next_page_url and len(seen) < len(made):
        scene.task()
        page = page.next_page()
        seen += [task.sid for task in page]
    assert seen[: len(made)] == made
    assert len(set(seen)) == len(seen)


@pytest.mark.parametrize(
    "body",
    [
        b"FriendlyName=\xff",
        b"FriendlyName=%00",
        b"FriendlyName=%ED%A0%80",
        b"%",
        b"&&&===",
        b"Attributes=" + b"[" * 5000,
        b"Priority=" + b"9" * 5000,
        b"\x00\x01\x02",
    ],
)
def test_promise_6_unknown_input_is_answered_in_the_vendors_form(scene: Scene, body: bytes) -> None:
    base = f"/v1/Workspaces/{scene.sid}"
    paths = ("/v1/Workspaces", *(f"{base}/{name}" for name in ("Workers", "Tasks", "TaskQueues", "Workflows")))
    for path in paths:
        answer = scene.cordboard.http.request(
            "POST", path, body, host="taskrouter", headers={"Content-Type": "application/x-www-form-urlencoded"}
        )
        assert answer.status == 400 if path != f"{base}/Tasks" else answer.status in {201, 400}, (path, answer.text)
        if answer.status == 400:
            assert answer.json.keys() == {"code", "message", "more_info", "status"}


def test_promise_7_a_run_can_be_replayed_from_its_seed(cordboard_workbench: Workbench) -> None:
    def run() -> list[Any]:
        with cordboard_workbench.cordboard(seed=7) as cordboard:
            scene = Scene(cordboard)
            scene.worker("ana")
            scene.answer(scene.offer(scene.task().sid), "rejected")
            cordboard.clock.advance(300)
            return _feed(cordboard)

    first = run()
    assert len(first) > 20
    assert run() == first


API_CHANNEL = json.dumps({"type": "web", "initiated_by": "api", "participants": [{"identity": "customer"}]})


def _floor(client: httpx.Client) -> str:
    """A workspace with a queue that nobody serves; the text of a ``Routing`` into it."""
    workspace = client.post("/v1/Workspaces", data={"FriendlyName": "killed", "Template": "FIFO"}).json()
    workflow = client.get(f"/v1/Workspaces/{workspace['sid']}/Workflows").json()["workflows"][0]
    return json.dumps({"properties": {"workspace_sid": workspace["sid"], "workflow_sid": workflow["sid"]}})


def _is_whole(client: httpx.Client, interaction: dict[str, Any]) -> None:
    """Everything that one create makes is there."""
    path = f"/v1/Interactions/{interaction['sid']}"
    assert client.get(path).json()["sid"] == interaction["sid"]
    (channel,) = client.get(f"{path}/Channels").json()["channels"]
    assert channel["sid"] == interaction["channel"]["sid"]
    assert len(client.get(f"{path}/Channels/{channel['sid']}/Invites").json()["invites"]) == 1
    assert len(client.get(f"{path}/Channels/{channel['sid']}/Participants").json()["participants"]) == 1
    task = interaction["routing"]["properties"]
    found = client.get(f"/v1/Workspaces/{task['workspace_sid']}/Tasks/{task['sid']}").json()
    assert found["attributes"] == task["attributes"]
    conversation = json.loads(task["attributes"])["conversationSid"]
    participants = client.get(f"/v1/Conversations/{conversation}/Participants").json()["participants"]
    assert [participant["identity"] for participant in participants] == ["customer"]


def _all(client: httpx.Client, path: str, key: str) -> list[Any]:
    page = client.get(path, params={"PageSize": 1000}).json()
    found = list(page[key])
    while page["meta"]["next_page_url"]:
        page = client.get(page["meta"]["next_page_url"]).json()
        found += page[key]
    return found


def _feed(cordboard: Cordboard) -> list[Any]:
    cordboard.settled()
    events: list[Any] = cordboard.http.get("/cordboard/v1/Events", {"PageSize": 1000}).json["events"]
    return events
