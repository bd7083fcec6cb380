"""Workers are found by keys exactly when the whole expression holds for them."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordboard.routing.expressions.compiler import compile_expression
from cordboard.routing.facts import TargetFact
from cordboard.routing.namespaces import target_names
from cordboard.routing.targets import Target

CLOCK = {"currentTime": 905, "currentHour": "09", "currentMin": "05", "dayOfWeek": "Mon"}
SCALARS: list[Any] = [None, True, False, 0, 1, 6, 6.0, 2.5, "6", "6.0", "06", "1", "", "en", "fr", "true"]
values = st.sampled_from(SCALARS)
attributes = st.dictionaries(
    st.sampled_from("ab"), values | st.lists(values | st.just(["en"]) | st.just({"a": 1}), max_size=3), max_size=2
)
operands = st.sampled_from(
    ["worker.a", "worker.b", "task.a", "task.b", "worker.channel.chat.assigned_tasks", "taskrouter.currentTime"]
) | st.sampled_from(["'en'", "6", "null", "true", "['en', 6]", "[task.a, worker.b]"])
comparisons = st.tuples(
    operands, st.sampled_from(["==", "=", "HAS", "IN", "!=", ">=", "NOT IN", "CONTAINS"]), operands
).map(" ".join)
expressions = st.recursive(
    comparisons,
    lambda inner: (
        st.tuples(inner, st.sampled_from(["AND", "OR"]), inner).map(lambda parts: f"({' '.join(parts)})")
        | inner.map(lambda part: f"NOT ({part})")
    ),
    max_leaves=5,
)


def found(target: Target, task: dict[str, Any], worker: dict[str, Any]) -> bool:
    """As the floor finds a worker for a task."""
    keys = target.task_keys(task)
    # What is kept of a worker is worked out without the figures of his channels, which do not last.
    filed = target.worker_keys({name: value for name, value in worker.items() if name != "channel"})
    assert len(set(keys)) == len(keys)
    assert len(set(filed)) == len(filed)
    test = target.left_to_ask(keys)
    return not set(keys).isdisjoint(filed) and (test is None or test(target_names(task, worker, CLOCK)))


@settings(max_examples=5 * settings().max_examples, deadline=None)
@given(expressions, attributes, attributes, attributes, attributes, st.integers(0, 1))
def test_who_is_found_is_who_suits(
    expression: str,
    one_task: dict[str, Any],
    other_task: dict[str, Any],
    one_worker: dict[str, Any],
    other_worker: dict[str, Any],
    assigned: int,
) -> None:
    compiled, target = compile_expression(expression), Target(TargetFact(expression=expression))
    for task in (one_task, other_task):
        for known in (one_worker, other_worker):
            worker = {**known, "channel": {"chat": {"assigned_tasks": assigned}}}
            holds = compiled.holds(target_names(task, worker, CLOCK))
            assert found(target, task, worker) is holds
            assert target.wants(task, worker, CLOCK) is holds


@given(values, values)
def test_equal_values_are_filed_under_one_key(left: Any, right: Any) -> None:
    for expression in ("worker.a == task.a", "worker.b HAS task.a", "task.b HAS worker.a"):
        task, worker = {"a": right, "b": [right]}, {"a": left, "b": [left]}
        holds = compile_expression(expression).holds(target_names(task, worker, CLOCK))
        assert found(Target(TargetFact(expression=expression)), task, worker) is holds


WORKER = {"skills": ["en", "fr", "en"], "level": 5, "team": "x", "vip": True}


@pytest.mark.parametrize(
    ("expression", "task", "task_keys", "worker_keys", "asked"),
    [
        ("worker.team == task.team", {"team": "x"}, {("x",)}, {("x",)}, False),
        ("task.team = worker.team", {"team": "y"}, {("y",)}, {("x",)}, False),
        ("worker.skills HAS task.skill", {"skill": "de"}, {("de",)}, {("en",), ("fr",)}, False),
        ("task.skill <- worker.skills", {"skill": "de"}, {("de",)}, {("en",), ("fr",)}, False),
        ("worker.team IN task.teams", {"teams": ["x", "y"]}, {("x",), ("y",)}, {("x",)}, False),
        ("task.teams HAS worker.team", {"teams": "x"}, set(), {("x",)}, False),
        ("worker.level == task.level", {"level": "5"}, {(5,)}, {(5,)}, True),
        ("worker.vip == task.vip", {"vip": 1}, {(1,)}, {((True,),)}, True),
        ("worker.none == task.none", {}, {(None,)}, {(None,)}, False),
        (
            "worker.skills HAS task.skill AND worker.level >= task.level",
            {"skill": "en", "level": 3},
            {("en",)},
            {("en",), ("fr",)},
            True,
        ),
        (
            "worker.skills HAS task.skill AND (worker.team == task.team AND worker.team IN task.teams)",
            {"skill": "en", "team": "x", "teams": ["x"]},
            {("en", "x", "x")},
            {("en", "x", "x"), ("fr", "x", "x")},
            False,
        ),
        (
            "worker.skills HAS task.skill AND worker.skills HAS task.other",
            {"skill": "en", "other": "fr"},
            {("en",)},
            {("en",), ("fr",)},
            True,
        ),
        ("worker.level > 3 AND worker.team == task.team", {"team": "x"}, {("x",)}, {("x",)}, False),
        ("worker.level > 5 AND worker.team == task.team", {"team": "x"}, {("x",)}, set(), False),
        ("task.open == true AND worker.team == task.team", {"team": "x"}, set(), {("x",)}, False),
        ("worker.level > task.level", {"level": 1}, {()}, {()}, True),
        ("worker.level > 3", {}, {()}, {()}, False),
        ("worker.channel.chat.assigned_tasks == task.n", {"n": 1}, {()}, {()}, True),
    ],
)
def test_where_workers_and_tasks_are_filed(
    expression: str, task: dict[str, Any], task_keys: set[Any], worker_keys: set[Any], asked: bool
) -> None:
    target = Target(TargetFact(expression=expression))
    keys = target.task_keys(task)
    assert (set(keys), set(target.worker_keys(WORKER))) == (task_keys, worker_keys)
    assert (target.left_to_ask(keys) is not None) is asked


def test_an_alternative_that_asks_one_side_only_is_a_key_of_its_own() -> None:
    target = Target(TargetFact(expression="task.skill == null OR worker.skills HAS task.skill OR worker.level > 9"))
    everybody, boss = (0, ""), (2, "")
    assert target.task_keys({}) == [(everybody,), ((1, None),), (boss,)]
    assert target.task_keys({"skill": "en"}) == [((1, "en"),), (boss,)]
    assert set(target.worker_keys({"skills": ["en"]})) == {(everybody,), ((1, "en"),)}
    assert set(target.worker_keys({"level": 10})) == {(everybody,), (boss,)}


@pytest.mark.parametrize("alternative", ["worker.level > task.level", "NOT worker.team == task.team"])
def test_alternatives_are_no_keys_when_one_of_them_has_none(alternative: str) -> None:
    target = Target(TargetFact(expression=f"worker.skills HAS task.skill OR {alternative}"))
    assert target.task_keys({"skill": "en"}) == target.worker_keys({}) == [()]


def test_an_alternative_of_several_parts_is_filed_by_the_one_that_both_sides_share() -> None:
    text = "task.vip == true AND worker.level > 1 AND worker.team == task.team OR worker.skills HAS task.skill"
    target = Target(TargetFact(expression=text))
    assert target.task_keys({"team": "x", "skill": "en"}) == [((0, "x"),), ((1, "en"),)]
    assert set(target.worker_keys(WORKER)) == {((0, "x"),), ((1, "en"),), ((1, "fr"),)}


@pytest.mark.parametrize(
    "fact", [TargetFact(""), TargetFact("a >"), TargetFact(order_by="level"), TargetFact("1 == 2")]
)
def test_a_target_that_wants_nobody_finds_nobody(fact: TargetFact) -> None:
    target = Target(fact)
    assert not target.worker_keys(WORKER)
    assert not target.wants({}, WORKER, CLOCK)
