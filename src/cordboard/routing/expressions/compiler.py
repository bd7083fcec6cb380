"""Expressions as closures.

What the operators mean stands in `operators`; what is written here must agree with it and is only quicker: the two
shapes that nearly every queue has, `skills HAS 'x'` and `level > 3`, skip the general path.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cordboard.routing.expressions.operators import ORDERS, numeric, relation
from cordboard.routing.expressions.parser import (
    AllOf,
    AnyOf,
    Comparison,
    ListOf,
    Literal,
    Node,
    Not,
    Operand,
    Path,
    parse,
)
from cordboard.routing.expressions.tokens import Operator, Step

Names = Mapping[str, Any]
Test = Callable[[Names], bool]
Getter = Callable[[Names], object]


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression.

    `holds(names)` asks it of a namespace of JSON values and never raises; `mentions` are the paths it reads, each as
    its steps: `task.a[0]` is ("task", "a", 0).
    """

    text: str
    mentions: frozenset[tuple[Step, ...]]
    holds: Test = field(repr=False, compare=False)


def compile_expression(text: str) -> Expression:
    """Compile; raises ExpressionError.

    A blank text is legal and never holds: a queue whose TargetWorkers is empty has no worker.
    """
    if not text.strip():
        return Expression(text, frozenset(), _never)
    tree = parse(text)
    return Expression(text, frozenset(paths_of(tree)), compile_node(tree))


def at(names: object, steps: tuple[Step, ...]) -> object:
    """The value at a path; null for whatever is not there."""
    value = names
    for step in steps:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and step < len(value) else None
        else:
            value = value.get(step) if isinstance(value, dict | Mapping) else None
    return value


def _never(_: Names) -> bool:
    return False


def paths_of(node: Node | Operand) -> Iterator[tuple[Step, ...]]:
    """The paths that a part reads, as often as they stand in it."""
    match node:
        case Path(steps):
            yield steps
        case ListOf(parts) | AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from paths_of(part)
        case Comparison(left, _, right):
            yield from paths_of(left)
            yield from paths_of(right)
        case Not(part):
            yield from paths_of(part)
        case Literal():
            pass


def compile_node(node: Node) -> Test:
    """The closure of a part."""
    match node:
        case AllOf(parts):
            return _all([compile_node(part) for part in parts])
        case AnyOf(parts):
            return _any([compile_node(part) for part in parts])
        case Not(part):
            return _not(compile_node(part))
        case Comparison():
            return _comparison(node)


def _all(tests: list[Test]) -> Test:
    def holds(names: Names) -> bool:
        for test in tests:  # noqa: SIM110  # a generator would double the frames of a deep expression, and its time
            if not test(names):
                return False
        return True

    return holds


def _any(tests: list[Test]) -> Test:
    def holds(names: Names) -> bool:
        for test in tests:  # noqa: SIM110  # as above
            if test(names):
                return True
        return False

    return holds


def _not(test: Test) -> Test:
    return lambda names: not test(names)


def _comparison(node: Comparison) -> Test:
    left, right = _getter(node.left), _getter(node.right)
    asks = relation(node.operator)
    if isinstance(node.left, Literal) and isinstance(node.right, Literal):
        outcome = asks(node.left.value, node.right.value)
        return lambda _: outcome
    if isinstance(node.right, Literal):
        constant = node.right.value
        if node.operator is Operator.HAS and isinstance(constant, str) and numeric(constant) is None:
            return _has_word(left, constant)
        if node.operator in ORDERS and type(constant) in (int, float):
            return _against_number(left, node.operator, constant)
        return lambda names: asks(left(names), constant)
    return lambda names: asks(left(names), right(names))


def _has_word(left: Getter, word: str) -> Test:
    def holds(names: Names) -> bool:
        value = left(names)
        return isinstance(value, list) and word in value

    return holds


def _against_number(left: Getter, wanted: Operator, constant: object) -> Test:
    numbers, general = ORDERS[wanted], relation(wanted)

    def holds(names: Names) -> bool:
        value = left(names)
        return numbers(value, constant) if type(value) is int else general(value, constant)

    return holds


def _getter(node: Operand) -> Getter:
    match node:
        case Literal(value):
            return lambda _: value
        case Path((str(name),)):
            return lambda names: names.get(name)
        case Path((str(root), str(name))):
            return _child(root, name)
        case Path(steps):
            return lambda names: at(names, steps)
        case ListOf(items):
            getters = [_getter(item) for item in items]
            return lambda names: [get(names) for get in getters]


def _child(root: str, name: str) -> Getter:
    def get(names: Names) -> object:
        value = names.get(root)
        return value.get(name) if type(value) is dict or isinstance(value, Mapping) else None

    return get
