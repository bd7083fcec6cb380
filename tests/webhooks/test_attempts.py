"""One attempt: overrides, redirects, and receivers that answer as they should not."""

import time
from typing import Any

import pytest

from cordboard.testkit.running import Cordboard
from cordboard.webhooks.model import Trouble
from cordboard.webhooks.overrides import Overrides, split
from tests.webhooks.receiver import GARBAGE, HUGE, OK, SILENCE, Behaviour, HostileReceiver, answer, listening
from tests.webhooks.sending import GET, JSON, fetch, send


@pytest.mark.parametrize(
    ("behaviour", "status", "code", "error"),
    [
        (answer(500), 500, 11200, "it answered 500"),
        (answer(404), 404, 11200, "it answered 404"),
        (answer(304), 304, 11200, "it answered 304"),
        (None, None, 11206, "Server disconnected without sending a response."),
        (GARBAGE, None, 11206, "illegal status line"),
        (SILENCE, None, 11200, "no answer within 100 ms"),
    ],
)
def test_what_is_wrong_with_an_answer_is_told(
    cordboard: Cordboard, receiver: HostileReceiver, behaviour: Behaviour, status: int | None, code: int, error: str
) -> None:
    receiver.behaves(behaviour)
    sid = send(cordboard, f"{receiver.url}#tt=100&rc=0")
    cordboard.settled()
    found = fetch(cordboard, sid)
    assert (found["status"], found["attempts"]) == ("pending", 1)
    assert (found["answer_status"], found["error_code"]) == (status, code)
    assert error in found["error"]


def test_nobody_at_the_port_is_told(cordboard: Cordboard) -> None:
    with listening(cordboard) as receiver:
        pass
    sid = send(cordboard, receiver.url)
    cordboard.settled()
    assert fetch(cordboard, sid)["error_code"] == 11205


@pytest.mark.parametrize("good", [OK, answer(200), answer(201, "{}"), answer(299), answer(200, "x" * 1000), HUGE])
def test_any_2xx_is_good_and_a_huge_answer_is_not_read_to_its_end(
    cordboard: Cordboard, receiver: HostileReceiver, good: bytes
) -> None:
    receiver.behaves(good)
    sid = send(cordboard, receiver.url)
    cordboard.settled()
    assert fetch(cordboard, sid)["status"] == "delivered"


