"""The same accidents again and again, with the times of service."""

import pytest

from .load import Load
from .pair import Pair, until

pytestmark = pytest.mark.nightly

GOES_ON_MS = 5000
# A lease of ten seconds runs out, the others look each second, and the load takes its time.
FROZEN_GOES_ON_MS = 15_000


@pytest.mark.parametrize("number", range(40))
def test_a_node_is_killed_under_load(pair: Pair, number: int) -> None:
    holder = pair.holder()
    with Load(pair) as load:
        load.more(number)
        killed_at = pair.now()
        pair.kill(holder if number % 2 else 1 - holder)
        load.more(30)
        told = load.finish()
    assert (told.beyond, told.doubled, told.lost) == (0, 0, [])
    assert told.first_offer_after(killed_at) < GOES_ON_MS


@pytest.mark.parametrize("number", range(10))
def test_a_node_is_frozen_past_its_lease_and_woken_again(pair: Pair, number: int) -> None:
    holder = pair.holder()
    with Load(pair) as load:
        load.more(number)
        frozen_at = pair.now()
        pair.freeze(holder)
        until(lambda: pair.holder() != holder, "nobody takes the lease")
        load.more(20)
        pair.wake(holder)
        load.more(30)
        told = load.finish()
    assert (told.beyond, told.doubled, told.lost) == (0, 0, [])
    assert told.first_offer_after(frozen_at) < FROZEN_GOES_ON_MS


def test_both_nodes_lose_all_their_connections_in_turn(pair: Pair) -> None:
    with Load(pair) as load:
        for number in range(30):
            assert pair.cut_off(number % 2)
            load.more(5)
        told = load.finish()
    assert (told.beyond, told.doubled, told.lost) == (0, 0, [])


def test_both_believe_again_and_again_that_they_hold_the_lease(pair: Pair) -> None:
    with Load(pair) as load:
        for _ in range(60):
            pair.expire(pair.holder(), all_of_it=False)
            load.more(10)
        told = load.finish()
    assert (told.beyond, told.doubled, told.lost) == (0, 0, [])
