"""How `order_by` is read, and what is refused at which character."""

import pytest

from cordboard.routing.expressions.tokens import ExpressionError
from cordboard.routing.ordering import Clause, parse_order_by


def test_clauses_are_ascending_unless_said_otherwise() -> None:
    assert parse_order_by("worker.a desc, worker.b.c,worker.d ASC") == (
        Clause(("a",), descending=True),
        Clause(("b", "c"), descending=False),
        Clause(("d",), descending=False),
    )
    assert parse_order_by(" ") == ()


@pytest.mark.parametrize(
    ("text", "message", "position"),
    [
        ("worker.a worker.b", "mismatched input 'worker.b' expecting ','", 9),
        ("worker.a DESC ASC", "mismatched input 'ASC' expecting ','", 14),
        ("worker.a,", "mismatched input '<EOF>' expecting a path below worker", 9),
        ("worker", "mismatched input 'worker' expecting a path below worker", 0),
        ("task.a", "mismatched input 'task.a' expecting a path below worker", 0),
        ("worker.a, 5", "mismatched input '5' expecting a path below worker", 10),
        ("worker.a-b", "token recognition error at: '-b'", 8),
    ],
)
def test_a_fault_is_named_and_its_character_pointed_at(text: str, message: str, position: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_order_by(text)
    assert (caught.value.message, caught.value.position) == (message, position)
