import logging
import re
from dataclasses import replace

import pytest

from cordboard.kernel.settings import Settings
from cordboard.rest.routes import Product, Route
from tests.rest.fakes import ACCOUNT, TASKROUTER, CreateTask, ListTasks, Nothing, Server, Task, answer, show

WORKSPACE = "/v1/Workspaces/WS1"
TASKS = f"{WORKSPACE}/Tasks"
WT = f"WT{0:032x}"
CORS = {
    "access-control-allow-origin": "*",
    "access-control-allow-credentials": "false",
    "access-control-allow-methods": "DELETE, GET, HEAD, OPTIONS, POST",
}


def with_task(version: int = 0) -> Server:
    served = Server()
    served.world.tasks[WT] = Task(sid=WT, version=version, priority=1, attributes="{}")
    return served


def test_a_create_opens_a_unit_and_answers_what_was_made() -> None:
    served = Server()
    made = served.call("POST", TASKS, {"FriendlyName": "Ada", "Priority": "7", "Attributes": '{"a": 1}'})
    assert made.status == 201
    assert made.json == {"sid": WT, "priority": 7, "url": f"http://localhost:8000{TASKS}/{WT}"}
    assert made.headers["content-type"] == "application/json"
    assert made.headers["etag"] == '"0"'
    assert served.world.opened == ["unit"]
    [(caller, form)] = served.world.seen
    assert caller.account_sid == ACCOUNT
    assert form == CreateTask(workspace_sid="WS1", priority=7, friendly_name="Ada", attributes='{"a": 1}')


def test_a_body_in_many_pieces_is_one_body() -> None:
    assert Server().call("POST", TASKS, {"FriendlyName": "Ada", "Priority": "7"}, chunk=3).json["priority"] == 7


def test_parameters_of_a_write_may_also_stand_in_the_query_and_the_body_wins() -> None:
    made = Server().call("POST", f"{TASKS}?Priority=1&FriendlyName=Eve", {"Priority": "2"})
    assert (made.status, made.json["priority"]) == (201, 2)


@pytest.mark.parametrize(("verb", "path"), [("GET", TASKS), ("GET", f"{TASKS}/{WT}"), ("POST", f"{TASKS}/Statistics")])
def test_what_only_reads_gets_a_view(verb: str, path: str) -> None:
    served = with_task()
    assert served.call(verb, path).status == 200
    assert served.world.opened == ["view"]


def test_head_is_get_without_the_body() -> None:
    served = with_task()
    got, head = served.call("GET", f"{TASKS}/{WT}"), served.call("HEAD", f"{TASKS}/{WT}")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == got.headers["content-length"] == str(len(got.body))
    assert head.headers["etag"] == '"0"'


def test_delete_answers_204_without_a_body() -> None:
    served = with_task()
    gone = served.call("DELETE", f"{TASKS}/{WT}", content_type=None)
    assert (gone.status, gone.body, gone.headers.keys() & {"content-length", "content-type"}) == (204, b"", set())
    assert served.call("GET", f"{TASKS}/{WT}").status == 404


@pytest.mark.parametrize(
    ("if_match", "status"),
    [(None, 200), ("*", 200), ('"4"', 200), ("4", 200), ('W/"4"', 200), ('"3"', 412), ("soon", 400)],
)
def test_if_match_guards_a_change(if_match: str | None, status: int) -> None:
    served = with_task(version=4)
    changed = served.call("POST", f"{TASKS}/{WT}", if_match=if_match)
    assert changed.status == status
    assert served.world.tasks[WT].version == (5 if status == 200 else 4)
    assert changed.headers.get("etag") == ('"5"' if status == 200 else None)


@pytest.mark.parametrize(
    ("path", "resource"),
    [
        (f"{TASKS}/WT1", "/Workspaces/WS1/Tasks/WT1"),
        (f"/taskrouter{TASKS}/WT1", "/Workspaces/WS1/Tasks/WT1"),
        ("/v1/WebChannels", "/WebChannels"),
        ("/2010-04-01/Accounts", "/Accounts"),
        ("/healthy", "/healthy"),
        (f"{TASKS}/", "/Workspaces/WS1/Tasks/"),
        ("/v1//Workspaces", "//Workspaces"),
        ("//v1/Workspaces", "//v1/Workspaces"),
        (f"{TASKS}/%00", "/Workspaces/WS1/Tasks/%00"),
        (f"{TASKS}/%zz", "/Workspaces/WS1/Tasks/%zz"),
        (f"{TASKS}/%ff", "/Workspaces/WS1/Tasks/%ff"),
        (f"{TASKS}/é", "/Workspaces/WS1/Tasks/\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}"),
        (f"{TASKS}/{'x' * 257}", f"/Workspaces/WS1/Tasks/{'x' * 257}"),
        ("/" + "x" * 9999, "/" + "x" * 511),
    ],
)
def test_what_is_not_there_is_named_without_version_and_prefix(path: str, resource: str) -> None:
    missed = Server().call("GET", path)
    assert missed.status == 404
    assert missed.json == {
        "code": 20404,
        "message": f"The requested resource {resource} was not found",
        "more_info": "https://www.twilio.com/docs/errors/20404",
        "status": 404,
    }


