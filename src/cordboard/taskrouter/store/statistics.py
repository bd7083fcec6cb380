"""What happened, summed up: the rows of cumulative statistics.

A row holds the sums of what happened to one *subject* (a workspace, queue, workflow or worker) on one task channel within one
*bucket*: ``width`` milliseconds from ``at`` on, a multiple of the width. Buckets of each width tell the same anew, so any window
of whole seconds is cut into few of them: seconds up to the next ten, tens up to the next minute, and so on, and down again. That
is why a call costs the same whatever happened in its window. Workers, of whom there are many and to whom little happens, have
seconds and hours only.

Everything in a row can be added: to the row of the next bucket, of another channel, of another subject.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from functools import cache, reduce
from itertools import accumulate, pairwise
from operator import add
from typing import Any

import msgspec

from cordboard.kernel.clock import MILLISECONDS
from cordboard.storage.dialect import among, padded
from cordboard.storage.slices import ROWS
from cordboard.storage.tables import Query, Shape, Table
from cordboard.storage.unit import Unit, View

SECOND = MILLISECONDS
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

WIDTHS = (SECOND, 10 * SECOND, MINUTE, 10 * MINUTE, 2 * HOUR, DAY)
WIDTHS_OF_WORKER = (SECOND, HOUR)

# The places of a row's figures are stored, so these are only added to. First the counts; then of each wait how many there
# were and, in milliseconds, their sum, the shortest (null for none) and the longest.
COUNTS = (
    "tasks_created",
    "tasks_entered",
    "tasks_moved",
    "tasks_canceled",
    "tasks_completed",
    "tasks_deleted",
    "tasks_timed_out_in_workflow",
    "reservations_created",
    "reservations_accepted",
    "reservations_rejected",
    "reservations_timed_out",
    "reservations_canceled",
    "reservations_rescinded",
)
WAITS = ("wait_duration_until_accepted", "wait_duration_until_canceled", "wait_duration_in_queue_until_accepted")
_OF_WAIT = ("count", "total", "shortest", "longest")
_PLACES = {name: place for place, name in enumerate(COUNTS)} | {
    name: len(COUNTS) + place * len(_OF_WAIT) for place, name in enumerate(WAITS)
}

Figures = list[int | None]
Longest = list[tuple[int, int]]

_NO_WAIT: Figures = [0, 0, None, 0]
_COUNTED = len(COUNTS)
_NO_WAITS: Figures = _NO_WAIT * len(WAITS)
NOTHING: Figures = [*(0 for _ in COUNTS), *_NO_WAITS]


class Waits(msgspec.Struct, frozen=True):
    """How long tasks had waited, in milliseconds: how many, together, the shortest and the longest."""

    count: int
    total: int
    shortest: int
    longest: int


def count(figures: Figures, name: str, times: int = 1) -> None:
    """So many more of a count."""
    figures[_PLACES[name]] += times  # type: ignore[operator] # counts are there


def wait_one(figures: Figures, name: str, wait: int) -> None:
    """One more who waited so long."""
    place = _PLACES[name]
    count, total, shortest, longest = figures[place : place + len(_OF_WAIT)]
    figures[place : place + len(_OF_WAIT)] = (
        (count or 0) + 1,
        (total or 0) + wait,
        wait if shortest is None else min(shortest, wait),
        max(longest or 0, wait),
    )


def summed(figures: Iterable[Figures]) -> Figures:
    """All together."""
    return reduce(_plus, figures, NOTHING)


def count_in(figures: Figures, name: str) -> int:
    """A count."""
    return figures[_PLACES[name]] or 0


def waits_in(figures: Figures, name: str) -> Waits:
    """The waits of this name."""
    place = _PLACES[name]
    return Waits(*(figure or 0 for figure in figures[place : place + len(_OF_WAIT)]))


def _plus(one: Figures, other: Figures) -> Figures:
    if one is NOTHING:
        return other
    # Few buckets have waits, and counts alone take a third of the time.
    if one[_COUNTED:] == _NO_WAITS:
        return [*map(add, one[:_COUNTED], other[:_COUNTED]), *other[_COUNTED:]]
    return [add(left, right) for add, left, right in zip(_ADD, one, other, strict=True)]


def _least(one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


_ADD_WAIT: tuple[Callable[[Any, Any], Any], ...] = (add, add, _least, max)
_ADD = (*(add for _ in COUNTS), *_ADD_WAIT * len(WAITS))


class Spells(msgspec.Struct, array_like=True):
    """Workers who entered an activity and who left it in a bucket; a *spell* lasts from the one to the other.

    Of those who entered: how many, the sum of the times, the last time. Of the spells that were over: how many, the sum of the
    times at which they ended, the shortest duration, the first end, the first beginning. ``longest`` are durations and ends:
    those spells than which none was both longer and over later, the last end first.
    """

    entered: int = 0
    entered_sum: int = 0
    last_entered: int | None = None
    left: int = 0
    left_sum: int = 0
    shortest: int | None = None
    first_left: int | None = None
    first_entered: int | None = None
    longest: Longest = msgspec.field(default_factory=list)

    def enter(self, at: int) -> None:
        """A worker enters."""
        self.entered += 1
        self.entered_sum += at
        self.last_entered = at if self.last_entered is None else max(self.last_entered, at)

    def leave(self, entered_at: int, at: int) -> None:
        """A worker leaves."""
        self.add(Spells(0, 0, None, 1, at, at - entered_at, at, entered_at, [(at - entered_at, at)]))

    def add(self, other: "Spells") -> None:
        """Both together."""
        self.entered += other.entered
        self.entered_sum += other.entered_sum
        self.last_entered = max((at for at in (self.last_entered, other.last_entered) if at is not None), default=None)
        self.left += other.left
        self.left_sum += other.left_sum
        self.shortest = _least(self.shortest, other.shortest)
        self.first_left = _least(self.first_left, other.first_left)
        self.first_entered = _least(self.first_entered, other.first_entered)
        if other.longest:
            self.longest = _undominated([*self.longest, *other.longest])


SpellsBy = dict[str, Spells]
"""By activity."""


def add_spells(to: SpellsBy, more: SpellsBy) -> None:
    """Both together."""
    for activity_sid, spells in more.items():
        to.setdefault(activity_sid, Spells()).add(spells)


class Split(msgspec.Struct, array_like=True):
    """How many had waited how long: whole seconds in ascending order, and for each how many waited no longer."""

    seconds: list[int] = msgspec.field(default_factory=list)
    so_many: list[int] = msgspec.field(default_factory=list)

    def below(self, threshold_s: int) -> int:
        """How many waited less."""
        place = bisect_left(self.seconds, threshold_s)
        return self.so_many[place - 1] if place else 0

    @property
    def all(self) -> int:
        """How many waited."""
        return self.so_many[-1] if self.so_many else 0

    def and_more(self, waits: Iterable[int]) -> "Split":
        """These milliseconds too."""
        counts = {second: self.so_many[i] - (self.so_many[i - 1] if i else 0) for i, second in enumerate(self.seconds)}
        for wait in waits:
            counts[wait // SECOND] = counts.get(wait // SECOND, 0) + 1
        seconds = sorted(counts)
        return Split(seconds, list(accumulate(counts[second] for second in seconds)))


Splits = dict[str, Split]
BucketKey = tuple[str, int, int, str]
"""A subject, a width, a time, a task channel."""


class Bucket(msgspec.Struct, frozen=True):
    """A row; see the top of the file. Spells belong to no task channel: where they are it is ''."""

    subject_sid: str
    width: int
    at: int
    task_channel_sid: str
    figures: Figures
    spells: SpellsBy
    splits: Splits


class Place(msgspec.Struct, frozen=True):
    """How far an account's events are in the statistics."""

    account_sid: str
    version: int
    position: int


