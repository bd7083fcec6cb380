"""Channels. A unique index lets a conversation be on one channel that is not closed.

Who closes a channel *claims* it first and then looks who is on it and invited to it; who invites or adds somebody, or lets somebody
leave, *touches* it. So one of the two sees the other, however many nodes there are.
"""

from cordboard.flex.model import InteractionChannel
from cordboard.kernel.errors import NotFound
from cordboard.storage.tables import Table
from cordboard.storage.unit import Unit, View

CHANNELS = Table("flex_channels", InteractionChannel)

OF_INTERACTION = CHANNELS.listing("interaction_sid = ?", ("created_at", "ASC"))
_THE_ONE = CHANNELS.where("interaction_sid = ? LIMIT 1")
_OPEN = CHANNELS.where("conversation_sid = ? AND status <> 'closed'")


async def within(view: View, account_sid: str, interaction_sid: str, sid: str) -> InteractionChannel:
    """The channel with this SID in this interaction of this account. Raises NotFound."""
    channel = await view.get(CHANNELS, sid)
    if channel is None or (channel.account_sid, channel.interaction_sid) != (account_sid, interaction_sid):
        raise NotFound
    return channel


async def claim(unit: Unit, sid: str) -> InteractionChannel:
    """A channel that is there; if somebody changes or touches it before this unit is flushed, the unit runs again."""
    return (await unit.claim(CHANNELS, sid))[sid]


async def of_interaction(view: View, interaction_sid: str) -> InteractionChannel:
    """The channel that was made with an interaction; LookupError would be a fault of ours."""
    channel = await view.one(_THE_ONE, interaction_sid)
    if channel is None:
        message = f"interaction {interaction_sid} has no channel"
        raise LookupError(message)
    return channel


async def open_with(view: View, conversation_sid: str) -> InteractionChannel | None:
    """The channel on which a conversation is, unless this unit has closed it."""
    channel = await view.one(_OPEN, conversation_sid)
    return channel if channel is not None and channel.is_open else None
