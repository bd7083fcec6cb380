"""On PostgreSQL units that come together are written together, and none of them can tell but by the clock."""

import asyncio
from functools import partial

import asyncpg
import pytest

from cordboard.kernel.errors import Conflict
from cordboard.storage import postgres_writing
from cordboard.storage.port import Work
from cordboard.storage.postgres import PostgresDatabase, open_postgres
from cordboard.storage.postgres_connections import UNKNOWN
from cordboard.storage.unit import Unit

from .conftest import ACCOUNT, STUCK, Connection, Store, gathered, happened, new_ports, terminate, until
from .rows import ITEMS, ON_SHELF, PAIR_TAKEN, PAIRS, POSTS, THREADS, Item, Pair, Thread, close_first

pytestmark = pytest.mark.anyio

OTHER = ACCOUNT[:-1] + "2"


@pytest.fixture
def store(postgres_store: Store) -> Store:
    return postgres_store


def adding(sid: str, *, events: int = 1, account_sid: str = ACCOUNT, name: str = "") -> Work[None]:
    async def work(unit: Unit) -> None:
        unit.insert(ITEMS, Item(sid, name=name))
        for number in range(events):
            happened(unit, sid, number, account_sid)

    return work


async def test_units_that_come_together_are_one_transaction_and_each_has_its_own_positions(
    store: Store, postgres_database: str
) -> None:
    works = [adding(f"IT{n}", events=n % 3, account_sid=ACCOUNT if n % 2 else OTHER) for n in range(24)]
    await asyncio.gather(*(store.run(work) for work in works))
    connection = await asyncpg.connect(postgres_database)
    transactions = await connection.fetchval("SELECT count(DISTINCT xmin::text) FROM t_items")
    journal = await connection.fetch("SELECT account_sid, position, count FROM journal ORDER BY account_sid, position")
    feed = {row[0]: row[1] for row in await connection.fetch("SELECT account_sid, position FROM feed")}
    await connection.close()
    assert transactions < 6
    ends = {ACCOUNT: 0, OTHER: 0}
    for account_sid, position, count in journal:
        assert position == ends[account_sid] + count
        ends[account_sid] = position
    assert feed == ends == {ACCOUNT: 12, OTHER: 12}
    for account_sid in ends:
        told = [event for settled in store.settled for event in settled.events if event.account_sid == account_sid]
        assert [event.position for event in told] == list(range(1, 13))
    # What a unit was told it has is what is stored of it.
    for settled in store.settled:
        assert {event.resource_sid for event in settled.events} <= {write.key[0] for write in settled.writes}


@pytest.mark.parametrize("fault", ["a key that is taken", "a text that PostgreSQL does not take"])
async def test_a_unit_that_cannot_be_written_takes_nobody_along(store: Store, fault: str) -> None:
    await store.insert(ITEMS, Item("IT0"))
    bad = adding("IT0") if fault == "a key that is taken" else adding("IT99", name="\0")
    outcomes = await gathered(*(store.run(work) for work in [adding("IT1"), adding("IT2"), bad, adding("IT3")]))
    assert [type(outcome) for outcome in outcomes if outcome is not None] == [
        Conflict if fault == "a key that is taken" else asyncpg.CharacterNotInRepertoireError
    ]
    assert outcomes[2] is not None
    assert [item.sid for item in await store.all(ON_SHELF, "S")] == ["IT0", "IT1", "IT2", "IT3"]
    positions = [event.position for settled in store.settled for event in settled.events]
    assert positions == [1, 2, 3]


async def test_units_of_a_group_that_failed_do_not_wait_for_each_others_connections(store: Store) -> None:
    assert isinstance(store.db, PostgresDatabase)
    connections = store.db._pool.get_max_size()
    looked = 0
    everybody = asyncio.Event()

    async def take(unit: Unit, number: int) -> bool:
        nonlocal looked
        # Who reads has a connection.
        taken = await unit.one(PAIR_TAKEN, "a", "p")
        looked += 1
        if looked == connections:
            everybody.set()
        await everybody.wait()
        if taken is None:
            unit.insert(PAIRS, Pair(f"PA{number}", "a", "p"))
        return taken is None

    async with asyncio.timeout(20):
        took = await asyncio.gather(*(store.run(partial(take, number=number)) for number in range(connections)))
    assert sum(took) == 1


