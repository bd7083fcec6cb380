"""Participants: create, list, let go."""

from msgspec import UNSET

from cordboard.conversations.actions import conversations
from cordboard.flex.engine.conversing import let_in
from cordboard.flex.engine.joining import join, leave, wrap_up
from cordboard.flex.model import InteractionParticipant, ParticipantStatus, ParticipantType
from cordboard.flex.store import channels
from cordboard.flex.store.channels import CHANNELS
from cordboard.flex.store.participants import PARTICIPANTS, PRESENT
from cordboard.flex.wire.codes import CHANNEL_NOT_OPEN, PARTICIPANT_GONE, PARTICIPANT_INVALID, VALIDATION
from cordboard.flex.wire.media import check_media
from cordboard.flex.wire.participants import CreateParticipant, ListParticipants, UpdateParticipant
from cordboard.kernel.caller import Caller
from cordboard.kernel.errors import Invalid, NotFound
from cordboard.kernel.pages import Slice
from cordboard.storage.unit import Unit, View
from cordboard.taskrouter.actions import tasks

_SUPERVISOR_ROLE = "supervisor"


async def create(unit: Unit, caller: Caller, form: CreateParticipant) -> InteractionParticipant:
    """``POST /Participants``: anybody but an agent. Raises 45351, 45367, 45376 and the refusals of Conversations."""
    channel = await channels.within(unit, caller.account_sid, form.interaction_sid, form.channel_sid)
    if form.type is ParticipantType.AGENT:
        raise Invalid("Invalid parameter Type: an agent is added by Invites", code=PARTICIPANT_INVALID)
    if form.routing_properties is not UNSET:
        message = "Invalid parameter RoutingProperties: they go with an agent, who is added by Invites"
        raise Invalid(message, code=PARTICIPANT_INVALID)
    conversation = await conversations.find(unit, channel.account_sid, channel.conversation_sid)
    if conversation is None or not channel.is_open:
        message = f"Conversation {channel.conversation_sid} is closed or gone, nobody can be added to it"
        raise Invalid(message, code=CHANNEL_NOT_OPEN)
    unit.touch(CHANNELS, channel)
    check_media(form.media_properties, "MediaProperties")
    role = _SUPERVISOR_ROLE if form.type is ParticipantType.SUPERVISOR else None
    member = await let_in(unit, conversation, form.media_properties, "MediaProperties", PARTICIPANT_INVALID, role)
    return join(unit, channel, form.type, member)


async def list_(view: View, caller: Caller, form: ListParticipants) -> Slice[InteractionParticipant]:
    """``GET /Participants``: who is there now, in the order of joining."""
    channel = await channels.within(view, caller.account_sid, form.interaction_sid, form.channel_sid)
    return await view.page(PRESENT, (channel.sid,), form.page)


async def update(unit: Unit, caller: Caller, form: UpdateParticipant) -> InteractionParticipant:
    """``POST /Participants/{Sid}``: let somebody go. The channel and the conversation stay open. Raises 45362, 45004."""
    channel = await channels.within(unit, caller.account_sid, form.interaction_sid, form.channel_sid)
    participant = await unit.get(PARTICIPANTS, form.sid)
    if participant is None or participant.channel_sid != channel.sid:
        raise NotFound
    if participant.status is ParticipantStatus.CLOSED:
        raise NotFound(f"Participant {participant.sid} has left the channel {channel.sid}", code=PARTICIPANT_GONE)
    task_sid = participant.task_sid
    if form.status == "closed":
        # First the participant: what reacts to the task's completion finds that Flex has asked for it.
        participant = await leave(unit, channel, participant)
        if task_sid is not None:
            await tasks.complete(unit, participant.account_sid, task_sid)
    elif task_sid is None:
        raise Invalid("Invalid parameter Status: only agents wrap up", code=VALIDATION)
    elif participant.status is ParticipantStatus.ACTIVE:
        participant = wrap_up(unit, channel, participant)
        await tasks.wrap(unit, participant.account_sid, task_sid)
    return participant
