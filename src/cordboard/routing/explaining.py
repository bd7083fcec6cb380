"""Why a task stands where it stands, and who can get it: what the router decides by, told.

Every verdict here is the router's own: of a filter `walk.takes`, of a worker `eligibility.look`. What is added is why: the comparisons
of an expression that decided (`expressions.findings`), and how near everybody came.
"""

from collections.abc import Iterator
from enum import StrEnum
from heapq import nsmallest
from itertools import chain
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from cordboard.routing import walk
from cordboard.routing.capacity import Hindrance
from cordboard.routing.eligibility import Miss, Place, Reason
from cordboard.routing.expressions.findings import Finding, inquire
from cordboard.routing.expressions.tokens import ExpressionError
from cordboard.routing.facts import TaskFact, WorkerFact
from cordboard.routing.floor import Floor
from cordboard.routing.namespaces import (
    Names,
    target_names,
    time_of_day,
    worker_names,
    worker_names_with_channels,
)
from cordboard.routing.ordering import TaskKey
from cordboard.routing.walk import Moment, Step
from cordboard.routing.workflow import Workflow

# Who comes nearest to the task first.
NEAREST: tuple[Reason, ...] = (
    Miss.AWAY,
    Miss.ASKED,
    Hindrance.NO_CAPACITY,
    Hindrance.OCCUPIED,
    Hindrance.CHANNEL_UNAVAILABLE,
    Hindrance.UNAVAILABLE,
    Hindrance.NO_CHANNEL,
    Miss.TARGET,
    Miss.QUEUE,
    Miss.NOT_NAMED,
)


class Looked(NamedTuple):
    """The workers who can get a task, in the order in which they would, and the others by the reason, the nearest first."""

    eligible: list[WorkerFact]
    others: dict[Reason, list[WorkerFact]]


class Wanted(NamedTuple):
    """How many tasks a worker can get, and the first of them; of the others the same by reason."""

    total: int
    first: list[TaskFact]
    others: dict[Reason, tuple[int, list[TaskFact]]]


class Outcome(StrEnum):
    """What a filter has to do with a task.

    One that is *passed over* holds, but the task is past it: its last target was skipped, or it holds only since the filters were
    asked.
    """

    TAKEN = "taken"
    NOT_MATCHED = "not_matched"
    TIMED_OUT = "timed_out"
    PASSED_OVER = "passed_over"


class Tried(Struct, frozen=True):
    """A filter that came before the place where a task stands, or holds it; ``index`` is None for the default filter.

    ``findings`` say why its expression holds or not.
    """

    index: int | None
    name: str | None
    expression: str | None
    outcome: Outcome
    findings: list[Finding]


def who(floor: Floor, task: TaskFact, now: int) -> Looked:
    """Look at every worker of a floor for a task, which need not stand there."""
    places: list[tuple[Place, WorkerFact]] = []
    missed: dict[Reason, list[WorkerFact]] = {}
    for worker, found in floor.looks(task, now):
        if isinstance(found, tuple):
            places.append((found, worker.fact))
        else:
            missed.setdefault(found, []).append(worker.fact)
    places.sort()  # no two places are the same
    return Looked([fact for _, fact in places], {reason: missed[reason] for reason in NEAREST if reason in missed})


def what(floor: Floor, worker: WorkerFact, now: int, most: int) -> Wanted:
    """The waiting tasks of a floor that a worker could get, as if nobody else were there; the worker need not stand there.

    Each list has at most ``most``.
    """
    alone = floor.deserted()
    alone.put_worker(worker)
    counts: dict[Reason | None, int] = {}
    found: dict[Reason | None, list[tuple[tuple[bool, TaskKey], TaskFact]]] = {}
    for task_class in floor.classes():
        ((_, verdict),) = alone.looks(task_class.like, now)
        reason = None if isinstance(verdict, tuple) else verdict
        places = ((floor.turn_of(task_class, task), task) for task in task_class.tasks.values())
        counts[reason] = counts.get(reason, 0) + len(task_class.tasks)
        found[reason] = nsmallest(most, chain(found.get(reason, ()), places))
    tasks = {reason: [task for _, task in places] for reason, places in found.items()}
    others = {reason: (counts[reason], tasks[reason]) for reason in NEAREST if reason in counts}
    return Wanted(counts.get(None, 0), tasks.get(None, []), others)


def why_not(floor: Floor, task: TaskFact, worker: WorkerFact, reason: Reason, now: int) -> list[Finding]:
    """What decided where an expression keeps a worker from a task; nothing for other reasons."""
    if reason is Miss.QUEUE and (queue := floor.queue(task.queue_sid)) is not None:
        return served(queue.target_workers, worker)[1]
    if reason is Miss.TARGET and task.target is not None and task.target.expression is not None:
        names = target_names(task.attributes, worker_names_with_channels(worker), time_of_day(now))
        return ask(task.target.expression, names)[1]
    return []


def served(target_workers: str, worker: WorkerFact) -> tuple[bool, list[Finding]]:
    """Whether a worker serves a queue, and what decided."""
    return ask(target_workers, worker_names(worker))


def ask(expression: str, names: Names) -> tuple[bool, list[Finding]]:
    """Whether an expression holds, and what decided. A text that is none does not hold, as in routing."""
    try:
        return inquire(expression).ask(names)
    except ExpressionError:
        return False, []


def filters_tried(workflow: Workflow, place: walk.Place | None, moment: Moment) -> Iterator[Tried]:
    """The filters down to the one in which a task stands; all of them for one that found no place (None).

    ``moment`` is that of the question whether they hold.
    """
    stands = place.filter_index if place is not None else None
    names = walk.seen_by_filters(workflow, moment)
    for index, one in enumerate(workflow.filters):
        holds = walk.takes(one, names)
        if place is not None and index == stands:
            outcome = Outcome.TAKEN
        elif place is not None and index in place.outlived:
            outcome = Outcome.TIMED_OUT
        else:
            outcome = Outcome.PASSED_OVER if holds else Outcome.NOT_MATCHED
        expression = one.expression.text if one.expression is not None else None
        findings = ask(expression, names)[1] if expression is not None else []
        yield Tried(index, one.name, expression, outcome, findings)
        if outcome is Outcome.TAKEN:
            return
    if place is not None and workflow.default is not None:
        yield Tried(None, workflow.default.name, None, Outcome.TAKEN, [])


def moves_on(workflow: Workflow, place: walk.Place, moment: Moment) -> Step | None:
    """Where the end of its target's time leads a task, as far as is known now; None if out of the workflow.

    Ask it of a task whose target ends. One that is held past the end goes on as it would now.
    """
    at = max(place.until or 0, moment.age)
    return walk.time_out(workflow, place, replace(moment, now=moment.now + at - moment.age, age=at))
