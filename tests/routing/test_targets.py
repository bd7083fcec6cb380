"""What is known of a target before any worker is asked."""

from typing import Any

import pytest

from cordboard.routing.facts import TargetFact
from cordboard.routing.targets import Only, compile_target


@pytest.mark.parametrize(
    ("expression", "attributes", "only"),
    [
        ("worker.sid == task.agent", {"agent": "WK1"}, Only("sid", "WK1")),
        ("task.last.agent = worker.friendly_name", {"last": {"agent": "ana"}}, Only("friendly_name", "ana")),
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
    assert compile_target(TargetFact(expression=expression)).only(attributes) == only
