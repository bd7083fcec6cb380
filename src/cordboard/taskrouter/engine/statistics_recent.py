"""What this process recorded last, as it was recorded: so that nobody reads in the journal what is still in memory.

It saves work and decides nothing: where something is missing, because another node recorded it or because there was too much, the
journal has it.
"""

from itertools import takewhile

import msgspec

from cordboard.events.journal import Event
from cordboard.storage.port import Database
from cordboard.storage.writes import Settled

_MOST = 10_000  # events


class _Recorded(msgspec.Struct, frozen=True):
    """Of one unit: the last position that it took, and its events."""

    last: int
    events: list[Event]


class Recent:
    """The events of settled units, by account."""

    def __init__(self, db: Database) -> None:
        self._units: dict[str, dict[int, _Recorded]] = {}
        self._events = 0
        db.listen(self._hear)

    def after(self, account_sid: str, position: int) -> tuple[list[Event], int]:
        """The account's events behind a position as far as none is missing, and how far that is."""
        units = self._units.get(account_sid, {})
        found: list[Event] = []
        while (unit := units.get(position + 1)) is not None:
            found += unit.events
            position = unit.last
        return found, position

    def forget(self, account_sid: str, position: int) -> None:
        """Nobody will ask for what is before this position."""
        units = self._units.get(account_sid, {})
        # They settle in the order of their positions, or nearly so: who is passed over is found the next time.
        old = [first for first, _ in takewhile(lambda unit: unit[1].last <= position, units.items())]
        for first in old:
            self._events -= len(units.pop(first).events)

    def _hear(self, settled: Settled) -> None:
        events: list[Event] = settled.events
        accounts = {event.account_sid for event in events}
        for account_sid in accounts:
            of_account = events if len(accounts) == 1 else [one for one in events if one.account_sid == account_sid]
            units = self._units.setdefault(account_sid, {})
            units[of_account[0].position] = _Recorded(of_account[-1].position, of_account)
        self._events += len(events)
        if self._events > _MOST:
            self._units.clear()
            self._events = 0
