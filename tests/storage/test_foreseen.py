"""Units that are heard of before they are on disk: who is told, and what becomes of it when they never get there."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from functools import partial

import pytest

from cordboard.kernel.errors import Conflict, NotFound, Unavailable
from cordboard.storage.unit import Unit, View
from cordboard.storage.writes import Write

from .conftest import Store, gathered, turns, write
from .rows import ITEMS, ON_SHELF, PAIRS, Item, Pair
from .slow_disk import commits_wait

pytestmark = pytest.mark.anyio

GONE = sqlite3.OperationalError("the disk is gone")


class Foreseen:
    """Who hears of items: their SIDs in order, and which of them are lost."""

    def __init__(self, store: Store) -> None:
        self.told: list[str] = []
        store.db.foresee(self._hear, self._lose, ITEMS)

    def _hear(self, writes: list[Write]) -> None:
        self.told += [write.fact.sid for write in writes]

    def _lose(self, writes: list[Write]) -> None:
        self.told += [f"{write.fact.sid} lost" for write in writes]


async def refused(_unit: Unit) -> None:
    raise NotFound("not seen")


async def a_pair(unit: Unit) -> None:
    unit.insert(PAIRS, Pair("PA1", address="+1", proxy="+2"))


async def items(view: View) -> list[str]:
    return [item.sid for item in await view.all(ON_SHELF, "S")]


async def test_it_comes_back_with_its_result_and_settles_when_it_is_there(store: Store) -> None:
    begun = await store.db.begin(write("IT1"))
    assert begun.result == "IT1"
    await begun.settled
    assert await store.get(ITEMS, "IT1") == Item("IT1")
    assert [event.resource_sid for settled in store.settled for event in settled.events] == ["IT1"]


async def test_what_a_rule_refuses_is_refused_and_nobody_hears_of_it(store: Store) -> None:
    foreseen = Foreseen(store)
    with pytest.raises(NotFound, match="not seen"):
        await store.db.begin(refused)
    assert store.settled == []
    assert foreseen.told == []


async def test_changes_of_the_tables_that_one_asked_for_are_told_once_and_then_read_ahead(store: Store) -> None:
    foreseen = Foreseen(store)
    await gathered(store.run(write("IT1")), store.run(a_pair), store.run(write("IT2")))
    assert foreseen.told == ["IT1", "IT2"]
    assert await store.db.read_ahead(items) == ["IT1", "IT2"]


async def test_who_foresees_hears_of_a_unit_when_it_is_carried_out(sqlite_store: Store) -> None:
    foreseen = Foreseen(sqlite_store)
    with commits_wait(sqlite_store.db):
        begun = await sqlite_store.db.begin(write("IT1"))
        assert foreseen.told == ["IT1"]
        await turns()
        assert (begun.settled.done(), sqlite_store.db.busy) == (False, True)
        assert await sqlite_store.get(ITEMS, "IT1") is None
        assert sqlite_store.settled == []
    await begun.settled
    assert await sqlite_store.get(ITEMS, "IT1") == Item("IT1")
    assert foreseen.told == ["IT1"]


async def test_what_is_read_ahead_is_what_was_foreseen_before(sqlite_store: Store) -> None:
    foreseen = Foreseen(sqlite_store)
    seen: list[tuple[list[str], list[str]]] = []

    async def look(view: View) -> None:
        seen.append((await items(view), list(foreseen.told)))

    await gathered(sqlite_store.run(write("IT1")), sqlite_store.db.read_ahead(look), sqlite_store.run(write("IT2")))
    assert seen == [(["IT1"], ["IT1"])]


@pytest.mark.usefixtures("one_is_many")
async def test_units_begin_one_after_the_other_while_the_disk_writes(sqlite_store: Store) -> None:
    async def follow(unit: Unit, number: int) -> str:
        if await unit.get(ITEMS, "IT0") is None:
            raise NotFound("not seen")
        return unit.insert(ITEMS, Item(f"IT{number}")).sid

    with commits_wait(sqlite_store.db):
        begun = [await sqlite_store.db.begin(write("IT0"))]
        for number in range(1, 4):
            await turns()
            begun.append(await sqlite_store.db.begin(partial(follow, number=number)))
        assert [one.result for one in begun] == ["IT0", "IT1", "IT2", "IT3"]
        assert not any(one.settled.done() for one in begun)
    await gathered(*(one.settled for one in begun))
    assert await sqlite_store.db.read_ahead(items) == ["IT0", "IT1", "IT2", "IT3"]


@pytest.mark.usefixtures("one_is_many")
async def test_what_was_told_and_is_lost_is_refused_and_never_runs_again(sqlite_store: Store) -> None:
    foreseen = Foreseen(sqlite_store)
    late = write("IT2")
    with commits_wait(sqlite_store.db, GONE):
        first = await sqlite_store.db.begin(write("IT1"))
        await turns()
        second = await sqlite_store.db.begin(late)
        behind = asyncio.create_task(sqlite_store.run(write("IT3")))
        await turns()
        assert foreseen.told == ["IT1", "IT2", "IT3"]
    with pytest.raises(Unavailable, match="the disk is gone"):
        await first.settled
    with pytest.raises(Conflict, match="What this built on was not written"):
        await second.settled
    assert (late.begun, await behind) == (1, "IT3")
    assert foreseen.told == ["IT1", "IT2", "IT3", "IT1 lost", "IT2 lost", "IT3 lost", "IT3"]
    assert await sqlite_store.db.read_ahead(items) == ["IT3"]
    assert [event.position for settled in sqlite_store.settled for event in settled.events] == [1]


async def test_nobody_is_called_for_what_is_lost_of_other_tables(sqlite_store: Store) -> None:
    foreseen = Foreseen(sqlite_store)
    with commits_wait(sqlite_store.db, GONE):
        losing = asyncio.create_task(sqlite_store.run(a_pair))
        await turns()
    with pytest.raises(Unavailable):
        await losing
    assert foreseen.told == []


async def test_rows_that_were_only_guarded_are_not_lost_and_who_stumbles_over_a_loss_takes_nobody_along(
    sqlite_store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    await sqlite_store.insert(ITEMS, Item("IT1"))
    lost: list[str] = []

    def stumble(writes: list[Write]) -> None:
        lost.extend(write.fact.sid for write in writes)
        raise ValueError("stumbled")

    async def use(unit: Unit) -> None:
        unit.guard(ITEMS, Item("IT1"))
        unit.insert(ITEMS, Item("IT2"))

    sqlite_store.db.foresee(lambda _: None, stumble, ITEMS)
    with commits_wait(sqlite_store.db, GONE):
        losing = asyncio.create_task(sqlite_store.run(use))
        await turns()
    with pytest.raises(Unavailable):
        await losing
    assert lost == ["IT2"]
    assert "stumbled" in caplog.text
    assert await sqlite_store.run(write("IT3")) == "IT3"


async def test_what_turns_out_impossible_is_lost_as_soon_as_that_is_seen(sqlite_store: Store) -> None:
    await sqlite_store.insert(ITEMS, Item("IT0"))
    foreseen = Foreseen(sqlite_store)
    begun = await sqlite_store.db.begin(write("IT0"))
    assert foreseen.told == ["IT0"], "that there is such an item shows only when it is written"

    async def read_and_ask(unit: Unit) -> tuple[list[str], list[str]]:
        return await items(unit), list(foreseen.told)

    # Who reads writes what was said before.
    assert await sqlite_store.run(read_and_ask) == (["IT0"], ["IT0", "IT0 lost"])
    with pytest.raises(Conflict, match="What this built on was not written"):
        await begun.settled
    assert [event.resource_sid for settled in sqlite_store.settled for event in settled.events] == []


async def test_what_runs_again_is_told_again(sqlite_store: Store) -> None:
    await sqlite_store.insert(ITEMS, Item("IT0"))
    foreseen = Foreseen(sqlite_store)
    names = iter(("IT0", "IT1"))

    async def first_free(unit: Unit) -> str:
        return unit.insert(ITEMS, Item(next(names))).sid

    works: list[Callable[[Unit], Awaitable[object]]] = [first_free, write("IT2")]
    assert await gathered(*(sqlite_store.run(work) for work in works)) == ["IT1", "IT2"]
    assert foreseen.told == ["IT0", "IT2", "IT0 lost", "IT1"]


async def test_who_goes_away_before_he_is_told_takes_his_unit_along(sqlite_store: Store) -> None:
    unbegun = write("IT2")
    with commits_wait(sqlite_store.db):
        first = await sqlite_store.db.begin(write("IT1"))
        await turns()
        leaving = asyncio.create_task(sqlite_store.db.begin(unbegun))
        await turns()
        leaving.cancel()
        await turns()
    await first.settled
    await turns()
    assert (unbegun.begun, sqlite_store.db.busy) == (0, False)
    assert await sqlite_store.db.read_ahead(items) == ["IT1"]


async def test_a_closing_database_settles_what_has_begun_and_begins_nothing_new(sqlite_store: Store) -> None:
    with commits_wait(sqlite_store.db):
        begun = await sqlite_store.db.begin(write("IT1"))
        await turns()
        closing = asyncio.create_task(sqlite_store.db.close())
        await turns()
        with pytest.raises(Unavailable, match="stopping"):
            await sqlite_store.db.begin(write("IT2"))
    await closing
    assert begun.settled.result() == "IT1"
