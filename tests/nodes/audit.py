"""What the feed tells of a run: nothing is missing, nobody was offered twice, nobody had more than its capacity."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from cordboard.events.journal import Entry, Event

JOURNAL_ROWS = "SELECT account_sid, position, count, at, data FROM journal ORDER BY position"

_OPENED, _ENDED = "reservation.created", {"completed", "rejected", "timeout", "canceled", "rescinded"}


class Told(msgspec.Struct):
    """``beyond`` counts moments at which a worker held more than its capacity, ``doubled`` those at which a task had two offers.

    ``lost`` are tasks that were acknowledged and have neither an offer nor an end; ``waits_ms`` is from each task's creation
    to its first offer, by the time of its creation.
    """

    events: int
    offers: int
    beyond: int
    doubled: int
    lost: list[str]
    waits_ms: list[tuple[int, int]]

    def first_offer_after(self, moment: int) -> int:
        """How long after the moment a task that was created after it had its first offer, in milliseconds."""
        return min(created + wait for created, wait in self.waits_ms if created >= moment) - moment


def recorded(rows: Iterable[Sequence[Any]]) -> list[Event]:
    """The events of rows that ``JOURNAL_ROWS`` gives."""
    return [event for row in rows for event in Entry(*row).events()]


def audit(events: list[Event], acknowledged: set[str], capacity: int) -> Told:
    """``events`` are those of one account, in order."""
    assert [event.position for event in events] == list(range(1, len(events) + 1)), "the feed has gaps"
    held: dict[str, set[str]] = defaultdict(set)
    offered: dict[str, set[str]] = defaultdict(set)
    created: dict[str, int] = {}
    first: dict[str, int] = {}
    over: Counter[str] = Counter()
    offers = 0
    for event in events:
        type_, resource, at = event.type, event.resource_sid, event.at
        if type_ == "task.created":
            created[resource] = at
        if not type_.startswith("reservation."):
            continue
        facts: dict[str, Any] = json.loads(event.data)
        worker, task = facts["worker"]["sid"], facts["task"]["sid"]
        if type_ == _OPENED:
            offers += 1
            held[worker].add(resource)
            offered[task].add(resource)
            first.setdefault(task, at)
            over["beyond"] += len(held[worker]) > capacity
            over["doubled"] += len(offered[task]) > 1
        elif facts["reservation"]["reservation_status"] in _ENDED:
            held[worker].discard(resource)
            offered[task].discard(resource)
    return Told(
        events=len(events),
        offers=offers,
        beyond=over["beyond"],
        doubled=over["doubled"],
        lost=sorted(acknowledged - first.keys()),
        waits_ms=sorted((created[task], at - created[task]) for task, at in first.items() if task in created),
    )
