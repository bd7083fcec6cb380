"""Forgetting somebody in deliveries: what was or is to be sent loses the name. Receivers have what they have."""

from cordboard.kernel.redaction import Redaction
from cordboard.storage.slices import Rewritten, rewrite
from cordboard.storage.unit import Unit

from .model import Delivery
from .store import DELIVERIES


async def erase_deliveries(unit: Unit, account_sid: str, redaction: Redaction, behind: str) -> Rewritten:
    """A slice of deliveries."""

    def change(one: Delivery) -> dict[str, object]:
        return {"payload": redaction.json(one.payload)} if one.account_sid == account_sid else {}

    return await rewrite(unit, DELIVERIES, behind, change)
