"""A task's walk over a workflow's targets (taskrouter.md 5.2 to 5.5), rule by rule and against a plain walk."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cordboard.routing.walk import Moment, Place, Step, enter, filter_at, skip, time_out
from cordboard.routing.workflow import Workflow, parse_workflow
from tests.routing.plain_walk import PlainFilter, PlainTarget, PlainWalk

NOON = 4 * 86_400_000 + 12 * 3_600_000
SECOND = 1000


def workflow(*filters: dict[str, Any], default: dict[str, Any] | None = None) -> Workflow:
    return parse_workflow(json.dumps({"task_routing": {"filters": filters, "default_filter": default}}))


def to(*targets: dict[str, Any], when: str | None = None) -> dict[str, Any]:
    return {"targets": list(targets), "expression": when}


def at(age_s: int = 0, **attributes: Any) -> Moment:
    return Moment(attributes, NOON + age_s * SECOND, age_s * SECOND)


def where(step: Step | None) -> tuple[str, float | None] | None:
    """The queue, and the age in seconds at which the task leaves it."""
    if step is None:
        return None
    until = step.place.until
    return step.target.queue_sid, None if until is None else until / SECOND


THREE = workflow(to({"queue": "Q1", "timeout": 10}, {"queue": "Q2", "timeout": 10}, {"queue": "Q3", "timeout": 10}))


def test_a_task_enters_the_first_filter_that_takes_it_at_its_first_target() -> None:
    flow = workflow(to({"queue": "Q1", "priority": 7}, when="a == 1"), to({"queue": "Q2"}), default={"queue": "Q9"})
    first, second = enter(flow, at(a=1)), enter(flow, at(a=2))
    assert (where(first), where(second)) == (("Q1", None), ("Q2", None))
    assert first is not None
    assert first.priority == 7


def test_a_filter_may_read_the_time_of_day() -> None:
    flow = workflow(to({"queue": "Q1"}, when="taskrouter.currentHour == 12"))
    assert where(enter(flow, at())) == ("Q1", None)
    assert enter(flow, Moment({}, NOON - 1)) is None
    assert enter(flow, Moment({"taskrouter": {"currentHour": 12}}, NOON - 1)) is None


def test_the_default_filter_is_for_tasks_that_no_filter_takes() -> None:
    flow = workflow(to({"queue": "Q1"}, when="a == 1"), default={"queue": "Q9", "priority": 3})
    step = enter(flow, at())
    assert step is not None
    assert (step.place, step.target.queue_sid, step.priority) == (Place(), "Q9", 3)


def test_a_place_is_in_one_of_the_filters_or_in_the_default_one() -> None:
    flow = workflow(to({"queue": "Q1"}), to({"queue": "Q2"}), default={"queue": "Q9"})
    assert filter_at(flow, Place(1)) is flow.filters[1]
    assert filter_at(flow, Place()) is None


def test_without_filter_and_default_a_task_falls_out() -> None:
    assert enter(workflow(to({"queue": "Q1"}, when="a == 1")), at()) is None
    assert enter(parse_workflow('{"task_routing": {}}'), at()) is None


def test_time_outs_count_cumulatively_in_the_tasks_age() -> None:
    first = enter(THREE, at())
    assert where(first) == ("Q1", 10)
    second = time_out(THREE, first.place, at(10)) if first else None
    assert where(second) == ("Q2", 20)
    third = time_out(THREE, second.place, at(20)) if second else None
    assert where(third) == ("Q3", 30)
    assert third is not None
    assert time_out(THREE, third.place, at(30)) is None


def test_who_was_reserved_past_several_targets_passes_on_over_all_of_them_with_their_priorities() -> None:
    flow = workflow(
        to(
            {"queue": "Q1", "timeout": 10},
            {"timeout": 10, "priority": 5},
            {"queue": "Q3", "timeout": 10},
            {"priority": 9},
        )
    )
    first = enter(flow, at())
    assert first is not None
    late = time_out(flow, first.place, at(25))
    assert where(late) == ("Q3", 30)
    assert late is not None
    assert late.priority == 5


def test_priorities_that_were_set_on_the_way_out_of_a_filter_count_in_those_below() -> None:
    flow = workflow(
        to({"queue": "Q1", "timeout": 10}, {"timeout": 10, "priority": 5}),
        to({"queue": "Q2", "timeout": 10}),
        to({"queue": "Q3", "timeout": 10}),
    )
    steps = [time_out(flow, Place(0, 0, until=10_000), at(age_s)) for age_s in (25, 35)]
    assert [where(step) for step in steps] == [("Q2", 30), ("Q3", 40)]
    assert [step.priority for step in steps if step is not None] == [5, 5]


def test_a_target_without_time_out_keeps_the_task() -> None:
    flow = workflow(to({"queue": "Q1", "timeout": 10}, {"queue": "Q2"}, {"queue": "Q3", "timeout": 5}))
    assert where(time_out(flow, Place(0, 0, until=10_000), at(10))) == ("Q2", None)
    assert where(skip(flow, Place(0, 1), at(10))) == ("Q3", 15)


def test_behind_the_last_target_the_search_goes_on_below_and_its_time_from_there() -> None:
    flow = workflow(
        to({"queue": "Q1", "timeout": 10}, when="a == 1"),
        to({"queue": "Q2"}, when="a == 2"),
        to({"queue": "Q3", "timeout": 10}),
    )
    step = time_out(flow, Place(0, 0, until=10_000), at(10, a=1))
    assert where(step) == ("Q3", 20)
    assert where(time_out(flow, Place(0, 0, until=10_000), at(19, a=1))) == ("Q3", 20)
    assert time_out(flow, Place(0, 0, until=10_000), at(20, a=1)) is None


def test_who_timed_out_of_a_filter_never_comes_to_the_default_filter() -> None:
    flow = workflow(to({"queue": "Q1", "timeout": 10}), default={"queue": "Q9"})
    assert time_out(flow, Place(0, 0, until=10_000), at(10)) is None


def test_a_target_that_is_skipped_leads_to_the_next_and_its_time_out_still_counts() -> None:
    assert where(skip(THREE, Place(0, 0, until=10_000), at(0))) == ("Q2", 20)


def test_a_filter_whose_last_target_is_skipped_has_not_matched() -> None:
    flow = workflow(to({"queue": "Q1"}), to({"queue": "Q2"}, when="a == 2"), default={"queue": "Q9"})
    assert where(skip(flow, Place(0, 0), at(0))) == ("Q9", None)
    assert where(skip(flow, Place(0, 0), at(0, a=2))) == ("Q2", None)
    assert skip(workflow(to({"queue": "Q1"})), Place(0, 0), at(0)) is None


def test_skipped_after_a_time_out_of_the_filter_before_there_is_no_default_filter() -> None:
    flow = workflow(to({"queue": "Q1", "timeout": 10}), to({"queue": "Q2"}), default={"queue": "Q9"})
    second = time_out(flow, Place(0, 0, until=10_000), at(10))
    assert where(second) == ("Q2", None)
    assert second is not None
    assert skip(flow, second.place, at(10)) is None


def test_new_attributes_do_not_lead_back_into_a_filter_that_is_outlived() -> None:
    flow = workflow(to({"queue": "Q1", "timeout": 10}), to({"queue": "Q2"}))
    assert where(enter(flow, at(15), outlived=(0,))) == ("Q2", None)
    assert where(enter(flow, at(15))) == ("Q1", 25)


def test_many_filters_are_outlived_at_once_without_exhausting_the_stack() -> None:
    flow = workflow(*[to({"queue": "Q1", "timeout": 1})] * 3000, to({"queue": "Q2"}))
    first = enter(flow, at())
    assert first is not None
    assert where(time_out(flow, first.place, at(5000))) == ("Q2", None)


timeouts = st.integers(1, 4)
plain_targets = st.fixed_dictionaries(
    {"queue": st.sampled_from(["Q1", "Q2", "Q3"])}, optional={"priority": st.integers(0, 3), "timeout": timeouts}
)
later_targets = st.fixed_dictionaries(
    {}, optional={"queue": st.sampled_from(["Q4", "Q5"]), "priority": st.integers(0, 3), "timeout": timeouts}
)
plain_filters = st.builds(
    lambda wants, first, later: {"wants": wants, "targets": [first, *later]},
    st.none() | st.integers(0, 2),
    plain_targets,
    st.lists(later_targets, max_size=2),
)
defaults = st.none() | st.fixed_dictionaries({"queue": st.just("Q9")}, optional={"priority": st.integers(0, 3)})
happenings = st.lists(
    st.tuples(st.just("wait"), st.integers(1, 6))
    | st.tuples(st.just("change"), st.integers(0, 2))
    | st.tuples(st.sampled_from(["reserve", "release", "skip"]), st.none()),
    max_size=12,
)


class Walk:
    """What `engine.walking` does with the pure functions, on a clock that jumps from alarm to alarm."""

    def __init__(self, flow: Workflow, attribute: int) -> None:
        self.flow = flow
        self.attribute = attribute
        self.age = 0
        self.priority = 0
        self.reserved = self.changed_meanwhile = False
        self.step: Step | None = None
        self.go(enter(flow, self.moment()))

    def moment(self) -> Moment:
        return Moment({"a": self.attribute}, NOON + self.age, self.age)

    def go(self, step: Step | None) -> None:
        self.step = step
        if step is not None and step.priority is not None:
            self.priority = step.priority

    def on_if_over(self) -> None:
        if self.step is not None and self.step.place.until is not None and self.step.place.until <= self.age:
            self.go(time_out(self.flow, self.step.place, self.moment()))

    def wait(self, seconds: int) -> None:
        end = self.age + seconds * SECOND
        while not self.reserved and self.step is not None:
            until = self.step.place.until
            if until is None or until > end:
                break
            self.age = until
            self.on_if_over()
        self.age = end

    def reserve(self) -> None:
        self.reserved = True

    def release(self) -> None:
        self.reserved = False
        if self.changed_meanwhile:
            self.changed_meanwhile = False
            self.follow()
        self.on_if_over()

    def change(self, attribute: int) -> None:
        self.attribute = attribute
        if self.reserved:
            self.changed_meanwhile = True
        else:
            self.follow()
            self.on_if_over()

    def follow(self) -> None:
        if self.step is not None:
            step = enter(self.flow, self.moment(), self.step.place.outlived)
            if step is None or step.place.filter_index != self.step.place.filter_index:
                self.go(step)

    def skip(self) -> None:
        if self.step is not None:
            self.go(skip(self.flow, self.step.place, self.moment()))


@settings(max_examples=4 * settings().max_examples, deadline=None)
@given(st.lists(plain_filters, max_size=3), defaults, st.integers(0, 2), happenings)
def test_the_walk_is_that_of_a_plain_walk_second_by_second(
    filters: list[PlainFilter], default: PlainTarget | None, attribute: int, history: list[tuple[str, int | None]]
) -> None:
    plain = PlainWalk(filters, default, attribute)
    walk = Walk(parse_workflow(json.dumps(plain.configuration())), attribute)
    for name, argument in [("wait", 0), *history]:
        if plain.fallen or (name == "skip" and plain.reserved):
            break
        for one in (plain, walk):
            getattr(one, name)(*([] if argument is None else [argument]))
        assert (walk.step is None) == plain.fallen, name
        if walk.step is None:
            break
        place = walk.step.place
        assert (place.filter_index, place.target_index) == (plain.filter, plain.target), name
        assert walk.step.target.queue_sid == plain.queue(), name
        assert walk.priority == plain.priority, name
        end = plain.end()
        assert place.until == (None if end is None else end * SECOND), name
        assert sorted(place.outlived) == sorted(plain.outlived), name
