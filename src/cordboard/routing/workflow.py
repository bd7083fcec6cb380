"""A workflow's configuration, read and checked (taskrouter.md 5). How a task walks through it stands in `walk`.

    {"task_routing": {"filters": [{"filter_friendly_name": .., "expression": .., "targets": [target, ..]}],
                      "default_filter": {"queue": .., "priority": .., "expression": .., "order_by": ..}}}

    target: {"queue": .., "priority": .., "timeout": .., "expression": .., "order_by": .., "skip_if": ..,
             "known_worker_sid": .. or "known_worker_friendly_name": ..}

A filter without expression takes every task. A target without queue has the queue of the one before it; nothing else is
inherited. Numbers may be written as numeric strings, a filter's name as `friendly_name`, and a key that is not wanted as
null or '', as the vendor's own examples and libraries do.

Every fault names the place of its cause as a JSON path. Beside `task_routing` the configuration may hold anything. A key
inside it that means nothing is refused: a task that waits for ever because a misspelt time-out was passed over would be
worse. The same goes for `skip_if`, whose names are few; in other expressions an unknown name is null, as the vendor has it.
A name is allowed wherever people write one.

A known agent is a condition like any other: `worker.sid == task.agent_sid`, joined to the target's expression.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from cordboard.routing.expressions.compiler import Expression, compile_expression
from cordboard.routing.expressions.tokens import ExpressionError, Step, scan
from cordboard.routing.facts import TargetFact
from cordboard.routing.ordering import parse_order_by

_MOST = 2_147_483_647
_MOST_DIGITS = 10
_MOST_SID = 64
_MILLISECONDS = 1000
_NAMES = ("filter_friendly_name", "friendly_name")
_KNOWN = {"known_worker_sid": "sid", "known_worker_friendly_name": "friendly_name"}
_ROUTING_KEYS = frozenset({"filters", "default_filter"})
_FILTER_KEYS = frozenset({*_NAMES, "expression", "targets"})
_DEFAULT_KEYS = frozenset({*_NAMES, "queue", "priority", "expression", "order_by"})
_TARGET_KEYS = frozenset({*_DEFAULT_KEYS, *_KNOWN, "timeout", "skip_if"})


class InvalidWorkflow(Exception):
    """A configuration that cannot be followed; `path` says where."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class KnownWorker(Struct, frozen=True):
    """The one worker whom a target wants: whose `key` (`sid` or `friendly_name`) a task attribute holds, at `steps`."""

    key: str
    steps: tuple[Step, ...]


class Target(Struct, frozen=True):
    """Where a task waits. Without `priority` it keeps its own; without `timeout_ms` it stays.

    `asks` is all that it asks of a worker beyond the queue, the known agent included; `expression` is as it was written.
    """

    path: str
    name: str | None
    queue_sid: str
    priority: int | None
    timeout_ms: int | None
    expression: str | None
    skip_if: Expression | None
    known_worker: KnownWorker | None
    asks: TargetFact | None


class Filter(Struct, frozen=True):
    """Which tasks walk over these targets. Without `expression` all."""

    name: str | None
    expression: Expression | None
    targets: tuple[Target, ...]


class Workflow(Struct, frozen=True):
    """A configuration, read. `timed`: one of its filters reads the time of day.

    `queues` and `activities` hold the SID of everything that is named, with the JSON path at which it is.
    """

    filters: tuple[Filter, ...]
    default: Target | None
    timed: bool
    queues: tuple[tuple[str, str], ...]

    @property
    def activities(self) -> Iterator[tuple[str, str]]:
        """The SID of every activity that a `skip_if` counts, and the JSON path at which it is."""
        for one in self.filters:
            for target in one.targets:
                for _, name in sorted(target.skip_if.mentions if target.skip_if is not None else (), key=repr):
                    if name not in _COUNTS:
                        yield str(name), f"{target.path}.skip_if"


_COUNTS = ("available", "unavailable")


def parse_workflow(text: str) -> Workflow:
    """Read a configuration. Raises InvalidWorkflow."""
    try:
        root = msgspec.json.decode(text.encode())
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise InvalidWorkflow("configuration", f"not JSON ({error})") from error
    routing = _object(_object(root, "configuration").get("task_routing"), "task_routing", _ROUTING_KEYS)
    found = [] if routing.get("filters") is None else routing["filters"]
    if not isinstance(found, list):
        raise InvalidWorkflow("task_routing.filters", "expected an array")
    queues: list[tuple[str, str]] = []
    filters = tuple(_filter(value, f"task_routing.filters[{index}]", queues) for index, value in enumerate(found))
    default: Target | None = None
    if routing.get("default_filter") is not None:
        path = "task_routing.default_filter"
        default = _target(_object(routing["default_filter"], path, _DEFAULT_KEYS), path, None, queues)
    timed = any(
        path[0] == "taskrouter" for one in filters if one.expression is not None for path in one.expression.mentions
    )
    return Workflow(filters, default, timed, tuple(queues))


