"""Any node explains a task: the floor of one that does not route is as good."""

import asyncio
from typing import Any

import pytest

from cordboard.server.compose import System

from .test_in_one_process import anyio_backend, ask, floor, systems

__all__ = ["anyio_backend", "systems"]

pytestmark = pytest.mark.anyio


async def explanation(system: System, path: str, task_sid: str) -> Any:
    told = await ask(system, "GET", f"/cordboard{path.removeprefix('/taskrouter')}/Tasks/{task_sid}/Explanation")
    return {name: value for name, value in told.items() if name not in {"age", "url"}}


async def test_two_nodes_explain_a_task_alike(systems: list[System]) -> None:
    left, right = systems
    path, workers = await floor(left)
    workflow = (await ask(left, "GET", f"{path}/Workflows"))["workflows"][0]["sid"]
    offline = next(
        one["sid"]
        for one in (await ask(left, "GET", f"{path}/Activities"))["activities"]
        if one["friendly_name"] == "Offline"
    )
    for number, worker in enumerate(workers):
        await ask(systems[number % 2], "POST", f"{path}/Workers/{worker}", ActivitySid=offline)
    task = await ask(right, "POST", f"{path}/Tasks", WorkflowSid=workflow)
    async with asyncio.timeout(30):
        told = [await explanation(system, path, task["sid"]) for system in systems]
        while told[0] != told[1] or told[0]["others"]["by_reason"] != {"activity_not_available": len(workers)}:
            await asyncio.gather(*(system.settled() for system in systems))
            told = [await explanation(system, path, task["sid"]) for system in systems]
    assert told[0]["summary"].startswith("pending")
