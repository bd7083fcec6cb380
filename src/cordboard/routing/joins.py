"""How the workers whom a target may want are found without asking everybody: by values that both sides share.

`worker.languages HAS task.language AND worker.level >= task.level` holds only for a worker among whose languages is the
task's. So the worker is filed under each of his languages, the task looks under its own, and only those found there are
asked for their level. What both are filed under is a *key*. From the parts of an expression:

    worker.a == task.b                       the value of a; the value of b
    worker.a HAS task.b, task.b IN worker.a  each element of a; the value of b
    task.b HAS worker.a, worker.a IN task.b  the value of a; each element of b
    x AND y                                  of those parts that have keys, the pairs
    x OR y                                   the keys of all parts, if each has some; a part that asks only the worker or
                                             only the task has one key, which that side has if the part holds, and the
                                             other always

Who shares no key does not suit; who does, suits as far as the join goes, or must still be asked (`exact`). Values that
`==` are filed alike: numeric strings with numbers, though of two strings `6` and `6.0` it does not hold, so that a
numeric key is never the whole answer. Lists and objects equal nothing.
"""

from collections.abc import Callable, Hashable, Iterable
from itertools import product
from typing import Any, NamedTuple

from cordboard.routing.expressions.compiler import at, compile_node, paths_of
from cordboard.routing.expressions.operators import numeric
from cordboard.routing.expressions.parser import AllOf, AnyOf, Comparison, Node, Path
from cordboard.routing.expressions.tokens import Operator, Step
from cordboard.routing.namespaces import Names

Key = tuple[Hashable, ...]
Keys = Callable[[Names], Iterable[Hashable]]
"""Of the worker's names, or of the task's attributes."""

_HELD: tuple[Hashable, ...] = ("",)


class Join(NamedTuple):
    """The keys of both sides. `narrow`: a worker has one at most. `exact`: sharing one that is no number is enough."""

    of_worker: Keys
    of_task: Keys
    narrow: bool
    exact: bool


def conjuncts(tree: Node) -> list[Node]:
    """The parts that must all hold."""
    if isinstance(tree, AllOf):
        return [part for branch in tree.parts for part in conjuncts(branch)]
    return [tree]


def join_of(part: Node) -> Join | None:
    """How the part files workers and tasks, None if it does not."""
    if isinstance(part, Comparison):
        return _comparison(part)
    if isinstance(part, AnyOf):
        return _either(part)
    return None


def combined(joins: Iterable[Join]) -> tuple[Callable[[Names], list[Key]], Callable[[Names], list[Key]]]:
    """The keys of worker and task under several joins at once: under none, one that everybody has."""
    of_worker, of_task = [join.of_worker for join in joins], [join.of_task for join in joins]
    return (
        lambda names: list(product(*[keys(names) for keys in of_worker])),
        lambda attributes: list(product(*[keys(attributes) for keys in of_task])),
    )


def asks_only(part: Node) -> str | None:
    """`worker` or `task` if the part reads nothing but lasting things of that side, for its verdict can be kept."""
    paths = set(paths_of(part))
    if _by_load(paths):
        return None
    roots = {path[0] for path in paths}
    if roots <= {"worker"}:
        return "worker"
    return "task" if roots == {"task"} else None


def _by_load(paths: Iterable[tuple[Step, ...]]) -> bool:
    return any(path[:2] == ("worker", "channel") for path in paths)


def _comparison(part: Comparison) -> Join | None:
    left, right = part.left, part.right
    if not isinstance(left, Path) or not isinstance(right, Path):
        return None
    match part.operator:
        case Operator.EQUAL:
            sides = (left, _one), (right, _one)
        case Operator.HAS:
            sides = (left, _each), (right, _one)
        case Operator.IN:
            sides = (left, _one), (right, _each)
        case _:
            return None
    if left.steps[0] == "task":
        sides = sides[1], sides[0]
    (worker, of_worker), (task, of_task) = sides
    if (worker.steps[0], task.steps[0]) != ("worker", "task") or _by_load([worker.steps]):
        return None
    return Join(_keys(worker, of_worker), _keys(task, of_task), of_worker is _one, exact=True)


def _keys(path: Path, keys: Callable[[object], list[Hashable]]) -> Keys:
    steps = path.steps[1:]
    return lambda names: keys(at(names, steps))


def _one(value: object) -> list[Hashable]:
    """What `==` compares, so that equal values are one key. True and 1 are one to Python."""
    if isinstance(value, str):
        number = numeric(value)
        return [value if number is None else number]
    if isinstance(value, bool):
        return [(value,)]
    return [] if isinstance(value, list | dict) else [value]


def _each(value: object) -> list[Hashable]:
    return list({key for item in value for key in _one(item)}) if isinstance(value, list) else []


def _either(part: AnyOf) -> Join | None:
    branches: list[Join] = []
    for branch in part.parts:
        found = [join for each in conjuncts(branch) if (join := _one_sided(each) or join_of(each)) is not None]
        if not found:
            return None
        branches.append(max(found, key=lambda join: join.exact))  # what asks one side only splits the other not at all
    return Join(
        lambda names: [(number, key) for number, join in enumerate(branches) for key in join.of_worker(names)],
        lambda attributes: [(number, key) for number, join in enumerate(branches) for key in join.of_task(attributes)],
        narrow=False,
        exact=False,
    )


def _one_sided(part: Node) -> Join | None:
    side, holds = asks_only(part), compile_node(part)
    if side is None:
        return None

    def keys(names: Names) -> tuple[Hashable, ...]:
        return _HELD if holds({side: names}) else ()

    of_worker, of_task = (keys, _always) if side == "worker" else (_always, keys)
    return Join(of_worker, of_task, narrow=True, exact=False)


def _always(_: Any) -> tuple[Hashable, ...]:  # noqa: ANN401  # whatever the names are
    return _HELD