def _filter(value: object, path: str, queues: list[tuple[str, str]]) -> Filter:
    found = _object(value, path, _FILTER_KEYS)
    listed = found.get("targets")
    if not isinstance(listed, list) or not listed:
        raise InvalidWorkflow(f"{path}.targets", "expected an array with a target")
    targets: list[Target] = []
    for index, one in enumerate(listed):
        place = f"{path}.targets[{index}]"
        before = targets[-1].queue_sid if targets else None
        targets.append(_target(_object(one, place, _TARGET_KEYS), place, before, queues))
    expression: Expression | None = None
    if found.get("expression") is not None:
        expression = _expression(found["expression"], f"{path}.expression")
        if not expression.text.strip():
            reason = "expected an expression; a filter without one takes every task"
            raise InvalidWorkflow(f"{path}.expression", reason)
    return Filter(_name(found, path), expression, tuple(targets))


def _target(found: dict[str, Any], path: str, before: str | None, queues: list[tuple[str, str]]) -> Target:
    found = {key: value for key, value in found.items() if value is not None and value != ""}
    queue = found.get("queue", before)
    if not isinstance(queue, str) or not queue.isprintable() or len(queue) > _MOST_SID:
        raise InvalidWorkflow(f"{path}.queue", "expected the SID of a task queue")
    if "queue" in found:
        queues.append((queue, f"{path}.queue"))
    timeout_s = _integer(found.get("timeout"), f"{path}.timeout", least=1)
    expression = _expression(found["expression"], f"{path}.expression").text if "expression" in found else None
    known = _known(found, path)
    return Target(
        path=path,
        name=_name(found, path),
        queue_sid=queue,
        priority=_integer(found.get("priority"), f"{path}.priority", least=0),
        timeout_ms=None if timeout_s is None else timeout_s * _MILLISECONDS,
        expression=expression,
        skip_if=_skip_if(found["skip_if"], f"{path}.skip_if") if "skip_if" in found else None,
        known_worker=known[0] if known is not None else None,
        asks=_asks(path, expression, _order_by(found.get("order_by"), f"{path}.order_by"), known),
    )


def _known(found: dict[str, Any], path: str) -> tuple[KnownWorker, str] | None:
    """The known agent and the condition that it comes to."""
    keys = [key for key in _KNOWN if key in found]
    if len(keys) > 1:
        raise InvalidWorkflow(f"{path}.{keys[1]}", f"expected only one of {' and '.join(_KNOWN)}")
    if not keys:
        return None
    value, place = found[keys[0]], f"{path}.{keys[0]}"
    try:
        first, *rest = scan(value if isinstance(value, str) else "")[0]
    except ExpressionError as error:
        raise InvalidWorkflow(place, str(error)) from error
    steps = first.value
    if not isinstance(steps, tuple) or steps[0] != "task" or len(steps) == 1 or len(rest) != 1:
        raise InvalidWorkflow(place, "expected the name of a task attribute, such as task.agent_sid")
    key = _KNOWN[keys[0]]
    return KnownWorker(key, steps[1:]), f"worker.{key} == {first.text}"


def _asks(
    path: str, expression: str | None, order_by: str | None, known: tuple[KnownWorker, str] | None
) -> TargetFact | None:
    condition = expression
    if known is not None:
        condition = known[1] if expression is None else f"{known[1]} AND ({expression})"
        _expression(condition, f"{path}.expression")
    return None if condition is None and order_by is None else TargetFact(condition, order_by)


def _skip_if(value: object, path: str) -> Expression:
    expression = _expression(value, path)
    for mention in expression.mentions:
        root, *names = mention
        name = names[0] if len(names) == 1 else None
        if root != "workers" or not isinstance(name, str) or not (name in _COUNTS or name.startswith("WA")):
            shown = ".".join(map(str, mention))[:_MOST_SID]
            known = "workers.available, workers.unavailable and workers.WA…, the SID of an activity"
            raise InvalidWorkflow(path, f"{shown} means nothing here; known are {known}")
    return expression


def _order_by(value: object, path: str) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise InvalidWorkflow(path, "expected a text such as 'worker.level DESC'")
    try:
        return value if parse_order_by(value) else None
    except ExpressionError as error:
        raise InvalidWorkflow(path, str(error)) from error


def _expression(value: object, path: str) -> Expression:
    if not isinstance(value, str):
        raise InvalidWorkflow(path, "expected an expression")
    try:
        return compile_expression(value)
    except ExpressionError as error:
        raise InvalidWorkflow(path, str(error)) from error


def _integer(value: object, path: str, *, least: int) -> int | None:
    if value is None:
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= _MOST:
        raise InvalidWorkflow(path, f"expected an integer from {least} to {_MOST}")
    return value


def _name(found: dict[str, Any], path: str) -> str | None:
    for key in _NAMES:
        if (name := found.get(key)) is not None:
            if not isinstance(name, str):
                raise InvalidWorkflow(f"{path}.{key}", "expected a text")
            return name
    return None


def _object(value: object, path: str, keys: frozenset[str] | None = None) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidWorkflow(path, "expected an object")
    for key, one in value.items():
        if keys is None or key in keys:
            continue
        if keys is _DEFAULT_KEYS and key in _TARGET_KEYS:
            if one in (None, ""):
                continue
            reason = (
                "the default filter has none: a task stays there until somebody takes it or its time to live is over"
            )
            raise InvalidWorkflow(f"{path}.{key}", reason)
        raise InvalidWorkflow(f"{path}.{key[:_MOST_SID]}", f"unknown key; known are {', '.join(sorted(keys))}")
    return value
