"""Somebody sets the machine's clock, back or forward, while tasks, offers and alarms are open."""

import sqlite3
from contextlib import closing

import pytest

from cordboard.testkit.running import Cordboard
from tests.crashes.invariants import broken
from tests.taskrouter.scene import Scene

TEN_MINUTES, DAY = 600, 86_400
OFFER_S = 120  # the workflow's


@pytest.fixture
def scene(cordboard: Cordboard) -> Scene:
    return Scene(cordboard)


def set_clock(cordboard: Cordboard, by_s: int) -> None:
    """As an operator does: at once, with everything that is open."""

    async def move() -> None:
        cordboard.clock._clock.move_to(cordboard.system.ports.clock.now() + by_s * 1000)

    cordboard.call(move())
    cordboard.settled()


def rules_broken(cordboard: Cordboard) -> dict[str, object]:
    file = cordboard.system.settings.database.removeprefix("sqlite:///")
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        return broken(lambda sql: connection.execute(sql).fetchall())


def timeouts(scene: Scene, reservation_sid: str) -> int:
    return scene.events(reservation_sid).count("reservation.timeout")


def positions(cordboard: Cordboard) -> list[int]:
    found = cordboard.http.get("/cordboard/v1/Events", {"PageSize": 1000}).json
    return [event["position"] for event in found["events"]]


def ages(scene: Scene) -> list[int]:
    cordboard = scene.cordboard
    tasks = cordboard.http.get(f"/v1/Workspaces/{scene.sid}/Tasks", host="taskrouter").json["tasks"]
    events = cordboard.http.get("/cordboard/v1/Events", {"PageSize": 1000}).json["events"]
    spent = [value for event in events for name, value in event["data"].items() if name.startswith("time_in_")]
    assert spent
    return [task["age"] for task in tasks] + spent


def test_a_clock_set_back_rings_no_alarm_early_and_loses_none(scene: Scene) -> None:
    cordboard = scene.cordboard
    ana = scene.worker("ana")
    early = scene.offer(scene.task(timeout=1000).sid)
    before = ana.sid, early.sid, positions(cordboard)[-1]
    set_clock(cordboard, -TEN_MINUTES)
    bob = scene.worker("bob")
    late = scene.offer(scene.task(timeout=300).sid)
    assert scene.workspace.workers(ana.sid).update(activity_sid=scene.activities["Unavailable"]).sid == ana.sid
    assert late.worker_sid == bob.sid
    assert (bob.sid > before[0], late.sid > before[1], positions(cordboard)[-1] > before[2]) == (True, True, True)
    assert min(ages(scene)) >= 0
    cordboard.clock.advance(OFFER_S - 1)
    assert (timeouts(scene, early.sid), timeouts(scene, late.sid)) == (0, 0)
    cordboard.clock.advance(1)
    assert (timeouts(scene, early.sid), timeouts(scene, late.sid)) == (0, 1)
    cordboard.clock.advance(TEN_MINUTES - 1)
    assert timeouts(scene, early.sid) == 0
    assert scene.events(late.task_sid).count("task.canceled") == 1
    cordboard.clock.advance(1)
    assert (timeouts(scene, early.sid), timeouts(scene, late.sid)) == (1, 1)
    cordboard.clock.advance(1000)
    assert scene.events(early.task_sid).count("task.canceled") == 1
    assert positions(cordboard) == list(range(1, len(positions(cordboard)) + 1))
    assert rules_broken(cordboard) == {}
    assert cordboard.http.get("/readyz", auth=None).status == 200


def test_a_clock_set_forward_by_a_day_and_back_again_rings_each_alarm_once(scene: Scene) -> None:
    cordboard = scene.cordboard
    scene.worker("ana")
    offered = scene.offer(scene.task(timeout=DAY * 2).sid)
    nobody = scene.worker("nobody", available=False)
    expired = scene.task(timeout=DAY // 2, routing_target=nobody.sid)
    set_clock(cordboard, DAY)
    assert timeouts(scene, offered.sid) == 1
    assert scene.events(expired.sid).count("task.canceled") == 1
    tomorrow = scene.worker("tomorrow")
    again = scene.offers(offered.task_sid)[-1]
    assert again.worker_sid == tomorrow.sid
    set_clock(cordboard, -DAY)
    assert min(ages(scene)) >= 0
    scene.answer(again, "accepted")
    today = scene.worker("today")
    scene.workspace.workers(tomorrow.sid).update(activity_sid=scene.activities["Unavailable"])
    offer = scene.offer(scene.task(timeout=1000).sid)
    assert offer.worker_sid == today.sid
    cordboard.clock.advance(OFFER_S)
    assert timeouts(scene, offer.sid) == 1
    cordboard.clock.advance(2 * DAY)
    assert (timeouts(scene, offered.sid), timeouts(scene, again.sid), timeouts(scene, offer.sid)) == (1, 0, 1)
    assert scene.events(expired.sid).count("task.canceled") == 1
    assert scene.events(offered.task_sid).count("task.system-deleted") == 1
    assert min(ages(scene)) >= 0
    assert rules_broken(cordboard) == {}
    assert cordboard.http.get("/readyz", auth=None).status == 200


def test_etags_tell_changes_apart_also_when_the_clock_goes_back(scene: Scene) -> None:
    worker = scene.worker("ana")
    path = f"/v1/Workspaces/{scene.sid}/Workers/{worker.sid}"
    first = scene.cordboard.http.get(path, host="taskrouter").headers["etag"]
    set_clock(scene.cordboard, -TEN_MINUTES)
    changed = scene.cordboard.http.post(path, {"FriendlyName": "anna"}, host="taskrouter", headers={"If-Match": first})
    assert changed.status == 200
    refused = scene.cordboard.http.post(path, {"FriendlyName": "ann"}, host="taskrouter", headers={"If-Match": first})
    assert refused.status == 412


def test_a_list_is_read_to_its_end_while_the_clock_is_set_back_and_rows_are_added(scene: Scene) -> None:
    made = [scene.task().sid for _ in range(7)]
    page = scene.workspace.tasks.page(page_size=2)
    seen = [task.sid for task in page]
    set_clock(scene.cordboard, -TEN_MINUTES)
    for _ in range(3):
        scene.task()
        page = page.next_page()
        seen += [task.sid for task in page]
    assert [sid for sid in seen if sid in made] == made
    assert len(set(seen)) == len(seen)
