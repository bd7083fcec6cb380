"""Calls at a rate that does not wait for answers: an open loop, as customers come.

They arrive at random (a Poisson process, the same in each run). A call that finds no connection free opens another, and its time
runs from when it was due, so that a server that stands still is not spared the calls of that time.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable

import uvloop

from bench.callers import Caller


def arrive(url: str, path: str, body: str, rate: float, seconds: float) -> list[float]:
    """POST ``body`` so many times a second; the seconds that each answer took, in no order."""
    caller = Caller(url)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(come(rate, seconds, lambda: caller.post(path, body, b"201")))


async def come(rate: float, seconds: float, call: Callable[[], Awaitable[object]]) -> list[float]:
    """Make a call so many times a second; the seconds from when each was due until it was over, in no order."""
    chance = random.Random(7)
    due, at = [], 0.0
    while (at := at + chance.expovariate(rate)) < seconds:
        due.append(at)
    took: list[float] = []
    began = time.perf_counter()

    async def one(at: float) -> None:
        await call()
        took.append(time.perf_counter() - began - at)

    async with asyncio.TaskGroup() as calls:
        for at in due:
            # Late or not: what is due now goes out now.
            await asyncio.sleep(max(began + at - time.perf_counter(), 0))
            calls.create_task(one(at))
    return took
