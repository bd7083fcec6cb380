"""Joining a conversation and leaving it.

Two rules are kept by unique indexes, so that of several who join at once one wins: an identity is in a conversation once, and
an address pair (whose address, from which proxy) is bound to one conversation that is not closed. The reads here only find the
reason: for the loser the unit runs again, and now they see the winner.
"""

import msgspec

from cordboard.conversations.model import (
    Conversation,
    Level,
    Participant,
    ParticipantAdded,
    ParticipantRemoved,
    RoleScope,
    Service,
)
from cordboard.conversations.store.conversations import CONVERSATIONS, claim
from cordboard.conversations.store.participants import PARTICIPANTS, holder, named
from cordboard.conversations.store.services import SERVICES
from cordboard.conversations.wire.attributes import check_attributes
from cordboard.kernel.errors import Conflict, Invalid, NotFound
from cordboard.storage.unit import Unit

from . import roles, users
from .bindings import Binding, bind
from .recording import happened
from .states import check_open, wake

MOST = 1000
MOST_BINDINGS = 50
MOST_ATTRIBUTES = 4 * 1024


class Newcomer(msgspec.Struct, frozen=True, kw_only=True):
    """Who is to join: ``identity`` for the chat, else ``address``. ``role`` is a role's name; ``role_sid`` wins over it."""

    identity: str | None = None
    address: str | None = None
    proxy_address: str | None = None
    level: Level | None = None
    name: str | None = None
    role: str | None = None
    role_sid: str | None = None
    attributes: str = "{}"
    created_at: int | None = None
    updated_at: int | None = None


async def join(unit: Unit, conversation: Conversation, who: Newcomer) -> Participant:
    """Add somebody to a conversation that is held or claimed. Raises Invalid and Conflict with the vendor's codes.

    Nothing is sent to them.
    """
    check_open(conversation)
    check_attributes(who.attributes, MOST_ATTRIBUTES)
    if conversation.participant_count >= MOST:
        raise Invalid(f"A conversation has at most {MOST} participants", code=50417)
    binding = None
    if who.identity is None:
        binding = await _free_binding(unit, conversation, who)
    elif who.address is not None or who.proxy_address is not None:
        raise Invalid("Give Identity or MessagingBinding.Address, not both", code=50211)
    elif conversation.participant_count and await named(unit, conversation.sid, who.identity) is not None:
        message = f"A participant with the identity {who.identity} is already in Conversation {conversation.sid}"
        raise Conflict(message, code=50433)
    role_sid = await _enter_service(unit, conversation, who)
    conversation = await wake(unit, conversation)
    conversation = unit.update(
        CONVERSATIONS,
        conversation,
        participant_count=conversation.participant_count + 1,
        binding_count=conversation.binding_count + (binding is not None),
        updated_at=conversation.updated_at,
    )
    participant = Participant(
        sid=unit.sid("MB"),
        version=1,
        account_sid=conversation.account_sid,
        chat_service_sid=conversation.chat_service_sid,
        conversation_sid=conversation.sid,
        identity=who.identity,
        binding_type=binding.type if binding else None,
        address=binding.address if binding else None,
        proxy_address=binding.proxy_address if binding else None,
        level=binding.level if binding else None,
        name=binding.name if binding else None,
        holds_pair=binding is not None and binding.proxy_address is not None,
        role_sid=role_sid,
        attributes=who.attributes,
        last_read_message_index=None,
        last_read_at=None,
        created_at=unit.now if who.created_at is None else who.created_at,
        updated_at=unit.now if who.updated_at is None else who.updated_at,
    )
    unit.insert(PARTICIPANTS, participant)
    happened(unit, "participant.added", conversation, participant.sid, participant=participant)
    await unit.announce(ParticipantAdded(conversation, participant))
    return participant


async def leave(unit: Unit, participant: Participant) -> None:
    """Remove somebody, which lets go of their address pair; nothing if they are gone already."""
    current = await unit.get(PARTICIPANTS, participant.sid)
    conversation = await claim(unit, participant.conversation_sid)
    if current is None or conversation is None:
        return
    unit.delete(PARTICIPANTS, current)
    conversation = unit.update(
        CONVERSATIONS,
        conversation,
        participant_count=conversation.participant_count - 1,
        binding_count=conversation.binding_count - (current.address is not None),
        updated_at=conversation.updated_at,
    )
    happened(unit, "participant.removed", conversation, current.sid, participant=current)
    await unit.announce(ParticipantRemoved(conversation, current))


async def _free_binding(unit: Unit, conversation: Conversation, who: Newcomer) -> Binding:
    if who.address is None and who.proxy_address is None:
        raise Invalid("Missing required parameter Identity or MessagingBinding.Address in the post body")
    binding = bind(who.address, who.proxy_address, who.level, who.name)
    if conversation.binding_count >= MOST_BINDINGS:
        message = f"A conversation has at most {MOST_BINDINGS} participants who are not in the chat"
        raise Invalid(message, code=50418)
    if binding.proxy_address is not None:
        bound = await holder(unit, conversation.account_sid, binding.address, binding.proxy_address)
        if bound is not None:
            # Clients match this sentence and take the SID out of it.
            message = (
                "A binding for this participant and proxy address already exists in "
                f"Conversation {bound.conversation_sid}"
            )
            raise Conflict(message, code=50416)
    return binding


async def _enter_service(unit: Unit, conversation: Conversation, who: Newcomer) -> str | None:
    """The role; who joins the chat is a user of the service from now on. Roles bind only those in the chat."""
    role_sid = who.role_sid
    if role_sid is not None:
        role_sid = await roles.given(unit, conversation.chat_service_sid, RoleScope.CONVERSATION, role_sid)
    if who.identity is None and (role_sid is not None or who.role is None):
        return role_sid
    service = await _service(unit, conversation)
    if who.identity is not None:
        await users.ensure(unit, service, who.identity)
    if role_sid is not None:
        return role_sid
    return service.default_conversation_role_sid if who.role is None else await roles.of_name(unit, service, who.role)


async def _service(unit: Unit, conversation: Conversation) -> Service:
    service = await unit.get(SERVICES, conversation.chat_service_sid)
    if service is None:
        raise NotFound
    return service
