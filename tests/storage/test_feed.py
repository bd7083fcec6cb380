"""Positions of events: without gaps, in the order of commits, for readers of the feed and for listeners alike."""

import asyncio
import itertools
import json
from collections import defaultdict

import asyncpg
import pytest

from cordboard.events.feed import after
from cordboard.events.journal import Event
from cordboard.kernel.chance import SeededChance
from cordboard.storage.unit import Unit, View
from tests.postgres_server import PostgresServer

from .conftest import ACCOUNT, Store, happened
from .rows import THREADS, Thread

pytestmark = pytest.mark.anyio

RESOURCES, WRITERS, UNITS_EACH = 4, 16, 12


async def follow(store: Store, count: int) -> list[Event]:
    """Read the feed as it grows, never looking back."""
    seen: list[Event] = []

    async def look(view: View) -> list[Event]:
        return await after(view, ACCOUNT, seen[-1].position if seen else 0, 7)

    while len(seen) < count:
        seen += await store.db.read(look)
        await asyncio.sleep(0)
    return seen


async def write(store: Store, chance: SeededChance) -> None:
    async def work(unit: Unit) -> None:
        first, both, slow = chance.bits(2), chance.bits(1), chance.bits(2) == 0
        for sid in {first, (first + 1) % RESOURCES} if both else {first}:
            thread = await unit.get(THREADS, f"CH{sid}")
            assert thread
            for _ in range(30 if slow else 0):
                await store.pause()
            after = unit.update(THREADS, thread, last=thread.last + 1)
            happened(unit, thread.sid, after.last)

    for _ in range(UNITS_EACH):
        await store.run(work)


async def test_a_reader_of_the_feed_misses_nothing_and_sees_each_resource_in_order(store: Store) -> None:
    await store.insert(THREADS, *(Thread(f"CH{n}") for n in range(RESOURCES)))
    following = asyncio.create_task(follow(store, WRITERS * UNITS_EACH))
    await asyncio.gather(*(write(store, SeededChance(seed)) for seed in range(WRITERS)))
    seen = await following
    seen += await store.db.read(lambda view: after(view, ACCOUNT, seen[-1].position, 1000))
    assert [event.position for event in seen] == list(range(1, len(seen) + 1))
    by_resource = defaultdict(list)
    for event in seen:
        by_resource[event.resource_sid].append(json.loads(event.data)["number"])
    assert all(numbers == list(range(len(numbers))) for numbers in by_resource.values())
    told = [event for settled in store.settled for event in settled.events]
    assert [(event.sid, event.data) for event in told] == [(event.sid, event.data) for event in seen]


async def test_each_account_has_its_own_positions_and_a_unit_may_append_to_several(store: Store) -> None:
    async def work(unit: Unit) -> None:
        for account_sid in ("AC2", ACCOUNT, "AC2", "AC1"):
            happened(unit, account_sid=account_sid)

    await asyncio.gather(*(store.run(work) for _ in range(8)))
    told = defaultdict(list)
    for settled in store.settled:
        for event in settled.events:
            told[event.account_sid].append(event.position)
    assert told == {"AC2": [*range(1, 17)], ACCOUNT: [*range(1, 9)], "AC1": [*range(1, 9)]}


async def test_a_position_that_a_refused_unit_would_have_had_goes_to_the_next(store: Store) -> None:
    async def refused(unit: Unit) -> None:
        happened(unit)
        raise LookupError

    async def lost(unit: Unit) -> None:
        happened(unit)
        unit.guard(THREADS, Thread("nobody"))

    async def good(unit: Unit) -> None:
        happened(unit)

    for work in (good, refused, lost, good):
        await asyncio.gather(store.run(work), return_exceptions=True)
    assert [event.position for event in await follow(store, 2)] == [1, 2]


async def test_a_slow_unit_takes_its_position_when_it_commits_and_holds_up_nobody(postgres_store: Store) -> None:
    read, go_on = asyncio.Event(), asyncio.Event()
    await postgres_store.insert(THREADS, Thread("CH1"), Thread("CH2"))

    async def slow(unit: Unit) -> None:
        await unit.lock(THREADS, "CH1")
        happened(unit, "slow")
        read.set()
        await go_on.wait()

    async def quick(unit: Unit) -> None:
        happened(unit, "quick")

    running = asyncio.create_task(postgres_store.run(slow))
    await read.wait()
    await asyncio.gather(*(postgres_store.run(quick) for _ in range(3)))
    assert len(await follow(postgres_store, 3)) == 3
    go_on.set()
    await running
    assert [event.resource_sid for event in await follow(postgres_store, 4)] == ["quick", "quick", "quick", "slow"]


async def test_a_transaction_that_idles_elsewhere_holds_back_no_event(
    postgres_store: Store, postgres_server: PostgresServer, postgres_database: str
) -> None:
    for url in (postgres_server.url("postgres"), postgres_database):
        idle = await asyncpg.connect(url)
        await idle.execute("BEGIN; SELECT pg_current_xact_id(); CREATE TABLE t_idle (a INT)")
        try:
            before = len(postgres_store.settled)
            await asyncio.gather(*(postgres_store.run(_record) for _ in range(4)))
            assert len(await follow(postgres_store, before + 4)) == before + 4
        finally:
            await idle.execute("ROLLBACK")
            await idle.close()


async def _record(unit: Unit) -> None:
    happened(unit)


async def test_units_without_events_are_told_too(store: Store) -> None:
    await asyncio.gather(*(store.insert(THREADS, Thread(f"CH{n}")) for n in range(5)))
    told = itertools.chain.from_iterable(settled.writes for settled in store.settled)
    assert sorted(write.key for write in told) == [(f"CH{n}",) for n in range(5)]
