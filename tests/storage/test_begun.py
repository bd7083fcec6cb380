"""Units whose caller goes on before they are on disk: what he is told, and what becomes of it when it never gets there."""

import asyncio
import sqlite3
from functools import partial

import pytest

from cordboard.kernel.errors import Conflict, NotFound, Unavailable
from cordboard.storage.unit import Unit
from cordboard.storage.writes import Kind

from .conftest import Store, gathered, turns, write
from .rows import ITEMS, ON_SHELF, Item
from .slow_disk import commits_wait

pytestmark = pytest.mark.anyio

GONE = sqlite3.OperationalError("the disk is gone")


async def refused(_unit: Unit) -> None:
    raise NotFound("not seen")


async def test_it_comes_back_with_its_result_and_settles_when_it_is_there(store: Store) -> None:
    begun = await store.db.begin(write("IT1"))
    assert begun.result == "IT1"
    await begun.settled
    assert begun.stands
    assert await store.get(ITEMS, "IT1") == Item("IT1")
    assert [event.resource_sid for settled in store.settled for event in settled.events] == ["IT1"]


async def test_what_a_rule_refuses_is_refused_at_once(store: Store) -> None:
    with pytest.raises(NotFound, match="not seen"):
        await store.db.begin(refused)
    assert store.settled == []


async def test_who_is_told_before_the_commit_is_told_what_it_will_change(sqlite_store: Store) -> None:
    with commits_wait(sqlite_store.db):
        begun = await sqlite_store.db.begin(write("IT1"))
        assert [(change.kind, change.fact) for change in begun.writes] == [(Kind.INSERT, Item("IT1"))]
        await turns()
        assert (begun.settled.done(), begun.stands, sqlite_store.db.busy) == (False, True, True)
        assert await sqlite_store.get(ITEMS, "IT1") is None
        assert sqlite_store.settled == []
    await begun.settled
    assert begun.stands
    assert await sqlite_store.get(ITEMS, "IT1") == Item("IT1")


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
    assert [item.sid for item in await sqlite_store.all(ON_SHELF, "S")] == ["IT0", "IT1", "IT2", "IT3"]


@pytest.mark.usefixtures("one_is_many")
async def test_what_was_told_and_is_lost_is_refused_and_never_runs_again(sqlite_store: Store) -> None:
    late = write("IT2")
    with commits_wait(sqlite_store.db, GONE):
        first = await sqlite_store.db.begin(write("IT1"))
        await turns()
        second = await sqlite_store.db.begin(late)
        behind = asyncio.create_task(sqlite_store.run(write("IT3")))
        await turns()
        assert (second.stands, behind.done()) == (True, False)
    with pytest.raises(Unavailable, match="the disk is gone"):
        await first.settled
    with pytest.raises(Conflict, match="What this built on was changed"):
        await second.settled
    assert (first.stands, second.stands, late.begun, await behind) == (False, False, 1, "IT3")
    assert await sqlite_store.all(ON_SHELF, "S") == [Item("IT3")]
    assert [event.position for settled in sqlite_store.settled for event in settled.events] == [1]


async def test_what_was_told_and_turns_out_impossible_stands_for_nobody_who_comes_next(sqlite_store: Store) -> None:
    await sqlite_store.insert(ITEMS, Item("IT0"))
    begun = await sqlite_store.db.begin(write("IT0"))
    assert begun.stands, "that there is such an item shows only when it is written"

    async def read(unit: Unit) -> int:
        return len(await unit.all(ON_SHELF, "S"))

    async def ask(_unit: Unit) -> bool:
        return begun.stands

    assert await gathered(sqlite_store.run(read), sqlite_store.run(ask)) == [1, False]
    with pytest.raises(Conflict, match="What this built on was changed"):
        await begun.settled
    assert [event.resource_sid for settled in sqlite_store.settled for event in settled.events] == []


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
    assert await sqlite_store.all(ON_SHELF, "S") == [Item("IT1")]


async def test_a_closing_database_settles_what_has_begun_and_begins_nothing_new(sqlite_store: Store) -> None:
    with commits_wait(sqlite_store.db):
        begun = await sqlite_store.db.begin(write("IT1"))
        await turns()
        closing = asyncio.create_task(sqlite_store.db.close())
        await turns()
        with pytest.raises(Unavailable, match="stopping"):
            await sqlite_store.db.begin(write("IT2"))
    await closing
    assert begun.settled.done()
    assert begun.stands
