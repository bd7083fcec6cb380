"""A bucket of tokens for each key, pure in the time it is told."""

from hypothesis import given
from hypothesis import strategies as st

from cordboard.rest.rates import Buckets

KEY = ("AC1",)


def test_as_many_as_a_second_allows_may_come_at_once() -> None:
    buckets = Buckets()
    assert [buckets.take(KEY, 5, 1000) for _ in range(6)] == [0, 0, 0, 0, 0, 200]


def test_tokens_come_back_one_by_one() -> None:
    buckets = Buckets()
    for _ in range(5):
        buckets.take(KEY, 5, 1000)
    assert (buckets.take(KEY, 5, 1199), buckets.take(KEY, 5, 1200), buckets.take(KEY, 5, 1200)) == (1, 0, 200)
    assert [buckets.take(KEY, 5, 9000) for _ in range(6)] == [0, 0, 0, 0, 0, 200]


def test_a_rate_that_does_not_divide_a_second_loses_nothing_to_rounding() -> None:
    buckets = Buckets()
    assert [buckets.take(KEY, 3, 0) for _ in range(4)] == [0, 0, 0, 334]
    assert (buckets.take(KEY, 3, 333), buckets.take(KEY, 3, 334)) == (1, 0)


def test_keys_do_not_share_a_bucket() -> None:
    buckets = Buckets()
    assert [buckets.take((account,), 1, 0) for account in ("AC1", "AC2", "AC1")] == [0, 0, 1000]


def test_a_clock_that_is_set_back_keeps_nobody_waiting_for_more_than_a_token() -> None:
    buckets = Buckets()
    for _ in range(5):
        buckets.take(KEY, 5, 3_600_000)
    assert buckets.take(KEY, 5, 0) == 200


def test_of_more_keys_than_are_kept_the_one_used_longest_ago_is_forgotten() -> None:
    buckets = Buckets(most=2)
    for account in ("AC1", "AC2", "AC1", "AC3"):
        buckets.take((account,), 1, 0)
    assert len(buckets) == 2
    assert [buckets.take((account,), 1, 0) for account in ("AC1", "AC3")] == [1000, 1000]
    assert buckets.take(("AC2",), 1, 0) == 0


@given(st.integers(1, 20), st.lists(st.integers(0, 400), max_size=80))
def test_in_any_time_no_more_pass_than_the_bucket_holds_and_gets_back(a_second: int, pauses: list[int]) -> None:
    buckets, now, passed = Buckets(), 0, []
    for pause in pauses:
        now += pause
        wait = buckets.take(KEY, a_second, now)
        if wait == 0:
            passed.append(now)
        else:
            # What it says is enough, and no less is.
            assert _try(passed, a_second, now + wait) == 0
            assert _try(passed, a_second, now + wait - 1) > 0
    for first, start in enumerate(passed):
        for last in range(first, len(passed)):
            assert last - first + 1 <= a_second + (passed[last] - start) * a_second / 1000


def _try(passed: list[int], a_second: int, now: int) -> int:
    buckets = Buckets()
    assert all(buckets.take(KEY, a_second, at) == 0 for at in passed)
    return buckets.take(KEY, a_second, now)
