"""Messages. Other products: ``add``."""

from cordboard.conversations.engine.asking import asks_first
from cordboard.conversations.engine.recording import happened
from cordboard.conversations.engine.speaking import MOST_ATTRIBUTES, Words, sid_of_author, speak
from cordboard.conversations.engine.states import check_open
from cordboard.conversations.model import Conversation, Message
from cordboard.conversations.store.conversations import claim
from cordboard.conversations.store.messages import MESSAGES, NEWEST_FIRST, OLDEST_FIRST
from cordboard.conversations.wire import messages as wire
from cordboard.conversations.wire.attributes import check_attributes
from cordboard.conversations.wire.later import refuse_later
from cordboard.conversations.wire.webhook_events import MESSAGE_ADD, MESSAGE_REMOVE, MESSAGE_UPDATE
from cordboard.kernel.caller import Caller
from cordboard.kernel.errors import NotFound
from cordboard.kernel.pages import Slice
from cordboard.storage.unit import Unit, View

from . import paths


async def add(
    unit: Unit,
    conversation: Conversation,
    *,
    author: str = "system",
    body: str | None = None,
    subject: str | None = None,
    attributes: str = "{}",
) -> Message:
    """For other products: say something. An author whose identity or address is in the conversation is its participant.

    Raises Invalid: 50377 for a closed conversation, 50303 for attributes over 4 KB.
    """
    claimed = await claim(unit, conversation.sid)
    if claimed is None:
        raise NotFound
    return await speak(unit, claimed, Words(author=author, body=body, subject=subject, attributes=attributes))


@asks_first(MESSAGE_ADD)
async def create(unit: Unit, caller: Caller, form: wire.CreateMessage) -> Message:
    """``POST /Messages``."""
    conversation = await paths.claimed(unit, caller, form, form.conversation_sid)
    refuse_later(form, wire.LATER)
    return await speak(unit, conversation, Words(**wire.words_of(form)))


async def fetch(view: View, caller: Caller, form: wire.OneMessage) -> Message:
    """``GET /Messages/{Sid}``."""
    return await _of(view, await paths.conversation(view, caller, form, form.conversation_sid), form.sid)


async def list_(view: View, caller: Caller, form: wire.ListMessages) -> Slice[Message]:
    """``GET /Messages``."""
    conversation = await paths.conversation(view, caller, form, form.conversation_sid)
    listing = NEWEST_FIRST if form.order == "desc" else OLDEST_FIRST
    return await view.page(listing, (conversation.sid,), form.page)


@asks_first(MESSAGE_UPDATE)
async def update(unit: Unit, caller: Caller, form: wire.UpdateMessage) -> Message:
    """``POST /Messages/{Sid}``."""
    conversation = await paths.held(unit, caller, form, form.conversation_sid)
    message = await _of(unit, conversation, form.sid)
    changes = wire.changes_of(form)
    check_open(conversation)
    check_attributes(changes.get("attributes", ""), MOST_ATTRIBUTES)
    if "author" in changes:
        changes["participant_sid"] = await sid_of_author(unit, conversation, changes["author"])
    message = unit.update(MESSAGES, message, **changes)
    happened(unit, "message.updated", conversation, message.sid, message=message)
    return message


@asks_first(MESSAGE_REMOVE)
async def delete(unit: Unit, caller: Caller, form: wire.DeleteMessage) -> None:
    """``DELETE /Messages/{Sid}``; its index is not given again."""
    conversation = await paths.held(unit, caller, form, form.conversation_sid)
    message = await _of(unit, conversation, form.sid)
    check_open(conversation)
    unit.delete(MESSAGES, message)
    happened(unit, "message.removed", conversation, message.sid, message=message)


async def _of(view: View, conversation: Conversation, sid: str) -> Message:
    found = await view.get(MESSAGES, sid)
    if found is None or found.conversation_sid != conversation.sid:
        raise NotFound
    return found
