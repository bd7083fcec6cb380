"""What a workflow target asks of a worker, compiled."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from cordboard.routing.expressions.compiler import Expression, at, compile_expression
from cordboard.routing.expressions.parser import AllOf, Comparison, Node, Path, parse
from cordboard.routing.expressions.tokens import ExpressionError, Operator, Step
from cordboard.routing.facts import TargetFact
from cordboard.routing.namespaces import Names, period_of, target_names
from cordboard.routing.ordering import Clause, Rank, parse_order_by, rank

_TARGETS = 1024


class Target:
    """A compiled target.

    `timed`: it reads the time of day. `by_load`: it reads the worker's channel figures, so that an offer may change it.
    A target that does neither is *lasting*: its verdict on a worker changes only with the worker's attributes, name or
    activity.
    """

    __slots__ = ("_clauses", "_expression", "_never", "_only", "_period", "_task_paths", "by_load")

    def __init__(self, fact: TargetFact) -> None:
        # Both texts were validated where they came in. Should one not compile all the same, a floor that offers too
        # little is better than one that has stopped.
        self._never = False
        self._expression: Expression | None = None
        self._only: tuple[str, tuple[Step, ...]] | None = None
        self._clauses: tuple[Clause, ...] = ()
        try:
            if fact.expression is not None:
                self._expression = compile_expression(fact.expression)
                self._only = _only_one(parse(fact.expression)) if fact.expression.strip() else None
            if fact.order_by is not None:
                self._clauses = parse_order_by(fact.order_by)
        except ExpressionError:
            self._never = True
        paths: set[tuple[Step, ...]] = {("worker", *clause.steps) for clause in self._clauses}
        if self._expression is not None:
            paths |= self._expression.mentions
        self._task_paths = sorted((path[1:] for path in paths if path[0] == "task"), key=repr)
        self.by_load = any(path[:2] == ("worker", "channel") for path in paths)
        self._period = period_of(paths)

    @property
    def timed(self) -> bool:
        """It reads the time of day."""
        return self._period is not None

    @property
    def lasting(self) -> bool:
        """Its verdict on a worker can be kept."""
        return self._period is None and not self.by_load

    def verdict_until(self, now: int) -> int:
        """When (ms) the time of day next changes for it; `now` if it reads none."""
        return now if self._period is None else (now // self._period + 1) * self._period

    def values(self, task_attributes: Mapping[str, Any]) -> str:
        """Tasks for which this is the same text are alike to the target: it reads nothing else of them."""
        return repr([at(task_attributes, path) for path in self._task_paths])

    def only(self, task_attributes: Mapping[str, Any]) -> "Only | None":
        """The only worker who can suit such a task, if the expression says that he must be whom the task names."""
        if self._only is None:
            return None
        key, path = self._only
        value = at(task_attributes, path)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return None  # it may be equal to several texts
        return Only(key, value if isinstance(value, str) else None)

    def rank(self, task_attributes: Names, worker: Names, clock: Names) -> Rank | None:
        """The worker's place by `order_by`, or None if the target does not want him."""
        if self._never:
            return None
        if self._expression is not None and not self._expression.holds(target_names(task_attributes, worker, clock)):
            return None
        return rank(self._clauses, worker) if self._clauses else ()


class Only(NamedTuple):
    """Whose `key` (`sid` or `friendly_name`) is this; None for nobody's."""

    key: str
    value: str | None


def _only_one(tree: Node) -> tuple[str, tuple[Step, ...]] | None:
    """What `worker.sid == task.agent` says, if the whole cannot hold without it: a key of the worker and a path below the task."""
    match tree:
        case AllOf(parts):
            return next((found for part in parts if (found := _only_one(part)) is not None), None)
        case Comparison(Path(("worker", "sid" | "friendly_name" as key)), Operator.EQUAL, Path(("task", *steps))):
            return str(key), tuple(steps)
        case Comparison(Path(("task", *steps)), Operator.EQUAL, Path(("worker", "sid" | "friendly_name" as key))):
            return str(key), tuple(steps)
    return None


@lru_cache(_TARGETS)
def compile_target(fact: TargetFact) -> Target:
    """The target, compiled once."""
    return Target(fact)
