"""What is told of a task's workers and filters is what the router does, by the naive router and in examples."""

from collections.abc import Mapping
from typing import Any

import pytest

from cordboard.routing.capacity import Hindrance
from cordboard.routing.decisions import Offer
from cordboard.routing.eligibility import Miss, Reason
from cordboard.routing.explaining import Outcome, filters_tried, moves_on, what, who, why_not
from cordboard.routing.expressions.findings import MOST_FINDINGS, Finding, Inquiry, inquire
from cordboard.routing.facts import TaskFact, WorkerFact
from cordboard.routing.namespaces import target_names, time_of_day, worker_names, worker_names_with_channels
from cordboard.routing.walk import Moment, Place, enter
from cordboard.routing.workflow import parse_workflow
from tests.routing.hall import routing
from tests.routing.oracle import compile_expression
from tests.routing.test_floor_against_oracle import History, run


class Explained(History):
    """Before each turn every waiting task is explained, and the naive router says whether that is true."""

    def look(self) -> None:
        for task in list(self.oracle.tasks.values()):
            found = who(self.floor, task, self.now)
            able = [
                worker for worker in self.oracle.workers.values() if self.oracle.is_eligible(worker, task, self.now)
            ]
            able.sort(key=lambda worker: self.oracle.place(worker, task))
            assert [fact.sid for fact in found.eligible] == [worker.sid for worker in able]
            told = {fact.sid: reason for reason, facts in found.others.items() for fact in facts}
            assert told.keys() | {worker.sid for worker in able} == self.oracle.workers.keys()
            for sid, reason in told.items():
                self.check(task, self.oracle.workers[sid], reason)
        in_order = self.oracle.tasks_in_order()
        for worker in self.oracle.workers.values():
            if worker.sid not in self.oracle.away:
                wanted = what(self.floor, worker, self.now, len(in_order) + 1)
                able_to = [task.sid for task in in_order if self.oracle.is_eligible(worker, task, self.now)]
                assert [task.sid for task in wanted.first] == able_to
                assert wanted.total + sum(count for count, _ in wanted.others.values()) == len(in_order)
        for task in in_order:
            rivals = [other.sid for other in in_order if other.queue_sid == task.queue_sid]
            assert self.floor.before(task) == (rivals.index(task.sid) if task.queue_sid is not None else 0)

    def check(  # noqa: C901 - a case for each reason
        self, task: TaskFact, worker: WorkerFact, reason: Reason
    ) -> None:
        """A reason is true as it is written, and what decided does not hold for the values told."""
        queue = self.oracle.queues.get(task.queue_sid or "")
        channel = worker.channels.get(task.task_channel_sid)
        findings = why_not(self.floor, task, worker, reason, self.now)
        names: Mapping[str, Any] = worker_names(worker)
        match reason:
            case Miss.NOT_NAMED:
                assert task.worker_sid not in {None, worker.sid}
            case Miss.QUEUE:
                text = queue.target_workers if queue is not None else ""
                assert not compile_expression(text).holds(names)
                assert bool(findings) is bool(text.strip())
            case Miss.TARGET:
                assert task.target is not None
                assert task.target.expression is not None
                names = target_names(task.attributes, worker_names_with_channels(worker), time_of_day(self.now))
                assert not compile_expression(task.target.expression).holds(names)
                assert findings
            case Miss.ASKED:
                assert worker.sid in task.reserved_by
            case Miss.AWAY:
                assert worker.sid in self.oracle.away
            case Hindrance.NO_CHANNEL:
                assert channel is None
            case Hindrance.UNAVAILABLE:
                assert not worker.available
            case Hindrance.OCCUPIED:
                assert not self.oracle.workspace.multi_task_enabled
                assert any(load.load for load in worker.channels.values())
            case Hindrance.CHANNEL_UNAVAILABLE:
                assert channel is not None
                assert not channel.available
            case Hindrance.NO_CAPACITY:
                assert channel is not None
                assert channel.load >= channel.configured_capacity
        for finding in findings:
            assert compile_expression(finding.part).holds(names) is finding.holds


class Foretold(History):
    """The first waiting task that somebody can get is offered to the first of them."""

    def look(self) -> None:
        for task in self.oracle.tasks_in_order():
            eligible = who(self.floor, task, self.now).eligible
            if eligible:
                self.foretold: tuple[str, str] | None = (task.sid, eligible[0].sid)
                break
        else:
            self.foretold = None

    def told(self, decisions: list[Any]) -> None:
        offers = [decision for decision in decisions if isinstance(decision, Offer)]
        first = (offers[0].task_sid, offers[0].worker_sid) if offers else None
        assert first == self.foretold


def test_every_workers_place_or_reason_is_what_the_naive_router_says() -> None:
    run(150, Explained)


