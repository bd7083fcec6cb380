"""A channel's conversation: bound or opened, and the people whom the caller names let in."""

from cordboard.conversations.actions import conversations, participants
from cordboard.conversations.model import Conversation, Level, Participant, State
from cordboard.flex.model import ChannelType, Initiator
from cordboard.flex.store import channels
from cordboard.flex.wire.codes import (
    CHANNEL_INVALID,
    CONVERSATION_CLOSED,
    CONVERSATION_EMPTY,
    CONVERSATION_NOT_FOUND,
    CONVERSATION_TAKEN,
    missing,
)
from cordboard.flex.wire.interactions import WantedChannel
from cordboard.flex.wire.media import MediaProperties, check_media
from cordboard.kernel.errors import Conflict, Invalid
from cordboard.storage.unit import Unit

AGENT_ROLE = "agent"

_Name = tuple[str | None, str | None, str | None]


async def prepare(unit: Unit, account_sid: str, wanted: WantedChannel) -> tuple[Conversation, list[Participant]]:
    """The conversation for a new channel, and its customers: who is in it but for agents. Raises Invalid and Conflict."""
    sid = wanted.properties.media_channel_sid
    if sid is None:
        _refuse_incomplete(wanted)
        conversation = await conversations.open_new(unit, account_sid)
        return conversation, await _let_in_missing(unit, conversation, wanted, [])
    conversation = await _bind(unit, account_sid, sid)
    present = await participants.of(unit, sid)
    customers = [
        one for one in present if one.identity is None or not await participants.has_role(unit, one, AGENT_ROLE)
    ]
    if wanted.initiated_by is not Initiator.CUSTOMER:
        customers += await _let_in_missing(unit, conversation, wanted, present)
    elif not customers:
        message = f"Conversation {sid} has no participants; its customer must be in it"
        raise Invalid(message, code=CONVERSATION_EMPTY)
    return conversation, customers


async def let_in(
    unit: Unit, conversation: Conversation, who: MediaProperties, parameter: str, code: int, role: str | None = None
) -> Participant:
    """Add somebody checked. What Conversations refuses is the caller's ``parameter``; a pair in use keeps its code 50416."""
    try:
        return await participants.add(
            unit,
            conversation,
            identity=who.identity,
            address=who.address,
            proxy_address=who.proxy_address,
            level=Level(who.level) if who.level is not None else None,
            name=who.name,
            role=role,
        )
    except Invalid as error:
        reason = error.message.removeprefix("Invalid parameter ")
        raise Invalid(f"Invalid parameter {parameter}: {reason}", code=code) from error


async def _let_in_missing(
    unit: Unit, conversation: Conversation, wanted: WantedChannel, present: list[Participant]
) -> list[Participant]:
    """Add those whom the caller names and who are not ``present``. Somebody named twice is refused.

    Conversations would refuse the second too, but by the SID of a conversation that is never made.
    """
    known = {_name(one) for one in present}
    named: set[_Name] = set()
    added = []
    for place, who in enumerate(wanted.participants):
        parameter = f"Channel.participants[{place}]"
        check_media(who, parameter)
        if _name(who) in named:
            raise Invalid(f"Invalid parameter {parameter}: it is in the list already", code=CHANNEL_INVALID)
        named.add(_name(who))
        if _name(who) not in known:
            added.append(await let_in(unit, conversation, who, parameter, CHANNEL_INVALID))
    return added


def _name(who: Participant | MediaProperties) -> _Name:
    return who.identity, who.address, who.proxy_address


async def _bind(unit: Unit, account_sid: str, sid: str) -> Conversation:
    conversation = await conversations.find_held(unit, account_sid, sid)
    if conversation is None:
        message = f"Invalid parameter Channel.properties.media_channel_sid: there is no Conversation {sid}"
        raise Invalid(message, code=CONVERSATION_NOT_FOUND)
    if conversation.state is State.CLOSED:
        message = f"Conversation {sid} is closed, a channel cannot be created on it"
        raise Invalid(message, code=CONVERSATION_CLOSED)
    channel = await channels.open_with(unit, sid)
    if channel is not None:
        message = (
            f"Conversation {sid} is already on the channel {channel.sid} of the interaction {channel.interaction_sid}"
        )
        raise Conflict(message, code=CONVERSATION_TAKEN)
    return conversation


def _refuse_incomplete(wanted: WantedChannel) -> None:
    """What a channel needs when its conversation is made for it."""
    if wanted.initiated_by is Initiator.CUSTOMER:
        raise missing("Channel.properties.media_channel_sid", CHANNEL_INVALID)
    if wanted.initiated_by is Initiator.AGENT and not wanted.participants:
        raise missing("Channel.participants", CHANNEL_INVALID)
    if wanted.type is ChannelType.EMAIL and wanted.participants and wanted.properties.business_address is None:
        raise missing("Channel.properties.from", CHANNEL_INVALID)
