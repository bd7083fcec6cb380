"""Expressions that callers give, and the names of a worker in them."""

from collections.abc import Callable, Mapping
from typing import Any

from cordboard.kernel.errors import Invalid
from cordboard.kernel.json import parse
from cordboard.routing.expressions.compiler import Expression, compile_expression
from cordboard.routing.expressions.tokens import ExpressionError
from cordboard.routing.facts import WorkerFact
from cordboard.routing.namespaces import worker_names
from cordboard.taskrouter.model import Worker


def read_expression(parameter: str, text: str) -> Expression:
    """Compile what a caller gave. Raises Invalid with the parser's sentence, which names the character."""
    try:
        return compile_expression(text)
    except ExpressionError as error:
        message = f"Invalid parameter {parameter}: {error}"
        raise Invalid(message) from error


def serves(target_workers: str) -> Callable[[Mapping[str, Any]], bool]:
    """Whether a worker of these names serves a queue. A text that is no expression (any more) is served by nobody."""
    try:
        return compile_expression(target_workers).holds
    except ExpressionError:
        return lambda _: False


def names_of(worker: Worker, activity_name: str) -> dict[str, Any]:
    """What TargetWorkers can say of a worker."""
    return worker_names(
        WorkerFact(
            sid=worker.sid,
            version=worker.version,
            friendly_name=worker.friendly_name,
            activity_sid=worker.activity_sid,
            activity_name=activity_name,
            available=worker.available,
            attributes=parse(worker.attributes),
            channels={},
            created_at=worker.created_at,
        )
    )
