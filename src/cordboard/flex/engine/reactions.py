"""What Flex does in the unit in which TaskRouter or Conversations says that something happened (design D12).

A rejected, expired or canceled offer needs nothing: nobody had joined. Nor does a canceled or deleted task: the vendor leaves
channel and conversation open then, for the caller to invite again or to close (flex-interactions.md 13).
"""

from cordboard.conversations.actions import conversations
from cordboard.conversations.model import ConversationStateChanged, State
from cordboard.flex.model import InteractionChannel, ParticipantStatus, ParticipantType
from cordboard.flex.store import channels, invites, participants
from cordboard.flex.store.channels import CHANNELS
from cordboard.routing.lifecycle import TaskStatus
from cordboard.storage.unit import Unit
from cordboard.taskrouter.actions import tasks
from cordboard.taskrouter.happenings import ReservationAccepted, ReservationCompleted
from cordboard.taskrouter.model import Task

from .closing import close, shut
from .joining import join_agent, leave

_TO_BE_SERVED = frozenset((TaskStatus.PENDING, TaskStatus.RESERVED, TaskStatus.ASSIGNED))


async def accepted(unit: Unit, happening: ReservationAccepted) -> None:
    """The agent who took an invite's task joins; if the conversation was closed meanwhile there is nothing to join."""
    invite = await invites.by_task(unit, happening.task.sid)
    channel = await unit.get(CHANNELS, invite.channel_sid) if invite is not None else None
    if channel is None or not channel.is_open:
        return
    conversation = await conversations.find(unit, channel.account_sid, channel.conversation_sid)
    if conversation is not None and conversation.state is not State.CLOSED:
        await join_agent(unit, channel, conversation, happening.reservation, happening.worker)


async def completed(unit: Unit, happening: ReservationCompleted) -> None:
    """The agent leaves. If Flex had not asked for it and nobody else serves the channel, the engagement is over."""
    participant = await participants.by_reservation(unit, happening.reservation.sid)
    if participant is None or participant.status is ParticipantStatus.CLOSED:
        return
    channel = await channels.claim(unit, participant.channel_sid)
    unit.touch(CHANNELS, channel)
    await leave(unit, channel, participant)
    over = channel.is_open and participant.status is ParticipantStatus.ACTIVE
    if over and await _is_there(unit, happening.task) and not await _is_served(unit, channel, happening.task):
        await shut(unit, channel)


async def state_changed(unit: Unit, happening: ConversationStateChanged) -> None:
    """A conversation that is closed by somebody else closes its channel; assigned tasks are left to wrap up."""
    if happening.after is not State.CLOSED:
        return
    found = await channels.open_with(unit, happening.conversation.sid)
    channel = await channels.claim(unit, found.sid) if found is not None else None
    if channel is not None and channel.is_open:
        await close(unit, channel, completing=False)


async def _is_there(unit: Unit, task: Task) -> bool:
    """A deleted task completes its reservations too, and is no end of the engagement."""
    return await tasks.find(unit, task.account_sid, task.sid) is not None


async def _is_served(unit: Unit, channel: InteractionChannel, done: Task) -> bool:
    """Whether an agent is on the channel, or may still come by another task than the one that is done.

    Tasks first: who accepts between the two looks was still waiting in the first.
    """
    for invite in await invites.of(unit, channel.sid):
        if invite.task_sid != done.sid:
            found = await tasks.find(unit, channel.account_sid, invite.task_sid)
            if found is not None and found.task.assignment_status in _TO_BE_SERVED:
                return True
    return any(
        one.type is ParticipantType.AGENT and one.status is ParticipantStatus.ACTIVE
        for one in await participants.present(unit, channel.sid)
    )
