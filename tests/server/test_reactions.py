import asyncio
from pathlib import Path

import msgspec
import pytest

from cordboard.kernel.settings import Settings
from cordboard.server.compose import REACTIONS, system_ports
from cordboard.server.reactions import React, Reaction, ReactsInCircle, UndeclaredAnnouncement, in_order
from cordboard.storage.sqlite import open_sqlite
from cordboard.storage.unit import Unit


class Rang(msgspec.Struct, frozen=True):
    """A happening of this test."""


class Opened(msgspec.Struct, frozen=True):
    """What follows."""


def says(word: str, told: list[str], then: msgspec.Struct | None = None) -> React:
    async def react(unit: Unit, _happening: msgspec.Struct) -> None:
        told.append(word)
        if then is not None:
            await unit.announce(then)

    return react


def announce(folder: Path, *table: Reaction) -> None:
    """Announce that it rang, in a unit of its own."""

    async def ring() -> None:
        db = await open_sqlite(folder / "test.db", system_ports(settings), in_order(table))
        try:
            await db.run(lambda unit: unit.announce(Rang()))
        finally:
            await db.close()

    settings = Settings(database=f"sqlite:///{folder}/test.db")
    asyncio.run(ring())


def test_reactions_run_in_the_order_of_the_table_each_with_what_follows_from_it(tmp_path: Path) -> None:
    told: list[str] = []
    announce(
        tmp_path,
        Reaction(Rang, says("first", told, Opened()), (Opened,)),
        Reaction(Opened, says("follows", told)),
        Reaction(Rang, says("second", told)),
    )
    assert told == ["first", "follows", "second"]


def test_a_circle_is_found_before_anything_happens() -> None:
    table = [Reaction(Rang, says("", []), (Opened,)), Reaction(Opened, says("", []), (Rang,))]
    with pytest.raises(ReactsInCircle, match=r"Rang -> Opened -> Rang|Opened -> Rang -> Opened"):
        in_order(table)


def test_a_reaction_that_causes_what_its_row_does_not_say_is_refused(tmp_path: Path) -> None:
    told: list[str] = []
    table = (Reaction(Rang, says("first", told, Opened())), Reaction(Opened, says("follows", told)))
    with pytest.raises(UndeclaredAnnouncement, match="Rang announced Opened"):
        announce(tmp_path, *table)
    assert told == ["first"]


def test_the_table_of_the_composition_has_no_circle() -> None:
    assert in_order(REACTIONS)
