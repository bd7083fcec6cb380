"""Removing deliveries that were settled long ago."""

from cordboard.storage.slices import ROWS
from cordboard.storage.unit import Unit

from .store import DELIVERIES, SETTLED_BEFORE


async def sweep_deliveries(unit: Unit, before: int) -> int:
    """One slice of what was delivered, parked or failed before then; returns how many rows went."""
    over = await unit.all(SETTLED_BEFORE, before, ROWS)
    for delivery in over:
        unit.delete(DELIVERIES, delivery)
    return len(over)
