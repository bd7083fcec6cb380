"""PostgreSQL goes away, and comes back: what was answered is there, what was not was refused, and nobody restarts anything."""

import asyncio
import itertools
import os
import signal
from collections.abc import AsyncIterator, Iterator, Mapping

import asyncpg
import pytest
from asyncpg.pool import PoolConnectionHolder

from cordboard.kernel.errors import NotFound, Unavailable
from cordboard.storage.postgres import PostgresDatabase, open_postgres
from cordboard.storage.unit import Unit
from tests.postgres_server import PostgresServer, running_postgres

from .conftest import STUCK, Connection, Store, gathered, happened, new_ports, terminate, until
from .rows import ITEMS, ON_SHELF, SETTINGS, THREADS, Item, Setting, Thread, close_first, create_in_postgres

pytestmark = pytest.mark.anyio


@pytest.fixture
async def store(postgres_store: Store) -> AsyncIterator[Store]:
    yield postgres_store
    assert await postgres_store.db.check() is None


@pytest.fixture(scope="module")
def mortal_server() -> Iterator[PostgresServer]:
    """A server of our own, for who kills it kills every test's."""
    with running_postgres(durable=True) as server:
        yield server


@pytest.fixture
async def mortal_store(mortal_server: PostgresServer) -> AsyncIterator[Store]:
    url = mortal_server.url("postgres")
    db = await open_postgres(url, new_ports(), {})
    await create_in_postgres(url)
    yield Store(db, overlapping=True)
    await db.close()


def database(store: Store) -> PostgresDatabase:
    assert isinstance(store.db, PostgresDatabase)
    return store.db


async def test_connections_that_died_idle_are_not_noticed(store: Store, outside: Connection) -> None:
    await asyncio.gather(*(store.insert(ITEMS, Item(f"IT{n}")) for n in range(8)))
    await terminate(outside)
    await asyncio.sleep(0)
    outcomes = await gathered(*(store.insert(ITEMS, Item(f"JT{n}")) for n in range(8)))
    # One may have been taken from the pool before the loop read that it is dead; then it was told so.
    assert all(outcome is None or isinstance(outcome, Unavailable) for outcome in outcomes)
    await store.insert(ITEMS, Item("KT1"))
    assert len(await store.all(ON_SHELF, "S")) == 9 + outcomes.count(None)


async def post(unit: Unit) -> None:
    thread = await unit.get(THREADS, "CH1")
    assert thread
    unit.update(THREADS, thread, last=thread.last + 1)
    happened(unit)


@pytest.mark.parametrize("moment", ["reading", "holding a lock"])
async def test_a_connection_that_dies_in_a_unit_refuses_it_and_the_next_goes_on(
    store: Store, outside: Connection, moment: str
) -> None:
    await store.insert(THREADS, Thread("CH1"))

    async def work(unit: Unit, *, dies: bool) -> None:
        thread = await unit.get(THREADS, "CH1")
        if moment == "holding a lock":
            thread = (await unit.lock(THREADS, "CH1"))["CH1"]
        assert thread
        if dies:
            await terminate(outside)
        await unit.all(THREADS.where())
        unit.update(THREADS, thread, last=thread.last + 1)
        happened(unit)

    with pytest.raises(Unavailable, match="database"):
        await store.run(lambda unit: work(unit, dies=True))
    await store.run(lambda unit: work(unit, dies=False))
    thread = await store.get(THREADS, "CH1")
    assert thread
    assert thread.last == 0
    assert [event.position for settled in store.settled for event in settled.events] == [1]


