"""Looking at deliveries, and sending them again."""

from cordboard.events.record import record
from cordboard.kernel.caller import Caller
from cordboard.kernel.errors import Invalid, NotFound
from cordboard.kernel.pages import Slice
from cordboard.routing.lifecycle import IllegalMove, step
from cordboard.storage.tables import Direction
from cordboard.storage.unit import Unit, View

from .enqueuing import GIVE_UP_AFTER_MS
from .model import DELIVERY, Delivery, Move
from .store import DELIVERIES
from .wire import ListDeliveries, OneDelivery


async def fetch(view: View, caller: Caller, form: OneDelivery) -> Delivery:
    """A delivery of the caller's account."""
    found = await view.get(DELIVERIES, form.sid)
    if found is None or found.account_sid != caller.account_sid:
        raise NotFound
    return found


async def list_(view: View, caller: Caller, form: ListDeliveries) -> Slice[Delivery]:
    """The account's deliveries."""
    filters = {"account_sid": caller.account_sid, "status": form.status, "resource_sid": form.resource_sid}
    given = {column: str(value) for column, value in filters.items() if value is not None}
    direction: Direction = "DESC" if form.order == "desc" else "ASC"
    listing = DELIVERIES.listing(" AND ".join(f"{column} = ?" for column in given), ("created_at", direction))
    return await view.page(listing, [*given.values()], form.page)


async def replay(unit: Unit, caller: Caller, form: OneDelivery) -> Delivery:
    """Send a delivery that was parked or delivered once more, now and for as long as a new one; nothing waits for it."""
    found = await fetch(unit, caller, form)
    if found.asks:
        raise Invalid(f"Delivery {found.sid} asked for something that is over: it cannot be replayed")
    try:
        status = step(DELIVERY, found.status, Move.REPLAY)
    except IllegalMove as error:
        raise Invalid(f"Delivery {found.sid} cannot be replayed while it is {found.status.value}") from error
    again = unit.update(
        DELIVERIES,
        found,
        status=status,
        attempts=0,
        due_at=unit.now,
        holds_until=unit.now,
        give_up_at=unit.now + GIVE_UP_AFTER_MS,
        settled_at=None,
    )
    record(
        unit,
        "cordboard",
        "delivery.replayed",
        account_sid=found.account_sid,
        scope_sid=found.account_sid,
        resource_sid=found.sid,
        related=(found.resource_sid,),
        url=found.url,
    )
    return again
