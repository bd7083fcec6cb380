"""Recording an event in the unit of its change."""

from cordboard.storage.unit import Unit

from .journal import JOURNAL_FEED, Event

__all__ = ["Event", "record"]


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
