"""A row is written once in a unit: what is said of it later folds into what was said before."""

import itertools
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from cordboard.kernel.errors import Conflict
from cordboard.storage.unit import Unit

from .conftest import NOW, Store, happened
from .rows import ITEMS, ON_SHELF, Item

pytestmark = pytest.mark.anyio

OLD = Item(sid="IT1", name="old")
NEW = Item(sid="IT1", name="new")

SAYINGS: dict[str, Callable[[Unit], object]] = {
    "insert": lambda unit: unit.insert(ITEMS, NEW),
    "update": lambda unit: unit.update(ITEMS, OLD, name="updated"),
    "delete": lambda unit: unit.delete(ITEMS, OLD),
    "put": lambda unit: unit.put(ITEMS, NEW),
    "discard": lambda unit: unit.discard(ITEMS, "IT1"),
    "guard": lambda unit: unit.guard(ITEMS, OLD),
}
UPDATED = replace(OLD, name="updated", version=2, updated_at=NOW)
UPDATED_AFTER = replace(NEW, name="updated", updated_at=NOW)

# What is there afterwards when the row was there before as OLD, and when it was not. LOST: the race is lost, CLASH: the two
# contradict each other.
LOST, CLASH = "lost", "clash"
OUTCOMES: dict[tuple[str, str], tuple[Item | str | None, Item | str | None]] = {
    ("insert", "insert"): (CLASH, CLASH),
    ("insert", "update"): (LOST, UPDATED_AFTER),
    ("insert", "delete"): (OLD, None),
    ("insert", "put"): (LOST, NEW),
    ("insert", "discard"): (OLD, None),
    ("insert", "guard"): (LOST, NEW),
    ("update", "insert"): (CLASH, CLASH),
    ("update", "update"): (UPDATED, LOST),
    ("update", "delete"): (None, LOST),
    ("update", "put"): (NEW, LOST),
    ("update", "discard"): (None, LOST),
    ("update", "guard"): (UPDATED, LOST),
    ("delete", "insert"): (NEW, LOST),
    ("delete", "update"): (CLASH, CLASH),
    ("delete", "delete"): (None, LOST),
    ("delete", "put"): (NEW, LOST),
    ("delete", "discard"): (None, LOST),
    ("delete", "guard"): (None, LOST),
    ("put", "insert"): (CLASH, CLASH),
    ("put", "update"): (UPDATED_AFTER, UPDATED_AFTER),
    ("put", "delete"): (None, None),
    ("put", "put"): (NEW, NEW),
    ("put", "discard"): (None, None),
    ("put", "guard"): (NEW, NEW),
    ("discard", "insert"): (NEW, NEW),
    ("discard", "update"): (CLASH, CLASH),
    ("discard", "delete"): (CLASH, CLASH),
    ("discard", "put"): (NEW, NEW),
    ("discard", "discard"): (None, None),
    ("discard", "guard"): (None, None),
    ("guard", "insert"): (CLASH, CLASH),
    ("guard", "update"): (UPDATED, LOST),
    ("guard", "delete"): (None, LOST),
    ("guard", "put"): (NEW, LOST),
    ("guard", "discard"): (None, LOST),
    ("guard", "guard"): (OLD, LOST),
}


def test_every_pair_of_sayings_has_an_outcome() -> None:
    assert set(OUTCOMES) == set(itertools.product(SAYINGS, SAYINGS))


async def test_two_sayings_of_one_row_have_the_outcome_of_one(store: Store) -> None:
    for pair, outcomes in OUTCOMES.items():
        for before, outcome in zip((OLD, None), outcomes, strict=True):

            async def work(unit: Unit, pair: tuple[str, str] = pair) -> None:
                for saying in pair:
                    SAYINGS[saying](unit)

            await start_with(store, before)
            if outcome in (LOST, CLASH):
                with pytest.raises(Conflict if outcome == LOST else LookupError):
                    await store.run(work)
            else:
                await store.run(work)
            there = before if outcome in (LOST, CLASH) else outcome
            assert (pair, before, await store.get(ITEMS, "IT1")) == (pair, before, there)


