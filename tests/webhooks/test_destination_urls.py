"""What is a URL: one reading of it, when it is stored and when it is called."""

import re

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.kernel.settings import BadSettings, Settings
from cordboard.testkit.running import Cordboard
from cordboard.webhooks.destinations import Policy, Refused, parse
from tests.taskrouter.scene import Scene
from tests.webhooks.tricks import NO_URLS, Trick

SIGNS = [
    *"http:/@?#%[]\\.-_~!$&'()*+,;= \t\r\n\0",
    "http://",
    "HTTPS://",
    ":80",
    ":8000",
    "%2e",
    "%25lo",
    "\u00e9",
    "\uff0e",
]
HOSTS = ["127.0.0.1", "127.1", "::1", "0x7f", "localhost", "shop.example", "xn--bcher-kva", "a", "B", "0", "65536"]
PARTS = st.lists(st.sampled_from([*SIGNS, *HOSTS]), max_size=12).map("".join)


@given(st.one_of(PARTS, PARTS.map(lambda rest: f"http://{rest}"), PARTS.map(lambda rest: f"http://u@127.0.0.1{rest}")))
def test_the_client_reads_every_url_that_is_taken_as_it_was_read_here(url: str) -> None:
    try:
        found = parse(url)
    except Refused:
        return
    try:
        read = httpx.URL(url)
        host = read.raw_host.decode()
    except (httpx.InvalidURL, UnicodeError):
        return
    assert read.scheme == found.scheme
    assert host.removesuffix(".") == found.host.removesuffix(".")
    assert (read.port or {"http": 80, "https": 443}[read.scheme]) == found.port


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("http://shop.example", ("http", "shop.example", None, 80)),
        ("HTTPS://Shop.Example/", ("https", "shop.example", None, 443)),
        ("https://shop.example.:8443?x=http://y#rc=3&rp=all", ("https", "shop.example", None, 8443)),
        ("http://user:pa%20ss@crm_1:3000/hook", ("http", "crm_1", None, 3000)),
        ("http://93.184.216.34/", ("http", "93.184.216.34", "93.184.216.34", 80)),
        ("http://[2606:2800::1]:81/a{b}|c", ("http", "2606:2800::1", "2606:2800::1", 81)),
        ("https://xn--bcher-kva.example/%C3%A9", ("https", "xn--bcher-kva.example", None, 443)),
    ],
)
def test_what_a_url_leads_to(url: str, read: tuple[str, str, str | None, int]) -> None:
    found = parse(url)
    assert (found.scheme, found.host, found.address and str(found.address), found.port) == read


@pytest.mark.parametrize("trick", NO_URLS, ids=lambda trick: ascii(trick.url))
def test_what_is_no_url_is_not_taken(trick: Trick) -> None:
    with pytest.raises(Refused):
        parse(trick.url.replace("{port}", "8080"))


def test_what_is_no_url_is_not_stored_and_the_answer_names_the_parameter_and_the_reason(cordboard: Cordboard) -> None:
    scene = Scene(cordboard)
    before = cordboard.http.get(f"/v1/Workspaces/{scene.sid}").json
    for trick in NO_URLS:
        url = trick.url.replace("{port}", "8080")
        for parameter, path in (
            ("EventCallbackUrl", f"/v1/Workspaces/{scene.sid}"),
            ("AssignmentCallbackUrl", f"/v1/Workspaces/{scene.sid}/Workflows/{scene.workflow}"),
            ("FallbackAssignmentCallbackUrl", f"/v1/Workspaces/{scene.sid}/Workflows/{scene.workflow}"),
        ):
            refused = cordboard.http.post(path, {parameter: url})
            assert (refused.status, refused.json["code"]) == (400, 20001)
            assert re.match(rf"Invalid parameter {parameter}: .{{20}}", refused.json["message"])
    assert cordboard.http.get(f"/v1/Workspaces/{scene.sid}").json == before


def test_where_a_stored_url_leads_is_not_asked(cordboard: Cordboard) -> None:
    url = "http://10.0.0.1:22/hook#rc=3"
    made = Scene(cordboard).workspace.update(event_callback_url=url)
    assert made.event_callback_url == url


@pytest.mark.parametrize(
    ("setting", "entries"),
    [
        *(
            ("webhook_allow", (text,))
            for text in ("10.0.0.1/8", "127.1", "a b", "*", "[::1]", "http://x", "x:80", "*.", "")
        ),
        *(("webhook_ports", (text,)) for text in ("0", "65536", "90-80", "http", "80-", "")),
        *(("webhook_schemes", texts) for texts in (("ftp",), ("HTTP",), ())),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(setting: str, entries: tuple[str, ...]) -> None:
    with pytest.raises(BadSettings, match=f"CORDBOARD_{setting.upper()}"):
        Policy.of(Settings(**{setting: entries}))  # type: ignore[arg-type] # one of the three lists
