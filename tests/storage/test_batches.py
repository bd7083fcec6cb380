"""Units that are written together: SQLite leaves what they would have left one after the other, in the order of their positions.

PostgreSQL promises less: there a unit that found nothing is not run again because somebody put something there.
"""

from collections.abc import Awaitable, Callable

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cordboard.kernel.errors import Conflict
from cordboard.storage.unit import Unit

from .conftest import Store, gathered, happened
from .rows import ITEMS, ON_SHELF, PAIR_TAKEN, PAIRS, Item, Pair

pytestmark = pytest.mark.anyio

Rows = dict[str, tuple[str, int]]
"""The naive database: name and size of each item on the shelf, by SID."""

SIDS = [f"IT{number}" for number in range(4)]


class Step(msgspec.Struct, frozen=True):
    """What one unit does to one row; ``number`` tells the units of an example apart."""

    number: int
    kind: str
    sid: str

    async def carry_out(self, unit: Unit) -> object:
        happened(unit, self.sid, number=self.number)
        item = Item(self.sid, name=str(self.number))
        if self.kind == "insert":
            return unit.insert(ITEMS, item).name
        if self.kind == "put":
            return unit.put(ITEMS, item).name
        if self.kind == "discard":
            unit.discard(ITEMS, self.sid)
            return None
        if self.kind == "sweep":
            unit.sweep(ITEMS, "shelf", "S")
            return None
        if self.kind == "list":
            return [found.sid for found in await unit.all(ON_SHELF, "S")]
        found = await unit.get(ITEMS, self.sid)
        if found is None:
            return None
        if self.kind == "delete":
            unit.delete(ITEMS, found)
        else:
            unit.update(ITEMS, found, size=(found.size or 0) + 1)
        return found.name, found.size

    def replay(self, rows: Rows) -> object:
        name = str(self.number)
        if self.kind in {"insert", "put"}:
            assert self.kind == "put" or self.sid not in rows
            rows[self.sid] = name, 0
            return name
        if self.kind == "discard":
            rows.pop(self.sid, None)
            return None
        if self.kind == "sweep":
            rows.clear()
            return None
        if self.kind == "list":
            return sorted(rows)
        found = rows.get(self.sid)
        if found is None:
            return None
        if self.kind == "delete":
            del rows[self.sid]
        else:
            rows[self.sid] = found[0], found[1] + 1
        return found


KINDS = ["insert", "insert", "put", "discard", "sweep", "list", "update", "update", "delete"]
STEPS = st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from(SIDS)), min_size=2, max_size=14).map(
    lambda steps: [Step(number, *step) for number, step in enumerate(steps)]
)


@given(steps=STEPS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_a_group_leaves_what_its_units_leave_one_after_the_other(sqlite_store: Store, steps: list[Step]) -> None:
    store = sqlite_store
    await store.run(_sweep)
    store.settled.clear()
    outcomes = await gathered(*(store.run(step.carry_out) for step in steps))
    rows: Rows = {}
    told = sorted((event for settled in store.settled for event in settled.events), key=lambda event: event.position)
    done = [event.facts["number"] for event in told]
    for number in done:
        assert steps[number].replay(rows) == outcomes[number]
    for step, outcome in zip(steps, outcomes, strict=True):
        assert (step.number in done) != (step.kind == "insert" and isinstance(outcome, Conflict))
    assert {item.sid: (item.name, item.size) for item in await store.all(ON_SHELF, "S")} == rows
    positions = [event.position for event in told]
    assert positions == list(range(positions[0], positions[0] + len(done))) if positions else not done


async def test_of_many_who_take_one_pair_without_looking_one_has_it_and_their_neighbours_keep_their_rows(
    store: Store,
) -> None:
    def take(number: int) -> Callable[[Unit], Awaitable[int]]:
        async def work(unit: Unit) -> int:
            unit.insert(PAIRS, Pair(f"P{number}", f"+{number % 3}", "proxy"))
            return number

        return work

    outcomes = await gathered(*(store.run(take(number)) for number in range(12)))
    won = [outcome for outcome in outcomes if isinstance(outcome, int)]
    assert sorted(number % 3 for number in won) == [0, 1, 2]
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 9
    for number in range(3):
        assert [pair.sid for pair in await store.all(PAIR_TAKEN, f"+{number}", "proxy")] == [
            f"P{one}" for one in won if one % 3 == number
        ]


async def _sweep(unit: Unit) -> None:
    unit.sweep(ITEMS, "shelf", "S")