async def start_with(store: Store, before: Item | None) -> None:
    async def work(unit: Unit) -> None:
        if before is None:
            unit.discard(ITEMS, "IT1")
        else:
            unit.put(ITEMS, before)

    await store.run(work)


async def test_a_unit_sees_by_key_what_it_has_said(store: Store) -> None:
    await store.insert(ITEMS, OLD, Item(sid="IT2"))

    async def work(unit: Unit) -> None:
        updated = unit.update(ITEMS, OLD, name="a")
        assert await unit.get(ITEMS, "IT1") == updated
        assert unit.update(ITEMS, OLD, size=7) == replace(updated, size=7)
        assert await unit.get(ITEMS, "IT1") == replace(updated, size=7)
        unit.delete(ITEMS, Item(sid="IT2"))
        assert await unit.get(ITEMS, "IT2") is None
        inserted = unit.insert(ITEMS, Item(sid="IT3"))
        assert await unit.get(ITEMS, "IT3") == inserted
        unit.discard(ITEMS, "IT4")
        assert await unit.get(ITEMS, "IT4") is None

    await store.run(work)


async def test_a_unit_sees_by_key_what_a_sweep_leaves(store: Store) -> None:
    read, changed, elsewhere, unread = (Item(sid=f"IT{n}", shelf="T" if n == 3 else "S") for n in range(1, 5))
    await store.insert(ITEMS, read, changed, elsewhere, unread)

    async def work(unit: Unit) -> None:
        assert await unit.get(ITEMS, "IT1") == read
        assert await unit.get(ITEMS, "IT3") == elsewhere
        updated = unit.update(ITEMS, changed, size=7)
        unit.sweep(ITEMS, "shelf", "S")
        seen = [await unit.get(ITEMS, f"IT{n}") for n in range(1, 5)]
        assert seen == [None, updated, elsewhere, None]
        again = unit.put(ITEMS, Item(sid="IT1"))
        assert await unit.get(ITEMS, "IT1") == again

    await store.run(work)
    assert [item.sid for item in await store.all(ON_SHELF, "S")] == ["IT1", "IT2"]


async def test_a_select_in_a_unit_shows_its_changes_and_not_its_inserts(store: Store) -> None:
    await store.insert(ITEMS, *(Item(sid=f"IT{n}") for n in range(4)))

    async def work(unit: Unit) -> None:
        unit.update(ITEMS, Item(sid="IT0"), name="changed")
        unit.delete(ITEMS, Item(sid="IT1"))
        unit.discard(ITEMS, "IT2")
        unit.insert(ITEMS, Item(sid="IT9"))
        assert [(item.sid, item.name) for item in await unit.all(ON_SHELF, "S")] == [("IT0", "changed"), ("IT3", "")]
        first = await unit.one(ON_SHELF, "S")
        assert first
        assert first.name == "changed"
        locked = await unit.lock(ITEMS, "IT0", "IT1", "IT3", "IT8", "IT3")
        assert {sid: item.name for sid, item in locked.items()} == {"IT0": "changed", "IT3": ""}
        assert unit.added(ITEMS) == [Item(sid="IT9")]

    await store.run(work)
    assert [item.sid for item in await store.all(ON_SHELF, "S")] == ["IT0", "IT3", "IT9"]


async def test_a_unit_that_takes_everything_back_changes_nothing(store: Store) -> None:
    async def work(unit: Unit) -> None:
        unit.insert(ITEMS, NEW)
        unit.delete(ITEMS, NEW)

    await store.run(work)
    assert store.settled == []


async def test_events_of_a_unit_that_lost_are_recorded_once(store: Store) -> None:
    await store.insert(ITEMS, OLD)
    runs = 0

    async def work(unit: Unit) -> None:
        nonlocal runs
        runs += 1
        happened(unit, number=runs)
        unit.update(ITEMS, replace(OLD, version=0) if runs == 1 else OLD)

    await store.run(work)
    assert [(event.position, event.data) for settled in store.settled for event in settled.events] == [
        (1, '{"number":2}')
    ]
