"""How events of this product are recorded: in the scope of the service, with the conversation as it was then."""

from cordboard.conversations.model import Conversation
from cordboard.events.record import JOURNAL_FEED, Event
from cordboard.storage.unit import Unit

PRODUCT = "conversations"


def happened(unit: Unit, type_: str, conversation: Conversation, resource_sid: str, **facts: object) -> None:
    """Record what happened to a conversation, or to somebody or something in it (``facts``)."""
    unit.append(
        JOURNAL_FEED,
        Event(
            account_sid=conversation.account_sid,
            product=PRODUCT,
            type=type_,
            scope_sid=conversation.chat_service_sid,
            resource_sid=resource_sid,
            at=unit.now,
            facts={"conversation": conversation, **facts},
        ),
    )
