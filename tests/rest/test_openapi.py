import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.rest.fakes import FLEX, TASKROUTER, TASKS, Server


@pytest.fixture(scope="module")
def described() -> Any:
    answer = Server().call("GET", "/openapi.json", authorization=None)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    return answer.json


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(reference := node.get("$ref"), str):
            yield reference
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_every_row_of_every_table_is_described_under_its_products_prefix(described: Any) -> None:
    rows = {
        (f"/{product.name}{row.path}", row.verb.lower(), f"{product.name}.{row.operation}")
        for product in (TASKROUTER, FLEX)
        for row in product.routes
    }
    paths = described["paths"].items()
    assert rows == {(path, verb, row["operationId"]) for path, item in paths for verb, row in item.items()}


def test_the_document_stands_on_its_own(described: Any) -> None:
    assert described["openapi"] == "3.1.0"
    for reference in references(described):
        place = described
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]


def test_every_parameter_of_a_path_is_declared(described: Any) -> None:
    for path, item in described["paths"].items():
        for operation in item.values():
            declared = {row["name"] for row in operation["parameters"] if row["in"] == "path"}
            assert declared == set(re.findall(r"\{(\w+)\}", path))


def test_a_form_is_described_by_its_fields(described: Any) -> None:
    create = described["paths"][f"/taskrouter{TASKS}"]["post"]
    content = create["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    assert content["required"] == ["FriendlyName"]
    assert content["properties"].keys() == {"Priority", "FriendlyName", "Attributes"}
    assert content["properties"]["Priority"] == {"type": "integer", "minimum": 0, "maximum": 100, "default": 0}
    assert create["responses"].keys() == {"201", "default"}


def test_a_list_is_described_with_its_page_and_envelope(described: Any) -> None:
    listed = described["paths"][f"/taskrouter{TASKS}"]["get"]
    queried = {row["name"]: row for row in listed["parameters"] if row["in"] == "query"}
    assert queried.keys() == {"Status", "PageSize", "Page", "PageToken"}
    assert queried["PageSize"]["schema"]["maximum"] == 1000
    schema = listed["responses"]["200"]["content"]["application/json"]["schema"]
    assert schema["required"] == ["meta", "tasks"]


def test_an_answer_is_described_by_what_its_view_returns(described: Any) -> None:
    fetch = described["paths"][f"/taskrouter{TASKS}/{{Sid}}"]["get"]["responses"]["200"]
    schema = fetch["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    shown = described["components"]["schemas"][schema]
    assert set(shown["required"]) == shown["properties"].keys() == {"sid", "priority", "url"}
    assert shown["properties"]["url"] == {"type": "string", "format": "uri"}


def test_links_lead_from_what_is_made_or_listed_to_what_can_be_done_with_it(described: Any) -> None:
    made = described["paths"][f"/taskrouter{TASKS}"]["post"]["responses"]["201"]["links"]
    assert made.keys() == {"FetchTask", "UpdateTask", "DeleteTask", "ListNote"}
    assert made["FetchTask"] == {
        "operationId": "taskrouter.FetchTask",
        "parameters": {"path.WorkspaceSid": "$request.path.WorkspaceSid", "path.Sid": "$response.body#/sid"},
    }
    listed = described["paths"][f"/taskrouter{TASKS}"]["get"]["responses"]["200"]["links"]
    assert listed["DeleteTask"]["parameters"]["path.Sid"] == "$response.body#/tasks/0/sid"
    assert "links" not in described["paths"][f"/taskrouter{TASKS}/{{Sid}}"]["get"]["responses"]["200"]


def test_if_match_is_described_as_a_header(described: Any) -> None:
    update = described["paths"][f"/taskrouter{TASKS}/{{Sid}}"]["post"]
    assert {(row["name"], row["in"]) for row in update["parameters"]} >= {("If-Match", "header")}
    fields = update["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]["properties"]
    assert fields.keys() == {"Priority"}


def test_json_inside_a_form_is_described_as_such(described: Any) -> None:
    invite = described["paths"]["/flex-api/v1/Interactions"]["post"]["requestBody"]
    content = invite["content"]["application/x-www-form-urlencoded"]
    assert content["encoding"] == {"Channel": {"contentType": "application/json"}}
    assert content["schema"]["properties"]["Since"] == {"type": "string", "format": "date-time"}


def test_what_is_not_built_is_listed_with_its_501(described: Any) -> None:
    missing = described["paths"][f"/taskrouter{TASKS}/{{Sid}}/Notes"]["post"]
    assert missing["x-cordboard-built"] is False
    assert missing["responses"].keys() == {"501"}


def test_what_deletes_is_described_without_a_body(described: Any) -> None:
    deleted = described["paths"][f"/taskrouter{TASKS}/{{Sid}}"]["delete"]
    assert "requestBody" not in deleted
    assert deleted["responses"].keys() == {"204", "default"}


def test_only_reading_is_allowed() -> None:
    refused = Server().call("POST", "/openapi.json")
    assert (refused.status, refused.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


def test_a_page_of_another_origin_may_ask_before_it_reads() -> None:
    allowed = Server().call("OPTIONS", "/openapi.json", authorization=None, origin="https://desk.example")
    assert (allowed.status, allowed.body, allowed.headers["allow"]) == (204, b"", "GET, HEAD, OPTIONS")
    assert allowed.headers["access-control-max-age"] == "600"
