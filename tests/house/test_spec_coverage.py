"""``make coverage`` finds what is missing of a vendor's file, and says nothing where nothing is."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from cordboard.rest.openapi import document
from cordboard.server.compose import PRODUCTS
from scripts.spec_coverage import Spec, main, missing

QUEUES = "/v1/Workspaces/{WorkspaceSid}/TaskQueues"
OURS = Spec(document(PRODUCTS), "/taskrouter")


@pytest.fixture
def theirs() -> dict[str, Any]:
    """A piece of a vendor's file, in its way of writing."""
    queue = {
        "type": "object",
        "properties": {"sid": {"type": "string"}, "url": {"type": "string"}, "links": {"type": "object"}},
    }
    found = {"schema": {"$ref": "#/components/schemas/queue"}}
    listed = {"schema": {"properties": {"task_queues": {"type": "array", "items": found["schema"]}}}}
    created = {"schema": {"title": "Create", "properties": {"FriendlyName": {}, "TaskOrder": {}}}}
    paths = {
        QUEUES: {
            "servers": [],
            "get": {
                "operationId": "ListTaskQueue",
                "parameters": [{"name": "Ordering", "in": "query"}, {"name": "WorkspaceSid", "in": "path"}],
                "responses": {"200": {"content": {"application/json": listed}}},
            },
            "post": {
                "operationId": "CreateTaskQueue",
                "requestBody": {"content": {"application/x-www-form-urlencoded": created}},
                "responses": {"201": {"content": {"application/json": found}}},
            },
        },
        f"{QUEUES}/{{QueueSid}}": {"delete": {"operationId": "DeleteTaskQueue", "responses": {"204": {}}}},
    }
    return {"paths": paths, "components": {"schemas": {"queue": queue}}}


def test_nothing_is_missing_of_what_is_served_under_other_names_of_path_parameters(theirs: dict[str, Any]) -> None:
    assert missing(Spec(theirs), OURS) == (3, [])


def test_what_is_missing_is_named(theirs: dict[str, Any]) -> None:
    theirs["paths"][QUEUES]["get"]["parameters"].append({"name": "Colour", "in": "query"})
    theirs["paths"][QUEUES]["post"]["parameters"] = [{"name": "X-Header", "in": "header"}]
    theirs["components"]["schemas"]["queue"]["properties"]["weight"] = {"properties": {"kilograms": {}}}
    theirs["paths"][f"{QUEUES}/Purge"] = {"post": {"operationId": "PurgeTaskQueue", "responses": {}}}
    assert missing(Spec(theirs), OURS)[1] == [
        "ListTaskQueue: no parameter Colour",
        "ListTaskQueue: no answer field task_queues[].weight",
        "ListTaskQueue: no answer field task_queues[].weight.kilograms",
        "CreateTaskQueue: no parameter X-Header",
        "CreateTaskQueue: no answer field weight",
        "CreateTaskQueue: no answer field weight.kilograms",
        f"PurgeTaskQueue: POST {QUEUES.replace('WorkspaceSid', '')}/Purge is not built",
    ]


def test_an_operation_that_answers_501_is_missing(theirs: dict[str, Any]) -> None:
    ours = copy.deepcopy(document(PRODUCTS))
    ours["paths"][f"/taskrouter{QUEUES}"]["get"]["x-cordboard-built"] = False
    assert missing(Spec(theirs), Spec(ours, "/taskrouter"))[1] == [
        f"ListTaskQueue: GET {QUEUES.replace('WorkspaceSid', '')} is not built"
    ]


@pytest.mark.parametrize(
    ("part", "code", "said"),
    [("Delete", 0, "1 operations compared, 0"), ("taskqueues", 1, "1 things missing"), ("Nobody", 2, "0 operations")],
)
def test_a_part_is_compared_and_the_exit_code_says_how_it_was(
    theirs: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str], part: str, code: int, said: str
) -> None:
    theirs["paths"][QUEUES]["get"]["parameters"].append({"name": "Colour", "in": "query"})
    file = tmp_path / "theirs.yaml"
    file.write_text(yaml.safe_dump(theirs))
    assert main([str(file), "taskrouter", part]) == code
    assert said in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["", ""], ["a.yaml", "phones"], []])
def test_a_wrong_call_is_told_how_to_call(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert "make coverage SPEC=" in capsys.readouterr().err
