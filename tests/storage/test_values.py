"""What goes into a row comes back byte for byte, and sorts alike on both databases."""

import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cordboard.storage.unit import Unit

from .conftest import Store
from .rows import ITEMS, Color, Item, Tag

pytestmark = pytest.mark.anyio

BIG = st.integers(-(2**63), 2**63 - 1)
# NUL and surrogates are refused at the wire (design D1): neither database keeps both.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
ANY_ITEM = st.builds(
    Item,
    sid=TEXT,
    version=BIG,
    shelf=TEXT,
    name=TEXT,
    size=st.none() | BIG,
    done=st.booleans(),
    color=st.sampled_from(Color),
    tags=st.lists(st.builds(Tag, TEXT, st.none() | st.integers(-(2**40), 2**40)), max_size=3),
    note=st.none() | TEXT,
    updated_at=BIG,
)


@given(item=ANY_ITEM)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_a_fact_comes_back_as_it_was(store: Store, item: Item) -> None:
    async def work(unit: Unit) -> None:
        unit.put(ITEMS, item)

    await store.run(work)
    assert await store.get(ITEMS, item.sid) == item


@pytest.mark.parametrize(
    "text",
    [
        "",
        " a\t\r\n ",
        "e\u0301 is not \u00e9",
        "\ufeff\u200b\u202e",
        "'\"\\%_?$1;--",
        "\x01\x7f\x80",
        "\U0010ffff\uffff",
        "x" * 2_000_000,
        '{"a": [1, 1.0, 1e5, "\\u0041"],  "a": null}',
    ],
)
async def test_a_text_is_kept_byte_for_byte(store: Store, text: str) -> None:
    await store.insert(ITEMS, Item("IT1", note=text, name=text[:99]))
    item = await store.get(ITEMS, "IT1")
    assert item
    assert (item.note, item.name) == (text, text[:99])
    assert await store.all(ITEMS.where("name = ?"), text[:99]) == [item]


async def test_texts_sort_by_code_point_whatever_the_language(store: Store) -> None:
    # Not above U+FFFF only: by UTF-16 units U+1F44B would come before U+FFEE.
    names = [
        "",
        " ",
        "-",
        "A",
        "B",
        "Z",
        "_",
        "a",
        "a-b",
        "a b",
        "ab",
        "b",
        "z",
        "Ä",
        "ä",
        "é",
        "ß",
        "日本",
        "\uffee",
        "👋",
    ]
    await store.insert(ITEMS, *(Item(f"IT{n}", name=name) for n, name in enumerate(names)))
    found = await store.all(ITEMS.where("shelf = ? ORDER BY name"), "S")
    assert [item.name for item in found] == sorted(names)
    assert [item.name for item in await store.all(ITEMS.where("name > ? ORDER BY name DESC"), "z")] == sorted(
        (name for name in names if name > "z"), reverse=True
    )


async def test_numbers_reach_both_ends_of_64_bits(store: Store) -> None:
    ends = [-(2**63), -1, 0, 1, sys.maxsize]
    await store.insert(ITEMS, *(Item(f"IT{n}", size=end) for n, end in enumerate(reversed(ends))))
    found = await store.all(ITEMS.where("size >= ? AND size <= ? ORDER BY size"), ends[0], ends[-1])
    assert [item.size for item in found] == ends
