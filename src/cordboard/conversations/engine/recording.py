"""How events of this product are recorded: in the scope of the service, with the conversation as it was then."""

from cordboard.conversations.model import Conversation
from cordboard.events.record import record
from cordboard.storage.unit import Unit

PRODUCT = "conversations"


def happened(unit: Unit, type_: str, conversation: Conversation, resource_sid: str, **facts: object) -> None:
    """Record what happened to a conversation, or to somebody or something in it (``facts``)."""
    record(
        unit,
        PRODUCT,
        type_,
        account_sid=conversation.account_sid,
        scope_sid=conversation.chat_service_sid,
        resource_sid=resource_sid,
        related=(),
        conversation=conversation,
        **facts,
    )
