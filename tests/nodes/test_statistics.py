"""Statistics on two nodes: both tell the same, also of what the other has only just recorded, and either may keep them."""

import asyncio
from typing import Any

import pytest

from cordboard.server.compose import System
from cordboard.storage.unit import View
from cordboard.taskrouter.engine.statistics_ledger import Ledger
from cordboard.taskrouter.store.statistics import PLACES, Place

from .test_in_one_process import anyio_backend, ask, floor, systems, until, until_offered

__all__ = ["anyio_backend", "systems"]

pytestmark = pytest.mark.anyio

# What is told until now differs by when it is asked.
_MOVES = {
    "start_time",
    "end_time",
    "activity_durations",
    "longest_task_waiting_age",
    "longest_relative_task_age_in_queue",
}


def ledger(system: System) -> Ledger:
    found = system._followers["statistics"]
    assert isinstance(found, Ledger)
    return found


async def figures(system: System, path: str, queue: str) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for place in ("", f"/TaskQueues/{queue}", "/Workers"):
        found = await ask(system, "GET", f"{path}{place}/Statistics")
        for part in ("realtime", "cumulative"):
            told |= {f"{place}.{name}": value for name, value in found[part].items() if name not in _MOVES}
    return told


async def work(systems: list[System], count: int) -> tuple[str, str]:
    """Tasks that come at one node and are accepted at the other; the paths to ask."""
    left, right = systems
    path, workers = await floor(left)
    queue = (await ask(left, "GET", f"{path}/TaskQueues"))["task_queues"][0]["sid"]
    workflow = (await ask(left, "GET", f"{path}/Workflows"))["workflows"][0]["sid"]
    for number in range(count):
        await ask(systems[number % 2], "POST", f"{path}/Tasks", WorkflowSid=workflow)
    for worker in workers:
        offer = await until_offered(right, path, worker)
        here = f"{path}/Workers/{worker}/Reservations/{offer['sid']}"
        await ask(right, "POST", here, ReservationStatus="accepted")
    return path, queue


async def settled(systems: list[System]) -> None:
    for system in systems * 2:
        await system.settled()


async def place(system: System) -> Place | None:
    async def look(view: View) -> Place | None:
        return await view.get(PLACES, system.first_account.account_sid)

    return await system.db.read(look)


async def test_two_nodes_tell_the_same(systems: list[System]) -> None:
    """What is counted in memory is so as soon as each has heard of what the other did."""
    path, queue = await work(systems, 6)
    async with asyncio.timeout(30):
        left, right = [await figures(system, path, queue) for system in systems]
        while left != right:
            await settled(systems)
            left, right = [await figures(system, path, queue) for system in systems]
    assert left[".tasks_created"] == 6
    assert left[".reservations_accepted"] == 4
    assert left[".tasks_by_status"]["assigned"] == 4
    assert left[".total_workers"] == left[f"/TaskQueues/{queue}.total_eligible_workers"] == 4


async def test_what_one_node_was_answered_the_other_tells_at_once(systems: list[System]) -> None:
    """Nobody waits for anything: what is not written yet is read in the journal."""
    left, right = systems
    path, _ = await floor(left)
    workflow = (await ask(left, "GET", f"{path}/Workflows"))["workflows"][0]["sid"]
    for number in range(1, 6):
        await ask(left, "POST", f"{path}/Tasks", WorkflowSid=workflow)
        assert (await ask(right, "GET", f"{path}/CumulativeStatistics"))["tasks_created"] == number


async def test_one_node_writes_and_another_goes_on_when_it_is_gone(systems: list[System]) -> None:
    path, queue = await work(systems, 4)
    writers = [system for system in systems if ledger(system)._lease.held]
    assert len(writers) == 1
    (writer,), (other,) = writers, [system for system in systems if system not in writers]
    await until(lambda: ledger(writer)._due_at is None and not ledger(writer).busy)
    before = await place(other)
    assert before is not None
    expected = await figures(other, path, queue)
    await writer.stop()
    systems.remove(writer)
    await until(lambda: ledger(other)._lease.held)
    await ask(other, "POST", f"{path}/TaskQueues", FriendlyName="another")
    await until(lambda: ledger(other)._due_at is None and not ledger(other).busy)
    after = await place(other)
    assert after is not None
    assert after.position > before.position
    assert await figures(other, path, queue) == expected
