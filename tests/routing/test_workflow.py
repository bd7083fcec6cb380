"""Workflow configurations (taskrouter.md 5): what is read, where a task enters, and what is refused at which place."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordboard.routing.workflow import Entered, InvalidWorkflow, NotBuiltYet, enter, parse_workflow

NOON = 4 * 86_400_000 + 12 * 3_600_000
FILTERS: list[dict[str, Any]] = [
    {"filter_friendly_name": "Gold", "expression": "tier == 'gold'", "targets": [{"queue": "WQ1", "priority": "10"}]},
    {
        "friendly_name": "Day",
        "expression": "taskrouter.currentHour == 12 AND day == true",
        "targets": [{"queue": "WQ2"}],
    },
    {"expression": "tier == 'gold' OR tier == 'silver'", "targets": [{"queue": "WQ3", "priority": 0}]},
]


def configuration(filters: list[Any] | None = None, default: object = None, **more: object) -> str:
    routing = {"filters": FILTERS if filters is None else filters, "default_filter": default, **more}
    return json.dumps({"task_routing": {key: value for key, value in routing.items() if value is not None}})


def target(**keys: object) -> str:
    return configuration([{"targets": [{"queue": "WQ1", **keys}]}])


def test_a_task_enters_the_first_filter_that_takes_it() -> None:
    workflow = parse_workflow(configuration())
    assert enter(workflow, {"tier": "gold"}, NOON) == Entered(0, "Gold", "tier == 'gold'", 0, "WQ1", 10)
    assert enter(workflow, {"tier": "silver"}, NOON) == Entered(2, None, FILTERS[2]["expression"], 0, "WQ3", 0)


def test_a_filter_may_read_the_time_of_day() -> None:
    workflow = parse_workflow(configuration())
    assert enter(workflow, {"day": True}, NOON) == Entered(1, "Day", FILTERS[1]["expression"], 0, "WQ2", None)
    assert enter(workflow, {"day": True}, NOON - 1) is None


def test_the_default_filter_is_for_tasks_that_no_filter_takes() -> None:
    workflow = parse_workflow(configuration(default={"queue": "WQ9", "priority": 3}))
    assert enter(workflow, {"tier": "none"}, NOON) == Entered(None, None, None, 0, "WQ9", 3)
    entered = enter(workflow, {"tier": "gold"}, NOON)
    assert entered is not None
    assert entered.queue_sid == "WQ1"


def test_without_filter_and_default_a_task_enters_nowhere() -> None:
    assert enter(parse_workflow(configuration()), {}, NOON) is None
    assert enter(parse_workflow('{"task_routing": {}}'), {}, NOON) is None


def test_a_filter_without_expression_takes_every_task() -> None:
    assert enter(parse_workflow(target()), {}, NOON) == Entered(0, None, None, 0, "WQ1", None)
    assert enter(parse_workflow(configuration([{"expression": None, "targets": [{"queue": "WQ1"}]}])), {}, NOON)


def test_queues_are_listed_with_their_place() -> None:
    assert list(parse_workflow(configuration(default={"queue": "WQ9"})).queues) == [
        ("WQ1", "task_routing.filters[0].targets[0].queue"),
        ("WQ2", "task_routing.filters[1].targets[0].queue"),
        ("WQ3", "task_routing.filters[2].targets[0].queue"),
        ("WQ9", "task_routing.default_filter.queue"),
    ]


@pytest.mark.parametrize("value", [None, ""])
@pytest.mark.parametrize("key", ["timeout", "skip_if", "order_by", "expression", "known_worker_sid"])
def test_a_key_that_is_null_or_empty_is_not_there(key: str, value: object) -> None:
    assert parse_workflow(target(**{key: value})) == parse_workflow(target())


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("timeout", 30),
        ("timeout", "30"),
        ("timeout", 0),
        ("skip_if", "1==1"),
        ("order_by", "worker.level DESC"),
        ("expression", "worker.a == task.a"),
        ("known_worker_sid", "task.agent"),
        ("known_worker_friendly_name", "task.agent"),
    ],
)
def test_what_is_built_later_is_refused_at_its_place(key: str, value: object) -> None:
    with pytest.raises(NotBuiltYet) as caught:
        parse_workflow(target(**{key: value}))
    assert caught.value.path == f"task_routing.filters[0].targets[0].{key}"
    with pytest.raises(NotBuiltYet) as caught:
        parse_workflow(configuration(default={"queue": "WQ1", key: value}))
    assert caught.value.path == f"task_routing.default_filter.{key}"


def test_a_second_target_is_refused_at_its_place() -> None:
    with pytest.raises(NotBuiltYet) as caught:
        parse_workflow(configuration([{"targets": [{"queue": "WQ1"}, {"queue": "WQ2"}]}]))
    assert caught.value.path == "task_routing.filters[0].targets[1]"


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
        (configuration(timeout=3), "task_routing.timeout", "unknown key"),
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
            f"{FIRST}.filter_friendly_name",
            "expected a text",
        ),
        (configuration(default=[]), "task_routing.default_filter", "expected an object"),
        (configuration(default={}), "task_routing.default_filter.queue", "expected the SID"),
    ],
)
def test_a_fault_is_named_with_its_place(text: str, path: str, reason: str) -> None:
    with pytest.raises(InvalidWorkflow) as caught:
        parse_workflow(text)
    assert caught.value.path == path
    assert caught.value.reason.startswith(reason)


def test_beside_the_routing_a_configuration_may_hold_anything() -> None:
    assert parse_workflow('{"task_routing": {}, "$schema": "x"}') == parse_workflow('{"task_routing": {}}')


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                ["task_routing", "filters", "default_filter", "targets", "queue", "priority", "expression"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=20) | json_values.map(lambda value: json.dumps({"task_routing": value})))
def test_any_text_is_read_or_refused(text: str) -> None:
    path = ""
    try:
        workflow = parse_workflow(text)
    except (InvalidWorkflow, NotBuiltYet) as error:
        path = error.path
    else:
        path = "/".join(place for _, place in workflow.queues) or "none"
        assert isinstance(enter(workflow, {}, NOON), Entered | None)
    assert path
