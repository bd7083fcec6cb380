"""Lists page by key: every row once, whatever is added meanwhile, forwards and backwards."""

import asyncio
from collections.abc import Awaitable
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cordboard.kernel.errors import Invalid
from cordboard.kernel.pages import Page, Slice
from cordboard.storage.tables import Listing
from cordboard.storage.unit import Unit, View

from .conftest import Store
from .rows import ITEMS, Color, Item

pytestmark = pytest.mark.anyio

Order = tuple[tuple[Literal["size", "name", "color", "done"], Literal["ASC", "DESC"]], ...]

ORDERS = st.lists(
    st.tuples(st.sampled_from(["size", "name", "color", "done"]), st.sampled_from(["ASC", "DESC"])),
    max_size=3,
    unique_by=lambda part: part[0],
).map(tuple)
# Few values, so that many rows stand in one place but for their keys; letters that locales would sort otherwise.
ITEM = st.builds(
    lambda size, name, color, done: (size, name, color, done),
    st.sampled_from([-(2**63), -1, 0, 2, 2**63 - 1]),
    st.sampled_from(["", "a", "B", "b", "ä", "z", "Z", "é", "日", "👋", "a b", "a-b"]),
    st.sampled_from(Color),
    st.booleans(),
)


def in_order(items: list[Item], order: Order) -> list[Item]:
    tie = order[-1][1] if order else "ASC"
    for column, direction in reversed([*order, ("sid", tie)]):
        items = sorted(items, key=lambda item: getattr(item, column), reverse=direction == "DESC")
    return items


async def page(store: Store, listing: Listing[Item], page: Page) -> Slice[Item]:
    async def look(view: View) -> Slice[Item]:
        return await view.page(listing, ["S"], page)

    return await store.db.read(look)


@given(order=ORDERS, values=st.lists(ITEM, max_size=25), size=st.integers(1, 7))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_pages_are_slices_of_the_whole_list(
    store: Store, order: Order, values: list[tuple[int, str, Color, bool]], size: int
) -> None:
    async def refill(unit: Unit) -> None:
        unit.sweep(ITEMS, "shelf", "S")
        for n, (number, name, color, done) in enumerate(values):
            unit.put(ITEMS, Item(f"IT{n * 7 % 25:02}", size=number, name=name, color=color, done=done))

    await store.run(refill)
    listing = ITEMS.listing("shelf = ?", *order)
    naive = in_order(await store.all(ITEMS.where("shelf = ?"), "S"), order)
    assert len(naive) == len(values)
    found: list[list[Item]] = []
    cursor = None
    while True:
        slice_ = await page(store, listing, Page(size=size, cursor=cursor))
        assert (slice_.before is None) == (cursor is None or not slice_.items)
        found.append(slice_.items)
        cursor = slice_.after
        if cursor is None:
            break
    assert found == ([naive[at : at + size] for at in range(0, len(naive), size)] or [[]])
    back: list[list[Item]] = []
    before = slice_.before
    while before is not None:
        slice_ = await page(store, listing, Page(size=size, cursor=before, backwards=True))
        assert slice_.after == listing.cursor(slice_.items[-1])
        back.insert(0, slice_.items)
        before = slice_.before
    assert back == found[:-1]


async def test_rows_that_are_added_meanwhile_neither_repeat_nor_hide_others(store: Store) -> None:
    listing = ITEMS.listing("shelf = ?", ("size", "DESC"), ("name", "ASC"))
    old = [Item(f"IT{n:02}", size=n % 4, name=f"n{n % 3}") for n in range(20)]
    await store.insert(ITEMS, *old)
    seen: list[Item] = []
    cursor = None
    for added in range(40):
        slice_ = await page(store, listing, Page(size=3, cursor=cursor))
        seen += slice_.items
        cursor = slice_.after
        if cursor is None:
            break
        if added < 9:
            sizes = {"IA": 9, "IB": added % 4, "IZ": -1}
            await store.insert(ITEMS, *(Item(f"{sid}{added:02}", size=size) for sid, size in sizes.items()))
    assert [item for item in seen if item in old] == in_order(old, (("size", "DESC"), ("name", "ASC")))
    assert len({item.sid for item in seen}) == len(seen)