STATISTICS = Table("statistics", Bucket, key=("subject_sid", "width", "at", "task_channel_sid"), version=None)
PLACES = Table("statistics_places", Place, key=("account_sid",))

_OLD = STATISTICS.where("at < ? ORDER BY at LIMIT ?")


class Behind(msgspec.Struct, frozen=True):
    """An account that recorded more than is in the statistics, and how far it is."""

    account_sid: str
    position: int


BEHIND = Query(
    "SELECT feed.account_sid, feed.position FROM feed LEFT JOIN statistics_places AS places "
    "ON places.account_sid = feed.account_sid WHERE feed.position > COALESCE(places.position, 0) ORDER BY feed.account_sid",
    Shape(Behind),
)


def widths_of(subject_sid: str) -> tuple[int, ...]:
    """The widths of a subject's buckets."""
    return WIDTHS_OF_WORKER if subject_sid.startswith("WK") else WIDTHS


def cut(start: int, end: int, widths: Sequence[int]) -> list[tuple[int, int, int]]:
    """Width, first and end (not included) of the buckets that make up a window of whole seconds; two a width but the last."""
    spans: list[tuple[int, int, int]] = []
    for narrow, wide in pairwise(widths):
        inner, outer = -(-start // wide) * wide, end // wide * wide
        if inner > outer:
            # No wide bucket lies inside: what is left is made of narrow ones.
            inner = outer = end
        spans += [(narrow, start, inner), (narrow, outer, end)]
        start, end = inner, outer
    return [*spans, (widths[-1], start, end)]


async def rows_with(view: View, keys: Iterable[BucketKey]) -> dict[BucketKey, Bucket]:
    """The buckets with these keys that are there."""
    wanted: dict[int, tuple[set[str], set[int]]] = {}
    for subject_sid, width, at, _ in keys:
        subjects, times = wanted.setdefault(width, (set(), set()))
        subjects.add(subject_sid)
        times.add(at)
    found: dict[BucketKey, Bucket] = {}
    for width, (subjects, times) in wanted.items():
        sids = padded(sorted(subjects))
        ats = sorted(times)
        ats += ats[-1:] * (len(padded([""] * len(ats))) - len(ats))
        query = _with_keys(len(sids), len(ats))
        found |= {STATISTICS.key_of(row): row for row in await view.all(query, width, *sids, *ats)}  # type: ignore[misc] # as its key says
    return found


@cache
def _with_keys(subjects: int, times: int) -> Query[Bucket]:
    return STATISTICS.where(f"width = ? AND {among('subject_sid', subjects)} AND {among('at', times)}")


class Read(msgspec.Struct, frozen=True):
    """A row as a window wants it, and the number of the window's part in which it lies.

    The first row has no subject and no figures: ``position`` is the place of the events that are in all the others.
    """

    part: int
    subject_sid: str
    position: int
    figures: Figures
    spells: SpellsBy | None
    splits: Splits | None


async def rows_between(
    view: View,
    account_sid: str,
    subject_sids: Sequence[str],
    parts: Sequence[tuple[int, int]],
    task_channel_sid: str | None,
    *,
    spells: bool,
    splits: bool,
) -> tuple[int, list[Read]]:
    """The rows of subjects (of one prefix) that make up windows, and up to which position the events are in them.

    One SELECT, so that rows and position are of one moment.
    """
    sids = padded(list(subject_sids))
    widths = widths_of(sids[0])
    arguments: list[str | int] = [account_sid]
    for start, end in parts:
        for width, first, last in cut(start, end, widths):
            arguments += [*sids, width, first, last, *([task_channel_sid] if task_channel_sid is not None else [])]
    columns = ("spells" if spells else "NULL", "splits" if splits else "NULL")
    query = _between(len(sids), len(parts), 2 * len(widths) - 1, columns, by_channel=task_channel_sid is not None)
    rows = await view.all(query, *arguments)
    position = max((row.position for row in rows), default=0)
    return position, [row for row in rows if row.subject_sid]


@cache
def _between(subjects: int, parts: int, spans: int, columns: tuple[str, str], *, by_channel: bool) -> Query[Read]:
    channel = " AND task_channel_sid IN (?, '')" if by_channel else ""
    place = (
        "SELECT 0 AS part, '' AS subject_sid, position, '[]' AS figures, '{}' AS spells, '{}' AS splits "
        "FROM statistics_places WHERE account_sid = ?"
    )
    selects = [
        f"SELECT {part}, subject_sid, 0, figures, {', '.join(columns)} FROM statistics "
        f"WHERE {among('subject_sid', subjects)} AND width = ? AND at >= ? AND at < ?{channel}"
        for part in range(parts)
        for _ in range(spans)
    ]
    return Query(" UNION ALL ".join([place, *selects]), Shape(Read))


async def sweep_statistics(unit: Unit, before: int) -> int:
    """One slice of the buckets that began before then; returns how many rows went."""
    old = await unit.all(_OLD, before, ROWS)
    for row in old:
        unit.discard(STATISTICS, *STATISTICS.key_of(row))
    return len(old)


def _undominated(spells: Longest) -> Longest:
    kept: Longest = []
    for duration, end in sorted(spells, key=lambda spell: (-spell[1], -spell[0])):
        if not kept or duration > kept[-1][0]:
            kept.append((duration, end))
    return kept
