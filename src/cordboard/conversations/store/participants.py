"""Participants. Rows stay when their conversation is closed: who looks for a customer's conversations sees the closed ones too."""

from cordboard.conversations.model import Participant
from cordboard.storage.tables import Table
from cordboard.storage.unit import View

PARTICIPANTS = Table("conversation_participants", Participant)

OF_CONVERSATION = PARTICIPANTS.listing("conversation_sid = ?", ("created_at", "ASC"))
BY_IDENTITY = PARTICIPANTS.listing("chat_service_sid = ? AND identity = ?", ("created_at", "ASC"))
BY_ADDRESS = PARTICIPANTS.listing("chat_service_sid = ? AND address = ?", ("created_at", "ASC"))

_ALL = PARTICIPANTS.where("conversation_sid = ? ORDER BY created_at, sid")
_NAMED = PARTICIPANTS.where("conversation_sid = ? AND identity = ?")
_CALLED = PARTICIPANTS.where("conversation_sid = ? AND (identity = ? OR address = ?) ORDER BY created_at, sid LIMIT 1")
_HOLDER = PARTICIPANTS.where("account_sid = ? AND address = ? AND proxy_address = ? AND holds_pair = 1")
_HOLDERS = PARTICIPANTS.where("conversation_sid = ? AND holds_pair = 1")


async def of(view: View, conversation_sid: str) -> list[Participant]:
    """Everybody in a conversation, also who joins in this unit."""
    return await view.all(_ALL, conversation_sid) + _joining(view, conversation_sid)


async def named(view: View, conversation_sid: str, identity: str) -> Participant | None:
    """Who has this identity in a conversation."""
    for participant in _joining(view, conversation_sid):
        if participant.identity == identity:
            return participant
    return await view.one(_NAMED, conversation_sid, identity)


async def called(view: View, conversation_sid: str, name: str) -> Participant | None:
    """Whose identity or address this is in a conversation; the first, if an address is there with two proxies."""
    found = await view.one(_CALLED, conversation_sid, name, name)
    if found is not None:
        return found
    return next((one for one in _joining(view, conversation_sid) if name in {one.identity, one.address}), None)


async def holder(view: View, account_sid: str, address: str, proxy_address: str) -> Participant | None:
    """Who holds an address pair in a conversation that is not closed."""
    for participant in view.added(PARTICIPANTS):
        pair = (participant.account_sid, participant.address, participant.proxy_address)
        if participant.holds_pair and pair == (account_sid, address, proxy_address):
            return participant
    found = await view.one(_HOLDER, account_sid, address, proxy_address)
    # This unit may have made it let go.
    return found if found is not None and found.holds_pair else None


async def holders(view: View, conversation_sid: str) -> list[Participant]:
    """Everybody in a conversation who holds an address pair."""
    joining = [participant for participant in _joining(view, conversation_sid) if participant.holds_pair]
    return await view.all(_HOLDERS, conversation_sid) + joining


def _joining(view: View, conversation_sid: str) -> list[Participant]:
    return [one for one in view.added(PARTICIPANTS) if one.conversation_sid == conversation_sid]
