"""Workflow configurations (taskrouter.md 5.1): what is read, and what is refused at which place."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordboard.routing.facts import TargetFact
from cordboard.routing.walk import Moment, enter
from cordboard.routing.workflow import InvalidWorkflow, KnownWorker, Target, parse_workflow

FILTERS: list[dict[str, Any]] = [
    {"filter_friendly_name": "Gold", "expression": "tier == 'gold'", "targets": [{"queue": "WQ1", "priority": "10"}]},
    {"friendly_name": "Day", "expression": "taskrouter.currentHour == 12", "targets": [{"queue": "WQ2"}]},
    {"targets": [{"queue": "WQ3", "timeout": 10}, {"timeout": "20"}, {"queue": "WQ4"}]},
]


def configuration(filters: list[Any] | None = None, default: object = None, **more: object) -> str:
    routing = {"filters": FILTERS if filters is None else filters, "default_filter": default, **more}
    return json.dumps({"task_routing": {key: value for key, value in routing.items() if value is not None}})


def target(**keys: object) -> str:
    return configuration([{"targets": [{"queue": "WQ1", **keys}]}])


def read(**keys: object) -> Target:
    """A first target with these keys, as it is read."""
    return parse_workflow(target(**keys)).filters[0].targets[0]


def test_a_filter_has_a_name_an_expression_and_targets() -> None:
    gold, day, rest = parse_workflow(configuration()).filters
    assert (gold.name, day.name, rest.name) == ("Gold", "Day", None)
    assert gold.expression is not None
    assert gold.expression.text == "tier == 'gold'"
    assert rest.expression is None


def test_a_target_without_queue_has_that_of_the_one_before_it_and_inherits_nothing_else() -> None:
    filters = [
        {"targets": [{"queue": "WQ1", "priority": 5, "expression": "1 == 1", "order_by": "worker.a", "timeout": 1}, {}]}
    ]
    _, second = parse_workflow(configuration(filters)).filters[0].targets
    assert (second.queue_sid, second.priority, second.asks, second.timeout_ms) == ("WQ1", None, None, None)


def test_numbers_may_be_numeric_texts() -> None:
    assert [one.timeout_ms for one in parse_workflow(configuration()).filters[2].targets] == [10_000, 20_000, None]
    assert read(priority="10") == read(priority=10)
    assert read(timeout="10") == read(timeout=10)
    assert read(timeout="2147483647") == read(timeout=2_147_483_647)


def test_a_queue_is_named_by_any_printable_text_of_up_to_64_characters() -> None:
    assert read(queue="WQ" * 32).queue_sid == "WQ" * 32


def test_queues_are_listed_with_their_place() -> None:
    assert list(parse_workflow(configuration(default={"queue": "WQ9"})).queues) == [
        ("WQ1", "task_routing.filters[0].targets[0].queue"),
        ("WQ2", "task_routing.filters[1].targets[0].queue"),
        ("WQ3", "task_routing.filters[2].targets[0].queue"),
        ("WQ4", "task_routing.filters[2].targets[2].queue"),
        ("WQ9", "task_routing.default_filter.queue"),
    ]


def test_activities_that_are_counted_are_listed_with_their_place() -> None:
    workflow = parse_workflow(target(skip_if="workers.WA2 < 2 OR workers.available == 0 OR workers.WA1 == 1"))
    place = "task_routing.filters[0].targets[0].skip_if"
    assert list(workflow.activities) == [("WA1", place), ("WA2", place)]


def test_a_workflow_knows_whether_its_filters_read_the_time_of_day() -> None:
    assert parse_workflow(configuration()).timed
    assert not parse_workflow(target(expression="taskrouter.currentHour == 12")).timed


def test_what_a_target_asks_is_its_expression_and_its_order() -> None:
    assert read().asks is None
    asks = read(expression="worker.a == task.a", order_by="worker.level DESC").asks
    assert asks == TargetFact("worker.a == task.a", "worker.level DESC")
    assert read(order_by="  ").asks is None


def test_a_known_agent_is_asked_for_beside_the_expression() -> None:
    by_sid = read(known_worker_sid="task.agent.sid", expression="worker.a == 1 OR worker.b == 2")
    assert by_sid.known_worker == KnownWorker("sid", ("agent", "sid"))
    assert by_sid.expression == "worker.a == 1 OR worker.b == 2"
    assert by_sid.asks == TargetFact("worker.sid == task.agent.sid AND (worker.a == 1 OR worker.b == 2)", None)
    by_name = read(known_worker_friendly_name="task.agent_name")
    assert by_name.known_worker == KnownWorker("friendly_name", ("agent_name",))
    assert by_name.asks == TargetFact("worker.friendly_name == task.agent_name", None)


def test_the_default_filter_may_have_an_expression_and_an_order() -> None:
    default = {"queue": "WQ9", "priority": 3, "expression": "worker.a == 1", "order_by": "worker.b"}
    found = parse_workflow(configuration(default=default)).default
    assert found is not None
    assert (found.queue_sid, found.priority, found.asks) == ("WQ9", 3, TargetFact("worker.a == 1", "worker.b"))


OPTIONAL = [
    "timeout",
    "skip_if",
    "order_by",
    "expression",
    "priority",
    "known_worker_sid",
    "known_worker_friendly_name",
]


@pytest.mark.parametrize("value", [None, ""])
@pytest.mark.parametrize("key", OPTIONAL)
def test_a_key_that_is_null_or_empty_is_not_there(key: str, value: object) -> None:
    assert parse_workflow(target(**{key: value})) == parse_workflow(target())
    default = configuration(default={"queue": "WQ1", key: value})
    assert parse_workflow(default) == parse_workflow(configuration(default={"queue": "WQ1"}))


@pytest.mark.parametrize("key", ["timeout", "skip_if", "known_worker_sid", "known_worker_friendly_name"])
def test_the_default_filter_has_nothing_by_which_a_task_would_leave_it(key: str) -> None:
    with pytest.raises(InvalidWorkflow) as caught:
        parse_workflow(configuration(default={"queue": "WQ1", key: "1"}))
    assert caught.value.path == f"task_routing.default_filter.{key}"
    assert caught.value.reason.startswith("the default filter has none")


FIRST = "task_routing.filters[0]"


@pytest.mark.parametrize(
    ("text", "path", "reason"),
    [
        ("", "configuration", "not JSON"),
        ("{", "configuration", "not JSON"),
        ("[" * 100_000, "configuration", "not JSON"),
        ("\ud800", "configuration", "not JSON"),
        ("[]", "configuration", "expected an object"),
        ("{}", "task_routing", "expected an object"),
        ('{"task_routing": []}', "task_routing", "expected an object"),
        (configuration(timeout=3), "task_routing.timeout", "unknown key; known are default_filter, filters"),
        ('{"task_routing": {"filters": {}}}', "task_routing.filters", "expected an array"),
        (configuration([1]), FIRST, "expected an object"),
        (configuration([{}]), f"{FIRST}.targets", "expected an array with a target"),
        (configuration([{"queue": "WQ1"}]), f"{FIRST}.queue", "unknown key"),
        (configuration([{"targets": []}]), f"{FIRST}.targets", "expected an array with a target"),
        (configuration([{"targets": ["WQ1"]}]), f"{FIRST}.targets[0]", "expected an object"),
        (configuration([{"targets": [{}]}]), f"{FIRST}.targets[0].queue", "expected the SID"),
        (target(queue=5), f"{FIRST}.targets[0].queue", "expected the SID"),
        (target(queue="WQ\0"), f"{FIRST}.targets[0].queue", "expected the SID"),
        (target(queue="WQ" * 33), f"{FIRST}.targets[0].queue", "expected the SID"),
        (target(timout=30), f"{FIRST}.targets[0].timout", "unknown key; known are "),
        (target(timeout=0), f"{FIRST}.targets[0].timeout", "expected an integer from 1 to 2147483647"),
        (target(timeout=-1), f"{FIRST}.targets[0].timeout", "expected an integer"),
        (target(timeout=1.5), f"{FIRST}.targets[0].timeout", "expected an integer"),
        (target(timeout="soon"), f"{FIRST}.targets[0].timeout", "expected an integer"),
        (target(timeout=2**31), f"{FIRST}.targets[0].timeout", "expected an integer"),
        (
            target(expression="worker.a"),
            f"{FIRST}.targets[0].expression",
            "mismatched input '<EOF>' expecting OPERATOR",
        ),
        (target(expression=1), f"{FIRST}.targets[0].expression", "expected an expression"),
        (target(order_by="level DESC"), f"{FIRST}.targets[0].order_by", "mismatched input 'level' expecting a path"),
        (target(order_by=1), f"{FIRST}.targets[0].order_by", "expected a text such as 'worker.level DESC'"),
        (target(skip_if="workers.available"), f"{FIRST}.targets[0].skip_if", "mismatched input"),
        (target(skip_if=1), f"{FIRST}.targets[0].skip_if", "expected an expression"),
        (target(skip_if="workers.avalable == 0"), f"{FIRST}.targets[0].skip_if", "workers.avalable means nothing"),
        (
            target(skip_if="available == 0"),
            f"{FIRST}.targets[0].skip_if",
            "available means nothing here; known are workers.available, workers.unavailable and workers.WA…, the SID of an activity",
        ),
        (target(skip_if="workers == 0"), f"{FIRST}.targets[0].skip_if", "workers means nothing"),
        (target(known_worker_sid="agent"), f"{FIRST}.targets[0].known_worker_sid", "expected the name of a task"),
        (
            target(known_worker_sid="worker.agent"),
            f"{FIRST}.targets[0].known_worker_sid",
            "expected the name of a task",
        ),
        (target(known_worker_sid="task"), f"{FIRST}.targets[0].known_worker_sid", "expected the name of a task"),
        (target(known_worker_sid="task.a OR 1"), f"{FIRST}.targets[0].known_worker_sid", "expected the name of a task"),
        (target(known_worker_sid="'"), f"{FIRST}.targets[0].known_worker_sid", "token recognition error"),
        (target(known_worker_sid=7), f"{FIRST}.targets[0].known_worker_sid", "expected the name of a task"),
        (
            target(known_worker_sid="task.a", known_worker_friendly_name="task.b"),
            f"{FIRST}.targets[0].known_worker_friendly_name",
            "expected only one of known_worker_sid and known_worker_friendly_name",
        ),
        (
            target(known_worker_sid="task.a", expression="(" * 50 + "1==1" + ")" * 50),
            f"{FIRST}.targets[0].expression",
            "brackets nest more than 50 deep",
        ),
        (
            configuration([{"targets": [{"queue": "WQ1"}, {"queue": 1}]}]),
            f"{FIRST}.targets[1].queue",
            "expected the SID",
        ),
        (target(friendly_name=1), f"{FIRST}.targets[0].friendly_name", "expected a text"),
        (target(priority=-1), f"{FIRST}.targets[0].priority", "expected an integer from 0 to 2147483647"),
        (target(priority=2**31), f"{FIRST}.targets[0].priority", "expected an integer"),
        (target(priority="9" * 5_000), f"{FIRST}.targets[0].priority", "expected an integer"),
        (target(priority=1.5), f"{FIRST}.targets[0].priority", "expected an integer"),
        (target(priority=True), f"{FIRST}.targets[0].priority", "expected an integer"),
        (target(priority="high"), f"{FIRST}.targets[0].priority", "expected an integer"),
        (
            configuration([{"expression": "a-bc > 1", "targets": [{"queue": "WQ1"}]}]),
            f"{FIRST}.expression",
            "extraneous input 'c' expecting OPERATOR at character 4",
        ),
        (configuration([{"expression": " ", "targets": [{"queue": "WQ1"}]}]), f"{FIRST}.expression", "expected an"),
        (configuration([{"expression": 1, "targets": [{"queue": "WQ1"}]}]), f"{FIRST}.expression", "expected an"),
        (
            configuration([{"friendly_name": 1, "targets": [{"queue": "WQ1"}]}]),
            f"{FIRST}.friendly_name",
            "expected a text",
        ),
        (configuration(default=[]), "task_routing.default_filter", "expected an object"),
        (configuration(default={"timeout": "", "tiemout": 1}), "task_routing.default_filter.tiemout", "unknown key"),
        (configuration(default={}), "task_routing.default_filter.queue", "expected the SID"),
    ],
)
def test_a_fault_is_named_with_its_place(text: str, path: str, reason: str) -> None:
    with pytest.raises(InvalidWorkflow) as caught:
        parse_workflow(text)
    assert caught.value.path == path
    assert caught.value.reason.startswith(reason)
    assert str(caught.value) == f"{path}: {caught.value.reason}"


def test_beside_the_routing_a_configuration_may_hold_anything() -> None:
    assert parse_workflow('{"task_routing": {}, "$schema": "x"}') == parse_workflow('{"task_routing": {}}')


KEYS = ["task_routing", "filters", "default_filter", "targets", "queue", *OPTIONAL]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["1", "task.a", "1==1"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=12,
)
targets = st.lists(st.dictionaries(st.sampled_from(["queue", *OPTIONAL]), json_values, max_size=4), max_size=3)
likely = st.fixed_dictionaries({"filters": st.lists(st.fixed_dictionaries({"targets": targets}), max_size=3)})


@settings(max_examples=3 * settings().max_examples, deadline=None)
@given(st.text(max_size=20) | (json_values | likely).map(lambda value: json.dumps({"task_routing": value})))
def test_any_text_is_read_or_refused(text: str) -> None:
    fault = None
    try:
        workflow = parse_workflow(text)
    except InvalidWorkflow as error:
        fault = error
    else:
        entered = enter(workflow, Moment({}, 0))
        assert entered is None or entered.target.queue_sid in {sid for sid, _ in workflow.queues}
    assert fault is None or (fault.path and fault.reason)
