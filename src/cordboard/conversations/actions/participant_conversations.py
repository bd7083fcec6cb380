"""The conversations of one person."""

from cordboard.conversations.model import ParticipantConversation
from cordboard.conversations.store.conversations import by_sid
from cordboard.conversations.store.participants import BY_ADDRESS, BY_IDENTITY
from cordboard.conversations.store.users import named
from cordboard.conversations.wire.participant_conversations import ListParticipantConversations, person_of
from cordboard.kernel.caller import Caller
from cordboard.kernel.pages import Slice
from cordboard.storage.unit import View

from . import paths


async def list_(view: View, caller: Caller, form: ListParticipantConversations) -> Slice[ParticipantConversation]:
    """``GET /ParticipantConversations``, in the order of joining, closed conversations included."""
    scope = await paths.service_sid(view, caller, form)
    identity, address = person_of(form)
    user = None
    if identity is not None:
        user = await named(view, scope, identity)
        found = await view.page(BY_IDENTITY, (scope, identity), form.page)
    else:
        found = await view.page(BY_ADDRESS, (scope, address), form.page)
    conversations = await by_sid(view, [participant.conversation_sid for participant in found.items])
    items = [
        ParticipantConversation(participant, conversations[participant.conversation_sid], user.sid if user else None)
        for participant in found.items
        if participant.conversation_sid in conversations
    ]
    return Slice(items, found.before, found.after)