def test_an_endless_answer_ends_with_its_time(cordboard: Cordboard, receiver: HostileReceiver) -> None:
    receiver.behaves(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nsome of it")
    sid = send(cordboard, f"{receiver.url}#tt=200&rc=0")
    began = time.monotonic()
    cordboard.settled()
    assert time.monotonic() - began < 10  # without an end it would be 15
    assert fetch(cordboard, sid)["error"] == "no answer within 200 ms"


@pytest.mark.parametrize("status", [307, 308])
@pytest.mark.parametrize("kind", [{}, GET, JSON], ids=["form", "get", "json"])
def test_a_redirect_is_followed_once_with_a_signature_of_its_own(
    cordboard: Cordboard, receiver: HostileReceiver, status: int, kind: dict[str, Any]
) -> None:
    receiver.behaves(answer(status, location="/other?to=here#fragment"), OK)
    sid = send(cordboard, f"{receiver.url}/first", **kind)
    cordboard.settled()
    first, second = receiver.calls
    assert (first.path, second.path) == ("/first", "/other")
    assert first.is_signed_by(cordboard.auth_token)
    assert second.is_signed_by(cordboard.auth_token)
    assert second.body == first.body
    assert second.method == first.method
    assert second.token == first.token == sid
    assert fetch(cordboard, sid)["status"] == "delivered"


@pytest.mark.parametrize("status", [301, 302, 303])
def test_other_redirects_become_a_get_without_parameters(
    cordboard: Cordboard, receiver: HostileReceiver, status: int
) -> None:
    receiver.behaves(answer(status, location="/other?to=here"), OK)
    send(cordboard, f"{receiver.url}/first")
    cordboard.settled()
    call = receiver.calls[-1]
    assert (call.method, call.url, call.body) == ("GET", f"{receiver.url}/other?to=here", b"")
    assert call.is_signed_by(cordboard.auth_token)


@pytest.mark.parametrize(
    ("location", "error"),
    [("/again", "redirected more than once"), ("ftp://x/y", "expected a URL of http or https"), ("http://[", "")],
)
def test_a_redirect_that_leads_nowhere_is_a_failure(
    cordboard: Cordboard, receiver: HostileReceiver, location: str, error: str
) -> None:
    receiver.behaves(answer(302, location=location))
    sid = send(cordboard, receiver.url)
    cordboard.settled()
    found = fetch(cordboard, sid)
    assert found["status"] == "pending"
    assert error in found["error"]
    assert len(receiver.calls) <= 2


@pytest.mark.parametrize(
    ("fragment", "behaviour", "tries"),
    [
        ("#rc=3&rp=5xx", answer(503), 4),
        ("#rc=2&rp=4xx,ct", answer(404), 3),
        ("#rc=2&rp=5xx", answer(404), 1),
        ("#rc=5&rp=all", answer(404), 6),
        ("#rc=2&rp=rt&rt=100", SILENCE, 3),
        ("#rc=5&rp=all&rt=5000&tt=150", SILENCE, 1),
        ("#rp=5xx", answer(500), 2),
        ("#rc=0&rp=all", answer(500), 1),
        ("#rc=9&rp=all", answer(500), 2),
        ("", answer(500), 1),
    ],
)
def test_overrides_say_how_often_is_tried_at_once(
    cordboard: Cordboard, receiver: HostileReceiver, fragment: str, behaviour: Behaviour, tries: int
) -> None:
    receiver.behaves(behaviour)
    sid = send(cordboard, f"{receiver.url}/{fragment}", limit_ms=1000)
    cordboard.settled()
    assert len(receiver.calls) == tries
    assert {call.url for call in receiver.calls} == {f"{receiver.url}/"}
    assert {call.token for call in receiver.calls} == {sid}
    assert fetch(cordboard, sid)["attempts"] == 1


def test_a_retry_at_once_may_succeed(cordboard: Cordboard, receiver: HostileReceiver) -> None:
    receiver.behaves(answer(500), None, OK)
    sid = send(cordboard, f"{receiver.url}#rc=3&rp=all")
    cordboard.settled()
    assert fetch(cordboard, sid)["status"] == "delivered"


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        ("", Overrides()),
        ("ct=100&rt=15000&tt=1000&rc=0", Overrides(connect_ms=100, read_ms=15000, total_ms=1000)),
        ("rc=5&rp=ct,5xx,rt", Overrides(retries=5, policy=frozenset((Trouble.CONNECT, Trouble.BROKEN, Trouble.READ)))),
        ("ct=99&rt=15001&tt=x&rc=6", Overrides(retries=1)),
        ("ct=2000", Overrides(retries=1, connect_ms=2000)),
        ("e=ashburn&sni=y", Overrides()),
        ("a heading", Overrides()),
        ("rp=none", Overrides(retries=1)),
        ("ct=-100&tt=1e3&rc=²", Overrides(retries=1)),
    ],
)
def test_what_a_fragment_says(fragment: str, expected: Overrides) -> None:
    assert split(f"https://x/y#{fragment}") == ("https://x/y", expected)


def test_answers_are_asked_for_uncompressed_and_not_unpacked(cordboard: Cordboard, receiver: HostileReceiver) -> None:
    receiver.behaves(answer(200, "not gzip at all", content_encoding="gzip"))
    sid = send(cordboard, receiver.url)
    cordboard.settled()
    assert receiver.calls[0].headers["accept-encoding"] == "identity"
    assert fetch(cordboard, sid)["status"] == "delivered"
