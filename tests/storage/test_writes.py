"""What a unit says is what is there afterwards, all of it or nothing."""

import pytest
from msgspec.structs import replace

from cordboard.kernel.errors import Conflict, NotFound
from cordboard.storage.unit import Unit
from cordboard.storage.writes import Kind

from .conftest import ACCOUNT, NOW, Store, gathered, happened
from .rows import ITEMS, ON_SHELF, PAIRS, SETTINGS, Color, Item, Pair, Setting, Tag

pytestmark = pytest.mark.anyio

LAMP = Item(sid="IT1", name="lamp", size=3, color=Color.BLUE, tags=[Tag("a", 1)], note="n")


async def test_an_inserted_row_is_read_back_as_it_was(store: Store) -> None:
    await store.insert(ITEMS, LAMP)
    assert await store.get(ITEMS, "IT1") == LAMP


async def test_an_update_changes_what_it_names_raises_the_version_and_stamps_the_time(store: Store) -> None:
    await store.insert(ITEMS, LAMP)

    async def work(unit: Unit) -> Item:
        lamp = await unit.get(ITEMS, "IT1")
        assert lamp
        return unit.update(ITEMS, lamp, size=None, tags=[], color=Color.RED, done=True)

    after = await store.run(work)
    assert after == Item(sid="IT1", version=2, name="lamp", size=None, done=True, note="n", updated_at=NOW)
    assert await store.get(ITEMS, "IT1") == after


async def test_who_touches_a_row_raises_its_version_once_and_nothing_else(store: Store) -> None:
    await store.insert(ITEMS, LAMP)

    async def touch(unit: Unit) -> None:
        unit.touch(ITEMS, LAMP)
        unit.touch(ITEMS, LAMP)
        unit.touch(ITEMS, unit.insert(ITEMS, Item(sid="IT2", updated_at=NOW)))

    async def change_and_touch(unit: Unit) -> None:
        lamp = await unit.get(ITEMS, "IT1")
        assert lamp
        unit.update(ITEMS, lamp, name="torch")
        unit.touch(ITEMS, lamp)

    await store.run(touch)
    assert await store.get(ITEMS, "IT1") == replace(LAMP, version=2)
    assert await store.get(ITEMS, "IT2") == Item(sid="IT2", updated_at=NOW)
    await store.run(change_and_touch)
    assert await store.get(ITEMS, "IT1") == replace(LAMP, version=3, name="torch", updated_at=NOW)


async def test_a_deleted_row_is_gone(store: Store) -> None:
    await store.insert(ITEMS, LAMP)

    async def work(unit: Unit) -> None:
        unit.delete(ITEMS, LAMP)

    await store.run(work)
    assert await store.get(ITEMS, "IT1") is None


async def test_put_inserts_and_replaces_and_discard_takes_away_whatever_is_there(store: Store) -> None:
    async def work(unit: Unit) -> None:
        unit.put(SETTINGS, Setting("p", "a", "1"))
        unit.put(SETTINGS, Setting("p", "b", None))
        unit.discard(SETTINGS, "p", "never there")

    async def again(unit: Unit) -> None:
        unit.put(SETTINGS, Setting("p", "a", None))
        unit.discard(SETTINGS, "p", "b")

    await store.run(work)
    assert await store.get(SETTINGS, "p", "a") == Setting("p", "a", "1")
    assert await store.get(SETTINGS, "p", "b") == Setting("p", "b", None)
    await store.run(again)
    assert await store.get(SETTINGS, "p", "a") == Setting("p", "a", None)
    assert await store.get(SETTINGS, "p", "b") is None


async def test_a_sweep_takes_all_rows_with_a_value_and_spares_those_of_which_the_unit_says_something(
    store: Store,
) -> None:
    await store.insert(ITEMS, *(Item(sid=f"IT{n}") for n in range(4)), Item(sid="IT9", shelf="other"))

    async def work(unit: Unit) -> None:
        first, second, *_ = await unit.all(ON_SHELF, "S")
        unit.update(ITEMS, first, name="kept")
        unit.delete(ITEMS, second)
        unit.insert(ITEMS, Item(sid="IT4", name="new"))
        unit.sweep(ITEMS, "shelf", "S")
        assert [item.sid for item in await unit.all(ON_SHELF, "S")] == ["IT0"]
        assert await unit.get(ITEMS, "IT3") is None

    await store.run(work)
    assert [(item.sid, item.name) for item in await store.all(ON_SHELF, "S")] == [("IT0", "kept"), ("IT4", "new")]
    assert await store.get(ITEMS, "IT9")


async def test_a_guard_writes_nothing_and_fails_once_its_row_has_changed(store: Store) -> None:
    await store.insert(ITEMS, LAMP)
    await store.insert(SETTINGS, Setting("p", "a", None))

    async def guarded(unit: Unit) -> None:
        unit.guard(ITEMS, LAMP)
        unit.guard(SETTINGS, Setting("p", "a", None))
        unit.put(SETTINGS, Setting("p", "written", None))

    async def change(unit: Unit) -> None:
        unit.update(ITEMS, LAMP, name="changed")

    await store.run(guarded)
    await store.run(change)
    with pytest.raises(Conflict):
        await store.run(guarded)
    assert await store.get(ITEMS, "IT1") == replace(LAMP, version=2, name="changed", updated_at=NOW)


