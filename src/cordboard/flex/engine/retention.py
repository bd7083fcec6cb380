"""Removing interactions whose channel was closed long ago, with its participants and invites.

Conversation and tasks have times of their own.
"""

from cordboard.flex.store.channels import CHANNELS
from cordboard.flex.store.interactions import INTERACTIONS
from cordboard.flex.store.invites import INVITES
from cordboard.flex.store.participants import PARTICIPANTS
from cordboard.storage.slices import OWNERS, ROWS, belonging, remove_belongings
from cordboard.storage.unit import Unit

# An agent who is still wrapping up will look for the interaction.
_CLOSED = CHANNELS.where(
    "status = 'closed' AND updated_at < ? AND NOT EXISTS (SELECT 1 FROM flex_participants "
    "WHERE flex_participants.channel_sid = flex_channels.sid AND flex_participants.type = 'agent' "
    "AND flex_participants.status <> 'closed') ORDER BY updated_at LIMIT ?"
)
_BELONGINGS = (belonging(PARTICIPANTS, "channel_sid = ?"), belonging(INVITES, "channel_sid = ?"))


async def sweep_interactions(unit: Unit, before: int) -> int:
    """One slice of what was closed before then; returns how many rows went."""
    removed = 0
    for channel in await unit.all(_CLOSED, before, OWNERS):
        removed += await remove_belongings(unit, channel.sid, _BELONGINGS, ROWS - removed)
        if removed >= ROWS:
            break
        unit.delete(CHANNELS, channel)
        unit.discard(INTERACTIONS, channel.interaction_sid)
        removed += 2
    return removed
