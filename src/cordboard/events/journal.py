"""The journal: an entry is what one unit recorded for one account.

An entry holds its events one behind the other and every fact once, however many of them name it: a task that is created, enters a
workflow and a queue is one fact in four events. Written an event a row, an interaction took ten rows and three times the bytes
(ADR 0021). An event has no SID of its own; it is made of the account and the position, so that one can be found by the other.
"""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from cordboard.kernel.json import dump
from cordboard.storage.feeds import Feed
from cordboard.storage.tables import Table, Value

_PREFIX = "EV"
_POSITION = re.compile(r"[0-7][0-9a-f]{15}")
_HALF = 16  # the digits of a SID that are random in an account's, and a position in an event's


class Event(msgspec.Struct, kw_only=True):
    """Something that happened. ``facts`` are the resources as they were then, by name.

    ``scope_sid`` is the workspace, conversation service or interaction in which it happened; ``related`` are the SIDs by which it
    is found besides the resource's; ``position`` is its place among the events of the account, without gaps, in the order of commits; 0
    until the unit is flushed. ``also`` are rows of other tables that are written with it and get its position.
    """

    account_sid: str
    product: str
    type: str
    scope_sid: str
    resource_sid: str
    at: int
    facts: dict[str, Any]
    related: Sequence[str] = ()
    position: int = 0
    also: list[tuple[Table[Any], Any]] = msgspec.field(default_factory=list)

    @property
    def sid(self) -> str:
        """Its name for the outside."""
        return sid_at(self.account_sid, self.position)

    @property
    def data(self) -> str:
        """The facts as a JSON object."""
        return dump(self.facts)


def sid_at(account_sid: str, position: int) -> str:
    """The SID of an account's event at a position."""
    return f"{_PREFIX}{account_sid[-_HALF:]}{position:016x}"


def position_of(account_sid: str, event_sid: str) -> int | None:
    """The position that an event's SID names; None if it is none of this account's."""
    digits = event_sid.removeprefix(f"{_PREFIX}{account_sid[-_HALF:]}")
    # A position has 63 bits.
    return int(digits, 16) if digits != event_sid and _POSITION.fullmatch(digits) else None


class Entry(msgspec.Struct, frozen=True):
    """The events of a unit: ``count`` of them, the last at ``position``. ``at`` is the unit's time; see ``Packed`` for ``data``."""

    account_sid: str
    position: int
    count: int
    at: int
    data: str

    @property
    def first(self) -> int:
        """The position of its first event."""
        return self.position - self.count + 1

    def events(self) -> list[Event]:
        """Its events in their order; their facts are still JSON."""
        packed = _unpack(self.data)
        return [
            Event(
                account_sid=self.account_sid,
                product=said.product,
                type=said.type,
                scope_sid=said.scope_sid,
                resource_sid=said.resource_sid,
                at=self.at,
                facts={name: packed.facts[place] for name, place in said.facts.items()},
                related=said.related,
                position=position,
            )
            for position, said in enumerate(packed.events, self.first)
        ]


class IndexRow(msgspec.Struct, frozen=True):
    """That the entry at a position tells of a resource."""

    account_sid: str
    resource_sid: str
    position: int


class Said(msgspec.Struct, frozen=True, array_like=True):
    """An event in an entry. ``facts`` are places in the entry's list."""

    product: str
    type: str
    scope_sid: str
    resource_sid: str
    related: Sequence[str]
    facts: dict[str, int]


class Packed(msgspec.Struct, frozen=True):
    """The JSON of an entry."""

    facts: Sequence[Any]
    events: list[Said]


class _Unpacked(msgspec.Struct, frozen=True):
    facts: list[msgspec.Raw]
    events: list[Said]


_unpack = msgspec.json.Decoder(_Unpacked).decode

JOURNAL = Table("journal", Entry, key=("account_sid", "position"), version=None)
JOURNAL_INDEX = Table("journal_index", IndexRow, key=("account_sid", "resource_sid", "position"), version=None)


def _rows(events: Sequence[Event], last: int) -> dict[Table[Any], list[Sequence[Value]]]:
    facts: list[object] = []
    places: dict[int, int] = {}
    said: list[Said] = []
    resources: dict[str, None] = {}
    rows: dict[Table[Any], list[Sequence[Value]]] = {}
    for position, event in enumerate(events, last - len(events) + 1):
        for table, row in event.also:
            rows.setdefault(table, []).append(table.row(msgspec.structs.replace(row, position=position)))
        named: dict[str, int] = {}
        for name, fact in event.facts.items():
            # Facts do not change, so one object is one fact.
            place = places.get(id(fact))
            if place is None:
                place = places[id(fact)] = len(facts)
                facts.append(fact)
            named[name] = place
        said.append(Said(event.product, event.type, event.scope_sid, event.resource_sid, event.related, named))
        resources[event.resource_sid] = None
        for sid in event.related:
            resources[sid] = None
    account_sid = events[0].account_sid
    rows[JOURNAL] = [(account_sid, last, len(events), events[0].at, dump(Packed(facts, said)))]
    rows[JOURNAL_INDEX] = [(account_sid, sid, last) for sid in resources]
    return rows


JOURNAL_FEED = Feed(_rows)
