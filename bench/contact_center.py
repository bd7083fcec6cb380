"""The contact center under load: one workspace with one queue, its workers laid out by a seed file."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import msgspec

from bench.load import ACCOUNT_SID, AUTH_TOKEN
from bench.processes import Running, running
from bench.scrape import Scrape

CAPACITY = 50
PATIENCE_S = 20
WORKSPACES = "/taskrouter/v1/Workspaces"


def seed(workers: int, capacity: int = CAPACITY) -> str:
    """Two workflows: a task is for anybody, or for the worker in the seat that it names."""
    text = """
[[workspaces]]
friendly_name = "bench"
[[workspaces.task_queues]]
friendly_name = "Everyone"
[[workspaces.workflows]]
friendly_name = "Anybody"
configuration = { task_routing = { default_filter = { queue = "Everyone" } } }
[[workspaces.workflows]]
friendly_name = "By seat"
[workspaces.workflows.configuration.task_routing]
default_filter = { queue = "Everyone" }
filters = [{ expression = "seat > 0", targets = [{ queue = "Everyone", expression = "worker.seat == task.seat" }] }]
"""
    for number in range(1, workers + 1):
        text += f"""
[[workspaces.workers]]
friendly_name = "worker {number:05}"
activity = "Available"
attributes = {{ skills = ["refunds"], seat = {number} }}
channels = [{{ task_channel = "chat", capacity = {capacity} }}]
"""
    return text


class ContactCenter:
    """A running server, and the SIDs of what its calls name."""

    def __init__(self, running: Running, client: httpx.Client) -> None:
        self.running = running
        self.client = client

    @cached_property
    def workspace_sid(self) -> str:
        (workspace,) = self.get(WORKSPACES)["workspaces"]
        sid: str = workspace["sid"]
        return sid

    def get(self, path: str, **parameters: str | int) -> dict[str, Any]:
        return told(self.client.get(path, params=parameters))

    def worker_sids(self) -> list[str]:
        """In the order of their names, which is that of their seats."""
        workers = self.get(f"{WORKSPACES}/{self.workspace_sid}/Workers", PageSize=1000)["workers"]
        return [worker["sid"] for worker in sorted(workers, key=lambda worker: worker["friendly_name"])]

    def create_form(self, seat: str | None = None) -> str:
        """Of a create for anybody, or for the worker in ``seat``: a number, or a word in its place."""
        name = "Anybody" if seat is None else "By seat"
        workflows = self.get(f"{WORKSPACES}/{self.workspace_sid}/Workflows")["workflows"]
        (workflow_sid,) = [workflow["sid"] for workflow in workflows if workflow["friendly_name"] == name]
        return create_form(self.workspace_sid, workflow_sid, seat)

    def until_offered(self) -> None:
        """Every task has its offer."""
        until = time.perf_counter() + PATIENCE_S
        while Scrape.of(self.running.url).numbers["cordboard_waiting_tasks"]:
            if time.perf_counter() > until:
                raise SystemExit(f"tasks still wait {PATIENCE_S} s after the load: the router does not keep up")
            time.sleep(0.02)


@contextmanager
def serving(database: str, folder: Path, layout: str | None = None) -> Iterator[ContactCenter]:
    """``cordboard serve`` as a user starts it. ``layout``: the text of a seed file, for a new database."""
    environment = {"CORDBOARD_ACCOUNT_SID": ACCOUNT_SID, "CORDBOARD_AUTH_TOKEN": AUTH_TOKEN}
    command = ["-m", "cordboard", "serve", "--database", database]
    if layout is not None:
        (folder / "seed.toml").write_text(layout)
        command += ["--seed", "seed.toml"]
    with (
        running(command, "/readyz", folder, environment) as program,
        httpx.Client(base_url=program.url, auth=(ACCOUNT_SID, AUTH_TOKEN), timeout=PATIENCE_S) as client,
    ):
        yield ContactCenter(program, client)


def told(answer: httpx.Response) -> dict[str, Any]:
    if not answer.is_success:
        raise SystemExit(f"{answer.request.method} {answer.request.url}: {answer.text}")
    found: dict[str, Any] = answer.json()
    return found


def create_form(workspace_sid: str, workflow_sid: str, seat: str | None = None) -> str:
    """About 900 bytes, every byte outside the unreserved ones escaped."""
    channel = {"type": "web", "initiated_by": "api", "properties": {"type": "web"}}
    attributes: dict[str, Any] = {
        "customerName": "Ana Example",
        "customerAddress": "ana@example.com",
        "topic": "refund",
        "note": "x" * 300,
    }
    if seat is not None:
        attributes["seat"] = msgspec.Raw(seat.encode())
    routing = {
        "type": "TaskRouter",
        "properties": {
            "workspace_sid": workspace_sid,
            "workflow_sid": workflow_sid,
            "task_channel_unique_name": "chat",
            "attributes": attributes,
        },
    }
    encoded = [quote(msgspec.json.encode(part).decode(), safe="") for part in (channel, routing)]
    return f"Channel={encoded[0]}&Routing={encoded[1]}"
