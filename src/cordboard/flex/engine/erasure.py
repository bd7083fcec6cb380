"""Forgetting somebody in interactions. They hold customers by SIDs only; a channel has texts that a program wrote."""

from cordboard.flex.model import InteractionChannel
from cordboard.flex.store.channels import CHANNELS
from cordboard.kernel.redaction import Redaction
from cordboard.storage.slices import Rewritten, rewrite
from cordboard.storage.unit import Unit


async def erase_channels(unit: Unit, account_sid: str, redaction: Redaction, behind: str) -> Rewritten:
    """A slice of channels."""

    def change(one: InteractionChannel) -> dict[str, object]:
        if one.account_sid != account_sid:
            return {}
        texts = {
            "business_address": one.business_address,
            "business_name": one.business_name,
            "error_message": one.error_message,
        }
        return {name: redaction.optional(text) for name, text in texts.items()}

    return await rewrite(unit, CHANNELS, behind, change)
