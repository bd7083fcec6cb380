"""A task's walk over the targets of a workflow (taskrouter.md 5.2 to 5.5, 5.9).

    filter 0   [target 0, 10 s] [target 1, 10 s] [target 2]        down the filters, along the targets
    filter 1   [target 0, 20 s]
    default    [target]

A task enters the first filter whose expression holds, at its first target, and goes on along the filter's targets: when the
target's time is over, or at once if the target is *skipped*. Behind the last target

- of a filter that it was *timed out* of, the search goes on below that filter. The filter is *outlived*: the task never
  enters it again, and the default filter is not for it any more;
- of a filter that was skipped, the search goes on as though the filter had not matched, the default filter included.

Who finds nothing falls out.

Time-outs count cumulatively, in the task's *age* (ms): target k ends when the time-outs of targets 0 to k are over, however
long reservations held the task meanwhile. A task that was reserved past the end of a target passes on over all targets whose
time is over too, as though it had been there: the priority of each counts. What is summed up begins with the filter
(`counted_from`): with the task itself for the filter it was created into, where the time of an outlived filter ended for the
next one, and with the entering else. So a filter that a task is led into late, by new attributes or another configuration, is
walked from its first target, and is not over before it began. (The vendor's page speaks of age alone. By that letter a change
of attributes would cancel whoever has waited longer than the new filter's time-outs.)

New attributes lead to the first filter that holds and is not outlived. If that is the one it stands in, the task stays at its
target and its time goes on; so changing attributes again and again puts nothing off. Filters are asked at these moments only,
never because the clock moved.

All functions are pure: a place in, a step or None for falling out.
"""

from typing import Any, NamedTuple

from msgspec import Struct

from cordboard.routing.namespaces import Names, filter_names
from cordboard.routing.workflow import Filter, Target, Workflow


class Place(Struct, frozen=True, omit_defaults=True):
    """Where a task stands. Times are in its age (ms).

    `filter_index` is None in the default filter; `until` is when the target's time is over, None for never.
    """

    filter_index: int | None = None
    target_index: int = 0
    counted_from: int = 0
    until: int | None = None
    outlived: tuple[int, ...] = ()


class Step(Struct, frozen=True):
    """Going to a target. `priority` is the last that a target on the way set, None if the task keeps its own."""

    place: Place
    target: Target
    priority: int | None


class Moment(Struct, frozen=True):
    """What a filter sees: the task's attributes, the time (ms since 1970, for `taskrouter.*`) and the task's age (ms)."""

    attributes: dict[str, Any]
    now: int
    age: int = 0


def enter(workflow: Workflow, moment: Moment, outlived: tuple[int, ...] = ()) -> Step | None:
    """To the first filter that holds and is not outlived, at its first target."""
    return _down(workflow, moment, 0, moment.age, outlived, None)


def time_out(workflow: Workflow, place: Place, moment: Moment) -> Step | None:
    """On from a target whose time is over."""
    return _on(workflow, place, moment)


def skip(workflow: Workflow, place: Place, moment: Moment) -> Step | None:
    """On from a target that is skipped."""
    if place.filter_index is None:
        return None
    if place.target_index + 1 < len(workflow.filters[place.filter_index].targets):
        return _on(workflow, place, moment)
    return _down(workflow, moment, place.filter_index + 1, moment.age, place.outlived, None)


def filter_at(workflow: Workflow, place: Place) -> Filter | None:
    """The filter that a task stands in; None for the default one."""
    return None if place.filter_index is None else workflow.filters[place.filter_index]


def seen_by_filters(workflow: Workflow, moment: Moment) -> Names:
    """What the expressions of its filters can name."""
    return filter_names(moment.attributes, moment.now) if workflow.timed else moment.attributes


def takes(one: Filter, names: Names) -> bool:
    """Whether a filter is for a task, if it is not outlived."""
    return one.expression is None or one.expression.holds(names)


def _on(workflow: Workflow, place: Place, moment: Moment) -> Step | None:
    """Along the filter from a place, then down."""
    if place.filter_index is None:
        return None
    found = _along(workflow.filters[place.filter_index], moment, place, None)
    if isinstance(found, Step):
        return found
    outlived = (*place.outlived, place.filter_index)
    return _down(workflow, moment, place.filter_index + 1, found.end, outlived, found.priority)


def _down(
    workflow: Workflow, moment: Moment, first: int, counted_from: int, outlived: tuple[int, ...], priority: int | None
) -> Step | None:
    """The search from the filter at `first` on, the time of its targets counted from an age."""
    names = seen_by_filters(workflow, moment)
    barred = frozenset(outlived)
    for index in range(first, len(workflow.filters)):
        if index in barred or not takes(workflow.filters[index], names):
            continue
        before = Place(index, -1, counted_from, outlived=outlived)
        found = _along(workflow.filters[index], moment, before, priority)
        if isinstance(found, Step):
            return found
        counted_from, outlived, priority = found.end, (*outlived, index), found.priority
    if workflow.default is None or outlived:
        return None
    if workflow.default.priority is not None:
        priority = workflow.default.priority
    return Step(Place(counted_from=counted_from), workflow.default, priority)


class _Over(NamedTuple):
    """The age at which the time of a filter was over, and the last priority that was set on the way."""

    end: int
    priority: int | None


def _along(one: Filter, moment: Moment, place: Place, priority: int | None) -> Step | _Over:
    """From a place to the next target of its filter whose time is not over."""
    index = place.target_index + 1
    end = place.counted_from + sum(target.timeout_ms or 0 for target in one.targets[:index])
    for number, target in enumerate(one.targets[index:], index):
        if target.priority is not None:
            priority = target.priority
        until = None if target.timeout_ms is None else end + target.timeout_ms
        if until is None or until > moment.age:
            return Step(Place(place.filter_index, number, place.counted_from, until, place.outlived), target, priority)
        end = until
    return _Over(end, priority)
