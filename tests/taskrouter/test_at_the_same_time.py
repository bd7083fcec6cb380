"""Calls that arrive together and want what only one of them can have."""

import asyncio
import json

import pytest

from cordboard.testkit.exchange import Answer, Request, exchange
from cordboard.testkit.http import basic, encode
from tests.taskrouter.scene import Scene


def together(scene: Scene, *calls: tuple[str, str, dict[str, str]]) -> list[Answer]:
    """The answers of calls (verb, path below the workspace, form) that are under way at once."""
    cordboard = scene.cordboard

    def request(verb: str, path: str, form: dict[str, str]) -> Request:
        headers = [
            (b"host", b"taskrouter.twilio.com"),
            (b"authorization", basic(cordboard.account_sid, cordboard.auth_token).encode()),
            (b"content-type", b"application/x-www-form-urlencoded"),
        ]
        return Request(verb, "https", f"/v1/Workspaces/{scene.sid}/{path}", headers, encode(form).encode())

    async def all_at_once() -> list[Answer]:
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
    calls = [("DELETE", f"Activities/{lunch}", {}), ("POST", f"Workers/{worker.sid}", {"ActivitySid": lunch})]
    statuses = [answer.status for answer in together(scene, *(calls if deleted_first else reversed(calls)))]
    assert statuses == ([204, 400] if deleted_first else [200, 400])
    assert scene.workspace.workers(worker.sid).fetch().activity_name == ("Offline" if deleted_first else "Lunch")


@pytest.mark.parametrize("deleted_first", [True, False])
def test_a_queue_is_either_deleted_or_led_to(scene: Scene, deleted_first: bool) -> None:
    queue = scene.workspace.task_queues.create(friendly_name="english").sid
    configuration = json.dumps({"task_routing": {"default_filter": {"queue": queue}}})
    calls = [
        ("DELETE", f"TaskQueues/{queue}", {}),
        ("POST", "Workflows", {"FriendlyName": "w", "Configuration": configuration}),
    ]
    statuses = [answer.status for answer in together(scene, *(calls if deleted_first else reversed(calls)))]
    assert statuses == ([204, 400] if deleted_first else [201, 400])
