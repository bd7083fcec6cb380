import re

from hypothesis import given
from hypothesis import strategies as st

from cordboard.kernel.chance import SeededChance, SystemChance, token
from cordboard.kernel.sids import Sids, is_sid


class Hand:
    """A clock that shows what it is told."""

    def __init__(self, now: int = 0) -> None:
        self.at = now

    def now(self) -> int:
        return self.at

    async def wait_until(self, due_at: int) -> None:
        raise AssertionError(due_at)


def test_a_sid_is_two_letters_and_32_hex_digits_that_begin_with_the_time() -> None:
    sid = Sids(Hand(1_767_225_600_123), SystemChance()).new("WT")
    assert re.fullmatch(r"WT[0-9a-f]{32}", sid)
    assert int(sid[2:14], 16) == 1_767_225_600_123
    assert is_sid(sid, "WT")
    assert not is_sid(sid, "WR")


@given(st.lists(st.integers(min_value=0, max_value=2**40), min_size=1, max_size=200))
def test_sids_are_different_and_ascend_however_the_clock_moves(times: list[int]) -> None:
    clock = Hand()
    sids = Sids(clock, SeededChance(1))
    made = []
    for clock.at in times:
        made += [sids.new("KD"), sids.new("KD")]
    assert made == sorted(set(made))


def test_a_sid_of_the_very_first_millisecond_is_whole() -> None:
    assert is_sid(Sids(Hand(0), SeededChance(1)).new("WT"), "WT")


def test_the_counter_carries_into_the_time_when_the_clock_stands() -> None:
    sids = Sids(Hand(7), SeededChance(1))
    made = [sids.new("EV") for _ in range(0x10000 + 1)]
    assert made == sorted(set(made))
    assert made[-1].startswith(f"EV{8:012x}0000")


def test_a_text_that_only_looks_like_a_sid_is_none() -> None:
    for text in ("", "WT", "WT" + "0" * 31, "WT" + "0" * 33, "WT" + "g" * 32, "wt" + "0" * 32, "WT" + "0" * 32 + "\n"):
        assert not is_sid(text, "WT")


def test_the_same_seed_draws_the_same() -> None:
    def draw() -> list[object]:
        chance = SeededChance(5)
        return [chance.bits(64), chance.fraction(), token(chance)]

    assert draw() == draw()


@given(st.integers(min_value=1, max_value=20_000))
def test_the_systems_chance_keeps_to_the_bits_asked_for(count: int) -> None:
    chance = SystemChance()
    drawn = [chance.bits(count) for _ in range(3)]
    assert all(0 <= number < 2**count for number in drawn)
    assert 0 <= chance.fraction() < 1


def test_a_token_is_letters_and_digits_and_not_the_same_twice() -> None:
    chance = SystemChance()
    tokens = {token(chance) for _ in range(100)}
    assert len(tokens) == 100
    assert all(re.fullmatch(r"[A-Za-z0-9]{32}", one) for one in tokens)
