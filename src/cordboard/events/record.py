"""Recording an event in the unit of its change."""

import msgspec

from cordboard.kernel.json import dump
from cordboard.storage.tables import Table
from cordboard.storage.unit import Unit


class Event(msgspec.Struct, frozen=True):
    """Something that happened. ``data`` is a JSON object of named facts as they were then.

    ``scope_sid`` is the workspace, conversation service or interaction in which it happened; ``position`` its place among the
    events of the account, without gaps, in the order of commits; 0 until the unit is flushed.
    """

    position: int
    sid: str
    account_sid: str
    product: str
    type: str
    scope_sid: str
    resource_sid: str
    at: int
    data: str


EVENTS = Table("events", Event, key=("account_sid", "position"), version=None)


def record(
    unit: Unit, product: str, type_: str, *, account_sid: str, scope_sid: str, resource_sid: str, **data: object
) -> None:
    """Say that something happened; ``data`` names the facts that tell what."""
    event = Event(0, unit.sid("EV"), account_sid, product, type_, scope_sid, resource_sid, unit.now, dump(data))
    unit.append(EVENTS, event)
