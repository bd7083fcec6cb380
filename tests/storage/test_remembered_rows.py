"""Rows are remembered between units, on SQLite those of all tables, and nobody can tell but by the clock."""

import asyncio

import pytest

from cordboard.kernel.errors import Conflict, Invalid
from cordboard.storage import sqlite_memory
from cordboard.storage.postgres import PostgresDatabase
from cordboard.storage.sqlite import SQLiteDatabase
from cordboard.storage.tables import Table
from cordboard.storage.unit import Unit

from .conftest import Connection, Store, gathered, terminate, until
from .rows import ITEMS, PAIRS, SETTINGS, THREADS, Item, Pair, Setting, Thread

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


async def test_a_row_that_cannot_be_written_misleads_nobody_in_its_group(sqlite_store: Store) -> None:
    async def take(unit: Unit) -> None:
        unit.insert(PAIRS, Pair("PA2", address="+1", proxy="+2"))

    async def follow(unit: Unit) -> bool:
        found = await unit.get(PAIRS, "PA2") is not None
        if found:
            unit.insert(ITEMS, Item("IT1"))
        return found

    await sqlite_store.insert(PAIRS, Pair("PA1", address="+1", proxy="+2"))
    refused, found = await gathered(sqlite_store.run(take), sqlite_store.run(follow))
    assert (type(refused), found) == (Conflict, False)
    assert await sqlite_store.get(ITEMS, "IT1") is None


async def test_locked_rows_are_as_the_last_units_left_them_whether_they_are_remembered_or_not(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_memory, "_GENERATION", 4)
    await store.insert(ITEMS, *(Item(f"IT{number}") for number in range(9)))

    async def count(unit: Unit) -> None:
        found = await unit.lock(ITEMS, *(f"IT{number}" for number in range(12)))
        assert sorted(found) == [f"IT{number}" for number in range(9)]
        for sid in ("IT0", "IT4", "IT8"):
            unit.update(ITEMS, found[sid], size=(found[sid].size or 0) + 1)
        if found["IT1"].size == 0:
            unit.update(ITEMS, found["IT1"], size=7)

    await gathered(*(store.run(count) for _ in range(20)))
    sizes = [(await store.get(ITEMS, f"IT{number}") or Item("")).size for number in range(9)]
    assert sizes == [20, 7, 0, 0, 20, 0, 0, 0, 20]


async def test_rows_that_come_once_do_not_push_out_those_of_another_table_that_come_back(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_memory, "_GENERATION", 4)

    async def names(unit: Unit) -> tuple[str, str]:
        pair, item = await unit.get(PAIRS, "PA1"), await unit.get(ITEMS, "IT0")
        assert pair is not None
        assert item is not None
        return pair.address, item.name

    await sqlite_store.insert(PAIRS, Pair("PA1", address="+1", proxy="+2"))
    await sqlite_store.insert(ITEMS, *(Item(f"IT{number}") for number in range(9)))
    db = sqlite_store.db
    assert isinstance(db, SQLiteDatabase)
    # What is read again shows by a change that nobody can remember.
    db._writer.execute("UPDATE t_pairs SET address = '+9'")
    db._writer.execute("UPDATE t_items SET name = 'read'")
    assert await sqlite_store.run(names) == ("+1", "read")


async def test_a_row_is_there_again_after_it_was_deleted_and_swept(sqlite_store: Store) -> None:
    async def name(unit: Unit) -> str | None:
        item = await unit.get(ITEMS, "IT1")
        return item.name if item is not None else None

    async def discard(unit: Unit) -> None:
        unit.discard(ITEMS, "IT1")

    async def sweep(unit: Unit) -> None:
        unit.sweep(ITEMS, "shelf", "S")

    for number, remove in enumerate((discard, sweep, discard)):

        async def put(unit: Unit, text: str = f"name {number}") -> None:
            unit.put(ITEMS, Item("IT1", name=text))

        assert await gathered(sqlite_store.run(put), sqlite_store.run(name)) == [None, f"name {number}"]
        assert await gathered(sqlite_store.run(remove), sqlite_store.run(name)) == [None, None]


async def write_the_name(unit: Unit) -> str | None:
    name = await name_of(unit)
    unit.put(SETTINGS, Setting("p", "name", name))
    return name


async def refuse_by_name(unit: Unit) -> None:
    raise Invalid(f"it is {await name_of(unit)}")


async def list_names(unit: Unit) -> list[str]:
    return [item.name for item in await unit.all(STEADY.where("shelf = ? ORDER BY sid"), "S")]


