"""The database fails just when the alarm loop asks it for the next alarm."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from cordboard.kernel.errors import Unavailable
from cordboard.storage.unit import View
from cordboard.testkit.running import Cordboard
from cordboard.timers import loop
from tests.taskrouter.scene import Scene


def test_no_alarm_is_forgotten_when_the_next_one_cannot_be_read(
    cordboard: Cordboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = Scene(cordboard)
    first, second = scene.task(timeout=60), scene.task(timeout=120)
    read = cordboard.system.db.read
    failed: list[object] = []

    async def fails_once(look: Callable[[View], Awaitable[Any]]) -> Any:
        if look is loop._next and not failed:
            failed.append(look)
            raise Unavailable("disk I/O error")
        return await read(look)

    monkeypatch.setattr(loop, "_RETRY_S", 0.001)
    monkeypatch.setattr(cordboard.system.db, "read", fails_once)
    cordboard.clock.advance(60)
    assert failed
    assert (scene.status(first.sid), scene.status(second.sid)) == ("canceled", "pending")
    cordboard.clock.advance(60)
    assert scene.status(second.sid) == "canceled"
