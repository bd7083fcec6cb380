"""When a target is skipped at once (taskrouter.md 5.5)."""

import pytest

from cordboard.routing.expressions.compiler import compile_expression
from cordboard.routing.skipping import Counts, Entry, Skip, Skips, count, holds

AVAILABLE = {"WA1"}
WORKERS = Counts(2, 1, {"WA1": 2, "WA2": 1, "WA3": 0})


def counts(queue_sid: str) -> Counts:
    return WORKERS if queue_sid == "WQ1" else Counts(0, 0, {})


def entry(skip_if: str, *, sid: str = "WT1", step: int = 1, version: int = 0, queue_sid: str = "WQ1") -> Entry:
    return Entry(sid, version, step, queue_sid, skip_if)


def look(skips: Skips, *offered: str) -> list[Skip]:
    return skips.decide(set(offered), counts)


def test_workers_are_counted_by_what_they_are_doing() -> None:
    assert count({"WA1": 2, "WA2": 1, "WA3": 0}, AVAILABLE) == WORKERS
    assert count({}, AVAILABLE) == Counts(0, 0, {})


@pytest.mark.parametrize(
    ("skip_if", "expected"),
    [
        ("1==1", True),
        ("workers.available == 0", False),
        ("workers.available == 2 AND workers.unavailable == 1", True),
        ("workers.WA1 < 2 OR workers.WA2 < 2", True),
        ("workers.WA1 < 2", False),
        ("workers.WA9 < 2", True),
        ("workers.WA9 == 0", True),
        ("workers == 0", False),
    ],
)
def test_skip_if_counts_a_queues_workers(skip_if: str, expected: bool) -> None:
    assert holds(compile_expression(skip_if), WORKERS) is expected


def test_a_task_that_nobody_was_reserved_for_is_skipped_if_the_expression_holds() -> None:
    skips = Skips()
    skips.put(entry("workers.available == 2", version=7))
    assert look(skips) == [Skip("WT1", 7)]


def test_a_queue_that_is_gone_has_no_workers() -> None:
    skips = Skips()
    skips.put(entry("workers.available == 0", queue_sid="WQ9"))
    assert look(skips) == [Skip("WT1", 0)]


def test_a_task_that_was_offered_is_not_looked_at() -> None:
    skips = Skips()
    skips.put(entry("1==1"))
    skips.put(entry("1==1", sid="WT2"))
    assert look(skips, "WT1") == [Skip("WT2", 0)]


def test_of_a_task_that_was_removed_nothing_is_remembered() -> None:
    skips = Skips()
    skips.put(entry("workers.available == 0"))
    assert look(skips) == []
    for _ in range(2):
        skips.remove("WT1")
    skips.put(entry("1==1"))
    assert look(skips) == [Skip("WT1", 0)]


def test_a_task_that_stays_is_looked_at_once_however_often_its_row_changes() -> None:
    skips = Skips()
    skips.put(entry("workers.available == 0"))
    assert look(skips) == []
    assert not skips.waiting
    skips.put(entry("1==1", version=1))
    assert look(skips) == []


def test_a_task_is_looked_at_again_for_the_next_target_it_enters() -> None:
    skips = Skips()
    skips.put(entry("workers.available == 0"))
    look(skips)
    skips.put(entry("1==1", step=2))
    assert look(skips) == [Skip("WT1", 0)]


def test_a_task_that_is_to_go_on_is_looked_at_until_it_has_gone() -> None:
    skips = Skips()
    skips.put(entry("1==1"))
    assert look(skips) == look(skips) == [Skip("WT1", 0)]
    skips.put(entry("1==1", version=1))
    assert look(skips) == [Skip("WT1", 1)]
    skips.remove("WT1")
    assert look(skips) == []