async def test_a_connection_that_dies_while_it_is_given_back_undoes_nothing_and_nobody_waits_for_ever(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.insert(THREADS, Thread("CH1"))
    release = PoolConnectionHolder.release
    dying = 0

    async def die_first(self: PoolConnectionHolder, patience_s: float | None) -> None:
        nonlocal dying
        dying += 1
        self._con.terminate()  # type: ignore[attr-defined] # asyncpg's stubs leave it out
        await release(self, patience_s)

    with monkeypatch.context() as patched:
        patched.setattr(PoolConnectionHolder, "release", die_first)
        async with asyncio.timeout(10):
            await store.run(post)
    # That of the reads, that of the group and that of the flush.
    assert dying == 3
    async with asyncio.timeout(10):
        await store.run(post)
    thread = await store.get(THREADS, "CH1")
    assert thread
    assert thread.last == 1
    assert [event.position for settled in store.settled for event in settled.events] == [1, 2]


async def test_a_connection_that_dies_under_the_statement_leaves_nothing_or_everything(
    store: Store, outside: Connection, watch: Connection
) -> None:
    await store.insert(THREADS, Thread("CH1"))
    await outside.execute("BEGIN; SELECT * FROM t_threads FOR UPDATE")
    running = asyncio.create_task(store.run(post))
    await until(lambda: watch.fetchval(STUCK))
    await terminate(watch, STUCK)
    await outside.execute("ROLLBACK")
    with pytest.raises(Unavailable, match="not known"):
        await running
    thread = await store.get(THREADS, "CH1")
    assert thread
    assert thread.last == -1
    await store.run(post)


async def test_a_unit_that_waits_for_a_row_holds_up_nobodys_events(
    store: Store, outside: Connection, watch: Connection
) -> None:
    async def other(unit: Unit) -> None:
        happened(unit)

    await store.insert(THREADS, Thread("CH1"))
    await outside.execute("BEGIN; SELECT * FROM t_threads FOR UPDATE")
    waiting = asyncio.create_task(store.run(post))
    await until(lambda: watch.fetchval(STUCK))
    async with asyncio.timeout(20):
        await asyncio.gather(store.run(other), store.run(other))
    await outside.execute("ROLLBACK")
    await waiting
    assert [event.position for settled in store.settled for event in settled.events] == [1, 2, 3]


async def test_a_guarded_row_is_held_until_its_unit_commits(
    store: Store, outside: Connection, watch: Connection
) -> None:
    await store.insert(THREADS, Thread("CH1"), Thread("CH2"))
    await store.insert(SETTINGS, Setting("p", "both", None))

    async def close(unit: Unit, own: str, other: str) -> bool:
        if not await close_first(unit, own, other):
            return False
        unit.put(SETTINGS, Setting("p", "both", own))
        return True

    # Both statements have begun, and so have seen the other's row open, when the first may go on.
    await outside.execute("BEGIN; SELECT * FROM t_settings FOR UPDATE")
    running = [
        asyncio.create_task(store.run(lambda unit: close(unit, "CH1", "CH2"))),
        asyncio.create_task(store.run(lambda unit: close(unit, "CH2", "CH1"))),
    ]
    await until(lambda: watch.fetchval(f"SELECT count(*) = 2 FROM ({STUCK}) _"))
    await outside.execute("ROLLBACK")
    assert sorted(await asyncio.gather(*running)) == [False, True]


async def test_a_lock_that_nobody_lets_go_is_refused_in_the_end(store: Store, outside: Connection) -> None:
    await store.insert(THREADS, Thread("CH1"))
    await outside.execute("BEGIN; SELECT * FROM t_threads FOR UPDATE")

    async def impatient(unit: Unit) -> None:
        await unit._reader.fetch("SELECT set_config('lock_timeout', '20ms', false)", ())
        await unit.lock(THREADS, "CH1")

    with pytest.raises(Unavailable, match="lock timeout"):
        await store.run(impatient)
    await outside.execute("ROLLBACK")


async def test_a_deadlock_is_a_lost_race(store: Store) -> None:
    await store.insert(THREADS, Thread("CH1"), Thread("CH2"))
    both_hold = asyncio.Barrier(2)
    runs = 0

    async def cross(unit: Unit, first: str, second: str) -> None:
        nonlocal runs
        runs += 1
        await unit._reader.fetch("SELECT set_config('deadlock_timeout', '10ms', false)", ())
        await unit.lock(THREADS, first)
        if runs <= 2:
            await both_hold.wait()
        thread = (await unit.lock(THREADS, second))[second]
        unit.update(THREADS, thread, last=thread.last + 1)

    await asyncio.gather(
        store.run(lambda unit: cross(unit, "CH1", "CH2")), store.run(lambda unit: cross(unit, "CH2", "CH1"))
    )
    assert runs > 2
    assert [thread.last for thread in await store.all(THREADS.where("1 = 1"))] == [0, 0]


async def test_nobody_is_answered_before_the_flush_not_even_who_is_refused_or_only_looks(store: Store) -> None:
    barrier = database(store)._barrier
    flush, go_on = barrier._flush, asyncio.Event()

    async def waits(covered: Mapping[str, int]) -> None:
        await go_on.wait()
        await flush(covered)

    async def refused(unit: Unit) -> None:
        raise NotFound("seen" if await unit.get(ITEMS, "IT1") else "not seen")

    barrier._flush = waits
    first = asyncio.create_task(store.insert(ITEMS, Item("IT1")))
    await until(lambda: barrier._serving is not None)
    second = asyncio.create_task(store.run(refused))
    look = asyncio.create_task(store.get(ITEMS, "IT1"))
    await until(lambda: len(barrier._waiting) == 2 or look.done())
    early = [task.done() for task in (first, second, look)]
    told = list(store.settled)
    go_on.set()
    assert early == [False] * 3
    assert told == []
    await first
    with pytest.raises(NotFound, match=r"^seen$"):
        await second
    assert await look == Item("IT1")


async def test_a_caller_that_goes_away_leaves_a_whole_unit_and_its_listeners_hear_of_it(store: Store) -> None:
    reading, go_on = asyncio.Event(), asyncio.Event()

    async def work(unit: Unit) -> None:
        unit.insert(ITEMS, Item("IT1"))
        happened(unit)
        reading.set()
        await go_on.wait()

    running = asyncio.create_task(store.run(work))
    await reading.wait()
    running.cancel()
    go_on.set()
    await until(lambda: not store.db.busy)
    assert await store.get(ITEMS, "IT1")
    assert len(store.settled) == 1


async def test_a_closing_database_finishes_what_runs_and_takes_nothing_new(postgres_store: Store) -> None:
    running = asyncio.create_task(postgres_store.insert(ITEMS, Item("IT1")))
    await asyncio.sleep(0)
    closing = asyncio.create_task(postgres_store.db.close())
    await asyncio.sleep(0)
    with pytest.raises(Unavailable, match="stopping"):
        await postgres_store.insert(ITEMS, Item("IT2"))
    await asyncio.gather(running, closing)
    with pytest.raises(Unavailable, match="stopping"):
        await postgres_store.get(ITEMS, "IT1")


async def test_a_server_that_cannot_be_reached_is_unavailable(tmp_path: object) -> None:
    with pytest.raises(Unavailable, match="database"):
        await open_postgres(f"postgresql://postgres@/nothing?host={tmp_path}", new_ports(), {})


async def test_what_was_answered_survives_a_crash_of_the_server_which_is_used_again_by_itself(
    mortal_server: PostgresServer, mortal_store: Store
) -> None:
    store, url = mortal_store, mortal_server.url("postgres")
    answered: list[str] = []
    refused: list[Exception] = []

    async def write(writer: int) -> None:
        for n in itertools.count():
            item = Item(f"IT{writer}-{n:05}")
            try:
                await store.insert(ITEMS, item)
            except Unavailable as error:
                refused.append(error)
                return
            answered.append(item.sid)

    async def recovered() -> bool:
        return await store.db.check() is None

    async def crash() -> None:
        await until(lambda: len(answered) >= 100)
        # The server kills all its processes when one dies like this, and starts again from its log.
        connection = await asyncpg.connect(url)
        os.kill(await connection.fetchval("SELECT pg_backend_pid()"), signal.SIGKILL)
        connection.terminate()

    async with asyncio.timeout(20):
        await asyncio.gather(crash(), *(write(writer) for writer in range(8)))
    assert len(refused) == 8
    await until(recovered)
    lost = set(answered) - {item.sid for item in await store.all(ON_SHELF, "S")}
    assert not lost
    await store.insert(ITEMS, Item("after"))
