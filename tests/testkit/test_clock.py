import asyncio
from datetime import datetime

import pytest

from cordboard.testkit.clock import MovableClock
from cordboard.testkit.running import Cordboard


def test_time_stands_still_until_it_is_moved(cordboard: Cordboard) -> None:
    before = cordboard.clock.now()
    cordboard.http.get("/cordboard/v1/Events")
    assert cordboard.clock.now() == before
    cordboard.clock.advance(90.5)
    assert (cordboard.clock.now() - before).total_seconds() == 90.5


def test_time_does_not_go_back(cordboard: Cordboard) -> None:
    with pytest.raises(ValueError, match="forward only"):
        cordboard.clock.advance(-1)


def test_who_waits_goes_on_at_its_time_and_not_before() -> None:
    async def run() -> list[tuple[str, int]]:
        clock, woken = MovableClock(0), []

        async def wait(name: str, due_at: int) -> None:
            await clock.wait_until(due_at)
            woken.append((name, clock.now()))

        waits = [asyncio.create_task(wait(name, at)) for name, at in (("late", 30), ("early", 10), ("past", -5))]
        await asyncio.sleep(0)
        while (at := clock.awaited_after(clock.now())) is not None:
            clock.move_to(at)
            await asyncio.sleep(0)
        await asyncio.gather(*waits)
        return woken

    assert asyncio.run(run()) == [("past", 0), ("early", 10), ("late", 30)]


def test_a_wait_that_is_given_up_is_forgotten() -> None:
    async def run() -> int | None:
        clock = MovableClock(0)
        wait = asyncio.create_task(clock.wait_until(10))
        await asyncio.sleep(0)
        wait.cancel()
        await asyncio.gather(wait, return_exceptions=True)
        return clock.awaited_after(0)

    assert asyncio.run(run()) is None


def test_alarms_ring_in_their_order_each_at_its_own_time(cordboard: Cordboard) -> None:
    workspace = cordboard.client.taskrouter.v1.workspaces.create(friendly_name="A workspace", template="FIFO")
    (available,) = workspace.activities.list(friendly_name="Available")
    for name in ("ana", "bob"):
        workspace.workers.create(friendly_name=name, activity_sid=available.sid)
    (workflow,) = workspace.workflows.list()
    workspace.workflows(workflow.sid).update(task_reservation_timeout=20)
    workspace.tasks.create(workflow_sid=workflow.sid, timeout=50)
    start = cordboard.clock.now()
    cordboard.clock.advance(120)
    told = {"reservation.created", "reservation.timeout", "task.canceled"}
    seconds = [
        (event["type"], (datetime.fromisoformat(event["date_created"]) - start).total_seconds())
        for event in cordboard.http.get("/cordboard/v1/Events").json["events"]
        if event["type"] in told
    ]
    assert seconds == [
        ("reservation.created", 0),
        ("reservation.timeout", 20),
        ("reservation.created", 20),
        ("reservation.timeout", 40),
        ("task.canceled", 50),
    ]
