"""Two want the same at once: one gets it, and the other finds out why not."""

import asyncio
from functools import partial

import pytest

from cordboard.kernel.errors import Conflict, Gone
from cordboard.storage.tables import Table
from cordboard.storage.unit import Unit

from .conftest import Store, gathered, happened
from .rows import (
    ITEMS,
    OFFERS,
    OFFERS_OF_TASK,
    PAIR_TAKEN,
    PAIRS,
    POSTS,
    POSTS_OF,
    TASKS,
    THREADS,
    WORKERS,
    Item,
    Offer,
    Pair,
    Post,
    Task,
    Thread,
    Worker,
)

pytestmark = pytest.mark.anyio

WRITERS, POSTS_EACH = 32, 4
# Every unit reads of these, each in its own order.
SHELVES = Table("t_items", Item, steady=True)


async def test_a_lost_guard_runs_again_and_its_own_read_finds_the_reason(store: Store) -> None:
    await store.insert(ITEMS, Item(sid="IT1"))
    reads: list[Item | None] = []

    async def take(unit: Unit) -> None:
        # What another call has read before is as old as this one's first read.
        item = await unit.get(ITEMS, "IT1") if reads else Item(sid="IT1", version=0)
        reads.append(item)
        assert item
        if item.done:
            raise Gone("taken")
        unit.update(ITEMS, item, done=True)

    await store.run(take)
    assert [item and item.version for item in reads] == [0, 1]
    reads.clear()
    with pytest.raises(Gone, match="taken"):
        await store.run(take)
    assert [item and item.version for item in reads] == [0, 2]


async def test_a_unique_value_that_is_taken_runs_again_and_finds_the_winner(store: Store) -> None:
    await store.insert(PAIRS, Pair("PA1", "a", "b"))
    looks = 0

    async def bind(unit: Unit) -> None:
        nonlocal looks
        looks += 1
        winner = await unit.one(PAIR_TAKEN, "a", "b") if looks > 1 else None
        if winner is not None:
            raise Conflict(f"held by {winner.sid}")
        unit.insert(PAIRS, Pair("PA2", "a", "b"))

    with pytest.raises(Conflict, match="held by PA1"):
        await store.run(bind)
    assert looks == 2


async def test_a_unit_that_loses_five_times_is_a_conflict(store: Store) -> None:
    runs = 0

    async def never(unit: Unit) -> None:
        nonlocal runs
        runs += 1
        unit.guard(ITEMS, Item(sid="nobody"))

    with pytest.raises(Conflict, match="again and again"):
        await store.run(never)
    assert runs == 5


@pytest.mark.parametrize("form", ["guarded", "locked", "claimed"])
async def test_many_writers_to_one_thread_number_their_posts_without_a_gap(store: Store, form: str) -> None:
    await store.insert(THREADS, Thread("CH1"))

    async def post(unit: Unit) -> int:
        take = {"locked": unit.lock, "claimed": unit.claim}.get(form)
        thread = await unit.get(THREADS, "CH1") if take is None else (await take(THREADS, "CH1"))["CH1"]
        assert thread
        await store.pause()
        unit.update(THREADS, thread, last=thread.last + 1)
        unit.insert(POSTS, Post(unit.sid("IM"), "CH1", thread.last + 1))
        happened(unit, "CH1")
        return thread.last + 1

    async def write() -> list[int]:
        return [await store.run(post) for _ in range(POSTS_EACH)]

    numbers = [number for own in await asyncio.gather(*(write() for _ in range(WRITERS))) for number in own]
    assert sorted(numbers) == list(range(WRITERS * POSTS_EACH))
    assert [post.number for post in await store.all(POSTS_OF, "CH1")] == sorted(numbers)


async def test_of_many_who_bind_one_address_pair_one_wins_and_the_others_find_the_winner(store: Store) -> None:
    async def bind(unit: Unit) -> str:
        await store.pause()
        winner = await unit.one(PAIR_TAKEN, "a", "b")
        if winner is not None:
            raise Conflict(f"held by {winner.sid}")
        await store.pause()
        return unit.insert(PAIRS, Pair(unit.sid("PA"), "a", "b")).sid

    outcomes = await gathered(*(store.run(bind) for _ in range(12)))
    (winner,) = [outcome for outcome in outcomes if isinstance(outcome, str)]
    assert {str(outcome) for outcome in outcomes if outcome != winner} == {f"held by {winner}"}