@pytest.mark.nightly
def test_every_workers_place_or_reason_is_what_the_naive_router_says_in_many_histories() -> None:
    run(2_000, Explained)


def test_the_first_of_the_eligible_is_who_gets_the_offer() -> None:
    run(100, Foretold)


@pytest.mark.parametrize(
    ("text", "holds", "decided"),
    [
        ("a == 1 AND b == 2 AND c == 3", False, [("b == 2", False)]),
        ("a == 1 AND c == 4", True, [("a == 1", True), ("c == 4", True)]),
        ("a == 2 OR b > 3", False, [("a == 2", False), ("b > 3", False)]),
        ("a == 2 OR c = 4 OR b == 3", True, [("c = 4", True)]),
        ("NOT (a == 1 AND c == 4)", False, [("a == 1", True), ("c == 4", True)]),
        ("NOT (a == 1 AND c == 5)", True, [("c == 5", False)]),
        ("a == 1 AND (b == 2 OR NOT c IN [4, a])", False, [("b == 2", False), ("c IN [4, a]", True)]),
        ("  list >- 'x' AND ( b   !=   3 )", False, [("b   !=   3", False)]),
        ("", False, []),
    ],
)
def test_the_parts_that_decided_are_told_as_they_are_written(
    text: str, holds: bool, decided: list[tuple[str, bool]]
) -> None:
    names = {"a": 1, "b": 3, "c": 4, "list": ["x"]}
    found, findings = inquire(text).ask(names)
    assert found is holds is compile_expression(text).holds(names)
    assert [(finding.part, finding.holds) for finding in findings] == decided


def test_the_values_that_were_seen_are_told_by_path_and_what_is_not_there_is_null() -> None:
    names = {"task": {"langs": ["en", "fr"]}, "worker": {"speaks": {"first": "de"}}}
    _, findings = inquire("worker.speaks.first IN [task.langs[1], task.more.x]").ask(names)
    values = {"worker.speaks.first": "de", "task.langs[1]": "fr", "task.more.x": None}
    assert findings == [Finding("worker.speaks.first IN [task.langs[1], task.more.x]", False, values)]


def test_of_a_long_chain_only_some_parts_are_told() -> None:
    text = " OR ".join(f"a == {number}" for number in range(1, 100))
    assert [len(inquiry.ask({"a": 0})[1]) for inquiry in (Inquiry(text),)] == [MOST_FINDINGS]


PLAN = parse_workflow(
    routing(
        {
            "filter_friendly_name": "first",
            "expression": "a == 1 AND b == 1",
            "targets": [{"queue": "WQ1", "timeout": 10}],
        },
        {"expression": "a == 1", "targets": [{"queue": "WQ2", "timeout": 20}, {"queue": "WQ3", "timeout": 5}]},
        {"targets": [{"queue": "WQ4"}]},
    )
)


def test_filters_are_told_down_to_the_one_in_which_the_task_stands() -> None:
    moment = Moment({"a": 1}, 0)
    step = enter(PLAN, moment)
    assert step is not None
    told = [(one.index, one.name, one.outcome, one.findings) for one in filters_tried(PLAN, step.place, moment)]
    assert told == [
        (0, "first", Outcome.NOT_MATCHED, [Finding("b == 1", False, {"b": None})]),
        (1, None, Outcome.TAKEN, [Finding("a == 1", True, {"a": 1})]),
    ]


def test_a_filter_that_was_timed_out_of_is_told_as_such_and_one_that_was_skipped_too() -> None:
    place = Place(2, outlived=(1,))
    outcomes = [one.outcome for one in filters_tried(PLAN, place, Moment({"a": 1, "b": 1}, 0))]
    assert outcomes == [Outcome.PASSED_OVER, Outcome.TIMED_OUT, Outcome.TAKEN]


def test_the_default_filter_is_told_when_it_took_the_task_and_nothing_when_nothing_did() -> None:
    plan = parse_workflow(routing({"expression": "a == 1", "targets": [{"queue": "WQ1"}]}, default={"queue": "WQ2"}))
    assert [one.index for one in filters_tried(plan, Place(), Moment({}, 0))] == [0, None]
    assert [one.outcome for one in filters_tried(plan, None, Moment({}, 0))] == [Outcome.NOT_MATCHED]


def test_where_the_end_of_the_targets_time_leads_is_told_before_it_comes() -> None:
    moment = Moment({"a": 1}, 1_000_000)
    step = enter(PLAN, moment)
    assert step is not None
    queues = []
    while step is not None:
        queues.append(step.target.queue_sid)
        step = moves_on(PLAN, step.place, moment) if step.place.until is not None else None
    assert queues == ["WQ2", "WQ3", "WQ4"]
