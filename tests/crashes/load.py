"""Customers and agents who work until the server is gone, and remember what they were told."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import httpx

WRITERS = 6
WORKERS = 4
CAPACITY = 3
CHANNEL = json.dumps({"type": "web", "initiated_by": "api", "participants": [{"identity": "customer"}]})


class Floor:
    """A workspace with a few workers, made once for all rounds."""

    def __init__(self, client: httpx.Client) -> None:
        workspace = _told(client.post("/v1/Workspaces", data={"FriendlyName": "crashes", "Template": "FIFO"}))
        self.base = f"/v1/Workspaces/{workspace['sid']}"
        (available,) = _told(client.get(f"{self.base}/Activities", params={"FriendlyName": "Available"}))["activities"]
        (workflow,) = _told(client.get(f"{self.base}/Workflows"))["workflows"]
        for number in range(WORKERS):
            form = {"FriendlyName": f"worker {number}", "ActivitySid": available["sid"]}
            worker = _told(client.post(f"{self.base}/Workers", data=form))
            channel = f"{self.base}/Workers/{worker['sid']}/Channels/chat"
            _told(client.post(channel, data={"Capacity": CAPACITY}))
        properties = {
            "workspace_sid": workspace["sid"],
            "workflow_sid": workflow["sid"],
            "task_channel_unique_name": "chat",
            "timeout": 3600,
        }
        self.routing = json.dumps({"properties": properties})


class Acknowledged:
    """What the server has said that it did: paths, and what must be found there from then on."""

    def __init__(self) -> None:
        self.facts: list[tuple[str, dict[str, tuple[Any, ...]]]] = []
        self._enough = threading.Event()
        self._wanted = 0

    def until(self, count: int) -> bool:
        """Wait until so many things were acknowledged."""
        self._wanted = count
        return self._enough.wait(timeout=20)

    def add(self, path: str, **values: tuple[Any, ...]) -> None:
        self.facts.append((path, values))
        if len(self.facts) >= self._wanted > 0:
            self._enough.set()


def work(url: str, auth: tuple[str, str], floor: Floor, acknowledged: Acknowledged) -> None:
    """Live life cycles one after another until the server does not answer any more."""
    with httpx.Client(base_url=url, auth=auth, timeout=20) as client:
        try:
            while True:
                for _ in _life_cycle(client, floor, acknowledged):
                    pass
        except httpx.TransportError:
            return


def _life_cycle(client: httpx.Client, floor: Floor, acknowledged: Acknowledged) -> Iterator[None]:
    """One interaction from create to close; it may be left at any step."""
    made = _told(client.post("/v1/Interactions", data={"Channel": CHANNEL, "Routing": floor.routing}))
    task, channel = made["routing"]["properties"], f"/v1/Interactions/{made['sid']}/Channels/{made['channel']['sid']}"
    acknowledged.add(f"/v1/Interactions/{made['sid']}", sid=(made["sid"],))
    yield
    reservations = f"{floor.base}/Tasks/{task['sid']}/Reservations"
    offers = _told(client.get(reservations, params={"ReservationStatus": "pending"}))["reservations"]
    if not offers:
        return
    accepted = f"{reservations}/{offers[0]['sid']}"
    _told(client.post(accepted, data={"ReservationStatus": "accepted"}))
    acknowledged.add(accepted, reservation_status=("accepted", "wrapping", "completed"))
    yield
    messages = f"/v1/Conversations/{json.loads(task['attributes'])['conversationSid']}/Messages"
    message = _told(client.post(messages, data={"Author": "customer", "Body": "Hello"}))
    acknowledged.add(f"{messages}/{message['sid']}", index=(message["index"],), body=("Hello",))
    yield
    _told(client.post(channel, data={"Status": "closed", "Routing": '{"status": "closed"}'}))
    acknowledged.add(channel, status=("closed",))
    acknowledged.add(f"{floor.base}/Tasks/{task['sid']}", assignment_status=("completed",))


def _told(answer: httpx.Response) -> dict[str, Any]:
    assert answer.is_success, (answer.request.url, answer.status_code, answer.text)
    told: dict[str, Any] = answer.json()
    return told