async def test_a_stale_router_never_exceeds_capacity_and_its_good_offers_stand(store: Store) -> None:
    workers = [Worker(f"WK{n}", room=2) for n in range(3)]
    tasks = [Task(f"WT{n:02}") for n in range(12)]
    await store.insert(WORKERS, *workers)
    await store.insert(TASKS, *tasks)
    # Two routers plan from the same old floor: each task once, each worker up to capacity.
    plans = [[(task.sid, workers[n % 3].sid) for n, task in enumerate(tasks[at : at + 6])] for at in (0, 4)]

    async def turn(unit: Unit, plan: list[tuple[str, str]]) -> int:
        waiting = await unit.lock(TASKS, *(task for task, _ in plan))
        free = await unit.lock(WORKERS, *(worker for _, worker in plan))
        made = 0
        for task_sid, worker_sid in plan:
            await store.pause()
            task, worker = await unit.get(TASKS, task_sid), await unit.get(WORKERS, worker_sid)
            assert task
            assert worker
            assert waiting.keys() >= {task_sid}
            assert free.keys() >= {worker_sid}
            if task.status == "pending" and worker.load < worker.room:
                unit.update(TASKS, task, status="reserved")
                unit.update(WORKERS, worker, load=worker.load + 1)
                unit.insert(OFFERS, Offer(unit.sid("WR"), task_sid, worker_sid))
                made += 1
        return made

    made = await asyncio.gather(*(store.run(partial(turn, plan=plan)) for plan in plans))
    assert made == [6, 0]
    offers = await store.all(OFFERS.where("status = ?"), "pending")
    assert len({offer.task_sid for offer in offers}) == len(offers) == 6
    for worker in workers:
        after = await store.get(WORKERS, worker.sid)
        assert after
        assert after.load == sum(offer.worker_sid == worker.sid for offer in offers) <= after.room


async def test_of_accept_and_time_out_at_once_one_happens(store: Store) -> None:
    async def move(unit: Unit, sid: str, status: str) -> str:
        offer = await unit.get(OFFERS, sid)
        assert offer
        await store.pause()
        if offer.status != "pending":
            raise Gone(offer.status)
        unit.update(OFFERS, offer, status=status)
        return status

    for n in range(8):
        sid = f"WR{n}"
        await store.insert(OFFERS, Offer(sid, "WT1", "WK1"))
        outcomes = await gathered(
            *(store.run(partial(move, sid=sid, status=status)) for status in ("accepted", "timeout"))
        )
        (winner,) = [outcome for outcome in outcomes if isinstance(outcome, str)]
        (loser,) = [outcome for outcome in outcomes if isinstance(outcome, Gone)]
        assert loser.message == winner
        offer = await store.get(OFFERS, sid)
        assert offer
        assert (offer.status, offer.version) == (winner, 2)


async def test_two_closes_at_once_close_once_and_cancel_once(store: Store) -> None:
    await store.insert(THREADS, Thread("CH1"))
    await store.insert(OFFERS, Offer("WR1", "CH1", "WK1"))

    async def close(unit: Unit) -> bool:
        thread = await unit.get(THREADS, "CH1")
        assert thread
        await store.pause()
        if thread.state == "closed":
            return False
        unit.update(THREADS, thread, state="closed")
        for offer in await unit.all(OFFERS_OF_TASK, "CH1"):
            unit.update(OFFERS, offer, status="canceled")
        happened(unit, "CH1")
        return True

    assert sorted(await asyncio.gather(store.run(close), store.run(close))) == [False, True]
    assert [len(settled.events) for settled in store.settled] == [0, 0, 1]
    (offer,) = await store.all(OFFERS_OF_TASK, "CH1")
    assert (offer.status, offer.version) == ("canceled", 2)


