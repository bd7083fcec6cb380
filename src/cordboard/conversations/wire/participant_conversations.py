"""The conversations of one person, looked up by identity or by address: how Flex projects find a customer."""

from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from cordboard.conversations.model import ParticipantConversation
from cordboard.kernel.clock import iso
from cordboard.kernel.errors import Invalid
from cordboard.kernel.pages import Page
from cordboard.rest.routes import Urls

from .participants import messaging_binding
from .scope import Scoped

_Name = Annotated[str, Meta(max_length=256)]


class ListParticipantConversations(Scoped, frozen=True, kw_only=True):
    """Exactly one of ``identity`` and ``address``."""

    identity: _Name | UnsetType = UNSET
    address: _Name | UnsetType = UNSET
    page: Page = Page()


def person_of(form: ListParticipantConversations) -> tuple[str | None, str]:
    """The identity, or None and the address. Raises 50451 for both, 20001 for neither."""
    if form.identity is not UNSET and form.address is not UNSET:
        message = "Give Identity or Address, not both"
        raise Invalid(message, code=50451)
    if form.identity is not UNSET:
        return form.identity, ""
    if form.address is not UNSET:
        return None, form.address
    message = "Missing required parameter Identity or Address in the query string"
    raise Invalid(message)


def participant_conversation(fact: ParticipantConversation, urls: Urls) -> dict[str, Any]:
    """One conversation of the person, closed ones included. What is made by the API is created by ``system``."""
    conversation, participant = fact.conversation, fact.participant
    url = f"{urls.base}/Conversations/{conversation.sid}"
    return {
        "account_sid": conversation.account_sid,
        "chat_service_sid": conversation.chat_service_sid,
        "participant_sid": participant.sid,
        "participant_user_sid": fact.user_sid,
        "participant_identity": participant.identity,
        "participant_messaging_binding": messaging_binding(participant),
        "conversation_sid": conversation.sid,
        "conversation_unique_name": conversation.unique_name,
        "conversation_friendly_name": conversation.friendly_name,
        "conversation_attributes": conversation.attributes,
        "conversation_date_created": iso(conversation.created_at),
        "conversation_date_updated": iso(conversation.updated_at),
        "conversation_created_by": "system",
        "conversation_state": conversation.state,
        "conversation_timers": {},
        "links": {"participant": f"{url}/Participants/{participant.sid}", "conversation": url},
    }
