"""What a unit locks or claims on PostgreSQL, and what units of another node may do meanwhile."""

import asyncio
from functools import partial

import pytest

from cordboard.kernel.errors import Conflict, NotFound
from cordboard.storage.postgres import PostgresDatabase
from cordboard.storage.unit import Unit

from .conftest import STUCK, Connection, Store, gathered, until
from .rows import POSTS, POSTS_OF, SETTINGS, THREADS, Post, Setting, Thread

pytestmark = pytest.mark.anyio

FREE = SETTINGS.where("place = ? AND name = ?")


@pytest.fixture
def store(postgres_store: Store) -> Store:
    return postgres_store


@pytest.fixture(params=["the same node", "another node"])
def other(request: pytest.FixtureRequest, store: Store, neighbour: Store) -> Store:
    return store if request.param == "the same node" else neighbour


class Meanwhile:
    """A unit that begins in the middle of another, which goes on when this one is done or waits for a row or its turn."""

    def __init__(self, watch: Connection, store: Store) -> None:
        assert isinstance(store.db, PostgresDatabase)
        self._watch = watch
        self._turns = store.db._turns
        self.running: asyncio.Task[object] | None = None

    async def begin(self, running: "asyncio.Task[object]") -> None:
        self.running = running

        async def stands() -> bool:
            waits = any(self._turns._waiting.values())
            return running.done() or waits or bool(await self._watch.fetch(STUCK))

        await until(stands)


@pytest.fixture
def meanwhile(watch: Connection, store: Store) -> Meanwhile:
    return Meanwhile(watch, store)


@pytest.mark.parametrize("form", ["locked and guarded", "claimed and touched"])
async def test_who_takes_a_row_and_then_looks_who_uses_it_sees_everybody_who_does(
    store: Store, other: Store, meanwhile: Meanwhile, form: str
) -> None:
    await store.insert(THREADS, Thread("CH1"))
    locking = form == "locked and guarded"

    async def use(unit: Unit) -> None:
        thread = await unit.get(THREADS, "CH1")
        if thread is None:
            raise NotFound
        (unit.guard if locking else unit.touch)(THREADS, thread)
        unit.insert(POSTS, Post("IM1", "CH1", 0))

    async def remove(unit: Unit) -> None:
        thread = (await (unit.lock if locking else unit.claim)(THREADS, "CH1"))["CH1"]
        used = await unit.all(POSTS_OF, "CH1")
        if meanwhile.running is None:
            await meanwhile.begin(asyncio.create_task(other.run(use)))
        if used:
            raise Conflict("it is used")
        unit.delete(THREADS, thread)

    (removed,) = await gathered(store.run(remove))
    assert meanwhile.running is not None
    (used,) = await gathered(meanwhile.running)
    # Who locks is first, and of others who is written first.
    assert (type(removed), type(used)) == ((type(None), NotFound) if locking else (Conflict, type(None)))
    assert len(await store.all(POSTS_OF, "CH1")) == (0 if locking else 1)


async def test_who_claims_a_row_refuses_nothing_by_what_does_not_fit_it(
    store: Store, other: Store, meanwhile: Meanwhile
) -> None:
    await store.insert(THREADS, Thread("CH1"))

    async def say(unit: Unit) -> None:
        thread = await unit.get(THREADS, "CH1")
        assert thread
        unit.insert(POSTS, Post("IM1", "CH1", thread.last + 1))
        unit.update(THREADS, thread, last=thread.last + 1)

    async def close(unit: Unit) -> None:
        thread = (await unit.claim(THREADS, "CH1"))["CH1"]
        if meanwhile.running is None:
            await meanwhile.begin(asyncio.create_task(other.run(say)))
        if len(await unit.all(POSTS_OF, "CH1")) != thread.last + 1:
            raise Conflict("that cannot be")
        unit.update(THREADS, thread, state="closed")

    await store.run(close)
    assert await store.get(THREADS, "CH1") == Thread("CH1", version=3, state="closed", last=0)


async def test_of_two_who_lock_a_row_and_change_another_the_second_sees_what_the_first_did(
    store: Store, other: Store, meanwhile: Meanwhile
) -> None:
    await store.insert(THREADS, Thread("CH1"))

    async def make_once(unit: Unit, name: str) -> str:
        await unit.lock(THREADS, "CH1")
        made = await unit.one(FREE, "p", "made")
        if meanwhile.running is None:
            await meanwhile.begin(asyncio.create_task(other.run(partial(make_once, name="second"))))
        if made is not None:
            return str(made.value)
        # Guarded by nothing but the lock.
        unit.put(SETTINGS, Setting("p", "made", name))
        return name

    first = await store.run(partial(make_once, name="first"))
    assert meanwhile.running is not None
    assert (first, await meanwhile.running) == ("first", "first")


@pytest.mark.parametrize("others", [0, 3, 20])
async def test_what_a_unit_claims_and_leaves_alone_is_still_so_when_it_is_written(
    store: Store, other: Store, meanwhile: Meanwhile, others: int
) -> None:
    await store.insert(THREADS, Thread("CH1"))
    seen: list[str] = []

    async def close(unit: Unit) -> None:
        thread = await unit.get(THREADS, "CH1")
        assert thread
        unit.update(THREADS, thread, state="closed")

    async def note(unit: Unit) -> None:
        thread = (await unit.claim(THREADS, "CH1", *(f"nobody {n}" for n in range(others))))["CH1"]
        seen.append(thread.state)
        if meanwhile.running is None:
            await meanwhile.begin(asyncio.create_task(other.run(close)))
        unit.put(SETTINGS, Setting("p", "state", thread.state))

    await store.run(note)
    assert meanwhile.running is not None
    await meanwhile.running
    # Of many the rows are locked, and then it is the other who waits.
    assert seen == (["active"] if others == 20 else ["active", "closed"])
    assert await store.get(SETTINGS, "p", "state") == Setting("p", "state", seen[-1])


async def test_who_locks_what_others_of_its_node_claim_waits_for_nobody_who_waits_for_it(store: Store) -> None:
    await store.insert(THREADS, Thread("CH1"), Thread("CH2"))

    async def add(unit: Unit, *, locking: bool) -> None:
        thread = (await (unit.lock if locking else unit.claim)(THREADS, "CH1"))["CH1"]
        await store.pause()
        unit.update(THREADS, thread, last=thread.last + 1)
        thread = (await (unit.claim if locking else unit.lock)(THREADS, "CH2"))["CH2"]
        unit.update(THREADS, thread, last=thread.last + 1)

    async with asyncio.timeout(20):
        await asyncio.gather(*(store.run(partial(add, locking=number % 2 == 0)) for number in range(12)))
    for sid in ("CH1", "CH2"):
        thread = await store.get(THREADS, sid)
        assert thread
        assert thread.last == 11