def test_a_path_value_reaches_the_action_decoded() -> None:
    served = Server()
    served.call("GET", f"{TASKS}/a%2Fb%20%C3%A9%25")
    assert served.world.seen[0][1].sid == "a/b é%"  # type: ignore[attr-defined]  # the form of this operation has it


@pytest.mark.parametrize(
    ("path", "body"),
    [(f"{TASKS}/Statistics", "statistics"), (f"{TASKS}/Statistics/Notes", None), (f"{TASKS}/%53tatistics", "statistics")],
)  # fmt: skip
def test_a_name_in_the_table_wins_over_a_parameter_unless_it_leads_nowhere(path: str, body: str | None) -> None:
    served = Server()
    served.world.tasks["Statistics"] = Task(sid="Statistics", version=0, priority=0, attributes="{}")
    found = served.call("GET", path)
    assert found.status == 200
    assert found.json.get("product") == body


def test_a_verb_that_is_not_there_is_405_with_those_that_are() -> None:
    refused = Server().call("PATCH", f"{TASKS}/{WT}")
    assert (refused.status, refused.json["code"]) == (405, 20004)
    assert refused.headers["allow"] == "DELETE, GET, HEAD, OPTIONS, POST"


@pytest.mark.parametrize(
    "header", [None, "Bearer x", "Basic", "Basic !", "Basic YQ==", "Basic /w==", "Basic " + "QQ==" * 999]
)
def test_without_credentials_nothing_is_read_or_opened(header: str | None) -> None:
    served = Server()
    refused = served.call("POST", TASKS, b"x" * (2 << 20), authorization=header)
    assert (refused.status, refused.json["code"]) == (401, 20003)
    assert refused.headers["www-authenticate"] == 'Basic realm="Twilio API"'
    assert not served.world.opened


def test_wrong_credentials_are_401() -> None:
    refused = Server().call("GET", TASKS, authorization="Basic YTpi")
    assert (refused.status, refused.json["message"]) == (401, "Authentication Error - invalid username")


def test_what_is_not_built_says_so_to_a_known_caller() -> None:
    served = Server()
    path = f"{TASKS}/{WT}/Notes"
    assert served.call("POST", path, authorization=None).status == 401
    refused = served.call("POST", path)
    assert (refused.status, refused.json["code"]) == (501, 90501)
    assert refused.json["message"] == "Cordboard does not have CreateNote of taskrouter yet"


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        (None, 200),
        ("*/*", 200),
        ("application/*;q=0.5", 200),
        ("text/html, application/JSON; q=0.1", 200),
        ("text/html", 406),
        ("", 406),
        ("application/json;q=0", 406),
        ("application/json; q=0.0, text/html", 406),
        ("application/json;q=0.01", 200),
    ],
)
def test_who_takes_no_json_gets_406(accept: str | None, status: int) -> None:
    assert Server().call("GET", TASKS, accept=accept).status == status


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/x-www-form-urlencoded", 201),
        ("Application/X-WWW-Form-Urlencoded; charset=utf-8", 201),
        ("application/json", 415),
        ("multipart/form-data; boundary=x", 415),
        (None, 415),
    ],
)
def test_a_body_of_another_type_is_415(content_type: str | None, status: int) -> None:
    served = Server()
    assert served.call("POST", TASKS, {"FriendlyName": "Ada"}, content_type=content_type).status == status
    assert bool(served.world.opened) == (status == 201)


def test_a_body_that_is_empty_has_no_type() -> None:
    assert with_task().call("POST", f"{TASKS}/{WT}", content_type="application/json").status == 200


@pytest.mark.parametrize(("length", "declared"), [(1 << 20, None), (1 << 20, "7"), (0, "1048577"), (0, "9" * 5000)])
def test_a_body_that_is_too_large_is_413_whether_it_says_so_or_not(length: int, declared: str | None) -> None:
    body = b"FriendlyName=" + b"a" * length
    served = Server()
    refused = served.call("POST", TASKS, body, content_length=declared)
    assert (refused.status, refused.json["code"]) == (413, 20413)
    assert not served.world.opened


def test_a_body_as_large_as_allowed_is_read() -> None:
    body = b"Unknown=" + b"a" * ((1 << 20) - 8)
    assert with_task().call("POST", f"{TASKS}/{WT}", body).status == 200