async def test_a_node_acts_on_no_row_that_another_has_changed(postgres_store: Store, neighbour: Store) -> None:
    store = postgres_store
    await store.run(insert)
    name = "first"
    for _ in range(3):
        # Read twice, so that they are remembered.
        for _ in range(2):
            assert await store.run(name_of) == name
            assert await store.run(list_names) == [name]
        await neighbour.run(rename)
        name += ", again"
        assert await store.run(write_the_name) == name
        assert await store.get(SETTINGS, "p", "name") == Setting("p", "name", name)
        await neighbour.run(rename)
        name += ", again"
        with pytest.raises(Invalid, match=f"it is {name}$"):
            await store.run(refuse_by_name)
        assert await store.run(list_names) == [name]


async def test_of_a_group_nobody_acts_on_a_row_that_another_has_changed(
    postgres_store: Store, neighbour: Store
) -> None:
    store = postgres_store
    await store.run(insert)
    read, ends = [asyncio.Event(), asyncio.Event()], [asyncio.Event(), asyncio.Event()]

    async def note(unit: Unit, place: int) -> str | None:
        name = await name_of(unit)
        read[place].set()
        await ends[place].wait()
        unit.put(SETTINGS, Setting("p", str(place), name))
        return name

    async def begin(place: int) -> "asyncio.Task[str | None]":
        # Read twice, so that it is remembered.
        for _ in range(2):
            await store.run(name_of)
        running = asyncio.create_task(store.run(lambda unit: note(unit, place)))
        await read[place].wait()
        return running

    behind = await begin(0)
    await neighbour.run(rename)
    ahead = await begin(1)
    # Who knows the row as it is comes first; both are written in one statement.
    for end in reversed(ends):
        end.set()
    assert tuple(await asyncio.gather(behind, ahead)) == ("first, again", "first, again")
    assert await store.get(SETTINGS, "p", "0") == Setting("p", "0", "first, again")


async def test_what_is_remembered_is_not_read_again(postgres_store: Store) -> None:
    store = postgres_store
    await store.run(insert)
    for _ in range(3):
        await store.run(name_of)
    assert isinstance(store.db, PostgresDatabase)
    memory = store.db._memory
    assert memory is not None
    (place,) = memory.rows
    row = memory.rows[place]
    assert row is not None
    # Nobody but this test sees what does not come from the database.
    memory.rows[place] = tuple("from memory" if value == "first" else value for value in row)
    assert await store.run(name_of) == "from memory"


async def test_a_row_that_others_only_guard_is_remembered_on(postgres_store: Store) -> None:
    store = postgres_store
    await store.run(insert)
    await gathered(store.run(name_of), store.run(name_of))

    async def use(unit: Unit) -> None:
        item = await unit.get(STEADY, "IT1")
        assert item is not None
        unit.guard(STEADY, item)
        unit.sweep(PAIRS, "address", "+1")
        unit.insert(THREADS, Thread("CH1"))

    async def note_meanwhile(unit: Unit) -> None:
        await write_the_name(unit)
        await store.run(use)

    reruns = store.db.tally.reruns
    await store.run(note_meanwhile)
    assert store.db.tally.reruns == reruns


async def test_nothing_is_remembered_over_a_flush_that_failed(postgres_store: Store) -> None:
    store = postgres_store
    await store.run(insert)
    await gathered(store.run(name_of), store.run(name_of))
    assert isinstance(store.db, PostgresDatabase)
    await store.db._flushing.close()
    with pytest.raises(Exception, match="closed"):
        await store.db._flush({})
    assert store.db._memory is None


async def test_nothing_is_remembered_over_a_flush_connection_that_was_lost(
    postgres_store: Store, neighbour: Store, watch: Connection
) -> None:
    store = postgres_store
    await store.run(insert)
    read, end = asyncio.Event(), asyncio.Event()

    async def note(unit: Unit) -> None:
        name = await name_of(unit)
        read.set()
        await end.wait()
        unit.put(SETTINGS, Setting("p", "name", name))

    for _ in range(2):
        await store.run(name_of)
    running = asyncio.create_task(store.run(note))
    await read.wait()
    # The server crashes, takes back what it had not flushed, and then the same number is given to another change.
    await neighbour.run(rename)
    db = store.db
    assert isinstance(db, PostgresDatabase)
    memory = db._memory
    assert memory is not None
    memory.epoch += 1
    await terminate(watch, f"SELECT {db._flusher} AS pid")
    await until(lambda: db._memory is None)
    end.set()
    await running
    assert await store.get(SETTINGS, "p", "name") == Setting("p", "name", "first, again")
