"""Conversations. Other products: ``open_new``, ``find``, ``find_held``, ``close``."""

from typing import Any

from msgspec import UNSET

from cordboard.conversations.engine.asking import asks_first
from cordboard.conversations.engine.recording import happened
from cordboard.conversations.engine.states import check_open, move
from cordboard.conversations.model import Conversation, ConversationAdded, Reason, State
from cordboard.conversations.store.conversations import CONVERSATIONS, IN_STATE, OF_SERVICE, claim, hold, named
from cordboard.conversations.store.messages import MESSAGES
from cordboard.conversations.store.participants import PARTICIPANTS
from cordboard.conversations.store.webhooks import WEBHOOKS
from cordboard.conversations.store.webhooks import of as webhooks_of
from cordboard.conversations.wire import conversations as wire
from cordboard.conversations.wire.attributes import check_attributes
from cordboard.conversations.wire.later import refuse_later
from cordboard.conversations.wire.webhook_events import CONVERSATION_ADD, CONVERSATION_REMOVE, CONVERSATION_UPDATE
from cordboard.kernel.caller import Caller
from cordboard.kernel.errors import Conflict, Invalid, NotFound
from cordboard.kernel.pages import Slice
from cordboard.kernel.sids import is_sid
from cordboard.storage.unit import Unit, View

from . import paths

MOST_ATTRIBUTES = 16 * 1024


async def open_new(
    unit: Unit,
    account_sid: str,
    *,
    friendly_name: str | None = None,
    unique_name: str | None = None,
    attributes: str = "{}",
) -> Conversation:
    """For other products: a new active conversation in the account's default service. Raises Invalid, Conflict (50353)."""
    scope = await paths.default_service_sid(unit, account_sid)
    facts = {"friendly_name": friendly_name, "unique_name": unique_name, "attributes": attributes}
    return await _open(unit, account_sid, scope, facts)


async def find(view: View, account_sid: str, sid: str) -> Conversation | None:
    """For other products: the conversation of this SID, in any service of the account."""
    found = await view.get(CONVERSATIONS, sid)
    return found if found is not None and found.account_sid == account_sid else None


async def find_held(unit: Unit, account_sid: str, sid: str) -> Conversation | None:
    """For other products: the same, and nobody else changes it before the unit is flushed."""
    found = await hold(unit, sid)
    return found if found is not None and found.account_sid == account_sid else None


async def close(unit: Unit, conversation: Conversation) -> Conversation:
    """For other products: close it, which frees its address pairs; a closed one is left as it is. Raises NotFound.

    It is claimed: what else others keep in a conversation that they hold (``find_held``) is theirs to settle.
    """
    claimed = await claim(unit, conversation.sid)
    if claimed is None:
        raise NotFound
    return await move(unit, claimed, State.CLOSED, Reason.API)


@asks_first(CONVERSATION_ADD)
async def create(unit: Unit, caller: Caller, form: wire.CreateConversation) -> Conversation:
    """``POST /Conversations``."""
    scope = await paths.service_sid(unit, caller, form)
    refuse_later(form, wire.LATER)
    return await _open(unit, caller.account_sid, scope, wire.facts_of(form))


async def fetch(view: View, caller: Caller, form: wire.OneConversation) -> Conversation:
    """``GET /Conversations/{Sid}``."""
    return await paths.conversation(view, caller, form, form.sid)


async def list_(view: View, caller: Caller, form: wire.ListConversations) -> Slice[Conversation]:
    """``GET /Conversations``, the oldest first."""
    scope = await paths.service_sid(view, caller, form)
    start, end = wire.range_of(form)
    if form.state is not UNSET:
        return await view.page(IN_STATE, (scope, start, end, form.state), form.page)
    return await view.page(OF_SERVICE, (scope, start, end), form.page)


@asks_first(CONVERSATION_UPDATE)
async def update(unit: Unit, caller: Caller, form: wire.UpdateConversation) -> Conversation:
    """``POST /Conversations/{Sid}``."""
    conversation = await paths.held(unit, caller, form, form.sid)
    refuse_later(form, wire.LATER)
    changes = wire.changes_of(form)
    check_open(conversation)
    to = changes.pop("state", conversation.state)
    if changes:
        await _check(unit, conversation.chat_service_sid, conversation.sid, changes)
        conversation = unit.update(CONVERSATIONS, conversation, **changes)
        happened(unit, "conversation.updated", conversation, conversation.sid)
    return await move(unit, conversation, to, Reason.API)


@asks_first(CONVERSATION_REMOVE)
async def delete(unit: Unit, caller: Caller, form: wire.DeleteConversation) -> None:
    """``DELETE /Conversations/{Sid}``, with everybody and everything in it; a closed one too."""
    conversation = await paths.held(unit, caller, form, form.sid)
    unit.delete(CONVERSATIONS, conversation)
    unit.sweep(PARTICIPANTS, "conversation_sid", conversation.sid)
    unit.sweep(MESSAGES, "conversation_sid", conversation.sid)
    facts = {}
    if conversation.webhook_count:
        facts["webhooks"] = await webhooks_of(unit, conversation.sid)
        unit.sweep(WEBHOOKS, "conversation_sid", conversation.sid)
    happened(unit, "conversation.removed", conversation, conversation.sid, **facts)


async def _open(unit: Unit, account_sid: str, scope: str, facts: dict[str, Any]) -> Conversation:
    sid = unit.sid("CH")
    await _check(unit, scope, sid, facts)
    conversation = Conversation(
        sid=sid,
        version=1,
        account_sid=account_sid,
        chat_service_sid=scope,
        friendly_name=facts.get("friendly_name"),
        unique_name=facts.get("unique_name"),
        attributes=facts.get("attributes", "{}"),
        state=facts.get("state", State.ACTIVE),
        next_index=0,
        participant_count=0,
        binding_count=0,
        webhook_count=0,
        created_at=facts.get("created_at", unit.now),
        updated_at=facts.get("updated_at", unit.now),
    )
    unit.insert(CONVERSATIONS, conversation)
    happened(unit, "conversation.added", conversation, sid)
    await unit.announce(ConversationAdded(conversation))
    return conversation


async def _check(unit: Unit, scope: str, sid: str, facts: dict[str, Any]) -> None:
    """Refuse attributes that are too long, and a unique name that is another's or looks like a SID."""
    check_attributes(facts.get("attributes", ""), MOST_ATTRIBUTES)
    unique_name = facts.get("unique_name")
    if unique_name is None:
        return
    if is_sid(unique_name, "CH"):
        message = "Invalid parameter UniqueName: it looks like the SID of a conversation"
        raise Invalid(message, code=50390)
    other = await named(unit, scope, unique_name)
    if other is not None and other.sid != sid:
        raise Conflict(f"Conversation {other.sid} has the unique name {unique_name} already", code=50353)
