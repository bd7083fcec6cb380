"""Which window a call asks for, and what it may not ask for."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from cordboard.taskrouter.store.statistics import DAY, HOUR, MINUTE, SECOND, WIDTHS, WIDTHS_OF_WORKER, cut

from .refusals import refusal, sentence
from .scene import Scene

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TOO_OLD = 14241


def window(scene: Scene, **asked: Any) -> tuple[datetime, datetime]:
    found = scene.workspace.cumulative_statistics().fetch(**asked)
    return found.start_time, found.end_time


def refused(scene: Scene, **asked: Any) -> str:
    return sentence(scene.workspace.cumulative_statistics().fetch, **asked).removeprefix("Unable to fetch record: ")


def test_a_window_is_the_last_fifteen_minutes(scene: Scene) -> None:
    assert window(scene) == (NOW - timedelta(minutes=15), NOW)


def test_minutes_count_back_from_now(scene: Scene) -> None:
    assert window(scene, minutes=60) == (NOW - timedelta(hours=1), NOW)
    half = NOW - timedelta(minutes=30)
    assert window(scene, minutes=60, end_date=half) == (NOW - timedelta(hours=1), half)


def test_a_start_goes_before_minutes(scene: Scene) -> None:
    start = NOW - timedelta(days=2)
    assert window(scene, minutes=60, start_date=start) == (start, NOW)


def test_an_end_alone_has_the_fifteen_minutes_before_it(scene: Scene) -> None:
    end = NOW - timedelta(hours=5)
    assert window(scene, end_date=end) == (end - timedelta(minutes=15), end)


def test_a_window_may_end_in_the_future(scene: Scene) -> None:
    ana = scene.worker("ana")
    scene.cordboard.clock.advance(10)
    end = NOW + timedelta(hours=1)
    assert window(scene, end_date=end, start_date=NOW) == (NOW, end)
    found = scene.workspace.workers(ana.sid).statistics().fetch(end_date=end, start_date=NOW).cumulative
    assert max(each["total"] for each in found["activity_durations"]) == 10


def test_a_window_that_begins_after_its_end_is_refused(scene: Scene) -> None:
    assert "Invalid parameter StartDate" in refused(scene, start_date=NOW + timedelta(seconds=1))
    assert "Invalid parameter Minutes" in refused(scene, minutes=1, end_date=NOW - timedelta(hours=1))


@pytest.mark.parametrize(
    "asked",
    [
        {"start_date": NOW - timedelta(days=30, seconds=1)},
        {"minutes": 30 * 24 * 60 + 1},
        {"end_date": NOW - timedelta(days=31)},
    ],
)
def test_statistics_go_back_thirty_days(scene: Scene, asked: dict[str, Any]) -> None:
    window(scene, start_date=NOW - timedelta(days=30))
    for fetch in (
        scene.workspace.cumulative_statistics().fetch,
        scene.workspace.statistics().fetch,
        scene.workspace.task_queues(scene.queue).cumulative_statistics().fetch,
        scene.workspace.workflows(scene.workflow).statistics().fetch,
        scene.workspace.workers.cumulative_statistics().fetch,
        scene.workspace.workers(scene.worker("ana", available=False).sid).statistics().fetch,
    ):
        status, code, said = refusal(fetch, **asked)
        assert (status, code) == (400, TOO_OLD)
        assert "30 days" in said
    listed = scene.cordboard.http.get(f"/v1/Workspaces/{scene.sid}/TaskQueues/Statistics", {"StartDate": "2025-12-01"})
    assert (listed.status, listed.json["code"]) == (400, TOO_OLD)


@pytest.mark.parametrize("text", ["", ",", "5,", "-1", "1.5", "five", "5;10", "9" * 8, ",".join(map(str, range(21)))])
def test_thresholds_are_whole_seconds(scene: Scene, text: str) -> None:
    assert "Invalid parameter SplitByWaitTime" in refused(scene, split_by_wait_time=text)


def test_a_threshold_that_is_given_twice_is_told_once(scene: Scene) -> None:
    found = scene.workspace.cumulative_statistics().fetch(split_by_wait_time="10,5,10, 05")
    assert list(found.split_by_wait_time) == ["10", "5"]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (0, 0),
        (5, 6),
        (59, 61),
        (60, 120),
        (3599, 3601),
        (61, 86_399),
        (86_400, 172_800),
        (1, 30 * 86_400 + 3),
        (100_000, 2_600_000),
    ],
)
@pytest.mark.parametrize("widths", [WIDTHS, WIDTHS_OF_WORKER])
def test_a_window_is_cut_into_few_buckets_without_gap_or_overlap(start: int, end: int, widths: tuple[int, ...]) -> None:
    spans = cut(start * SECOND, end * SECOND, widths)
    assert len(spans) == 2 * len(widths) - 1
    pieces = sorted((first, last) for _, first, last in spans if first < last)
    assert sum(last - first for first, last in pieces) == (end - start) * SECOND
    assert all(before[1] == after[0] for before, after in pairwise(pieces))
    assert all(first % width == 0 and last % width == 0 for width, first, last in spans if first < last)
    buckets = sum((last - first) // width for width, first, last in spans)
    most = 2 * 59 + 2 * 59 + 2 * 23 + 30 if widths == WIDTHS else 2 * 3599 + 30 * 24
    assert buckets <= most


def test_the_widths_divide_each_other() -> None:
    assert (MINUTE % SECOND, HOUR % MINUTE, DAY % HOUR) == (0, 0, 0)
