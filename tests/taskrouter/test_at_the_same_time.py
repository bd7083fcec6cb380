"""Calls that arrive together and want what only one of them can have."""

import asyncio
import json

import pytest

from cordboard.testkit.clock import MovableClock
from cordboard.testkit.exchange import Answer, Request, exchange
from cordboard.testkit.http import basic, encode
from tests.taskrouter.scene import Scene


def together(scene: Scene, *calls: tuple[str, str, dict[str, str]], after_ms: int = 0) -> list[Answer]:
    """The answers of calls (verb, path below the workspace, form) that are under way at once.

    ``after_ms``: so much time passes first, and what is due by then is under way with them.
    """
    cordboard = scene.cordboard

    def request(verb: str, path: str, form: dict[str, str]) -> Request:
        headers = [
            (b"host", b"taskrouter.twilio.com"),
            (b"authorization", basic(cordboard.account_sid, cordboard.auth_token).encode()),
            (b"content-type", b"application/x-www-form-urlencoded"),
        ]
        return Request(verb, "https", f"/v1/Workspaces/{scene.sid}/{path}", headers, encode(form).encode())

    async def all_at_once() -> list[Answer]:
        clock = cordboard.system.ports.clock
        assert isinstance(clock, MovableClock)
        clock.move_to(clock.now() + after_ms)
        return await asyncio.gather(*(exchange(cordboard.system.app, request(*call)) for call in calls))

    return cordboard.call(all_at_once())


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("Workers", {"FriendlyName": "ana"}),
        ("TaskQueues", {"FriendlyName": "english"}),
        ("TaskChannels", {"FriendlyName": "Fax", "UniqueName": "fax"}),
    ],
)
def test_a_name_is_taken_by_one_of_many(scene: Scene, path: str, form: dict[str, str]) -> None:
    answers = together(scene, *[("POST", path, form)] * 8)
    assert sorted(answer.status for answer in answers) == [201, *[400] * 7]
    assert {"already exists" in answer.json["message"] for answer in answers if answer.status == 400} == {True}


@pytest.mark.parametrize("deleted_first", [True, False])
def test_an_activity_is_either_deleted_or_entered(scene: Scene, deleted_first: bool) -> None:
    worker = scene.workspace.workers.create(friendly_name="ana")
    lunch = scene.workspace.activities.create(friendly_name="Lunch").sid
    calls = {
        "delete": ("DELETE", f"Activities/{lunch}", {}),
        "enter": ("POST", f"Workers/{worker.sid}", {"ActivitySid": lunch}),
    }
    outcome = _outcome(scene, calls, deleted_first=deleted_first)
    assert outcome in ({"delete": 204, "enter": 400}, {"delete": 400, "enter": 200})
    deleted = outcome["delete"] == 204
    assert scene.workspace.workers(worker.sid).fetch().activity_name == ("Offline" if deleted else "Lunch")


@pytest.mark.parametrize("deleted_first", [True, False])
def test_a_queue_is_either_deleted_or_led_to(scene: Scene, deleted_first: bool) -> None:
    queue = scene.workspace.task_queues.create(friendly_name="english").sid
    configuration = json.dumps({"task_routing": {"default_filter": {"queue": queue}}})
    calls = {
        "delete": ("DELETE", f"TaskQueues/{queue}", {}),
        "lead": ("POST", "Workflows", {"FriendlyName": "w", "Configuration": configuration}),
    }
    outcome = _outcome(scene, calls, deleted_first=deleted_first)
    assert outcome in ({"delete": 204, "lead": 400}, {"delete": 400, "lead": 201})


def _outcome(scene: Scene, calls: dict[str, tuple[str, str, dict[str, str]]], *, deleted_first: bool) -> dict[str, int]:
    """The status of each call; who is first is not settled by who asks first."""
    names = list(calls) if deleted_first else list(reversed(calls))
    answers = together(scene, *(calls[name] for name in names))
    return {name: answer.status for name, answer in zip(names, answers, strict=True)}
