"""What an operation is called in the policy of a restricted API key.

``/twilio/taskrouter/workspaces.tasks/create``: the product, the names of the path, and what is done. The vendor's own names are
made this way, so a row of a table needs to say its name only where the vendor's is another (``Route.resource``). ``read`` is one
thing and ``list`` are many, as at the vendor, where either can be had without the other.
"""

import re

from .routes import Product, Route

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_ACTIONS = {"GET": "read", "DELETE": "delete", "PUT": "update", "PATCH": "update"}


def permission_of(product: Product, route: Route) -> str:
    """The permission that a call of this operation needs."""
    _version, *segments = route.path.split("/")[1:]
    resource = route.resource
    if resource is None:
        words = (_HUMP.sub("-", segment.removesuffix(".json")).lower() for segment in segments if segment[:1] != "{")
        resource = f"{product.name}/{'.'.join(words)}"
    return f"/twilio/{resource}/{_action(route, is_one=segments[-1].startswith('{'))}"


def _action(route: Route, *, is_one: bool) -> str:
    if route.reads:
        return "read" if is_one else "list"
    if route.verb == "POST":
        return "update" if is_one else "create"
    return _ACTIONS[route.verb]
