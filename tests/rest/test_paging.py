from base64 import urlsafe_b64encode
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from cordboard.kernel.errors import Invalid
from cordboard.rest.paging import read_page
from tests.rest.fakes import Server, Task

TASKS = "/v1/Workspaces/WS1/Tasks"


def server(count: int) -> Server:
    made = Server()
    for number in range(count):
        sid = f"WT{number:032x}"
        made.world.tasks[sid] = Task(sid=sid, version=0, priority=number, attributes="{}")
    return made


def follow(served: Server, url: str) -> Any:
    parts = urlsplit(url)
    answer = served.call("GET", f"{parts.path}?{parts.query}")
    assert answer.status == 200
    return answer.json


def priorities(page: Any) -> list[int]:
    return [task["priority"] for task in page["tasks"]]


def test_a_list_of_one_page_has_the_vendors_envelope() -> None:
    page = server(1).call("GET", TASKS).json
    here = f"http://localhost:8000{TASKS}?PageSize=50&Page=0"
    assert page["meta"] == {
        "page": 0,
        "page_size": 50,
        "first_page_url": here,
        "previous_page_url": None,
        "url": here,
        "next_page_url": None,
        "key": "tasks",
    }
    assert page["tasks"] == [{"sid": f"WT{0:032x}", "priority": 0, "url": f"http://localhost:8000{TASKS}/WT{0:032x}"}]


def test_the_next_pages_are_followed_to_the_end_and_back_while_rows_are_added() -> None:
    served = server(5)
    page = follow(served, f"{TASKS}?PageSize=2")
    seen = [priorities(page)]
    served.world.tasks["WS"] = Task(sid="WS", version=0, priority=99, attributes="{}")
    while page["meta"]["next_page_url"]:
        page = follow(served, page["meta"]["next_page_url"])
        seen.append(priorities(page))
    assert seen == [[0, 1], [2, 3], [4]]
    assert page["meta"]["page"] == 2
    while page["meta"]["previous_page_url"]:
        page = follow(served, page["meta"]["previous_page_url"])
        seen.append(priorities(page))
    assert seen[3:] == [[2, 3], [0, 1], [99, 0]]
    assert page["meta"]["page"] == 0


def test_filters_are_repeated_in_every_url_as_they_were_asked() -> None:
    meta = follow(server(3), f"{TASKS}?Status=pending&PageSize=1&Status=reserved&Other=a%26b%20%C3%A9")["meta"]
    filters = [("Status", "pending"), ("Status", "reserved"), ("Other", "a&b é")]
    for url in meta["first_page_url"], meta["url"], meta["next_page_url"]:
        asked = parse_qsl(urlsplit(url).query)
        assert [pair for pair in asked if not pair[0].startswith("Page")] == filters
        assert ("PageSize", "1") in asked


def test_the_url_of_a_page_leads_to_the_same_page() -> None:
    served = server(4)
    second = follow(served, follow(served, f"{TASKS}?PageSize=2")["meta"]["next_page_url"])
    assert follow(served, second["meta"]["url"]) == second


def test_the_urls_keep_the_prefix_that_the_request_had() -> None:
    meta = server(3).call("GET", f"/taskrouter{TASKS}?PageSize=1", host="127.0.0.1:9000").json["meta"]
    assert meta["next_page_url"].startswith(f"http://127.0.0.1:9000/taskrouter{TASKS}?PageSize=1&Page=1&PageToken=PA")


def token(cursor: bytes, prefix: str = "PA") -> str:
    return prefix + urlsafe_b64encode(cursor).decode().rstrip("=")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("PageSize=0", "Invalid parameter PageSize: expected an integer from 1 to 1000, got 0"),
        ("PageSize=1001", "Invalid parameter PageSize: expected an integer from 1 to 1000, got 1001"),
        ("PageSize=ten", "Invalid parameter PageSize: expected an integer, got 'ten'"),
        ("PageSize=" + "9" * 500, f"Invalid parameter PageSize: expected an integer, got '{'9' * 64}...'"),
        ("PageSize=", "Invalid parameter PageSize: expected an integer, got ''"),
        ("Page=-1&PageToken=PA", "Invalid parameter Page: expected an integer, got '-1'"),
        ("Page=1", "PageToken is required for paging."),
        ("Status=lost", "Invalid parameter Status[0]: 'lost' is none of pending, reserved"),
    ],
)
def test_a_wrong_page_is_refused(query: str, message: str) -> None:
    served = server(0)
    answer = served.call("GET", f"{TASKS}?{query}")
    assert (answer.status, answer.json["code"], answer.json["message"]) == (400, 20001, message)
    assert not served.world.opened


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PA",
        "PAé",
        "PA!!!!",
        "PA" + "A" * 5000,
        token(b"[1]", prefix="XX"),
        token(b"[]"),
        token(b"{}"),
        token(b"[1.5]"),
        token(b"[null]"),
        token(b"[[1]]"),
        token(b"[9223372036854775808]"),
        token(b'["\\u0000"]'),
        token(b"[" * 3000),
        token(b'["\xff"]'),
    ],
)
def test_a_token_that_was_never_given_out_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="Invalid parameter PageToken"):
        read_page([("Page", "1"), ("PageToken", text)])
