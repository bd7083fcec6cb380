"""Roles."""

from cordboard.conversations.model import Role, RoleScope
from cordboard.storage.tables import Table
from cordboard.storage.unit import View

ROLES = Table("conversation_roles", Role, steady=True)

OF_SERVICE = ROLES.listing("chat_service_sid = ?", ("created_at", "ASC"))
_NAMED = ROLES.where("chat_service_sid = ? AND scope = ? AND friendly_name = ? ORDER BY created_at, sid LIMIT 1")


async def named(view: View, chat_service_sid: str, scope: RoleScope, friendly_name: str) -> Role | None:
    """The oldest role of this name: names need not be unique."""
    return await view.one(_NAMED, chat_service_sid, scope, friendly_name)
