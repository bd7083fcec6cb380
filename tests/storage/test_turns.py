"""Turns: one at a time, in the order in which they came."""

import asyncio

import pytest

from cordboard.storage.turns import Turns

pytestmark = pytest.mark.anyio


async def test_who_comes_first_is_first_and_who_went_away_is_passed_over() -> None:
    turns, done = Turns(), []

    async def go(name: str) -> None:
        await turns.take("row")
        await asyncio.sleep(0)
        done.append(name)
        turns.give_up("row")

    running = [asyncio.create_task(go(name)) for name in "abcd"]
    await asyncio.sleep(0)
    running[2].cancel()
    await asyncio.gather(*running, return_exceptions=True)
    assert done == ["a", "b", "d"]
    assert not turns.is_taken("row")


async def test_a_turn_that_comes_to_who_is_just_going_away_passes_to_the_next() -> None:
    turns = Turns()
    await turns.take("row")
    leaving, staying = asyncio.create_task(turns.take("row")), asyncio.create_task(turns.take("row"))
    await asyncio.sleep(0)
    turns.give_up("row")
    leaving.cancel()
    async with asyncio.timeout(10):
        await staying
    assert leaving.cancelled()
    turns.give_up("row")
    assert not turns.is_taken("row")


async def test_places_do_not_wait_for_each_other() -> None:
    turns = Turns()
    await turns.take("row")
    assert turns.is_taken("row")
    assert not turns.is_taken("another")
    await turns.take("another")
