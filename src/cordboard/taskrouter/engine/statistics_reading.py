"""Reading cumulative statistics: the rows of a window, and what the journal has that is not in the rows yet."""

from collections.abc import Sequence
from itertools import chain

from cordboard.events.feed import entries_after
from cordboard.kernel.errors import Unavailable
from cordboard.storage.unit import View
from cordboard.taskrouter.store.statistics import (
    SECOND,
    Figures,
    Read,
    SpellsBy,
    Split,
    add_spells,
    rows_between,
    summed,
)

from .statistics_counting import NO_CHANNEL, Counted
from .statistics_recent import Recent, Stretch

SUBJECTS = 50
_ENTRIES = 500
_TOO_FAR = 10_000

Part = tuple[int, int]
"""From a whole second to another, in milliseconds, the second one not included."""


class Total:
    """What happened to a subject in a part of a window."""

    def __init__(self) -> None:
        self.spells: SpellsBy = {}
        self.taken: list[Figures] = []
        self._splits: dict[str, list[Split]] = {}
        self._waits: dict[str, list[int]] = {}

    @property
    def figures(self) -> Figures:
        """The sum of all figures."""
        return summed(self.taken)

    def add(self, other: "Total") -> None:
        """Another part, or another subject; without its splits."""
        self.taken += other.taken
        add_spells(self.spells, other.spells)

    def add_row(self, row: Read) -> None:
        """What a bucket says."""
        self.taken.append(row.figures)
        add_spells(self.spells, row.spells or {})
        for name, split in (row.splits or {}).items():
            self._splits.setdefault(name, []).append(split)

    def add_counted(self, one: Counted) -> None:
        """What is in no bucket yet."""
        self.taken.append(one.figures)
        add_spells(self.spells, one.spells)
        for name, waits in one.waits.items():
            self._waits.setdefault(name, []).extend(waits)

    def split(self, name: str, threshold_s: int) -> tuple[int, int]:
        """How many waited less than so many seconds, and how many as long or longer."""
        splits, waits = self._splits.get(name, []), self._waits.get(name, [])
        below = sum(split.below(threshold_s) for split in splits) + sum(wait < threshold_s * SECOND for wait in waits)
        return below, sum(split.all for split in splits) + len(waits) - below


async def totals(
    view: View,
    account_sid: str,
    workspace_sid: str,
    subject_sids: Sequence[str],
    parts: Sequence[Part],
    task_channel_sid: str | None = None,
    *,
    spells: bool = False,
    splits: bool = False,
) -> dict[str, list[Total]]:
    """Of each subject (all of one kind) what happened in each part. Raises Unavailable while much is to be summed up first."""
    channels = None if task_channel_sid is None else {task_channel_sid, NO_CHANNEL}
    found = {sid: [Total() for _ in parts] for sid in subject_sids}
    for begin in range(0, len(subject_sids), SUBJECTS):
        sids = subject_sids[begin : begin + SUBJECTS]
        position, rows = await rows_between(
            view, account_sid, sids, parts, task_channel_sid, spells=spells, splits=splits
        )
        for row in rows:
            found[row.subject_sid][row.part].add_row(row)
        stretches = await _behind(view, account_sid, workspace_sid, position)
        counted = chain.from_iterable(stretch.counted.items() for stretch in stretches)
        for (sid, second, channel_sid), one in counted:
            if sid not in sids or (channels is not None and channel_sid not in channels):
                continue
            for number, (start, end) in enumerate(parts):
                if start <= second < end:
                    found[sid][number].add_counted(one)
    return found


async def _behind(view: View, account_sid: str, workspace_sid: str, position: int) -> list[Stretch]:
    """What follows a position; of what is read in the journal the events of this workspace."""
    stretches = view.ports.projections.of(Recent).after(account_sid, position)
    if stretches:
        position = stretches[-1].last
    read = 0
    while True:
        entries = await entries_after(view, account_sid, position, _ENTRIES)
        units = ([event for event in entry.events() if event.scope_sid == workspace_sid] for entry in entries)
        stretches.append(Stretch.of(units))
        read += len(entries)
        if len(entries) < _ENTRIES:
            return stretches
        if read >= _TOO_FAR:
            message = "Statistics are being brought up to date. Try again in a moment."
            raise Unavailable(message)
        position = entries[-1].position
