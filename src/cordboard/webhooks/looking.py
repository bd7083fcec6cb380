"""What waits for a receiver, found in one look."""

from collections.abc import Sequence

import msgspec

from cordboard.accounts.actions.signing import signing_tokens
from cordboard.storage.dialect import padded
from cordboard.storage.unit import View

from .model import NEVER, Delivery
from .receivers import Receiver
from .store import DUE, EXPIRED, NEXT_DUE, waiting_in

EXPIRED_AT_ONCE = 100
# Behind heads: of all lanes together, and of each.
_BEHIND = 64
_CHAIN = 15


class Found(msgspec.Struct, frozen=True):
    """What waits for a receiver at ``at``, besides what is ``claimed``.

    ``heads`` are due, each the first of its lane; ``lanes`` is what waits in these in order; ``expired`` is to be given up;
    ``tokens`` are the account's.
    """

    heads: list[Delivery]
    next_at: int | None
    expired: list[Delivery]
    lanes: dict[str, list[Delivery]]
    claimed: frozenset[str]
    tokens: Sequence[str]
    at: int

    def behind(self, head: Delivery) -> list[Delivery]:
        """What may be sent behind a head as soon as that is taken: up to one that has failed and still holds up the lane."""
        following: list[Delivery] = []
        for delivery in self.lanes.get(head.lane, ()):
            if delivery.position <= head.position or delivery.holds_until <= self.at:
                continue
            if delivery.holds_until != NEVER or delivery.sid in self.claimed or len(following) == _CHAIN:
                break
            following.append(delivery)
        return following


async def look(view: View, receiver: Receiver, most: int, now: int, *, for_expired: bool) -> Found:
    """The first ``most`` lanes that are due and not in memory yet; ``for_expired``: and what is to be given up."""
    # What came of a delivery may be written while this looks: then what is found may be out of date, and is passed over too.
    claimed = frozenset(receiver.claimed)
    due = await view.all(DUE, receiver.name, now, now, most + len(claimed))
    heads = [delivery for delivery in due if delivery.sid not in claimed][:most]
    (following,) = await view.all(NEXT_DUE, receiver.name, now)
    expired: list[Delivery] = []
    if for_expired:
        expired = await view.all(EXPIRED, receiver.name, now, now, EXPIRED_AT_ONCE)
    lanes: dict[str, list[Delivery]] = {}
    if heads and not receiver.asked:
        wanted = padded([delivery.lane for delivery in heads])
        for delivery in await view.all(waiting_in(len(wanted)), *wanted, _BEHIND):
            lanes.setdefault(delivery.lane, []).append(delivery)
    tokens = await signing_tokens(view, heads[0].account_sid) if heads else []
    return Found(heads, following.due_at, expired, lanes, claimed, tokens, now)
