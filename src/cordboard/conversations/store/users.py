"""Users."""

from cordboard.conversations.model import User
from cordboard.storage.tables import Table
from cordboard.storage.unit import View

USERS = Table("conversation_users", User)

OF_SERVICE = USERS.listing("chat_service_sid = ?", ("created_at", "ASC"))
_NAMED = USERS.where("chat_service_sid = ? AND identity = ?")


async def named(view: View, chat_service_sid: str, identity: str) -> User | None:
    """The user of this identity, also one that this unit makes."""
    for user in view.added(USERS):
        if user.chat_service_sid == chat_service_sid and user.identity == identity:
            return user
    return await view.one(_NAMED, chat_service_sid, identity)
