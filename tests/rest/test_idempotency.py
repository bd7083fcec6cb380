import logging
from typing import Any

import pytest

from cordboard.rest.routes import Route
from tests.rest.fakes import FLEX, TASKROUTER, TASKS, Answer, Server, Task

WORKSPACE = "/v1/Workspaces/WS1"
CREATE = f"{WORKSPACE}/Tasks"
WT = f"WT{0:032x}"
FORM = {"FriendlyName": "Ada", "Priority": "7"}


def create(served: Server, url: str = CREATE, form: object = None, key: str = "k", **headers: Any) -> Answer:
    return served.call("POST", url, FORM if form is None else form, idempotency_key=key, **headers)


def test_a_call_without_a_key_is_not_kept() -> None:
    served = Server()
    first, second = served.call("POST", CREATE, FORM), served.call("POST", CREATE, FORM)
    assert first.json["sid"] != second.json["sid"]
    assert not served.world.kept


def test_what_is_kept_is_the_whole_answer_but_what_every_answer_has() -> None:
    served = Server()
    made = create(served)
    ((call, (status, headers, body)),) = served.world.kept.items()
    assert (call.key, status, body) == ("k", 201, made.body)
    assert headers == [(b"content-type", b"application/json"), (b"etag", b'"0"')]
    again = create(served)
    assert (again.status, again.headers["etag"], again.body) == (201, '"0"', made.body)
    assert again.headers["twilio-request-id"] != made.headers["twilio-request-id"]
    assert len(served.world.tasks) == 1


@pytest.mark.parametrize(
    ("url", "form", "headers"),
    [
        (CREATE, {"Priority": "7", "FriendlyName": "Ada"}, {}),
        (CREATE, b"FriendlyName=%41da&Priority=7", {}),
        (CREATE, {**FORM, "Attributes": "{}"}, {}),
        (f"{CREATE}?Priority=7", {"FriendlyName": "Ada"}, {}),
        (f"/taskrouter{CREATE}", FORM, {}),
        (CREATE, FORM, {"host": "taskrouter.localhost"}),
        ("/v1/Workspaces/%57S1/Tasks", FORM, {}),
    ],
)
def test_a_call_is_the_same_however_it_is_spelt(url: str, form: object, headers: dict[str, str]) -> None:
    served = Server()
    assert create(served, url, form, **headers).body == create(served).body
    assert len(served.world.tasks) == len(served.world.kept) == 1


@pytest.mark.parametrize(
    ("url", "form", "key"),
    [
        (CREATE, {**FORM, "Priority": "8"}, "k"),
        (CREATE, {**FORM, "Attributes": "{ }"}, "k"),
        ("/v1/Workspaces/WS2/Tasks", FORM, "k"),
        (CREATE, FORM, "K"),
    ],
)
def test_another_parameter_path_or_key_is_another_call(url: str, form: object, key: str) -> None:
    served = Server()
    create(served)
    create(served, url, form, key)
    assert len(served.world.tasks) == len(served.world.kept) == 2


def test_operations_that_take_the_same_are_different_calls() -> None:
    served = Server()
    served.world.tasks[WT] = Task(sid=WT, version=0, priority=1, attributes="{}")
    for url in (f"{CREATE}/{WT}", f"{CREATE}/Statistics"):
        assert create(served, url, {}).status == 200
    assert len(served.world.kept) == 2


def test_if_match_belongs_to_the_call() -> None:
    served = Server()
    served.world.tasks[WT] = Task(sid=WT, version=4, priority=1, attributes="{}")
    assert create(served, f"{CREATE}/{WT}", {}, if_match='"4"').status == 200
    assert create(served, f"{CREATE}/{WT}", {}, if_match="4").status == 200
    assert create(served, f"{CREATE}/{WT}", {}, if_match='"9"').status == 412


@pytest.mark.parametrize(("path", "status"), [("Race", 409), ("Disk", 503), ("Bug", 500)])
def test_no_refusal_is_kept(path: str, status: int, caplog: pytest.LogCaptureFixture) -> None:
    served = Server()
    with caplog.at_level(logging.CRITICAL, logger="cordboard"):
        assert create(served, f"/v1/Broken/{path}", {}).status == status
    assert not served.world.kept


@pytest.mark.parametrize("key", ["", " ", "a b", "a\tb", "é", "\x7f", "\x00", "x" * 256])
def test_a_key_that_is_none_is_refused_before_the_body_is_read(key: str) -> None:
    served = Server()
    refused = create(served, CREATE, b"x" * (2 << 20), key)
    assert (refused.status, refused.json["code"]) == (400, 20001)
    assert "Idempotency-Key" in refused.json["message"]
    assert not served.world.opened


@pytest.mark.parametrize("key", ["!", "~", "x" * 255, "7b0a6c5e-2f1d-4a53-9c1e-0d7f3a9d8b11"])
def test_a_key_is_1_to_255_visible_characters(key: str) -> None:
    assert create(Server(), CREATE, FORM, key).status == 201


def test_only_a_post_takes_a_key() -> None:
    served = Server()
    served.world.tasks[WT] = Task(sid=WT, version=0, priority=1, attributes="{}")
    for verb, status in (("GET", 200), ("DELETE", 204), ("DELETE", 404)):
        assert served.call(verb, f"{CREATE}/{WT}", idempotency_key="not a key").status == status
    assert not served.world.kept


def test_a_post_that_only_reads_gets_a_unit_for_its_key() -> None:
    served = Server()
    assert create(served, f"{CREATE}/Statistics", {}).status == 200
    assert served.world.opened == ["unit"]


def test_browsers_may_send_the_key_and_see_whether_the_answer_is_old() -> None:
    allowed = Server().call("OPTIONS", CREATE, authorization=None)
    assert "Idempotency-Key" in allowed.headers["access-control-allow-headers"].split(", ")
    assert "Idempotent-Replayed" in allowed.headers["access-control-expose-headers"].split(", ")


def test_the_document_has_the_header_on_every_post_and_nowhere_else() -> None:
    paths = Server().call("GET", "/openapi.json").json["paths"]
    with_header = {
        (path, verb)
        for path, item in paths.items()
        for verb, operation in item.items()
        if any(row["name"] == "Idempotency-Key" and row["in"] == "header" for row in operation["parameters"])
    }
    posts = {
        (f"/{product.name}{row.path}", "post")
        for product in (TASKROUTER, FLEX)
        for row in product.routes
        if row.verb == "POST" and isinstance(row, Route)
    }
    assert (f"/taskrouter{TASKS}", "post") in posts
    assert with_header == posts
