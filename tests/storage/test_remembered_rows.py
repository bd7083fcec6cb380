"""Rows of steady tables are remembered between units on SQLite, and nobody can tell but by the clock."""

import pytest

from cordboard.kernel.errors import Invalid
from cordboard.storage.sqlite import SQLiteDatabase
from cordboard.storage.tables import Table
from cordboard.storage.unit import Unit

from .conftest import Store, gathered
from .rows import Item

pytestmark = pytest.mark.anyio

STEADY = Table("t_items", Item, steady=True)


async def name_of(unit: Unit) -> str | None:
    item = await unit.get(STEADY, "IT1")
    return item.name if item is not None else None


async def insert(unit: Unit) -> None:
    unit.insert(STEADY, Item("IT1", name="first"))


async def rename(unit: Unit) -> None:
    item = await unit.get(STEADY, "IT1")
    assert item is not None
    unit.update(STEADY, item, name=f"{item.name}, again")


async def test_a_row_that_was_missing_is_seen_when_it_is_there(store: Store) -> None:
    assert await store.run(name_of) is None
    await store.run(insert)
    assert await store.run(name_of) == "first"


async def test_a_row_is_seen_as_the_last_unit_left_it_also_within_a_group(store: Store) -> None:
    await store.run(insert)
    await gathered(store.run(rename), store.run(rename), store.run(rename))
    assert await store.run(name_of) == "first, again, again, again"


async def test_a_row_that_was_deleted_or_swept_is_gone(store: Store) -> None:
    async def delete(unit: Unit) -> None:
        item = await unit.get(STEADY, "IT1")
        assert item is not None
        unit.delete(STEADY, item)

    async def sweep(unit: Unit) -> None:
        unit.sweep(STEADY, "shelf", "S")

    for remove in (delete, sweep):
        await store.run(insert)
        assert await store.run(name_of) == "first"
        await store.run(remove)
        assert await store.run(name_of) is None


async def test_a_refused_change_is_not_remembered(store: Store) -> None:
    async def refused(unit: Unit) -> None:
        await rename(unit)
        raise Invalid("no")

    await store.run(insert)
    await gathered(store.run(refused))
    assert await store.run(name_of) == "first"


async def test_what_a_failed_group_changed_is_not_remembered(sqlite_store: Store) -> None:
    await sqlite_store.run(insert)
    db = sqlite_store.db
    assert isinstance(db, SQLiteDatabase)
    ((pages,),) = db._writer.execute("PRAGMA page_count").fetchall()
    db._writer.execute(f"PRAGMA max_page_count={pages + 20}")

    async def too_large(unit: Unit) -> None:
        unit.insert(STEADY, Item("IT2", note="x" * 500_000))

    await gathered(sqlite_store.run(rename), sqlite_store.run(name_of), sqlite_store.run(too_large))
    db._writer.execute("PRAGMA max_page_count=1073741823")
    assert await sqlite_store.run(name_of) == "first"
