from typing import Any

import pytest

from cordboard.rest.permissions import permission_of
from cordboard.rest.routes import Product, Route
from tests.rest.fakes import Nothing

WORKSPACE = "/v1/Workspaces/{WorkspaceSid}"


async def nothing(*_: Any) -> None:
    """An action that nobody calls."""


@pytest.mark.parametrize(
    ("verb", "path", "more", "permission"),
    [
        ("GET", "/v1/Workspaces", {}, "/twilio/taskrouter/workspaces/list"),
        ("GET", WORKSPACE, {}, "/twilio/taskrouter/workspaces/read"),
        ("POST", f"{WORKSPACE}/TaskQueues", {}, "/twilio/taskrouter/workspaces.task-queues/create"),
        ("POST", f"{WORKSPACE}/TaskQueues/{{Sid}}", {}, "/twilio/taskrouter/workspaces.task-queues/update"),
        ("DELETE", f"{WORKSPACE}/TaskQueues/{{Sid}}", {}, "/twilio/taskrouter/workspaces.task-queues/delete"),
        (
            "GET",
            f"{WORKSPACE}/Workers/{{Sid}}/RealTimeStatistics",
            {},
            "/twilio/taskrouter/workspaces.workers.real-time-statistics/list",
        ),
        ("POST", f"{WORKSPACE}/Look", {"permission": "read"}, "/twilio/taskrouter/workspaces.look/list"),
        ("PUT", f"{WORKSPACE}/Look", {}, "/twilio/taskrouter/workspaces.look/update"),
        ("GET", "/2010-04-01/Keys/{Sid}.json", {}, "/twilio/taskrouter/keys/read"),
        ("GET", "/2010-04-01/Keys.json", {"resource": "iam/api-keys"}, "/twilio/iam/api-keys/list"),
    ],
)
def test_an_operation_is_called_by_its_product_path_and_verb(
    verb: Any, path: str, more: dict[str, Any], permission: str
) -> None:
    product = Product("taskrouter", ("taskrouter",), (), ())
    assert permission_of(product, Route(verb, path, "Op", nothing, Nothing, **more)) == permission
