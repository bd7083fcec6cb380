"""Targets that are skipped at once (`skip_if`, taskrouter.md 5.5).

A target is skipped if, on entering it, nobody can be reserved immediately and its `skip_if` holds. The first needs to know
who is free, whom other tasks come before, and what the target asks: the floor knows it, and nobody else does without
reading every worker. So the look belongs to the router, not to the unit in which the task enters:

    unit   the task enters the target         its row, its alarm; the answer of a create shows this queue
    turn   the floor offers what it can       the turn comes right after the unit, as for every offer
    look   not offered, and skip_if holds     the task goes on, in a unit guarded by its version; then the next turn

A task is looked at once for each target that it enters: in the first turn of a floor that knows all of its workers. One who
is away, because an offer of the turn before has not been heard back, might have been free. One that was offered has not been
skipped, whatever becomes of the offer; its row shows it (`TaskFact` holds no `skip_if` then).

That a task was looked at and stayed is remembered here and nowhere else: a row for it would be one more write for every task
that waits. So who builds a floor anew, after a restart or in place of a node that is gone, looks once more at tasks that
have not been offered since they entered. The price is that such a task may be skipped later than on entering; the other way
round one could wait for ever in a target that it should have skipped.
"""

from collections.abc import Callable, Container, Mapping
from functools import lru_cache

from msgspec import Struct

from cordboard.routing.expressions.compiler import Expression, compile_expression

_EXPRESSIONS = 1024


class Entry(Struct, frozen=True):
    """A task that has entered a target with a `skip_if` and was not offered since. `step` is another for each entering."""

    task_sid: str
    task_version: int
    step: int
    queue_sid: str
    skip_if: str


class Skip(Struct, frozen=True):
    """Let this task go on to the next target. Do it only if it still has this version."""

    task_sid: str
    task_version: int


class Skips:
    """See the top of the file."""

    def __init__(self) -> None:
        self._new: dict[str, Entry] = {}
        self._stayed: dict[str, int] = {}

    @property
    def waiting(self) -> bool:
        """Whether a task is to be looked at."""
        return bool(self._new)

    def put(self, entry: Entry) -> None:
        """It is looked at unless that was done."""
        if self._stayed.get(entry.task_sid) != entry.step:
            self._new[entry.task_sid] = entry

    def remove(self, task_sid: str) -> None:
        """It does not wait in such a target any more."""
        self._new.pop(task_sid, None)
        self._stayed.pop(task_sid, None)

    def decide(self, offered: set[str], counts: Callable[[str], "Counts"]) -> list[Skip]:
        """Look at all that the turn has not offered. `counts` are of the workers of a queue.

        One that is to go on is looked at again until it has gone.
        """
        skipped: list[Skip] = []
        for entry in list(self._new.values()):
            if entry.task_sid in offered:
                continue
            if holds(_compiled(entry.skip_if), counts(entry.queue_sid)):
                skipped.append(Skip(entry.task_sid, entry.task_version))
            else:
                del self._new[entry.task_sid]
                self._stayed[entry.task_sid] = entry.step
        return skipped


class Counts(Struct, frozen=True):
    """A queue's workers by what they are doing, whatever their capacity; `activities` by SID."""

    available: int
    unavailable: int
    activities: Mapping[str, int]


def count(activities: Mapping[str, int], available: Container[str]) -> Counts:
    """So many workers are in each activity, of which these are available."""
    free = sum(workers for sid, workers in activities.items() if sid in available)
    return Counts(free, sum(activities.values()) - free, activities)


def holds(skip_if: Expression, counts: Counts) -> bool:
    """Whether a target is skipped. An activity in which nobody is counts 0."""
    names: dict[str, int] = {str(path[1]): 0 for path in skip_if.mentions if len(path) > 1}
    names |= {**counts.activities, "available": counts.available, "unavailable": counts.unavailable}
    return skip_if.holds({"workers": names})


@lru_cache(_EXPRESSIONS)
def _compiled(text: str) -> Expression:
    return compile_expression(text)