async def test_two_that_guard_what_the_other_changes_cannot_both_win(store: Store) -> None:
    async def go_off(unit: Unit, own: str, other: str) -> bool:
        mine, theirs = await unit.get(WORKERS, own), await unit.get(WORKERS, other)
        assert mine
        assert theirs
        await store.pause()
        if theirs.load == 0:
            return False
        unit.guard(WORKERS, theirs)
        unit.update(WORKERS, mine, load=0)
        return True

    for n in range(8):
        one, two = f"WK{n}a", f"WK{n}b"
        await store.insert(WORKERS, Worker(one, room=1, load=1), Worker(two, room=1, load=1))
        outcomes = await asyncio.gather(
            store.run(partial(go_off, own=one, other=two)), store.run(partial(go_off, own=two, other=one))
        )
        assert sorted(outcomes) == [False, True]


async def test_who_has_lost_a_race_reads_steady_rows_beside_who_reads_them_in_another_order(
    postgres_store: Store,
) -> None:
    await postgres_store.insert(SHELVES, Item("IT1"), Item("IT2"))
    await postgres_store.insert(THREADS, Thread("CH1"), Thread("CH2"))
    both_lost, both_read_one = asyncio.Barrier(2), asyncio.Barrier(2)
    runs = {"CH1": 0, "CH2": 0}

    async def work(unit: Unit, own: str, *steady: str) -> None:
        runs[own] += 1
        if runs[own] == 1:
            unit.update(THREADS, Thread(own, version=0))
            await both_lost.wait()
            return
        thread = await unit.get(THREADS, own)
        assert thread
        await unit.get(SHELVES, steady[0])
        if runs[own] == 2:
            await both_read_one.wait()
        await unit.get(SHELVES, steady[1])
        unit.update(THREADS, thread, last=thread.last + 1)

    await asyncio.gather(
        postgres_store.run(lambda unit: work(unit, "CH1", "IT1", "IT2")),
        postgres_store.run(lambda unit: work(unit, "CH2", "IT2", "IT1")),
    )
    assert runs == {"CH1": 2, "CH2": 2}


async def test_of_many_who_change_a_steady_row_nobody_loses_two_races(postgres_store: Store) -> None:
    await postgres_store.insert(SHELVES, Item("IT1", size=0))
    everybody = asyncio.Barrier(8)
    runs = [0] * 8

    async def count(unit: Unit, who: int) -> None:
        runs[who] += 1
        item = await unit.get(SHELVES, "IT1")
        assert item
        if runs[who] == 1:
            # All have read what only one of them can change.
            await everybody.wait()
        unit.update(SHELVES, item, size=(item.size or 0) + 1)

    await asyncio.gather(*(postgres_store.run(partial(count, who=who)) for who in range(8)))
    assert sorted(runs) == [1, *[2] * 7]
    item = await postgres_store.get(SHELVES, "IT1")
    assert item is not None
    assert item.size == 8


async def test_a_unit_that_breaks_on_rows_that_do_not_fit_each_other_runs_again(postgres_store: Store) -> None:
    await postgres_store.insert(TASKS, Task("WT1"))
    await postgres_store.insert(OFFERS, Offer("WR1", "WT1", "WK1"))
    accepted = ("WR1", "accepted"), ("WT1", "assigned")
    runs: list[tuple[tuple[str, str], ...]] = []

    async def accept(unit: Unit) -> None:
        offer, task = await unit.get(OFFERS, "WR1"), await unit.get(TASKS, "WT1")
        assert offer is not None
        assert task is not None
        unit.update(OFFERS, offer, status="accepted")
        unit.update(TASKS, task, status="assigned")

    async def look(unit: Unit) -> None:
        offer = await unit.get(OFFERS, "WR1")
        if not runs:
            await postgres_store.run(accept)
        task = await unit.get(TASKS, "WT1")
        assert offer is not None
        assert task is not None
        runs.append(((offer.sid, offer.status), (task.sid, task.status)))
        if runs[-1] != accepted:
            raise RuntimeError("a task is assigned and nobody has accepted it")

    await postgres_store.run(look)
    assert runs == [(("WR1", "pending"), accepted[1]), accepted]


async def test_a_unit_with_a_fault_of_its_own_fails(store: Store) -> None:
    async def fail(_unit: Unit) -> None:
        raise RuntimeError("it cannot be done")

    with pytest.raises(RuntimeError, match="cannot be done"):
        await store.run(fail)
