"""Participants. Other products: ``add``, ``remove``, ``of``, ``has_role``."""

from cordboard.conversations.engine import roles
from cordboard.conversations.engine.asking import asks_first
from cordboard.conversations.engine.joining import MOST_ATTRIBUTES, Newcomer, join, leave
from cordboard.conversations.engine.recording import happened
from cordboard.conversations.engine.states import check_open
from cordboard.conversations.model import Conversation, Level, Participant, RoleScope
from cordboard.conversations.store import participants as store
from cordboard.conversations.store.conversations import claim
from cordboard.conversations.store.roles import ROLES
from cordboard.conversations.wire import participants as wire
from cordboard.conversations.wire.attributes import check_attributes
from cordboard.conversations.wire.later import refuse_later
from cordboard.conversations.wire.webhook_events import PARTICIPANT_ADD, PARTICIPANT_REMOVE, PARTICIPANT_UPDATE
from cordboard.kernel.caller import Caller
from cordboard.kernel.errors import NotFound
from cordboard.kernel.pages import Slice
from cordboard.kernel.sids import is_sid
from cordboard.storage.unit import Unit, View

from . import paths


async def add(
    unit: Unit,
    conversation: Conversation,
    *,
    identity: str | None = None,
    address: str | None = None,
    proxy_address: str | None = None,
    level: Level | None = None,
    name: str | None = None,
    role: str | None = None,
    attributes: str = "{}",
) -> Participant:
    """For other products: let somebody join, by ``identity`` or at ``address``; an address with ``@`` is email's.

    ``role`` is the name of a conversation role, such as ``agent``; without one an identity gets the service's default role.
    Raises Invalid and Conflict with the codes of the API: 50377 for a closed conversation, 50433 for an identity that is
    in it, 50416 for an address pair that is bound.
    """
    claimed = await claim(unit, conversation.sid)
    if claimed is None:
        raise NotFound
    newcomer = Newcomer(
        identity=identity,
        address=address,
        proxy_address=proxy_address,
        level=level,
        name=name,
        role=role,
        attributes=attributes,
    )
    return await join(unit, claimed, newcomer)


async def remove(unit: Unit, participant: Participant) -> None:
    """For other products: let somebody leave, a closed conversation too; nothing if they are gone already."""
    await leave(unit, participant)


async def of(view: View, conversation_sid: str) -> list[Participant]:
    """For other products: everybody in a conversation, in the order of joining, also who joined in this unit."""
    return await store.of(view, conversation_sid)


async def has_role(view: View, participant: Participant, name: str) -> bool:
    """For other products: whether somebody's role in the conversation has this name."""
    role = await view.get(ROLES, participant.role_sid) if participant.role_sid is not None else None
    return role is not None and role.friendly_name == name


@asks_first(PARTICIPANT_ADD)
async def create(unit: Unit, caller: Caller, form: wire.CreateParticipant) -> Participant:
    """``POST /Participants``."""
    conversation = await paths.claimed(unit, caller, form, form.conversation_sid)
    refuse_later(form, wire.LATER)
    return await join(unit, conversation, Newcomer(**wire.newcomer_of(form)))


async def fetch(view: View, caller: Caller, form: wire.OneParticipant) -> Participant:
    """``GET /Participants/{Sid}``."""
    return await _named(view, await paths.conversation(view, caller, form, form.conversation_sid), form.sid)


async def list_(view: View, caller: Caller, form: wire.ListParticipants) -> Slice[Participant]:
    """``GET /Participants``, in the order of joining."""
    conversation = await paths.conversation(view, caller, form, form.conversation_sid)
    return await view.page(store.OF_CONVERSATION, (conversation.sid,), form.page)


@asks_first(PARTICIPANT_UPDATE)
async def update(unit: Unit, caller: Caller, form: wire.UpdateParticipant) -> Participant:
    """``POST /Participants/{Sid}``."""
    conversation = await paths.held(unit, caller, form, form.conversation_sid)
    participant = await _named(unit, conversation, form.sid)
    refuse_later(form, wire.LATER_IN_UPDATES)
    changes = wire.changes_of(form)
    check_open(conversation)
    check_attributes(changes.get("attributes", ""), MOST_ATTRIBUTES)
    if "role_sid" in changes:
        await roles.given(unit, conversation.chat_service_sid, RoleScope.CONVERSATION, changes["role_sid"])
    last_read = changes.get("last_read_message_index")
    if last_read is not None and last_read >= conversation.next_index:
        raise wire.wrong_index(last_read)
    participant = unit.update(store.PARTICIPANTS, participant, **changes)
    happened(unit, "participant.updated", conversation, participant.sid, participant=participant)
    return participant


@asks_first(PARTICIPANT_REMOVE)
async def delete(unit: Unit, caller: Caller, form: wire.DeleteParticipant) -> None:
    """``DELETE /Participants/{Sid}``."""
    conversation = await paths.held(unit, caller, form, form.conversation_sid)
    participant = await _named(unit, conversation, form.sid)
    check_open(conversation)
    await leave(unit, participant)


async def _named(view: View, conversation: Conversation, name: str) -> Participant:
    if is_sid(name, "MB"):
        found = await view.get(store.PARTICIPANTS, name)
    else:
        found = await store.named(view, conversation.sid, name)
    if found is None or found.conversation_sid != conversation.sid:
        raise NotFound
    return found