@pytest.mark.parametrize(
    ("body", "status"), [(b'{"worker":"Ada"}', 201), (b'{"worker":5}', 400), (b"worker=Ada", 400), (b" " * 101, 413)]
)
def test_a_json_operation_reads_json(body: bytes, status: int) -> None:
    answered = Server().call("POST", "/v1/Interactions/KD1", body, content_type="application/json")
    assert answered.status == status
    if status == 201:
        assert answered.json["result"] == {"Sid": "KD1", "worker": "Ada"}


def test_a_wrong_parameter_changes_nothing() -> None:
    served = Server()
    refused = served.call("POST", TASKS, {"Priority": "five", "FriendlyName": "Ada"})
    assert (refused.status, refused.json["message"]) == (
        400,
        "Invalid parameter Priority: expected an integer, got 'five'",
    )
    assert not served.world.opened


def test_a_refusal_of_an_action_keeps_its_code() -> None:
    refused = Server().call("POST", "/v1/Broken/Race")
    assert refused.json == {
        "code": 50433,
        "message": "Participant already exists",
        "more_info": "https://www.twilio.com/docs/errors/50433",
        "status": 409,
    }


def test_a_failure_of_the_outside_says_when_to_come_again() -> None:
    refused = Server().call("POST", "/v1/Broken/Disk")
    assert (refused.status, refused.headers["retry-after"]) == (503, "1")


def test_a_bug_is_logged_with_its_stack_and_tells_the_caller_nothing_but_where(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO):
        refused = Server().call("POST", "/v1/Broken/Bug?Password=hunter2")
    request_id = refused.headers["twilio-request-id"]
    assert (refused.status, refused.json["code"]) == (500, 20500)
    assert request_id in refused.json["message"]
    assert "secret plan" not in refused.json["message"]
    [record] = caplog.records
    assert record.getMessage() == f"{request_id} POST Break failed"
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], RuntimeError)


def test_refusals_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="cordboard"):
        Server().call("POST", "/v1/Broken/Race")
    assert not caplog.records


@pytest.mark.parametrize(
    ("verb", "path"), [("GET", TASKS), ("GET", "/none"), ("POST", "/v1/Broken/Bug"), ("OPTIONS", TASKS)]
)
def test_every_answer_has_a_request_id_and_the_five_headers_of_cors(verb: str, path: str) -> None:
    served = Server()
    first, second = served.call(verb, path, authorization=None), served.call(verb, path)
    for answered in first, second:
        request_id = answered.headers["twilio-request-id"]
        assert re.fullmatch("RQ[0-9a-f]{32}", request_id)
        assert answered.headers.items() >= CORS.items()
        assert "If-Match" in answered.headers["access-control-allow-headers"]
        assert "ETag" in answered.headers["access-control-expose-headers"]
    assert first.headers["twilio-request-id"] != second.headers["twilio-request-id"]


def test_a_preflight_needs_no_credentials_and_opens_nothing() -> None:
    served = Server()
    allowed = served.call("OPTIONS", TASKS, authorization=None, origin="https://desk.example")
    assert (allowed.status, allowed.headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST")
    assert allowed.headers["access-control-max-age"] == "600"
    assert not served.world.opened


@pytest.mark.parametrize(
    ("origin", "said"),
    [
        ("https://desk.example", "https://desk.example"),
        ("https://b.example", "https://b.example"),
        ("https://evil.example", "https://desk.example"),
        ("null", "https://desk.example"),
        (None, "https://desk.example"),
    ],
)
def test_configured_origins_are_said_back_with_credentials(origin: str | None, said: str) -> None:
    served = Server(Settings(cors_origins=("https://desk.example/", "https://b.example")))
    headers = served.call("GET", TASKS, origin=origin).headers
    assert headers["access-control-allow-origin"] == said
    assert (headers["access-control-allow-credentials"], headers["vary"]) == ("true", "Origin")


def broken(route: Route) -> Product:
    return replace(TASKROUTER, routes=(route,))


@pytest.mark.parametrize(
    ("route", "reason"),
    [
        (Route("GET", "/v1/Tasks/{Sid}", "FetchTask", answer, Nothing), "has no field for {'Sid'}"),
        (Route("GET", "/v1/Tasks", "ListTask", answer, Nothing, show, list_key="tasks"), "list_key and a form with a page"),
        (Route("GET", "/v1/{WorkspaceSid}", "ListTask", answer, ListTasks, show), "list_key and a form with a page"),
    ],
)  # fmt: skip
def test_a_table_that_contradicts_itself_cannot_be_served(route: Route, reason: str) -> None:
    with pytest.raises(TypeError, match=reason):
        Server(products=(broken(route),))


def test_a_path_cannot_be_taken_twice() -> None:
    with pytest.raises(TypeError, match=r"two routes for GET /v1/Workspaces/\{WorkspaceSid\}/Tasks"):
        Server(products=(replace(TASKROUTER, routes=TASKROUTER.routes[:1] * 2),))
