"""A workflow's configuration, and where a task enters it (taskrouter.md 5).

    {"task_routing": {"filters": [{"filter_friendly_name": .., "expression": .., "targets": [{"queue": .., "priority": ..}]}],
                      "default_filter": {"queue": .., "priority": ..}}}

The first filter whose expression holds for the task's attributes is entered at its first target; a filter without expression
holds for every task. The default filter is for tasks that no filter takes. Numbers may be written as numeric strings, a
filter's name as `friendly_name`, and a key that is not wanted as null, as the vendor's own examples and libraries do.

Every fault names the place of its cause as a JSON path. Beside `task_routing` the configuration may hold anything. A key inside it
that means nothing is refused, and so is one whose meaning is not built: a task that waits for ever because a time-out, or a
misspelt one, was passed over would be worse. A name is allowed wherever people write one.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from cordboard.routing.expressions.compiler import Expression, compile_expression
from cordboard.routing.expressions.tokens import ExpressionError
from cordboard.routing.namespaces import filter_names

_MOST_PRIORITY = 2_147_483_647
_MOST_DIGITS = 10
_MOST_SID = 64
_NAMES = ("filter_friendly_name", "friendly_name")
_ROUTING_KEYS = frozenset({"filters", "default_filter"})
_FILTER_KEYS = frozenset({*_NAMES, "expression", "targets"})
_NOT_BUILT = {
    "timeout": "target time-outs",
    "skip_if": "skip_if",
    "order_by": "order_by",
    "expression": "target expressions",
    "known_worker_sid": "known-agent routing",
    "known_worker_friendly_name": "known-agent routing",
}
_TARGET_KEYS = frozenset({*_NAMES, *_NOT_BUILT, "queue", "priority"})


class InvalidWorkflow(Exception):
    """A configuration that cannot be followed; `path` says where."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class NotBuiltYet(Exception):
    """A configuration that asks for a part of workflows that Cordboard does not have yet; `path` says where."""

    def __init__(self, path: str, part: str) -> None:
        super().__init__(f"{path}: {part}")
        self.path = path
        self.part = part


class Target(Struct, frozen=True):
    """Where a task goes. Without `priority` it keeps its own."""

    path: str
    queue_sid: str
    priority: int | None


class Filter(Struct, frozen=True):
    """Which tasks go there. Without `expression` all."""

    name: str | None
    expression: Expression | None
    targets: tuple[Target, ...]


class Workflow(Struct, frozen=True):
    """A configuration, read."""

    filters: tuple[Filter, ...]
    default: Target | None

    @property
    def queues(self) -> Iterator[tuple[str, str]]:
        """The SID of every queue that is named, and the JSON path at which it is."""
        for one in self.filters:
            for target in one.targets:
                yield target.queue_sid, f"{target.path}.queue"
        if self.default is not None:
            yield self.default.queue_sid, f"{self.default.path}.queue"


class Entered(Struct, frozen=True):
    """Where a task stands. `filter_index` is None in the default filter."""

    filter_index: int | None
    filter_name: str | None
    filter_expression: str | None
    target_index: int
    queue_sid: str
    priority: int | None


def parse_workflow(text: str) -> Workflow:
    """Read a configuration. Raises InvalidWorkflow and NotBuiltYet."""
    try:
        root = msgspec.json.decode(text.encode())
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise InvalidWorkflow("configuration", f"not JSON ({error})") from error
    routing = _object(_object(root, "configuration").get("task_routing"), "task_routing", _ROUTING_KEYS)
    filters = [] if routing.get("filters") is None else routing["filters"]
    if not isinstance(filters, list):
        raise InvalidWorkflow("task_routing.filters", "expected an array")
    default = routing.get("default_filter")
    return Workflow(
        tuple(_filter(value, f"task_routing.filters[{index}]") for index, value in enumerate(filters)),
        None if default is None else _target(default, "task_routing.default_filter"),
    )


def enter(workflow: Workflow, task_attributes: Mapping[str, Any], now: int) -> Entered | None:
    """Where a task enters; None if no filter takes it and there is no default one. `now` (ms) is for `taskrouter.*`."""
    names = filter_names(task_attributes, now)
    for index, one in enumerate(workflow.filters):
        if one.expression is None or one.expression.holds(names):
            target = one.targets[0]
            text = None if one.expression is None else one.expression.text
            return Entered(index, one.name, text, 0, target.queue_sid, target.priority)
    if workflow.default is None:
        return None
    return Entered(None, None, None, 0, workflow.default.queue_sid, workflow.default.priority)


def _filter(value: object, path: str) -> Filter:
    found = _object(value, path, _FILTER_KEYS)
    name = found.get("filter_friendly_name", found.get("friendly_name"))
    if name is not None and not isinstance(name, str):
        raise InvalidWorkflow(f"{path}.filter_friendly_name", "expected a text")
    targets = found.get("targets")
    if not isinstance(targets, list) or not targets:
        raise InvalidWorkflow(f"{path}.targets", "expected an array with a target")
    if len(targets) > 1:
        raise NotBuiltYet(f"{path}.targets[1]", "more than one target")
    read = tuple(_target(target, f"{path}.targets[{index}]") for index, target in enumerate(targets))
    return Filter(name, _expression(found.get("expression"), f"{path}.expression"), read)


def _target(value: object, path: str) -> Target:
    found = _object(value, path, _TARGET_KEYS)
    for key, part in _NOT_BUILT.items():
        if found.get(key) not in (None, ""):
            raise NotBuiltYet(f"{path}.{key}", part)
    queue = found.get("queue")
    if not isinstance(queue, str) or not queue.isprintable() or len(queue) > _MOST_SID:
        raise InvalidWorkflow(f"{path}.queue", "expected the SID of a task queue")
    return Target(path, queue, _priority(found.get("priority"), f"{path}.priority"))


def _priority(value: object, path: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MOST_PRIORITY:
        raise InvalidWorkflow(path, f"expected an integer from 0 to {_MOST_PRIORITY}")
    return value


def _expression(value: object, path: str) -> Expression | None:
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip():
        raise InvalidWorkflow(path, "expected an expression; a filter without one takes every task")
    try:
        return compile_expression(value)
    except ExpressionError as error:
        raise InvalidWorkflow(path, str(error)) from error


def _object(value: object, path: str, keys: frozenset[str] | None = None) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidWorkflow(path, "expected an object")
    for key in value:
        if keys is not None and key not in keys:
            raise InvalidWorkflow(f"{path}.{key[:_MOST_SID]}", f"unknown key; known are {', '.join(sorted(keys))}")
    return value
