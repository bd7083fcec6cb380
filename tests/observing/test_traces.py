"""Spans as a collector gets them from a server in another process, when that ends."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.observing.collector import Collector, collecting
from tests.server.processes import Served

CANARY = "canary7in7the7mine"
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    """What was sent of a story: a workspace, a worker, a task offered, an idle look, a refusal, and canaries everywhere."""
    with collecting() as collector:
        environment = {
            "CORDBOARD_TRACES": "true",
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "NO_PROXY": "127.0.0.1",
        }
        with Served(tmp_path_factory.mktemp("served"), "--port", "0", **environment) as server:
            with httpx.Client(base_url=server.url, auth=(server.account_sid, server.auth_token)) as http:
                tell(http)
            code, _, complaints = server.stop()
        assert (code, complaints) == (0, "")
        yield collector


def tell(http: httpx.Client) -> None:
    workspaces = "/taskrouter/v1/Workspaces"
    made = http.post(workspaces, data={"FriendlyName": CANARY, "Template": "FIFO"}).json()
    workspace = f"{workspaces}/{made['sid']}"
    (available,) = http.get(f"{workspace}/Activities?FriendlyName=Available").json()["activities"]
    http.post(f"{workspace}/Workers", data={"FriendlyName": "ana", "ActivitySid": available["sid"]})
    (workflow,) = http.get(f"{workspace}/Workflows").json()["workflows"]
    attributes = json.dumps({"note": CANARY})
    made = http.post(f"{workspace}/Tasks", data={"WorkflowSid": workflow["sid"], "Attributes": attributes}).json()
    while not http.get(f"{workspace}/Tasks/{made['sid']}/Reservations").json()["reservations"]:
        pass
    http.get(f"{workspace}/Tasks/{CANARY}")
    http.post(workspaces, data={"FriendlyName": CANARY, "Template": CANARY})
    http.get(workspace, headers={"traceparent": f"00-{TRACE}-{PARENT}-01"})


def test_a_request_has_a_span_with_who_what_and_which_sids(sent: Collector) -> None:
    (task,) = sent.named("CreateTask")
    assert task.values["http.request.method"] == "POST"
    assert task.values["http.response.status_code"] == 201
    assert task.values["cordboard.request_id"].startswith("RQ")
    assert task.values["cordboard.account_sid"].startswith("AC")
    assert [sid[:2] for sid in task.values["cordboard.sids"]] == ["WS"]
    assert not task.is_error
    assert (sent.resource["service.name"], task.parent) == ("cordboard", b"")


def test_below_it_are_its_unit_its_run_and_the_commit_that_it_waited_for(sent: Collector) -> None:
    (task,) = sent.named("CreateTask")
    (unit,) = [child for child in sent.of(task) if child.name == "unit"]
    run, commit = sent.of(unit)
    assert (run.name, commit.name) == ("run", "commit")
    assert 0 < run.nanoseconds + commit.nanoseconds <= unit.nanoseconds <= task.nanoseconds
    (look,) = sent.of(sent.named("ListWorkflow")[0])
    assert look.name == "look"


def test_a_turn_of_the_router_names_what_it_offered(sent: Collector) -> None:
    (turn,) = [turn for turn in sent.named("router turn") if turn.values["cordboard.offers"]]
    (unit,) = sent.of(turn)
    assert [sid[:2] for sid in unit.values["cordboard.sids"]] == ["WT", "WK"]


def test_a_trace_of_the_caller_goes_on(sent: Collector) -> None:
    (fetched,) = sent.named("FetchWorkspace")
    assert (fetched.trace.hex(), fetched.parent.hex()) == (TRACE, PARENT)


def test_nothing_of_what_was_sent_is_in_a_span(sent: Collector) -> None:
    refused = [span for span in sent if span.values.get("http.response.status_code") in {400, 404}]
    assert len(refused) == 2
    assert CANARY.encode() not in sent.bytes_


def test_a_collector_that_is_not_there_keeps_nobody_from_stopping(tmp_path: Path) -> None:
    environment = {
        "CORDBOARD_TRACES": "true",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9",
        "OTEL_EXPORTER_OTLP_TIMEOUT": "1",
    }
    with Served(tmp_path, "--port", "0", **environment) as server:
        assert httpx.get(f"{server.url}/openapi.json").status_code == 200
        code, _, _ = server.stop()
    assert code == 0
