"""Webhooks of single conversations."""

from cordboard.conversations.model import ScopedWebhook
from cordboard.storage.tables import Table
from cordboard.storage.unit import View

WEBHOOKS = Table("conversation_webhooks", ScopedWebhook)

OF_CONVERSATION = WEBHOOKS.listing("conversation_sid = ?", ("created_at", "ASC"))
_ALL = WEBHOOKS.where("conversation_sid = ? ORDER BY created_at, sid")


async def of(view: View, conversation_sid: str) -> list[ScopedWebhook]:
    """A conversation's webhooks as they were before this unit, but for those that it removes."""
    return await view.all(_ALL, conversation_sid)
