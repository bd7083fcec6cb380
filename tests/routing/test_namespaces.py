"""The names in expressions and the numbers behind them (taskrouter.md 6.5, 6.6, 7.5)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.routing.capacity import available_capacity_percentage, has_room, reserve
from cordboard.routing.expressions.compiler import compile_expression
from cordboard.routing.facts import ChannelLoad, WorkerFact
from cordboard.routing.namespaces import filter_names, period_of, time_of_day, worker_names, worker_names_with_channels

WORKER = WorkerFact(
    sid="WK1",
    version=3,
    friendly_name="ann",
    activity_sid="WA1",
    activity_name="Idle",
    available=True,
    attributes={"sid": "WK2", "friendly_name": "bo", "level": 5, "channel": "mine"},
    channels={"TC1": ChannelLoad("chat", 3, True, 1, 1, None), "TC2": ChannelLoad("voice", 0, True, 2, 0, 7)},
    created_at=0,
)


@pytest.mark.parametrize(
    ("load", "configured", "percentage"),
    [(0, 1, 100), (1, 1, 0), (1, 3, 66), (2, 3, 33), (0, 0, 0), (1, 0, 0), (5, 3, 0), (1, 50, 98), (1, 7, 85)],
)
def test_the_available_percentage_is_rounded_down_and_clamped(load: int, configured: int, percentage: int) -> None:
    assert available_capacity_percentage(load, configured) == percentage


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_the_percentage_is_whole_and_100_exactly_when_nothing_is_taken(load: int, configured: int) -> None:
    percentage = available_capacity_percentage(load, configured)
    assert 0 <= percentage <= 100
    assert (percentage == 100) == (load == 0 and configured > 0)


@pytest.mark.parametrize(
    ("configured", "available", "load", "room"),
    [(1, True, 0, True), (1, True, 1, False), (1, False, 0, False), (0, True, 0, False), (1, True, 2, False)],
)
def test_a_channel_has_room_below_its_capacity_while_it_is_available(
    configured: int, available: bool, load: int, room: bool
) -> None:
    assert has_room(ChannelLoad("chat", configured, available, load, 0, None)) is room


def test_a_reservation_takes_one_slot_of_one_channel_and_sets_its_idle_clock() -> None:
    after = reserve(WORKER, "TC1", 99)
    assert after.channels["TC1"] == ChannelLoad("chat", 3, True, 2, 1, 99)
    assert after.channels["TC2"] is WORKER.channels["TC2"]
    assert WORKER.channels["TC1"].load == 1


def test_built_in_names_hide_attributes() -> None:
    assert worker_names(WORKER) == {
        "sid": "WK1",
        "friendly_name": "ann",
        "activity_sid": "WA1",
        "activity_name": "Idle",
        "level": 5,
        "channel": "mine",
    }


def test_a_target_sees_the_figures_of_each_channel() -> None:
    assert worker_names_with_channels(WORKER)["channel"] == {
        "chat": {"configured_capacity": 3, "assigned_tasks": 1, "available_capacity_percentage": 66},
        "voice": {"configured_capacity": 0, "assigned_tasks": 0, "available_capacity_percentage": 0},
    }


MINUTE = 60_000
DAY = 1440 * MINUTE
MONDAY = 4 * DAY  # 5 January 1970


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (0, {"currentTime": 0, "currentHour": "00", "currentMin": "00", "dayOfWeek": "Thu"}),
        (
            MONDAY + 9 * 60 * MINUTE + 5 * MINUTE,
            {"currentTime": 905, "currentHour": "09", "currentMin": "05", "dayOfWeek": "Mon"},
        ),
        (MONDAY - 1, {"currentTime": 2359, "currentHour": "23", "currentMin": "59", "dayOfWeek": "Sun"}),
        (1_798_761_599_999, {"currentTime": 2359, "currentHour": "23", "currentMin": "59", "dayOfWeek": "Thu"}),
    ],
)
def test_the_time_of_day_is_utc(now: int, expected: dict[str, Any]) -> None:
    assert time_of_day(now) == expected


@pytest.mark.parametrize("text", ["currentHour == 9", "currentHour == '09'", "currentHour < 10", "currentTime >= 0900"])
def test_times_compare_with_numbers_and_with_their_texts(text: str) -> None:
    expression = compile_expression(f"taskrouter.{text} AND type == 'x'")
    assert expression.holds(filter_names({"type": "x", "taskrouter": {}}, MONDAY + 9 * 60 * MINUTE))


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("worker.a == 1", None),
        ("taskrouter.dayOfWeek == 'Mon'", DAY),
        ("taskrouter.currentHour == 9 AND taskrouter.dayOfWeek == 'Mon'", 60 * MINUTE),
        ("taskrouter.currentTime == 900 OR taskrouter.currentHour == 9", MINUTE),
        ("taskrouter.currentMin == 0", MINUTE),
        ("taskrouter.unknown == 0 OR taskrouter == null OR taskrouter[0] == 1", None),
    ],
)
def test_the_finest_time_that_is_read_says_how_long_a_verdict_lasts(text: str, period: int | None) -> None:
    assert period_of(compile_expression(text).mentions) == period
