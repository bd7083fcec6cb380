"""What the sender knows of each receiver, and whose turn it is. Nothing here waits or calls.

A *receiver* is a URL of an account without its query. It has as many calls at once as it deserves: one at first, twice as many after
each success, half after each failure; after failures without a success between them it is left alone for a while. Nobody waits for
a receiver but its own deliveries, and what it costs is bounded: a few numbers as long as something waits for it, and its calls under
way.

All receivers share ``SLOTS`` calls. Those that have not shown yet that they answer, that fail or that are slow may have ``WARD`` of
them, so however many are dead, the others have the rest.

Who is asked something is asked soon even if it fails, for whoever asks cannot wait long; it has all its calls from the start.
"""

from collections import deque
from collections.abc import Sequence
from heapq import heappop, heappush
from itertools import count

from cordboard.kernel.clock import MILLISECONDS

from .backing_off import quiet_ms
from .enqueuing import is_asking
from .model import Delivery

SLOTS = 256
WARD = 128
AT_ONCE = 8
ASKED_AT_ONCE = 32
ASKED_QUIET_MS = 5 * MILLISECONDS
SLOW_S = 2.0
_REMEMBERED = 1000


class Receiver:
    """``due_at`` is when to look for something due, None when nothing is known to wait.

    ``calls`` are those under way, ``queue`` the next few lanes, each from its head on, and ``tokens`` sign them. ``claimed`` are the
    SIDs of deliveries that are in memory, from the look that found them until what came of them is written. ``turns`` are the times at
    which it stands in the agenda.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.asked = is_asking(name)
        self.due_at: int | None = None
        self.calls = 0
        self.queue: deque[list[Delivery]] = deque()
        self.tokens: Sequence[str] = ()
        self.claimed: set[str] = set()
        self.turns: set[int] = set()
        self.failures = 0
        self.failing_since = 0
        self.quiet_until = 0
        self.looked_for_expired_at = 0
        self._most = ASKED_AT_ONCE if self.asked else AT_ONCE
        self._at_once = self._most if self.asked else 1
        self._is_quick = False

    @property
    def is_well(self) -> bool:
        """Whether its last answer was good and quick."""
        return self._is_quick and not self.failures

    @property
    def room(self) -> int:
        """How many calls more it may have."""
        return max(0, self._at_once - self.calls)

    @property
    def ready_at(self) -> int | None:
        """When it is its turn, if nothing happens before."""
        return None if self.due_at is None or not self.room else max(self.due_at, self.quiet_until)

    def let_go(self) -> None:
        """Leave to the database what was not begun."""
        for lane in self.queue:
            self.claimed.difference_update(delivery.sid for delivery in lane)
        self.queue.clear()

    def took(self, seconds: float) -> None:
        """It has answered well."""
        self.failures = 0
        self.quiet_until = 0
        self._is_quick = seconds < SLOW_S
        self._at_once = min(self._at_once * 2, self._most)

    def failed(self, now: int, fraction: float) -> None:
        """It has not."""
        if not self.failures:
            self.failing_since = now
        self.failures += 1
        quiet = quiet_ms(self.failures, fraction)
        if self.asked:
            quiet = min(quiet, ASKED_QUIET_MS)
        else:
            self._at_once = max(self._at_once // 2, 1)
        self.quiet_until = now + quiet

    def look_at(self, at: int) -> None:
        """Something may be due then."""
        self.due_at = at if self.due_at is None else min(self.due_at, at)


class Receivers:
    """All of them, in the order of their turns."""

    def __init__(self) -> None:
        self._known: dict[str, Receiver] = {}
        # Turns by their time, of receivers that are well and of the others.
        self._agendas: dict[bool, list[tuple[int, int, str]]] = {True: [], False: []}
        self._order = count()
        # Whose turn it was when there was no slot: well ones, and the others.
        self._crowded: dict[bool, dict[str, Receiver]] = {True: {}, False: {}}
        self._under_way = 0
        self._in_ward = 0

    def __len__(self) -> int:
        """How many are remembered."""
        return len(self._known)

    @property
    def under_way(self) -> int:
        """How many calls are."""
        return self._under_way

    @property
    def unwell(self) -> int:
        """How many fail."""
        return sum(bool(receiver.failures) for receiver in self._known.values())

    @property
    def next_at(self) -> int | None:
        """When the next one's turn may be."""
        return min((agenda[0][0] for agenda in self._agendas.values() if agenda), default=None)

    def get(self, name: str) -> Receiver:
        """The receiver of this name."""
        receiver = self._known.get(name)
        if receiver is None:
            self._forget_idle()
            receiver = self._known[name] = Receiver(name)
        return receiver

    def look_at(self, name: str, at: int) -> None:
        """Something may be due for a receiver then."""
        receiver = self.get(name)
        receiver.look_at(at)
        self.plan(receiver)

    def look_again_at(self, name: str, at: int) -> None:
        """Besides what is known now, something may be due for a receiver then: in the second that ends then or the one after."""
        # Whole seconds: however many deliveries fail within a minute, they are sixty turns.
        self._enter(self.get(name), -(-at // MILLISECONDS) * MILLISECONDS)

    def plan(self, receiver: Receiver) -> None:
        """Give it its next turn."""
        if receiver.ready_at is not None:
            self._enter(receiver, receiver.ready_at)

    def next_ready(self, now: int) -> Receiver | None:
        """Whose turn it is by now and who may have a call: first those who are well, so that they wait for none of the others."""
        for is_well, agenda in self._agendas.items():
            crowded = self._crowded[is_well]
            while crowded and self._free(is_well=is_well):
                receiver = crowded.pop(next(iter(crowded)))
                if self._is_ready(receiver, now):
                    return receiver
            while agenda and agenda[0][0] <= now:
                at, _, name = heappop(agenda)
                receiver = self.get(name)
                receiver.turns.discard(at)
                receiver.look_at(at)
                if self._is_ready(receiver, now):
                    return receiver
        return None

    def _is_ready(self, receiver: Receiver, now: int) -> bool:
        """Whether it may begin a call. Who may not yet has another turn, and who finds no slot has the first that is free."""
        if receiver.ready_at is None:
            return False
        if receiver.ready_at > now:
            self.plan(receiver)
            return False
        if self.slots(receiver):
            return True
        self._crowded[receiver.is_well][receiver.name] = receiver
        return False

    def begin(self, receiver: Receiver) -> bool:
        """A call begins; whether it is in the ward, as ``end`` is to be told."""
        receiver.calls += 1
        self._under_way += 1
        self._in_ward += not receiver.is_well
        return not receiver.is_well

    def end(self, receiver: Receiver, *, in_ward: bool) -> None:
        """A call has ended: there is a slot again for who is ready next."""
        receiver.calls -= 1
        self._under_way -= 1
        self._in_ward -= in_ward
        self.plan(receiver)

    def forget_all(self) -> None:
        """Begin anew; what is in memory stays there."""
        self._known = {name: receiver for name, receiver in self._known.items() if receiver.claimed}
        for agenda in self._agendas.values():
            agenda.clear()
        for waiting in self._crowded.values():
            waiting.clear()
        for receiver in self._known.values():
            receiver.due_at = None
            receiver.turns.clear()

    def _enter(self, receiver: Receiver, at: int) -> None:
        if at not in receiver.turns:
            receiver.turns.add(at)
            heappush(self._agendas[receiver.is_well], (at, next(self._order), receiver.name))

    def slots(self, receiver: Receiver) -> int:
        """How many calls a receiver may begin now."""
        return max(0, min(receiver.room, self._free(is_well=receiver.is_well)))

    def _free(self, *, is_well: bool) -> int:
        free = SLOTS - self._under_way
        return free if is_well else min(free, WARD - self._in_ward)

    def _forget_idle(self) -> None:
        if len(self._known) >= _REMEMBERED and len(self._known) % _REMEMBERED == 0:
            self._known = {
                name: receiver
                for name, receiver in self._known.items()
                if receiver.claimed or receiver.turns or receiver.due_at is not None
            }
