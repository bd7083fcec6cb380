"""Many units share one flush, and are told in the order of their positions, however their answers overtake each other."""

import asyncio
from collections.abc import Mapping

import pytest

from cordboard.events.journal import Event
from cordboard.kernel.errors import Unavailable
from cordboard.storage.barrier import Barrier, Flight
from cordboard.storage.tally import Tally
from cordboard.storage.writes import Settled

pytestmark = pytest.mark.anyio


class Disk:
    """Flushes when it is told to."""

    def __init__(self) -> None:
        self.flushes: list[asyncio.Future[None]] = []

    async def flush(self, _covered: Mapping[str, int]) -> None:
        self.flushes.append(asyncio.get_running_loop().create_future())
        await self.flushes[-1]


class Harbour:
    """A barrier over that disk. ``told`` names the units that were told, by their positions."""

    def __init__(self) -> None:
        self.disk = Disk()
        self.told: list[tuple[tuple[str, int], ...]] = []
        self.barrier = Barrier(self.disk.flush, self.hear, {"AC9": 6}, Tally())

    def hear(self, settled: Settled) -> None:
        self.told.append(tuple((event.account_sid, event.position) for event in settled.events))

    def commit(self, flight: Flight, *positions: int, account_sid: str = "AC1", **others: int) -> asyncio.Task[None]:
        placed = [*((account_sid, position) for position in positions), *others.items()]
        appended: dict[str, list[Event]] = {}
        for account, position in placed:
            event = Event(
                account_sid=account,
                product="test",
                type="x",
                scope_sid="SC",
                resource_sid="RS",
                at=0,
                facts={},
                position=position,
            )
            appended.setdefault(account, []).append(event)
        self.barrier.committed(flight, Settled([], [], appended))
        return asyncio.create_task(self.barrier.passed(flight))

    async def flush(self) -> None:
        """Let the flush that is under way, or about to be, succeed."""
        await turns()
        self.disk.flushes[-1].set_result(None)
        await turns()


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_units_that_wait_share_a_flush_and_who_comes_during_one_waits_for_the_next() -> None:
    harbour = Harbour()
    first = [asyncio.create_task(harbour.barrier.passed()) for _ in range(5)]
    await turns()
    late = asyncio.create_task(harbour.barrier.passed())
    await turns()
    assert len(harbour.disk.flushes) == 1
    assert harbour.barrier.open
    harbour.disk.flushes[0].set_result(None)
    await asyncio.gather(*first)
    await turns()
    assert not late.done()
    await harbour.flush()
    await late
    assert len(harbour.disk.flushes) == 2
    assert not harbour.barrier.open


@pytest.mark.parametrize("error", [Unavailable("the disk"), RuntimeError("the disk")])
async def test_a_failed_flush_fails_everybody_it_would_have_covered_and_nobody_else(error: Exception) -> None:
    harbour = Harbour()
    flight = harbour.barrier.depart()
    failed = [harbour.commit(flight, 1), asyncio.create_task(harbour.barrier.passed())]
    await turns()
    good = harbour.commit(harbour.barrier.depart(), 2)
    harbour.disk.flushes[0].set_exception(error)
    outcomes = await asyncio.gather(*failed, return_exceptions=True)
    assert [str(outcome) for outcome in outcomes] == ["the disk", "the disk"]
    await harbour.flush()
    await good
    assert harbour.told == [(("AC1", 2),)]


async def test_nobody_is_told_before_the_flush() -> None:
    harbour = Harbour()
    running = harbour.commit(harbour.barrier.depart(), 1)
    await turns()
    assert harbour.told == []
    await harbour.flush()
    await running
    assert harbour.told == [(("AC1", 1),)]


async def test_an_answer_that_overtakes_another_waits_for_it_over_the_next_flush() -> None:
    harbour = Harbour()
    slow, quick = harbour.barrier.depart(), harbour.barrier.depart()
    overtaking = harbour.commit(quick, 2)
    await harbour.flush()
    assert harbour.told == []
    overtaken = harbour.commit(slow, 1)
    await harbour.flush()
    await asyncio.gather(overtaking, overtaken)
    assert harbour.told == [(("AC1", 1),), (("AC1", 2),)]


async def test_whose_position_follows_waits_for_nobody() -> None:
    harbour = Harbour()
    stuck = harbour.barrier.depart()
    running = [
        harbour.commit(harbour.barrier.depart(), 1, 2),
        harbour.commit(harbour.barrier.depart(), 3),
        harbour.commit(harbour.barrier.depart(), 7, account_sid="AC9"),
    ]
    await harbour.flush()
    await asyncio.gather(*running)
    assert sorted(harbour.told) == [(("AC1", 1), ("AC1", 2)), (("AC1", 3),), (("AC9", 7),)]
    harbour.barrier.lost(stuck)


async def test_positions_of_another_node_are_waited_for_no_longer_than_flights_of_before() -> None:
    harbour = Harbour()
    before, own = harbour.barrier.depart(), harbour.barrier.depart()
    running = harbour.commit(own, 7)
    after = harbour.barrier.depart()
    await harbour.flush()
    assert harbour.told == []
    harbour.barrier.lost(before)
    await running
    assert harbour.told == [(("AC1", 7),)]
    harbour.barrier.lost(after)


async def test_a_unit_of_two_accounts_is_told_in_its_turn_in_both() -> None:
    harbour = Harbour()
    flights = [harbour.barrier.depart() for _ in range(3)]
    running = [
        harbour.commit(flights[2], 2, AC2=2),
        harbour.commit(flights[1], 1, account_sid="AC2"),
        harbour.commit(flights[0], 1),
    ]
    await harbour.flush()
    await asyncio.gather(*running)
    assert harbour.told[-1] == (("AC1", 2), ("AC2", 2))
    assert len(harbour.told) == 3


async def test_a_unit_without_events_waits_for_the_flush_only() -> None:
    harbour = Harbour()
    stuck = harbour.barrier.depart()
    running = harbour.commit(harbour.barrier.depart())
    await harbour.flush()
    await running
    assert harbour.told == [()]
    harbour.barrier.lost(stuck)


async def test_a_caller_that_went_away_takes_nobodys_turn() -> None:
    harbour = Harbour()
    gone, staying = (harbour.commit(harbour.barrier.depart(), position) for position in (1, 2))
    await turns()
    gone.cancel()
    await harbour.flush()
    await staying
    assert harbour.told == [(("AC1", 1),), (("AC1", 2),)]


async def test_what_was_committed_before_the_flushes_connection_was_lost_fails_and_what_is_committed_after_it_passes() -> (
    None
):
    harbour = Harbour()
    barrier = harbour.barrier
    flushing, waiting, answered, sent = (barrier.depart() for _ in range(4))
    covered = harbour.commit(flushing, 1)
    await turns()
    failed = harbour.commit(waiting, 2)
    seen = asyncio.create_task(barrier.passed())
    await turns()
    barrier.committed(answered, Settled([], [], {}))
    # The answer of the first flush had come just before.
    harbour.disk.flushes[-1].set_result(None)
    barrier.doubt()
    for flight in (failed, seen, asyncio.create_task(barrier.passed(answered))):
        with pytest.raises(Unavailable, match="gone for a moment"):
            await flight
    await covered
    last = harbour.commit(sent, 3)
    await harbour.flush()
    await last
    assert harbour.told == [(("AC1", 1),), (("AC1", 3),)]
    assert not barrier.open
