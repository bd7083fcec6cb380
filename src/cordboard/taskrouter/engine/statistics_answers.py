"""From counters and sums to the figures that are told: the arithmetic of section 10 of taskrouter.md."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from cordboard.kernel.clock import MILLISECONDS
from cordboard.routing.lifecycle import TaskStatus
from cordboard.taskrouter.model import Activity
from cordboard.taskrouter.store.statistics import COUNTS, Spells, Waits, count_in, waits_in
from cordboard.taskrouter.wire.statistics import Window
from cordboard.taskrouter.wire.statistics_answers import Cumulative, RealTime, Waited

from .statistics_counting import (
    ACCEPTED,
    CANCELED,
    IN_QUEUE_UNTIL_ACCEPTED,
    UNTIL_ACCEPTED,
    UNTIL_CANCELED,
)
from .statistics_figures import Cell, Entry, Figures
from .statistics_reading import Total

_OPEN = (TaskStatus.PENDING, TaskStatus.RESERVED, TaskStatus.ASSIGNED, TaskStatus.WRAPPING)
_NO_SPELLS = Spells()


class Present(msgspec.Struct, frozen=True):
    """Workers who are in an activity now: how many, and since when the first of them."""

    count: int
    since: int | None


def standing(cells: Iterable[Cell], now: int) -> RealTime:
    """How the tasks of some cells stand."""
    by_status = dict.fromkeys((status.value for status in _OPEN), 0)
    by_priority: dict[int, int] = {}
    oldest: list[Entry] = []
    oldest_in_queue: list[Entry] = []
    for cell in cells:
        for status in _OPEN:
            by_status[status.value] += cell.by_status[status]
        for priority, count in cell.by_priority.items():
            by_priority[priority] = by_priority.get(priority, 0) + count
        oldest += [entry for entry in (cell.oldest.first(),) if entry is not None]
        oldest_in_queue += [entry for entry in (cell.oldest_in_queue.first(),) if entry is not None]
    told = RealTime(tasks_by_status=by_status)
    told.tasks_by_priority = {str(priority): count for priority, count in sorted(by_priority.items())}
    if oldest:
        told.longest_task_waiting_age, told.longest_task_waiting_sid = _age(min(oldest), now)
    if oldest_in_queue:
        age, sid = _age(min(oldest_in_queue), now)
        told.longest_relative_task_age_in_queue, told.longest_relative_task_sid_in_queue = age, sid
    return told


def count_workers(told: RealTime, activities: Sequence[Activity], workers: Mapping[str, int]) -> RealTime:
    """Tell how many workers there are, given how many are in each activity."""
    told.activity_statistics = [
        {"friendly_name": activity.friendly_name, "sid": activity.sid, "workers": workers.get(activity.sid, 0)}
        for activity in activities
    ]
    told.total_workers = told.total_eligible_workers = sum(workers.values())
    told.total_available_workers = sum(workers.get(activity.sid, 0) for activity in activities if activity.available)
    return told


def present(figures: Figures) -> dict[str, Present]:
    """All workers of a workspace, by activity."""
    return {activity_sid: Present(crew.count, crew.since) for activity_sid, crew in figures.crews.items()}


def gathered(standings: Iterable[tuple[str, int]]) -> dict[str, Present]:
    """Some workers, by activity, given the activity of each and when they entered it."""
    found: dict[str, Present] = {}
    for activity_sid, since in standings:
        known = found.get(activity_sid)
        found[activity_sid] = (
            Present(1, since) if known is None else Present(known.count + 1, min(known.since or since, since))
        )
    return found


def happened(window: Window, total: Total, thresholds: Sequence[int]) -> Cumulative:
    """What happened to tasks and reservations."""
    figures = total.figures
    told = Cumulative(window=window, counts={name: count_in(figures, name) for name in COUNTS})
    told.wait_duration_until_accepted = _waited(waits_in(figures, UNTIL_ACCEPTED))
    told.wait_duration_until_canceled = _waited(waits_in(figures, UNTIL_CANCELED))
    told.wait_duration_in_queue_until_accepted = _waited(waits_in(figures, IN_QUEUE_UNTIL_ACCEPTED))
    if thresholds:
        told.split_by_wait_time = {str(threshold): _split(total, threshold) for threshold in thresholds}
    return told


def durations(
    activities: Sequence[Activity],
    start: int,
    end: int,
    within: Mapping[str, Spells],
    since: Mapping[str, Spells],
    now: Mapping[str, Present],
) -> list[dict[str, str | int]]:
    """How long workers were in each activity between two times, given the spells of that time, those since, and who is in it now."""
    told: list[dict[str, str | int]] = []
    for activity in activities:
        sid = activity.sid
        figures = _duration(
            start, end, within.get(sid, _NO_SPELLS), since.get(sid, _NO_SPELLS), now.get(sid, Present(0, None))
        )
        told.append({"sid": sid, "friendly_name": activity.friendly_name, **msgspec.structs.asdict(figures)})
    return told


def _duration(start: int, end: int, within: Spells, since: Spells, now: Present) -> Waited:
    """Of every spell that touches the time, the part that lies in it.

    Who was in the activity at the end is who is in it now, less who entered since, and who left since; the sum of all parts is then
    the times of those who left and of those who were in it at the end, less the times of those who entered and of those who
    were in it at the start. A part is the shortest of four: the spell, from the start to its end, from its beginning to the end, all
    the time; so the shortest part is the shortest of these of anybody. The longest is either of somebody who was in it at the end, or
    among the spells than which none was both longer and over later.
    """
    at_end = max(0, now.count + since.left - since.entered)
    at_start = max(0, at_end + within.left - within.entered)
    count = at_start + within.entered
    if end <= start or not count:
        return Waited()
    total = within.left_sum + at_end * end - within.entered_sum - at_start * start
    shortest = [end - start]
    if within.shortest is not None and within.first_left is not None:
        shortest += [within.shortest, within.first_left - start]
    if within.last_entered is not None:
        shortest.append(end - within.last_entered)
    longest = [min(duration, left_at - start) for duration, left_at in within.longest]
    if at_end:
        began = min((at for at in (now.since, since.first_entered) if at is not None), default=start)
        longest.append(end - min(max(began, start), end))
    return _seconds(count, max(0, total), max(0, min(shortest)), max(longest, default=0))


def _split(total: Total, threshold_s: int) -> dict[str, dict[str, int]]:
    canceled_below, canceled_above = total.split(CANCELED, threshold_s)
    accepted_below, accepted_above = total.split(ACCEPTED, threshold_s)
    return {
        "above": {"tasks_canceled": canceled_above, "reservations_accepted": accepted_above},
        "below": {"tasks_canceled": canceled_below, "reservations_accepted": accepted_below},
    }


def _waited(waits: Waits) -> Waited:
    return Waited() if not waits.count else _seconds(waits.count, waits.total, waits.shortest, waits.longest)


def _seconds(count: int, total: int, shortest: int, longest: int) -> Waited:
    return Waited(
        avg=total // count // MILLISECONDS,
        min=shortest // MILLISECONDS,
        max=longest // MILLISECONDS,
        total=total // MILLISECONDS,
    )


def _age(entry: Entry, now: int) -> tuple[int, str]:
    since, sid = entry
    return max(0, now - since) // MILLISECONDS, sid
