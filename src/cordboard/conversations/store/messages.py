"""Messages."""

from cordboard.conversations.model import Message
from cordboard.storage.tables import Table

MESSAGES = Table("conversation_messages", Message)

OLDEST_FIRST = MESSAGES.listing("conversation_sid = ?", ("message_index", "ASC"))
NEWEST_FIRST = MESSAGES.listing("conversation_sid = ?", ("message_index", "DESC"))