@pytest.mark.parametrize("alone", [False, True])
async def test_rows_are_locked_in_the_order_of_their_keys_wherever_they_lie(
    store: Store, outside: Connection, watch: Connection, alone: bool
) -> None:
    keys = [f"CH{n}" for n in range(8)]
    # Later ones lie further in front, so that reading the table from its beginning finds them first.
    for key in reversed(keys):
        await store.insert(THREADS, Thread(key))

    async def change(unit: Unit) -> None:
        for key in reversed(keys):
            thread = await unit.get(THREADS, key)
            assert thread
            unit.update(THREADS, thread, state="closed")
        if alone:
            unit.sweep(POSTS, "thread_sid", "nobody")

    lock = "SELECT 1 FROM t_threads WHERE sid = $1 FOR UPDATE"
    async with outside.transaction():
        await outside.fetch(lock, keys[0])
        running = asyncio.create_task(store.run(change))
        await until(lambda: watch.fetch(STUCK))
        for key in keys[1:]:
            await watch.fetch(f"{lock} NOWAIT", key)
    await running


async def test_two_who_each_count_on_what_the_other_changes_do_not_both_go_through(store: Store) -> None:
    await store.insert(THREADS, Thread("CH1"), Thread("CH2"))

    closed = await asyncio.gather(
        store.run(lambda unit: close_first(unit, "CH1", "CH2")), store.run(lambda unit: close_first(unit, "CH2", "CH1"))
    )
    assert sorted(closed) == [False, True]


async def test_a_row_that_a_stranger_holds_keeps_nobody_waiting_but_who_wants_it(
    store: Store, outside: Connection
) -> None:
    await store.insert(THREADS, Thread("CH1"))

    async def close(unit: Unit) -> None:
        thread = await unit.get(THREADS, "CH1")
        assert thread
        unit.update(THREADS, thread, state="closed")
        happened(unit, "CH1")

    async with outside.transaction():
        await outside.fetch("SELECT 1 FROM t_threads FOR UPDATE")
        waits = asyncio.create_task(store.run(close))
        async with asyncio.timeout(8):
            await asyncio.gather(*(store.run(adding(f"IT{n}")) for n in range(30)))
        assert not waits.done()
    await waits
    assert [event.position for settled in store.settled for event in settled.events] == list(range(1, 32))


async def test_what_became_of_a_group_whose_connection_breaks_is_unknown_to_all_of_it_and_nobody_runs_again(
    postgres_database: str, outside: Connection, watch: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The group is to wait until its connection is cut.
    monkeypatch.setitem(postgres_writing._SETTINGS, "lock_timeout", "20s")
    db = await open_postgres(postgres_database, new_ports(), {})
    store = Store(db, overlapping=True)
    await store.insert(THREADS, Thread("CH1"))
    runs: list[str] = []

    async def close(unit: Unit) -> None:
        runs.append("close")
        unit.update(THREADS, Thread("CH1"), state="closed")
        happened(unit, "CH1")

    async def add(unit: Unit, sid: str) -> None:
        runs.append(sid)
        await adding(sid)(unit)

    async with outside.transaction():
        await outside.fetch("SELECT 1 FROM t_threads FOR UPDATE")
        running = gathered(store.run(close), *(store.run(partial(add, sid=f"IT{n}")) for n in range(5)))
        answers = asyncio.create_task(running)
        await until(lambda: watch.fetch(STUCK))
        await terminate(watch, STUCK)
        outcomes = await answers
    assert [str(outcome)[-len(UNKNOWN) :] for outcome in outcomes] == [UNKNOWN] * 6
    assert sorted(runs) == ["IT0", "IT1", "IT2", "IT3", "IT4", "close"]
    assert store.settled[1:] == []
    await store.run(adding("IT9"))
    assert [item.sid for item in await store.all(ON_SHELF, "S")] == ["IT9"]
    assert [event.position for event in store.settled[-1].events] == [1]
    await db.close()
