"""``X-Twilio-Signature``, judged by the official Python and JavaScript libraries from what arrived at a socket."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cordboard.testkit.running import Cordboard
from cordboard.webhooks.signing import signature, with_body_hash
from tests.webhooks.receiver import Call, HostileReceiver
from tests.webhooks.sending import GET, JSON, send

_NODE = Path(sys.executable).with_name("node")
_VALIDATE = Path(__file__).with_name("validate.js")

ODD = json.dumps({"Text": "a b+c&d=é 🎧 %41", "Empty": "", "lower": "1", "Upper": "2", "Under_score": "3"})
KINDS: dict[str, dict[str, Any]] = {
    "form": {},
    "odd form": {"payload": ODD},
    "get": GET,
    "odd get": {**GET, "payload": ODD},
    "json": JSON,
    "empty form": {"payload": "{}"},
}
PATHS = ["", "/hook", "/hook?x=1&y=a%20b%2F", "/hook?redirect=http%3A%2F%2Fx"]


def test_the_vendors_example() -> None:
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    signed = signature("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", form)
    assert signed == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def test_a_body_is_signed_through_its_hash_in_the_url() -> None:
    assert with_body_hash("https://x/y", b"{}").startswith("https://x/y?bodySHA256=44136fa355b3678a")
    assert with_body_hash("https://x/y?z=1", b"{}").startswith("https://x/y?z=1&bodySHA256=44136fa355b3678a")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("kind", KINDS)
def test_the_python_library_accepts_it(cordboard: Cordboard, receiver: HostileReceiver, kind: str, path: str) -> None:
    send(cordboard, f"{receiver.url}{path}", **KINDS[kind])
    cordboard.settled()
    (call,) = receiver.calls
    assert call.is_signed_by(cordboard.auth_token)
    changed = call._replace(body=call.body.replace(b"1", b"2"), url=call.url.replace("1", "2"))
    assert not changed.is_signed_by(cordboard.auth_token)


def test_the_javascript_library_accepts_it(cordboard: Cordboard, receiver: HostileReceiver) -> None:
    for kind in KINDS.values():
        for path in PATHS:
            send(cordboard, f"{receiver.url}{path}", **kind)
    cordboard.settled()
    good = [_for_node(cordboard, call) for call in receiver.calls]
    bad = [{**call, "token": "another"} for call in good]
    assert len(good) == len(KINDS) * len(PATHS)
    assert _node(good) == [True] * len(good)
    assert _node(bad) == [False] * len(bad)


def test_while_a_token_is_rotated_both_have_signed(cordboard: Cordboard, receiver: HostileReceiver) -> None:
    secondary = cordboard.http.post("/v1/AuthTokens/Secondary", host="accounts").json["secondary_auth_token"]
    send(cordboard, receiver.url)
    cordboard.settled()
    call = receiver.calls.pop()
    assert call.is_signed_by(cordboard.auth_token)
    other = call._replace(
        headers=call.headers | {"x-twilio-signature": call.headers["x-cordboard-signature-secondary"]}
    )
    assert other.is_signed_by(secondary)
    cordboard.http.post("/v1/AuthTokens/Promote", host="accounts")
    send(cordboard, receiver.url)
    cordboard.settled()
    (call,) = receiver.calls
    assert call.is_signed_by(secondary)
    assert "x-cordboard-signature-secondary" not in call.headers


def _for_node(cordboard: Cordboard, call: Call) -> dict[str, Any]:
    is_json = call.headers.get("content-type") == "application/json"
    return {
        "token": cordboard.auth_token,
        "signature": call.headers["x-twilio-signature"],
        "url": call.url,
        "form": call.form if call.method == "POST" and not is_json else {},
        "body": call.body.decode() if is_json else None,
    }


def _node(calls: list[dict[str, Any]]) -> list[bool]:
    run = subprocess.run([_NODE, _VALIDATE], input=json.dumps(calls), capture_output=True, text=True, check=True)
    verdicts: list[bool] = json.loads(run.stdout)
    return verdicts