async def test_a_page_may_hold_more_rows_than_the_loop_should_read(store: Store) -> None:
    async def fill(unit: Unit) -> None:
        for n in range(1200):
            unit.insert(ITEMS, Item(f"IT{n:04}", size=n))

    await store.run(fill)
    listing = ITEMS.listing("shelf = ?", ("size", "ASC"))
    first, second = await asyncio.gather(
        page(store, listing, Page(size=1000)), page(store, listing, Page(size=1000, cursor=(999, "IT0999")))
    )
    assert [item.size for item in first.items] == list(range(1000))
    assert (first.after, second.after) == ((999, "IT0999"), None)
    assert [item.size for item in second.items] == list(range(1000, 1200))


async def test_rows_that_sql_cannot_choose_are_chosen_page_by_page(store: Store) -> None:
    async def fill(unit: Unit) -> None:
        for n in range(2500):
            unit.insert(ITEMS, Item(f"IT{n:04}", size=n))

    async def look(view: View, page: Page) -> Slice[Item]:
        return await view.page(listing, ["S"], page, lambda item: (item.size or 0) % 600 == 1)

    await store.run(fill)
    listing = ITEMS.listing("shelf = ?", ("color", "ASC"), ("size", "ASC"))
    first = await store.db.read(lambda view: look(view, Page(size=3)))
    assert [item.size for item in first.items] == [1, 601, 1201]
    second = await store.db.read(lambda view: look(view, Page(size=3, cursor=first.after)))
    assert [item.size for item in second.items] == [1801, 2401]
    back = await store.db.read(lambda view: look(view, Page(size=3, cursor=second.before, backwards=True)))
    assert back.items == first.items


async def turns_during(work: Awaitable[object]) -> int:
    """How often the loop let another task go on while it did this work."""
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    counting = asyncio.ensure_future(count())
    await asyncio.sleep(0)
    try:
        before = turns
        await work
        return turns - before
    finally:
        counting.cancel()


async def test_others_have_their_turn_between_the_batches_of_rows_that_sql_cannot_choose(store: Store) -> None:
    async def fill(unit: Unit) -> None:
        for n in range(2 * View.BATCH):
            unit.insert(ITEMS, Item(f"IT{n:04}", size=n))

    async def choose_none(view: View) -> Slice[Item]:
        return await view.page(ITEMS.listing("shelf = ?", ("size", "ASC")), ["S"], Page(), lambda _: False)

    await store.run(fill)
    assert await turns_during(store.db.read(choose_none)) >= 2


async def test_others_have_their_turn_while_somebody_reads_apart(store: Store) -> None:
    await store.insert(ITEMS, *(Item(f"IT{n:04}", size=n) for n in range(20)))
    few = ITEMS.where("shelf = ? ORDER BY size LIMIT 10")
    found: list[Item] = []

    async def read_apart(view: View) -> None:
        apart = view.apart()
        assert apart.now == view.now
        found.extend(await apart.all(few, "S"))

    assert await turns_during(store.db.read(read_apart)) >= 1
    assert [item.size for item in found] == list(range(10))


@pytest.mark.parametrize("cursor", [(), (1,), ("a", "IT1"), (1, 2), (1, "IT1", 3)])
async def test_a_cursor_of_another_list_is_refused(store: Store, cursor: tuple[int | str, ...]) -> None:
    with pytest.raises(Invalid, match="PageToken"):
        await page(store, ITEMS.listing("shelf = ?", ("size", "ASC")), Page(cursor=cursor))


@pytest.mark.parametrize(
    ("order", "start"),
    [
        ((("size", "ASC"), ("name", "ASC")), "(size,name,sid)>(?,?,?)"),
        ((("size", "ASC"), ("name", "DESC")), "size>?"),
    ],
)
async def test_a_page_far_behind_is_found_through_the_index_and_not_by_counting(
    sqlite_store: Store, order: Order, start: str
) -> None:
    listing = ITEMS.listing("shelf = ?", *order)
    sql = listing.query(after_cursor=True, backwards=False).sql

    async def look(view: View) -> object:
        arguments = ["S", *listing.cursor_arguments((5, "n", "IT1")), 10]
        return await view._reader.fetch(f"EXPLAIN QUERY PLAN {sql}", arguments)

    plan = str(await sqlite_store.db.read(look))
    assert f"USING INDEX t_items_of_shelf (shelf=? AND {start})" in plan
    assert ("TEMP B-TREE" in plan) == (start == "size>?")