async def test_a_row_without_version_is_guarded_by_all_that_was_read(store: Store) -> None:
    await store.insert(SETTINGS, Setting("p", "a", None), Setting("p", "b", "1"))

    async def delete(unit: Unit, read: Setting) -> None:
        unit.delete(SETTINGS, read)

    with pytest.raises(Conflict):
        await store.run(lambda unit: delete(unit, Setting("p", "a", "another")))
    with pytest.raises(Conflict):
        await store.run(lambda unit: delete(unit, Setting("p", "b", None)))
    await store.run(lambda unit: delete(unit, Setting("p", "a", None)))
    assert await store.get(SETTINGS, "p", "a") is None


async def test_a_row_without_version_that_is_deleted_and_put_back_as_it_was_is_only_guarded(store: Store) -> None:
    await store.insert(SETTINGS, Setting("p", "a", "1"))

    async def put_back(unit: Unit, value: str) -> None:
        unit.delete(SETTINGS, Setting("p", "a", value))
        unit.put(SETTINGS, Setting("p", "a", value))

    await store.run(lambda unit: put_back(unit, "1"))
    assert await store.get(SETTINGS, "p", "a") == Setting("p", "a", "1")
    with pytest.raises(Conflict):
        await store.run(lambda unit: put_back(unit, "2"))


async def test_a_unique_value_that_a_unit_frees_may_be_taken_again_in_it(store: Store) -> None:
    held, swept = Pair("PA1", "a", "b"), Pair("PA2", "swept", "b")
    await store.insert(PAIRS, held, swept)

    async def work(unit: Unit) -> None:
        unit.insert(PAIRS, Pair("PA0", "a", "b"))
        unit.insert(PAIRS, Pair("PA3", "swept", "b"))
        unit.update(PAIRS, held, state="closed")
        unit.sweep(PAIRS, "address", "swept")

    await store.run(work)
    assert await store.get(PAIRS, "PA0")
    assert await store.get(PAIRS, "PA2") is None


async def test_a_refused_unit_writes_nothing(store: Store) -> None:
    async def work(unit: Unit) -> None:
        unit.insert(ITEMS, LAMP)
        raise NotFound("no")

    with pytest.raises(NotFound, match="no"):
        await store.run(work)
    assert await store.get(ITEMS, "IT1") is None
    assert store.settled == []


@pytest.mark.parametrize("bad", [{"size": 2**63}, {"name": "\ud800"}, {"name": None}])
async def test_a_unit_that_fails_at_its_last_write_leaves_no_trace_and_its_neighbours_survive(
    store: Store, bad: dict[str, object]
) -> None:
    async def fails(unit: Unit) -> None:
        unit.insert(ITEMS, Item(sid="IT5"))
        unit.insert(ITEMS, Item(sid="IT6", **bad))  # type: ignore[arg-type] # a defect of a caller

    before, failed, after = await gathered(
        store.insert(ITEMS, Item(sid="IT1")), store.run(fails), store.insert(ITEMS, Item(sid="IT9"))
    )
    assert (before, after) == (None, None)
    assert isinstance(failed, Exception)
    assert not isinstance(failed, Conflict)
    assert [item.sid for item in await store.all(ON_SHELF, "S")] == ["IT1", "IT9"]


async def test_a_select_that_the_database_does_not_know_is_its_own_units_fault_only(store: Store) -> None:
    async def fails(unit: Unit) -> None:
        await unit.all(ITEMS.where("no_such_column = ?"), "x")

    before, failed, after = await gathered(
        store.insert(ITEMS, Item(sid="IT1")), store.run(fails), store.insert(ITEMS, Item(sid="IT9"))
    )
    assert (before, after) == (None, None)
    assert "no_such_column" in str(failed)
    assert len(await store.all(ON_SHELF, "S")) == 2


async def test_listeners_hear_what_was_written_and_a_faulty_one_takes_no_answer_away(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    def faulty(_settled: object) -> None:
        raise ZeroDivisionError

    store.db.listen(faulty)

    async def work(unit: Unit) -> None:
        unit.insert(ITEMS, LAMP)
        unit.sweep(SETTINGS, "place", "p")

    await store.run(work)
    (settled,) = store.settled
    assert [(write.kind, write.fact) for write in settled.writes] == [(Kind.INSERT, LAMP)]
    assert [(sweep.table, sweep.value) for sweep in settled.sweeps] == [(SETTINGS, "p")]
    assert "a listener failed" in caplog.text


async def test_a_large_unit_is_as_whole_as_a_small_one(store: Store) -> None:
    await store.insert(ITEMS, *(Item(sid=f"IT{n:03}") for n in range(100)))

    async def work(unit: Unit) -> None:
        for item in await unit.all(ON_SHELF, "S"):
            unit.update(ITEMS, item, done=True)
        for n in range(100):
            unit.put(SETTINGS, Setting("p", str(n), "x"))
        unit.delete(SETTINGS, Setting("gone", "", None))
        happened(unit)
        happened(unit, account_sid="AC2")

    with pytest.raises(Conflict):
        await store.run(work)
    assert not any(item.done for item in await store.all(ON_SHELF, "S"))
    await store.insert(SETTINGS, Setting("gone", "", None))
    await store.run(work)
    assert all(item.done and item.version == 2 for item in await store.all(ON_SHELF, "S"))
    assert len(await store.all(SETTINGS.where("place = ?"), "p")) == 100
    assert [(event.account_sid, event.position) for event in store.settled[-1].events] == [(ACCOUNT, 1), ("AC2", 1)]
