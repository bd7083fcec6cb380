import asyncio
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.kernel.clock import SystemClock, iso, parse_iso


@given(st.integers(min_value=-2_208_988_800_000, max_value=4_102_444_800_000))
def test_times_are_written_in_whole_seconds_and_read_back(at: int) -> None:
    text = iso(at)
    assert text is not None
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text)
    assert parse_iso(text) == at // 1000 * 1000


def test_no_time_is_no_text() -> None:
    assert iso(None) is None


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("1970-01-01", 0),
        ("1970-01-01T00:00:01Z", 1000),
        ("1970-01-01T00:00:01.5Z", 1500),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-01T00:00:00", 0),
    ],
)
def test_dates_are_read_in_their_zone_and_utc_without_one(text: str, at: int) -> None:
    assert parse_iso(text) == at


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "2026-02-30T00:00:00Z", "٢٠٢٦-01-01", "11"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_iso(text)


def test_the_systems_clock_waits_until_a_time() -> None:
    clock = SystemClock()
    due_at = clock.now() + 5
    asyncio.run(clock.wait_until(due_at))
    assert clock.now() >= due_at
