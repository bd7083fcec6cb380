"""Who does what in the unit in which something happened, and the proof that it ends (design D12).

A reaction may cause further things to be announced, so a careless table could go round in a circle. Each row therefore says
what it may cause to be announced; a circle among the rows is found at start, and a reaction that announces what its row does not say is
refused, so the rows stay true.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from graphlib import CycleError, TopologicalSorter
from typing import Any

import msgspec

from cordboard.storage.unit import Reactions, Unit

Happening = type[msgspec.Struct]
React = Callable[[Unit, Any], Awaitable[None]]


class Reaction(msgspec.Struct, frozen=True):
    """``react`` runs when ``happening`` is announced; ``announces`` are what it may cause to be announced."""

    happening: Happening
    react: React
    announces: tuple[Happening, ...] = ()


class ReactsInCircle(Exception):
    """The table could go on for ever; the message names the circle."""


class UndeclaredAnnouncement(Exception):
    """A reaction caused something to be announced that its row does not name."""


def in_order(table: Sequence[Reaction]) -> Reactions:
    """What a database takes: the reactions of each happening, in the table's order. Raises ReactsInCircle."""
    causes: dict[Happening, set[Happening]] = {}
    for row in table:
        causes.setdefault(row.happening, set()).update(row.announces)
    try:
        TopologicalSorter(causes).prepare()
    except CycleError as error:
        circle = " -> ".join(happening.__name__ for happening in error.args[1])
        message = f"reactions go round in a circle: {circle}"
        raise ReactsInCircle(message) from error
    ordered: dict[Happening, list[React]] = {}
    for row in table:
        ordered.setdefault(row.happening, []).append(_kept_to_its_row(row))
    return ordered


_reacting: ContextVar[Reaction | None] = ContextVar("reacting", default=None)


def _kept_to_its_row(row: Reaction) -> React:
    async def react(unit: Unit, happening: msgspec.Struct) -> None:
        cause = _reacting.get()
        if cause is not None and row.happening not in cause.announces:
            message = f"the reaction to {cause.happening.__name__} announced {row.happening.__name__}, which its row does not say"
            raise UndeclaredAnnouncement(message)
        token = _reacting.set(row)
        try:
            await row.react(unit, happening)
        finally:
            _reacting.reset(token)

    return react
