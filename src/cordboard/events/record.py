"""Recording an event in the unit of its change, and what of the recorded a product reacts to.

The products' own functions for what happens most often make the event themselves: each step on the way down would pack all facts
anew.
"""

from typing import cast

from cordboard.storage.unit import Recorded, Unit

from .journal import JOURNAL_FEED, Event

__all__ = ["JOURNAL_FEED", "Event", "of_product", "record"]


def of_product(happening: Recorded, product: str) -> list[Event]:
    """The events of a product among what a unit has recorded."""
    return [
        event
        for events in happening.appended.values()
        for event in cast("list[Event]", events)  # nothing else is appended
        if event.product == product
    ]


def record(
    unit: Unit,
    product: str,
    type_: str,
    *,
    account_sid: str,
    scope_sid: str,
    resource_sid: str,
    related: tuple[str, ...] = (),
    **facts: object,
) -> None:
    """Say that something happened; ``facts`` tell what, ``related`` are the SIDs by which it is found besides the resource's."""
    unit.append(
        JOURNAL_FEED,
        Event(
            account_sid=account_sid,
            product=product,
            type=type_,
            scope_sid=scope_sid,
            resource_sid=resource_sid,
            at=unit.now,
            facts=facts,
            related=related,
        ),
    )
