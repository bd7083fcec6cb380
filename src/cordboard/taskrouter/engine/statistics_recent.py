"""What this process recorded last, counted as soon as it is on disk: so that nobody reads in the journal what was just in memory.

It saves work and decides nothing: where something is missing, because another node recorded it or because there was too much, the
journal has it.
"""

from collections.abc import Iterable, Sequence
from typing import Self

from cordboard.events.journal import Event
from cordboard.storage.port import Database
from cordboard.storage.writes import Settled

from .statistics_counting import Counted, Moment, Tally

_MOST = 10_000  # events


class Stretch:
    """What was recorded for an account one behind the other: what it counts, the last position, when the latest happened."""

    __slots__ = ("_tally", "events", "last", "latest_at")

    def __init__(self) -> None:
        self._tally = Tally()
        self.events = 0
        self.last = 0
        self.latest_at = 0

    @classmethod
    def of(cls, units: Iterable[Sequence[Event]]) -> Self:
        """What these units recorded, and so far nothing else."""
        stretch = cls()
        for events in units:
            if events:
                stretch.add(events)
        return stretch

    @property
    def counted(self) -> dict[Moment, Counted]:
        """What happened to whom, by second."""
        return self._tally.counted()

    def add(self, events: Sequence[Event]) -> None:
        """The next events, of one unit."""
        self._tally.add(events)
        self.events += len(events)
        self.last = events[-1].position
        self.latest_at = max(self.latest_at, events[0].at)


class Recent:
    """The stretches that settled units make, by account and by the position of their first event.

    Who was given a stretch has it as it was then: it grows no more.
    """

    def __init__(self, db: Database) -> None:
        self._stretches: dict[str, dict[int, Stretch]] = {}
        self._growing: dict[str, Stretch] = {}
        self._events = 0
        db.listen(self._hear)

    def after(self, account_sid: str, position: int) -> list[Stretch]:
        """What follows a position, as far as nothing is missing."""
        self._growing.pop(account_sid, None)
        stretches = self._stretches.get(account_sid, {})
        found: list[Stretch] = []
        while (stretch := stretches.get(position + 1)) is not None:
            found.append(stretch)
            position = stretch.last
        return found

    def forget(self, account_sid: str, position: int) -> None:
        """Nobody will ask for what is before this position."""
        stretches = self._stretches.get(account_sid, {})
        for first in [first for first, stretch in stretches.items() if stretch.last <= position]:
            self._events -= stretches.pop(first).events

    def _hear(self, settled: Settled) -> None:
        for account_sid, events in settled.appended.items():
            self._add(account_sid, events)
        if self._events > _MOST:
            self._stretches.clear()
            self._growing.clear()
            self._events = 0

    def _add(self, account_sid: str, events: Sequence[Event]) -> None:
        first = events[0].position
        stretch = self._growing.get(account_sid)
        if stretch is None or stretch.last + 1 != first:
            stretch = self._growing[account_sid] = Stretch()
            self._stretches.setdefault(account_sid, {})[first] = stretch
        stretch.add(events)
        self._events += len(events)
