"""Joining a channel and leaving it.

Everybody on a channel is in its conversation too. An agent's name there is what Flex gives a chat client: the worker's
``contact_uri`` behind ``client:``, else the worker's name with every byte but letters and digits as ``_HH``.
"""

import re

from cordboard.conversations.actions import participants as conversation_participants
from cordboard.conversations.model import Conversation, Participant
from cordboard.flex.model import (
    InteractionChannel,
    InteractionParticipant,
    ParticipantStatus,
    ParticipantType,
)
from cordboard.flex.store.participants import PARTICIPANTS, present
from cordboard.kernel.json import parse
from cordboard.storage.unit import Unit
from cordboard.taskrouter.model import Reservation, Worker

from .conversing import AGENT_ROLE
from .recording import happened

_CLIENT = re.compile(r"client:(.+)")
_ESCAPED = re.compile(rb"[^A-Za-z0-9]")


def join(
    unit: Unit,
    channel: InteractionChannel,
    type_: ParticipantType,
    member: Participant,
    reservation: Reservation | None = None,
) -> InteractionParticipant:
    """Put somebody who is in the conversation on the channel; an agent comes by a reservation."""
    participant = unit.insert(
        PARTICIPANTS,
        InteractionParticipant(
            sid=unit.sid("UT"),
            version=1,
            account_sid=channel.account_sid,
            interaction_sid=channel.interaction_sid,
            channel_sid=channel.sid,
            type=type_,
            status=ParticipantStatus.ACTIVE,
            conversation_participant_sid=member.sid,
            task_sid=reservation.task_sid if reservation is not None else None,
            worker_sid=reservation.worker_sid if reservation is not None else None,
            reservation_sid=reservation.sid if reservation is not None else None,
            created_at=unit.now,
            updated_at=unit.now,
        ),
    )
    happened(unit, "participant.joined", channel, participant.sid, participant=participant)
    return participant


async def join_agent(
    unit: Unit, channel: InteractionChannel, conversation: Conversation, reservation: Reservation, worker: Worker
) -> InteractionParticipant:
    """Let the worker of an accepted reservation join the conversation, unless they are in it already, and the channel."""
    identity = identity_of(worker)
    members = await conversation_participants.of(unit, conversation.sid)
    member = next((one for one in members if one.identity == identity), None)
    if member is None:
        member = await conversation_participants.add(unit, conversation, identity=identity, role=AGENT_ROLE)
    return join(unit, channel, ParticipantType.AGENT, member, reservation)


async def leave(unit: Unit, channel: InteractionChannel, participant: InteractionParticipant) -> InteractionParticipant:
    """Take somebody off the channel, and out of the conversation unless they are on the channel a second time."""
    left = unit.update(PARTICIPANTS, participant, status=ParticipantStatus.CLOSED)
    happened(unit, "participant.left", channel, left.sid, participant=left)
    sid = left.conversation_participant_sid
    if all(one.conversation_participant_sid != sid for one in await present(unit, channel.sid)):
        for member in await conversation_participants.of(unit, channel.conversation_sid):
            if member.sid == sid:
                await conversation_participants.remove(unit, member)
    return left


def wrap_up(unit: Unit, channel: InteractionChannel, participant: InteractionParticipant) -> InteractionParticipant:
    """An agent has left but is not done; they still see the conversation."""
    wrapping = unit.update(PARTICIPANTS, participant, status=ParticipantStatus.WRAPUP)
    happened(unit, "participant.updated", channel, wrapping.sid, participant=wrapping)
    return wrapping


def identity_of(worker: Worker) -> str:
    """The worker's name in conversations (conversations-and-channels.md, part 2)."""
    uri = parse(worker.attributes).get("contact_uri")
    if isinstance(uri, str) and (found := _CLIENT.fullmatch(uri)):
        return found[1]
    return _ESCAPED.sub(lambda found: b"_%02X" % found[0][0], worker.friendly_name.encode()).decode()
