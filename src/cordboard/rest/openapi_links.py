"""Links in the document: which operations go on from the thing that a create or a list answers.

They follow from the tables: what is made at ``/Tasks`` is found under ``/Tasks/{Sid}`` and in ``/Tasks/{TaskSid}/Reservations``.
"""

from collections.abc import Iterable
from typing import Any

from .routes import PARAMETER, Product, Route


def links(product: Product, route: Route) -> dict[str, Any]:
    """The links of a row's answer, by the operations to which they lead."""
    if "sid" not in getattr(route.answers, "__annotations__", {}):
        return {}
    if route.list_key is not None:
        pointer = f"$response.body#/{route.list_key}/0/sid"
    elif route.verb == "POST" and not route.path.endswith("}"):
        pointer = "$response.body#/sid"
    else:
        return {}
    values = [*(f"$request.path.{name}" for name in route.parameters), pointer]
    return {
        row.operation: {
            "operationId": f"{product.name}.{row.operation}",
            "parameters": {f"path.{name}": value for name, value in zip(row.parameters, values, strict=True)},
        }
        for row in _below(product.routes, route.path)
        if len(row.parameters) == len(values)
    }


def _below(rows: Iterable[object], collection: str) -> Iterable[Route]:
    """The rows of things in a collection and of what is directly below them; names of parameters do not count."""
    beginning = PARAMETER.sub("{}", collection) + "/{}"
    for row in rows:
        if isinstance(row, Route):
            path = PARAMETER.sub("{}", row.path)
            if path == beginning or path.startswith(f"{beginning}/"):
                yield row
