"""Participants. Rows stay when somebody has left; lists show who is there."""

from cordboard.flex.model import InteractionParticipant, ParticipantStatus
from cordboard.storage.tables import Table
from cordboard.storage.unit import View

PARTICIPANTS = Table("flex_participants", InteractionParticipant)

PRESENT = PARTICIPANTS.listing("channel_sid = ? AND status <> 'closed'", ("created_at", "ASC"))
_ALL_PRESENT = PARTICIPANTS.where("channel_sid = ? AND status <> 'closed' ORDER BY created_at, sid")
_BY_RESERVATION = PARTICIPANTS.where("reservation_sid = ?")


async def present(view: View, channel_sid: str) -> list[InteractionParticipant]:
    """Who is on a channel, as this unit leaves it, in the order of joining."""
    found = await view.all(_ALL_PRESENT, channel_sid)
    return [one for one in found if one.status is not ParticipantStatus.CLOSED]


async def by_reservation(view: View, reservation_sid: str) -> InteractionParticipant | None:
    """The agent who joined by a reservation."""
    return await view.one(_BY_RESERVATION, reservation_sid)
