"""SQLite's group: who shares a COMMIT, and what each is told when it fails."""

import asyncio
import resource
import sqlite3
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cordboard.events.feed import after
from cordboard.kernel.errors import Conflict, NotFound, Unavailable
from cordboard.storage import sqlite
from cordboard.storage.sqlite import SQLiteDatabase
from cordboard.storage.unit import Unit

from .conftest import ACCOUNT, Store, gathered, happened, turns, write
from .rows import ITEMS, ON_SHELF, PAIRS, Item, Pair
from .slow_disk import commits_wait

ANOTHER = "AC00000000000000000000000000000002"

pytestmark = pytest.mark.anyio


@pytest.fixture
async def store(sqlite_store: Store) -> AsyncIterator[Store]:
    yield sqlite_store
    assert await sqlite_store.db.check() is None


def database(store: Store) -> SQLiteDatabase:
    assert isinstance(store.db, SQLiteDatabase)
    return store.db


@contextmanager
def no_file_grows_over(size: int) -> Iterator[None]:
    """A write beyond that many bytes fails, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_unit_that_comes_during_the_commit_of_a_few_waits_for_it(store: Store) -> None:
    late = write("IT2")
    with commits_wait(store.db):
        first = asyncio.create_task(store.run(write("IT1")))
        await turns()
        second = asyncio.create_task(store.run(late))
        await turns()
        assert late.begun == 0
    assert await gathered(first, second) == ["IT1", "IT2"]


@pytest.mark.usefixtures("one_is_many")
async def test_a_unit_that_comes_during_a_commit_goes_on_and_nobody_is_answered_before_his_own(store: Store) -> None:
    async def refused(unit: Unit) -> None:
        assert await unit.get(ITEMS, "IT1")
        raise NotFound("seen")

    late = write("IT2")
    with commits_wait(store.db):
        first = asyncio.create_task(store.run(write("IT1")))
        second = asyncio.create_task(store.run(refused))
        await turns()
        third = asyncio.create_task(store.run(late))
        await turns()
        assert (store.db.busy, first.done(), second.done()) == (True, False, False)
        assert await store.get(ITEMS, "IT1") is None
        assert (len(store.settled), late.begun) == (0, 1)
    with commits_wait(store.db):
        assert await first == "IT1"
        with pytest.raises(NotFound, match="seen"):
            await second
        await turns()
        assert not third.done()
        assert await store.get(ITEMS, "IT2") is None
    assert (await third, late.begun) == ("IT2", 1)
    await turns()
    assert not store.db.busy
    assert [event.position for settled in store.settled for event in settled.events] == [1, 2]


async def list_(unit: Unit) -> list[str]:
    return [item.sid for item in await unit.all(ON_SHELF, "S")]


async def rename(unit: Unit) -> str:
    item = await unit.get(ITEMS, "IT2")
    assert item is not None
    return unit.update(ITEMS, item, name=f"{item.name}!").name


async def of_another(unit: Unit) -> None:
    happened(unit, "RS", account_sid=ANOTHER)


@pytest.mark.usefixtures("one_is_many")
@pytest.mark.parametrize(
    ("work", "result"),
    [
        pytest.param(list_, ["IT1", "IT2"], id="it reads"),
        pytest.param(rename, "!", id="it changes a row that waits to be written"),
        pytest.param(of_another, None, id="where its account's feed ends is not known yet"),
    ],
)
async def test_a_unit_that_needs_the_file_during_a_commit_begins_again_behind_it(
    store: Store, work: Callable[[Unit], Awaitable[object]], result: object
) -> None:
    begun = 0

    async def counted(unit: Unit) -> object:
        nonlocal begun
        begun += 1
        return await work(unit)

    last = write("IT3")
    with commits_wait(store.db):
        first = asyncio.create_task(store.run(write("IT1")))
        await turns()
        before = asyncio.create_task(store.run(write("IT2")))
        needing = asyncio.create_task(store.run(counted))
        behind = asyncio.create_task(store.run(last))
        await turns()
        assert (begun, last.begun) == (1, 0)
    assert await gathered(first, before, needing, behind) == ["IT1", "IT2", result, "IT3"]
    assert (begun, last.begun) == (2, 1)
    told = [(event.account_sid, event.position) for settled in store.settled for event in settled.events]
    assert [position for account_sid, position in told if account_sid == ACCOUNT] == [1, 2, 3]
    assert [position for account_sid, position in told if account_sid == ANOTHER] == ([1] if work is of_another else [])


@pytest.mark.usefixtures("one_is_many")
async def test_what_went_on_during_a_commit_that_fails_begins_again_without_what_it_had_seen(store: Store) -> None:
    seen: list[bool] = []

    async def follow(unit: Unit) -> bool:
        seen.append(await unit.get(ITEMS, "IT1") is not None)
        unit.insert(PAIRS, Pair("PA1", address="+1", proxy=str(seen[-1])))
        happened(unit, "PA1")
        return seen[-1]

    async def refused(unit: Unit) -> None:
        raise NotFound("seen" if await unit.get(ITEMS, "IT1") is not None else "not seen")

    with commits_wait(store.db, sqlite3.OperationalError("the disk is gone")):
        fails = asyncio.create_task(store.run(write("IT1")))
        await turns()
        later = [asyncio.create_task(store.run(follow)), asyncio.create_task(store.run(refused))]
        await turns()
        assert seen == [True]
    with pytest.raises(Unavailable, match="the disk is gone"):
        await fails
    followed, refusal = await gathered(*later)
    assert (followed, seen) == (False, [True, False])
    assert isinstance(refusal, NotFound)
    assert "not seen" in str(refusal)
    assert await store.all(ON_SHELF, "S") == []
    assert [event.position for settled in store.settled for event in settled.events] == [1]


@pytest.mark.usefixtures("one_is_many")
async def test_a_unit_whose_rows_cannot_be_made_during_a_commit_fails_alone(store: Store) -> None:
    async def faulty(unit: Unit) -> None:
        unit.insert(ITEMS, Item("IT0"))
        unit.insert(ITEMS, Item("IT5", tags=object()))  # type: ignore[arg-type] # a value of no JSON type
        happened(unit, "refused")

    with commits_wait(store.db):
        first = asyncio.create_task(store.run(write("IT1")))
        await turns()
        second = asyncio.create_task(store.run(write("IT2")))
        fails = asyncio.create_task(store.run(faulty))
        third = asyncio.create_task(store.run(write("IT3")))
        await turns()
    one, two, refused, three = await gathered(first, second, fails, third)
    assert (one, two, three) == ("IT1", "IT2", "IT3")
    assert isinstance(refused, TypeError)
    assert [item.sid for item in await store.all(ON_SHELF, "S")] == ["IT1", "IT2", "IT3"]
    assert [event.position for settled in store.settled for event in settled.events] == [1, 2, 3]


async def test_a_caller_that_goes_away_takes_nothing_from_its_neighbours(store: Store) -> None:
    with commits_wait(store.db):
        gone = asyncio.create_task(store.run(write("IT1")))
        staying = asyncio.create_task(store.run(write("IT2")))
        await turns()
        never = asyncio.create_task(store.run(unbegun := write("IT3")))
        await turns()
        gone.cancel()
        never.cancel()
        await turns()
    assert await staying == "IT2"
    await turns()
    assert await store.get(ITEMS, "IT1"), "it had been written when its caller went away"
    assert unbegun.begun == 0
    assert len(store.settled) == 2


def much(_units: int) -> bool:
    return False


async def test_what_waits_for_leisure_goes_on_with_a_commit_and_does_not_wait_where_none_comes(store: Store) -> None:
    async def refused(_unit: Unit) -> None:
        raise NotFound

    async def refuse() -> None:
        while True:
            await gathered(store.run(refused))

    await store.db.leisure(much)
    await gathered(*(store.run(write(f"IT{number}")) for number in range(sqlite._MANY)))
    await store.db.leisure(much)
    refusing = asyncio.create_task(refuse())
    await turns()
    await store.db.leisure(much)
    refusing.cancel()
    with commits_wait(store.db):
        waiting = asyncio.create_task(store.db.leisure(much))
        writing = asyncio.create_task(store.run(write("late")))
        await waiting
        assert not writing.done()
    assert await writing == "late"


async def test_a_commit_waits_for_others_but_not_for_ever_new_ones(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "_LATE_S", 0.0)
    await gathered(*(store.run(write(f"IT{number}")) for number in range(sqlite._MANY)))
    assert isinstance(store.db, SQLiteDatabase)
    coming: list[asyncio.Task[str]] = []
    while not store.db._committing.is_set():
        # There is always one more, and each comes before the loop was idle twice.
        coming.append(asyncio.create_task(store.run(write(f"other {len(coming)}"))))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert len(coming) < sqlite._MANY
    assert await asyncio.gather(*coming) == [f"other {number}" for number in range(len(coming))]


async def test_what_is_little_beside_the_units_of_a_commit_is_done_just_before_and_is_in_it(store: Store) -> None:
    beside: list[int] = []

    async def begin(name: str, *, little: bool) -> None:
        def is_little(units: int) -> bool:
            beside.append(units)
            return little

        await store.db.leisure(is_little)
        await store.run(write(f"{name}, at leisure"))

    async def flushes(name: str, *, little: bool) -> int:
        before = store.db.tally.group.count
        many = [store.run(write(f"{name} {number}")) for number in range(sqlite._MANY)]
        await asyncio.gather(begin(name, little=little), *many)
        return store.db.tally.group.count - before

    assert await flushes("few until now, so it does not wait", little=False) == 1
    assert await flushes("little", little=True) == 1
    assert await flushes("much", little=False) == 2
    assert beside == [sqlite._MANY, sqlite._MANY]


async def test_a_unit_that_awaits_anything_else_is_refused_and_its_neighbours_survive(store: Store) -> None:
    async def suspends(unit: Unit) -> None:
        unit.insert(ITEMS, Item("IT5"))
        await asyncio.sleep(0)

    before, refused, after = await gathered(store.run(write("IT1")), store.run(suspends), store.run(write("IT9")))
    assert (before, after) == ("IT1", "IT9")
    assert isinstance(refused, RuntimeError)
    assert "awaited something other than its unit" in str(refused)
    assert [item.sid for item in await store.all(ON_SHELF, "S")] == ["IT1", "IT9"]


async def test_units_that_cannot_be_flushed_leave_nothing_and_their_neighbours_stay_as_they_were(store: Store) -> None:
    async def taken(unit: Unit) -> None:
        happened(unit, "refused")
        unit.insert(ITEMS, Item("IT0"))
        unit.insert(ITEMS, Item("IT1"))

    async def faulty(unit: Unit) -> None:
        happened(unit, "refused")
        unit.insert(ITEMS, Item("IT0", note=object()))  # type: ignore[arg-type] # a value of no SQL type

    async def raise_(unit: Unit) -> None:
        item = await unit.get(ITEMS, "IT1")
        assert item
        unit.update(ITEMS, item, size=(item.size or 0) + 1)
        happened(unit, item.sid)

    works: list[Callable[[Unit], Awaitable[object]]] = [
        write("IT1"),
        taken,
        raise_,
        faulty,
        write("IT2"),
        raise_,
        taken,
        write("IT3"),
    ]
    outcomes = await gathered(*(store.run(work) for work in works))
    assert [outcomes[place] for place in (0, 4, 7)] == ["IT1", "IT2", "IT3"]
    assert [type(outcomes[place]) for place in (1, 3, 6)] == [Conflict, sqlite3.ProgrammingError, Conflict]
    assert [(item.sid, item.size) for item in await store.all(ON_SHELF, "S")] == [("IT1", 2), ("IT2", 0), ("IT3", 0)]
    told = [(event.position, event.resource_sid) for settled in store.settled for event in settled.events]
    assert told == [(1, "IT1"), (2, "IT1"), (3, "IT2"), (4, "IT1"), (5, "IT3")]
    recorded = await store.db.read(lambda view: after(view, ACCOUNT, 0, 100))
    assert [(event.position, event.resource_sid) for event in recorded] == told


async def test_a_unit_whose_rows_cannot_be_made_leaves_nothing_and_takes_no_neighbour_along(store: Store) -> None:
    async def faulty(unit: Unit) -> None:
        unit.insert(ITEMS, Item("IT0"))
        unit.insert(ITEMS, Item("IT5", tags=object()))  # type: ignore[arg-type] # a value of no JSON type
        happened(unit, "refused")

    before, refused, after_it = await gathered(store.run(write("IT1")), store.run(faulty), store.run(write("IT2")))
    assert (before, after_it) == ("IT1", "IT2")
    assert isinstance(refused, TypeError)
    assert [item.sid for item in await store.all(ON_SHELF, "S")] == ["IT1", "IT2"]
    told = [(event.position, event.resource_sid) for settled in store.settled for event in settled.events]
    assert told == [(1, "IT1"), (2, "IT2")]


async def test_a_commit_that_the_disk_refuses_fails_its_whole_group_and_the_next_goes_on(
    store: Store, tmp_path: Path
) -> None:
    await store.run(write("IT0"))
    log = tmp_path / "cordboard.db-wal"
    works = [write(f"IT{n}", "x" * 20_000) for n in range(1, 9)]
    with no_file_grows_over(log.stat().st_size):
        outcomes = await gathered(*(store.run(work) for work in works))
        assert all(isinstance(outcome, Unavailable) for outcome in outcomes)
        assert "disk" in str(await store.db.check())
        assert [item.sid for item in await store.all(ON_SHELF, "S")] == ["IT0"]
    assert [settled.events[0].position for settled in store.settled] == [1]
    assert await store.db.check() is None
    assert await store.run(works[0]) == "IT1"
    assert store.settled[-1].events[0].position == 2


async def test_a_database_that_is_full_inside_a_unit_fails_the_group_that_it_takes_along(store: Store) -> None:
    writer = database(store)._writer
    ((pages,),) = writer.execute("PRAGMA page_count").fetchall()
    writer.execute(f"PRAGMA max_page_count={pages + 20}")
    small, large, later = await gathered(
        store.run(write("IT1")), store.run(write("IT2", "x" * 500_000)), store.run(write("IT3"))
    )
    assert [type(outcome) for outcome in (small, large, later)] == [Unavailable] * 3
    assert "full" in str(large)
    assert store.settled == []
    assert await store.run(write("IT1")) == "IT1"
    assert [settled.events[0].position for settled in store.settled] == [1]
    writer.execute("PRAGMA max_page_count=1073741823")
    assert await store.run(write("IT2", "x" * 500_000)) == "IT2"


async def test_a_lock_that_another_program_holds_is_refused_at_once(store: Store, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "cordboard.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    outcomes = await gathered(*(store.run(write(f"IT{n}")) for n in range(3)))
    assert [type(outcome) for outcome in outcomes] == [Unavailable] * 3
    assert "locked" in str(await store.db.check())
    assert await store.all(ON_SHELF, "S") == []
    other.execute("ROLLBACK")
    other.close()
    assert await store.run(write("IT0")) == "IT0"


async def test_a_long_list_does_not_hold_up_the_loop(store: Store) -> None:
    reader = database(store)._looking
    threads: list[str] = []
    fetch_long = reader._fetch_long

    def noted(sql: str, arguments: object) -> object:
        threads.append(threading.current_thread().name)
        return fetch_long(sql, arguments)  # type: ignore[arg-type] # handed on

    reader._fetch_long = noted  # type: ignore[method-assign,assignment] # a witness
    await store.db.read(lambda view: view._reader.fetch_many("SELECT 1", ()))
    assert threads
    assert threading.current_thread().name not in threads


async def test_a_closing_database_finishes_what_waits_and_takes_nothing_new(sqlite_store: Store) -> None:
    with commits_wait(sqlite_store.db):
        running = [asyncio.create_task(sqlite_store.run(write(f"IT{n}"))) for n in range(3)]
        await turns()
        queued = asyncio.create_task(sqlite_store.run(write("IT9")))
        await turns()
        closing = asyncio.create_task(sqlite_store.db.close())
        await turns()
        with pytest.raises(Unavailable, match="stopping"):
            await sqlite_store.run(write("IT5"))
        assert not closing.done()
    assert await asyncio.gather(*running, queued) == ["IT0", "IT1", "IT2", "IT9"]
    await closing
    with pytest.raises(Unavailable, match="stopping"):
        await sqlite_store.get(ITEMS, "IT1")
