"""How a channel ends: closed, its conversation closed with it, its agents wrapping up or done.

The channel is marked closed before anything else moves: what reacts to the conversation or to the reservations finds it closed and
leaves it alone.
"""

from cordboard.conversations.actions import conversations
from cordboard.flex.model import ChannelStatus, InteractionChannel, ParticipantStatus, ParticipantType
from cordboard.flex.store import invites, participants
from cordboard.flex.store.channels import CHANNELS
from cordboard.storage.unit import Unit
from cordboard.taskrouter.actions import tasks

from .joining import leave, wrap_up
from .recording import happened

_REASON = "Interaction channel closed"


async def close(unit: Unit, channel: InteractionChannel, *, completing: bool) -> InteractionChannel:
    """End an open channel that the unit has claimed.

    Waiting tasks are canceled; assigned ones are completed, or left to their agents to wrap up.
    """
    channel = await shut(unit, channel)
    for participant in await participants.present(unit, channel.sid):
        if participant.type is not ParticipantType.AGENT:
            continue
        if completing:
            await leave(unit, channel, participant)
        elif participant.status is ParticipantStatus.ACTIVE:
            wrap_up(unit, channel, participant)
    for invite in await invites.of(unit, channel.sid):
        await tasks.cancel(unit, channel.account_sid, invite.task_sid, _REASON)
        await (tasks.complete if completing else tasks.wrap)(unit, channel.account_sid, invite.task_sid)
    return channel


async def shut(unit: Unit, channel: InteractionChannel) -> InteractionChannel:
    """Close a claimed channel and its conversation, whatever its tasks are doing; a conversation may be closed already, or gone."""
    channel = unit.update(CHANNELS, channel, status=ChannelStatus.CLOSED)
    happened(unit, "channel.status.updated", channel, channel.sid)
    conversation = await conversations.find(unit, channel.account_sid, channel.conversation_sid)
    if conversation is not None:
        await conversations.close(unit, conversation)
    return channel
