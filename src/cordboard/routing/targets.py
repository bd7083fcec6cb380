"""What a workflow target asks of a worker, compiled.

The parts of its expression that must all hold are sorted by whom they ask. What they ask of the worker alone, or of the
task alone, is asked once of each; a `join` files both by values; the rest is left to be asked of each pair.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from cordboard.routing.expressions.compiler import Test, at, compile_node, paths_of
from cordboard.routing.expressions.parser import AllOf, Comparison, Literal, Node, Path, parse
from cordboard.routing.expressions.tokens import ExpressionError, Operator, Step
from cordboard.routing.facts import TargetFact
from cordboard.routing.joins import Join, Key, asks_only, combined, conjuncts, join_of
from cordboard.routing.namespaces import Names, period_of, target_names
from cordboard.routing.ordering import Clause, Rank, parse_order_by, rank

_TARGETS = 1024
_NEVER = Comparison(Literal(value=0), Operator.EQUAL, Literal(value=1))


class Target:
    """A compiled target.

    `timed`: it reads the time of day. `by_load`: it reads the worker's channel figures, so that an offer may change it.
    What a target that does neither thinks of a worker changes only with his attributes, name or activity.
    """

    __slots__ = (
        "_clauses",
        "_exact",
        "_of_task",
        "_of_worker",
        "_only",
        "_period",
        "_rest",
        "_task_asks",
        "_task_paths",
        "_whole",
        "_worker_asks",
        "by_load",
    )

    def __init__(self, fact: TargetFact) -> None:
        # Both texts were validated where they came in. Should one not compile all the same, or be blank, a floor that
        # offers too little is better than one that has stopped.
        parts: list[Node] = []
        self._clauses: tuple[Clause, ...] = ()
        try:
            if fact.expression is not None:
                parts = conjuncts(parse(fact.expression))
            if fact.order_by is not None:
                self._clauses = parse_order_by(fact.order_by)
        except ExpressionError:
            parts = [_NEVER]
        joins: list[Join] = []
        asks: dict[str, list[Node]] = {"worker": [], "task": [], "both": []}
        for part in parts:
            join = join_of(part)
            if side := asks_only(part):
                asks[side].append(part)
            # A worker is filed under every pair of his keys, so one join with many of them must be enough.
            elif join is not None and (join.narrow or all(known.narrow for known in joins)):
                joins.append(join)
            else:
                asks["both"].append(part)
        self._worker_asks = _all_of(asks["worker"])
        self._task_asks = _all_of(asks["task"])
        self._of_worker, self._of_task = combined(joins)
        self._exact = all(join.exact for join in joins)
        self._rest = _all_of(asks["both"])
        self._whole = _all_of(parts)
        self._only = next((found for part in parts if (found := _only_one(part)) is not None), None)
        paths: set[tuple[Step, ...]] = {("worker", *clause.steps) for clause in self._clauses}
        paths.update(path for part in parts for path in paths_of(part))
        self._task_paths = sorted((path[1:] for path in paths if path[0] == "task"), key=repr)
        self.by_load = any(path[:2] == ("worker", "channel") for path in paths)
        self._period = period_of(paths)

    @property
    def timed(self) -> bool:
        """It reads the time of day."""
        return self._period is not None

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

    def worker_keys(self, worker: Names) -> list[Key]:
        """Where workers are found; none for one whom the target never wants."""
        if self._worker_asks is not None and not self._worker_asks({"worker": worker}):
            return []
        return self._of_worker(worker)

    def task_keys(self, task_attributes: Names) -> list[Key]:
        """Where to look for workers: whoever suits shares one of these keys. None if nobody can suit."""
        if self._task_asks is not None and not self._task_asks({"task": task_attributes}):
            return []
        return self._of_task(task_attributes)

    def left_to_ask(self, keys: list[Key]) -> Test | None:
        """What a worker who shares one of these keys must still be asked, with `target_names`; None if he suits."""
        if self._exact and not any(isinstance(value, int | float) for key in keys for value in key):
            return self._rest
        return self._whole

    def wants(self, task_attributes: Names, worker: Names, clock: Names) -> bool:
        """The whole expression, for any worker."""
        return self._whole is None or self._whole(target_names(task_attributes, worker, clock))

    def rank(self, worker: Names) -> Rank:
        """His place by `order_by`."""
        return rank(self._clauses, worker) if self._clauses else ()


class Only(NamedTuple):
    """Whose `key` (`sid` or `friendly_name`) is this; None for nobody's."""

    key: str
    value: str | None


def _only_one(part: Node) -> tuple[str, tuple[Step, ...]] | None:
    """What `worker.sid == task.agent` says: a key of the worker and a path below the task."""
    match part:
        case Comparison(Path(("worker", "sid" | "friendly_name" as key)), Operator.EQUAL, Path(("task", *steps))):
            return str(key), tuple(steps)
        case Comparison(Path(("task", *steps)), Operator.EQUAL, Path(("worker", "sid" | "friendly_name" as key))):
            return str(key), tuple(steps)
    return None


def _all_of(parts: list[Node]) -> Test | None:
    if not parts:
        return None
    return compile_node(parts[0] if len(parts) == 1 else AllOf(tuple(parts)))


@lru_cache(_TARGETS)
def compile_target(fact: TargetFact) -> Target:
    """The target, compiled once."""
    return Target(fact)
