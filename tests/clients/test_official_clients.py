"""The official SDKs, unmodified, against a listening server, by every way in which a program can be pointed at it (design D2).

One program, written with each SDK (``python_program`` and ``program.js``), reports what it saw; the tests read the reports.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from cordboard.testkit.running import Cordboard
from cordboard.testkit.workbench import START, Workbench

_HERE = Path(__file__).parent
_NODE = Path(sys.executable).with_name("node")

FORMS = ["base URL with prefix", "base URL without prefix", "custom HTTP client", "Twilio's host names"]

Report = dict[str, Any]


class Prefixed(TwilioHttpClient):  # type: ignore[misc] # the SDK has no types
    """The class that docs/sdks.md gives to users: one for all products."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def request(self, method: str, url: str, *more: Any, **named: Any) -> Any:
        asked = urlsplit(url)
        if str(asked.hostname).endswith(".twilio.com"):
            product = str(asked.hostname).partition(".")[0]
            url = f"{self._url}/{product}{asked.path}{f'?{asked.query}' if asked.query else ''}"
        return super().request(method, url, *more, **named)


class Rerouted(TwilioHttpClient):  # type: ignore[misc] # the SDK has no types
    """What a proxy or a DNS entry does: the connection leads here, the Host stays Twilio's."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def request(self, method: str, url: str, *more: Any, headers: dict[str, str], **named: Any) -> Any:
        asked = urlsplit(url)
        here = f"{self._url}{asked.path}{f'?{asked.query}' if asked.query else ''}"
        return super().request(method, here, *more, headers={**headers, "Host": asked.netloc}, **named)


def python_client(form: str, cordboard: Cordboard) -> Client:
    credentials = cordboard.account_sid, cordboard.auth_token
    if form == "custom HTTP client":
        return Client(*credentials, http_client=Prefixed(cordboard.url))
    if form == "Twilio's host names":
        return Client(*credentials, http_client=Rerouted(cordboard.url))
    client = Client(*credentials)
    client.taskrouter.base_url = f"{cordboard.url}/taskrouter" if "with prefix" in form else cordboard.url
    return client


def python_program(form: str, cordboard: Cordboard) -> Report:
    workspaces = python_client(form, cordboard).taskrouter.v1.workspaces
    for number in range(1, 6):
        workspaces.create(friendly_name=f"Workspace {number}")
    listed = workspaces.list(page_size=2)
    missing = refusal_of(lambda: workspaces(f"WS{'0' * 32}").fetch())
    wrong = refusal_of(lambda: workspaces.create(friendly_name="x" * 65))
    workers = workspaces(listed[0].sid).workers
    worker = workers.create(friendly_name="ana", attributes=json.dumps({"city": "Zürich 🎧"}))
    workers(worker.sid).update(friendly_name="ana b.", if_match="0")
    stale = refusal_of(lambda: workers(worker.sid).update(friendly_name="ana c.", if_match="0"))
    kept = workers(worker.sid).fetch()
    workers(worker.sid).delete()
    return {
        "listed": [workspace.friendly_name for workspace in listed],
        "created": listed[0].date_created.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "missing": missing,
        "wrong": wrong,
        "stale": stale["status"],
        "kept": {"friendlyName": kept.friendly_name, "city": json.loads(kept.attributes)["city"]},
        "removed": refusal_of(lambda: workers(worker.sid).fetch())["status"],
    }


def refusal_of(call: Callable[[], object]) -> Report:
    try:
        call()
    except TwilioRestException as refusal:
        return {"status": refusal.status, "code": refusal.code, "message": refusal.msg}
    return {"status": "not refused"}


def node_program(form: str, cordboard: Cordboard) -> Report:
    command = [str(_NODE), str(_HERE / "program.js"), form, cordboard.url, cordboard.account_sid, cordboard.auth_token]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert ran.returncode == 0, ran.stderr
    report: Report = json.loads(ran.stdout)
    return report


PROGRAMS = {"python": python_program, "node": node_program}


@pytest.fixture(scope="module", params=[(sdk, form) for sdk in PROGRAMS for form in FORMS], ids=", ".join)
def report(request: pytest.FixtureRequest, cordboard_workbench: Workbench) -> Iterator[Report]:
    sdk, form = request.param
    with cordboard_workbench.cordboard(seed=1) as cordboard:
        yield PROGRAMS[sdk](form, cordboard)


def test_a_list_of_three_pages_is_read_to_its_end(report: Report) -> None:
    assert report["listed"] == [f"Workspace {number}" for number in range(1, 6)]


def test_a_refusal_is_the_sdks_own_error_with_the_vendors_code(report: Report) -> None:
    missing = report["missing"]
    assert (missing["status"], missing["code"]) == (404, 20404)
    assert f"/Workspaces/WS{'0' * 32}" in missing["message"]
    wrong = report["wrong"]
    assert (wrong["status"], wrong["code"]) == (400, 20001)
    assert "FriendlyName" in wrong["message"]


def test_an_update_of_a_version_that_is_gone_is_refused_and_changes_nothing(report: Report) -> None:
    assert report["stale"] == 412
    assert report["kept"]["friendlyName"] == "ana b."


def test_a_time_is_a_date_of_the_language(report: Report) -> None:
    assert report["created"] == START.replace("Z", ".000Z")


def test_a_text_of_any_script_comes_back_as_it_was_sent(report: Report) -> None:
    assert report["kept"]["city"] == "Zürich 🎧"


def test_what_was_deleted_is_gone(report: Report) -> None:
    assert report["removed"] == 404
