"""What is known of a target before any worker is asked."""

from typing import Any

import pytest

from cordboard.routing.facts import TargetFact
from cordboard.routing.targets import Only, Target


def test_a_verdict_that_reads_no_time_of_day_is_not_put_off() -> None:
    assert Target(TargetFact(expression="1 == 1")).verdict_until(60_001) == 60_001
    assert Target(TargetFact(expression="taskrouter.currentMin == 2")).verdict_until(60_001) == 120_000


def test_tasks_are_alike_to_a_target_if_what_it_reads_of_them_is() -> None:
    target = Target(TargetFact("worker.a == task.last[0] AND worker.b == task.last.topic"))
    alike: list[dict[str, Any]] = [{"last": {"topic": "tax"}}, {"last": {"topic": "tax", "n": 2}, "n": 3}]
    others: list[dict[str, Any]] = [{"last": {"topic": "vat"}}, {"last": ["tax"]}, {"topic": "tax"}, {}]
    assert len({target.values(attributes) for attributes in alike}) == 1
    assert len({target.values(attributes) for attributes in [*alike, *others[:3]]}) == 4
    assert target.values(others[2]) == target.values(others[3])


def test_lists_and_objects_equal_nothing_and_are_filed_nowhere() -> None:
    target = Target(TargetFact(expression="worker.a == task.a"))
    for value in ([1], {"b": 1}, []):
        assert target.worker_keys({"a": value}) == target.task_keys({"a": value}) == []


def test_a_task_of_which_the_expression_does_not_hold_looks_nowhere() -> None:
    target = Target(TargetFact(expression="task.open == true AND worker.team == task.team"))
    assert target.task_keys({"open": True, "team": "x"}) == [("x",)]
    assert target.task_keys({"open": False, "team": "x"}) == []


def test_who_shares_the_key_of_an_alternative_is_asked_for_the_rest_of_it() -> None:
    expression = "worker.a == task.a AND worker.b > task.b OR worker.c == task.c"
    target = Target(TargetFact(expression=expression))
    assert target.left_to_ask(target.task_keys({"a": "x", "c": "y"})) is not None


def test_a_worker_is_filed_by_one_thing_of_which_he_may_have_several_and_not_by_pairs_of_them() -> None:
    skilled = "(worker.skills HAS task.skill OR worker.boss == true)"
    for text in (f"{skilled} AND worker.tags HAS task.tag", f"worker.tags HAS task.tag AND {skilled}"):
        target = Target(TargetFact(expression=text))
        assert len(target.worker_keys({"skills": ["a", "b", "c"], "tags": ["x", "y", "z"]})) == 3


@pytest.mark.parametrize(
    ("expression", "attributes", "only"),
    [
        ("worker.sid == task.agent", {"agent": "WK1"}, Only("sid", "WK1")),
        ("task.last.agent = worker.friendly_name", {"last": {"agent": "ana"}}, Only("friendly_name", "ana")),
        ("worker.friendly_name == task.agent", {"agent": "ana"}, Only("friendly_name", "ana")),
        ("task.agent == worker.sid", {"agent": "WK1"}, Only("sid", "WK1")),
        ("worker.a == 1 AND (worker.sid == task.agent AND worker.b == 2)", {"agent": "WK1"}, Only("sid", "WK1")),
        ("worker.sid == task.agent", {}, Only("sid", None)),
        ("worker.sid == task.agent", {"agent": ["WK1"]}, Only("sid", None)),
        ("worker.sid == task.agent", {"agent": True}, Only("sid", None)),
        ("worker.friendly_name == task.agent", {"agent": 7}, None),
        ("worker.sid == task.agent OR worker.a == 1", {"agent": "WK1"}, None),
        ("NOT worker.sid == task.agent", {"agent": "WK1"}, None),
        ("worker.sid != task.agent", {"agent": "WK1"}, None),
        ("worker.sid == worker.agent", {"agent": "WK1"}, None),
        ("worker.activity_sid == task.agent", {"agent": "WK1"}, None),
        ("", {"agent": "WK1"}, None),
    ],
)
def test_a_target_that_only_one_worker_can_suit_is_known_as_such(
    expression: str, attributes: dict[str, Any], only: Only | None
) -> None:
    assert Target(TargetFact(expression=expression)).only(attributes) == only
