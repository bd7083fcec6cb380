import asyncio

import pytest

from cordboard.storage.unit import Unit
from cordboard.testkit.running import Cordboard
from cordboard.timers.schedule import schedule


def problems(cordboard: Cordboard) -> list[str]:
    answer = cordboard.http.get("/readyz", auth=None)
    found: list[str] = answer.json["problems"]
    assert answer.status == (503 if found else 200)
    assert answer.headers["cache-control"] == "no-store"
    return found


def test_a_running_server_is_healthy_and_ready_without_credentials(cordboard: Cordboard) -> None:
    assert cordboard.http.get("/healthz", auth=None).status == 200
    assert problems(cordboard) == []


def test_a_database_that_fails_is_a_problem_and_its_recovery_ends_it(
    cordboard: Cordboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails() -> str:
        return "disk I/O error"

    with monkeypatch.context() as patch:
        patch.setattr(cordboard.system.db, "check", fails)
        assert problems(cordboard) == ["the database fails: disk I/O error"]
        assert cordboard.http.get("/healthz", auth=None).status == 200
    assert problems(cordboard) == []


def test_alarms_that_are_late_are_a_problem(cordboard: Cordboard) -> None:
    async def set_alarm(unit: Unit) -> None:
        schedule(unit, "nobody", "WT1", cordboard.account_sid, unit.now + 1000)

    async def stuck() -> list[str]:
        # The loop is ended, so nobody fires what falls due while time goes on.
        system = cordboard.system
        await system.db.run(set_alarm)
        alarms = next(task for task in system._tasks if task.get_name() == "alarms")
        alarms.cancel()
        await asyncio.wait([alarms])
        cordboard.clock._clock.move_to(system.ports.clock.now() + 10_000)
        return await system.problems()

    assert cordboard.call(stuck()) == ["alarms stopped by a fault", "alarms are late"]
