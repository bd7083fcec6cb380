"""The kinds of resources in a seed file: the operations that make and change them, and the rows by which they are found."""

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any
from urllib.parse import urlencode

from cordboard.rest.forms import Form, FormReader
from cordboard.rest.pairs import read_pairs
from cordboard.rest.routes import Route
from cordboard.storage.tables import Query, Table
from cordboard.taskrouter.actions import activities, task_channels, task_queues, workers, workflows, workspaces
from cordboard.taskrouter.routes import TASKROUTER
from cordboard.taskrouter.store import activities as activity_rows
from cordboard.taskrouter.store import task_channels as task_channel_rows
from cordboard.taskrouter.store import task_queues as task_queue_rows
from cordboard.taskrouter.store import workers as worker_rows
from cordboard.taskrouter.store import workflows as workflow_rows
from cordboard.taskrouter.store import workspaces as workspace_rows

Values = Mapping[str, str | int | None]
"""Fields of a form by their names in Python; None is not sent."""

_ROUTES = {route.operation: route for route in TASKROUTER.routes if isinstance(route, Route)}


class Operation:
    """A row of the route table, by the vendor's name of it."""

    def __init__(self, name: str) -> None:
        route = _ROUTES[name]
        self.action = route.action
        self.form: type[Form] = route.form
        self.fields = dict(zip(route.form.__struct_encode_fields__, route.form.__struct_fields__, strict=True))
        self._reader = FormReader(self.form)

    def read(self, path: Mapping[str, str], values: Values) -> Any:  # noqa: ANN401 - a form of any operation
        """The form of a call with these parameters, read from the bytes that a client would send. Raises Invalid."""
        sent = {
            parameter: str(value).lower() if isinstance(value, bool) else str(value)
            for parameter, field in self.fields.items()
            if (value := values.get(field)) is not None
        }
        return self._reader.read(path, read_pairs(urlencode(sent).encode()), {}, "seed file")


class Kind:
    """A kind of resource.

    ``of_scope`` finds all of a workspace (of an account, for workspaces), of which there may be ``most``; ``fact`` takes the fact
    out of what the actions return.
    """

    def __init__(
        self,
        noun: str,
        table: Table[Any],
        *,
        of_scope: Query[Any],
        most: int,
        scope: str = "workspace_sid",
        fact: Callable[[Any], Any] | None = None,
        key: str = "friendly_name",
        normal: Callable[[str], str] = str,
    ) -> None:
        vendor = "".join(word.capitalize() for word in noun.split())
        self.noun = noun
        self.table = table
        self.of_scope = of_scope
        self.most = most
        self.scope = scope
        self.fact = fact or _itself
        self.key = key
        self.create = Operation(f"Create{vendor}")
        self.update = Operation(f"Update{vendor}")
        self._normal = normal

    def name_of(self, thing: Any) -> str:  # noqa: ANN401 - an entry or a fact
        """What an entry and its resource are known by to each other."""
        return self._normal(getattr(thing, self.key))


def _itself(fact: Any) -> Any:  # noqa: ANN401 - any fact
    return fact


UPDATE_WORKER_CHANNEL = Operation("UpdateWorkerChannel")

WORKSPACE = Kind(
    "workspace",
    workspace_rows.WORKSPACES,
    of_scope=workspace_rows.OF_ACCOUNT,
    scope="account_sid",
    most=workspaces.MOST,
    fact=attrgetter("workspace"),
)
ACTIVITY = Kind("activity", activity_rows.ACTIVITIES, of_scope=activity_rows.OF_WORKSPACE, most=activities.MOST)
TASK_CHANNEL = Kind(
    "task channel",
    task_channel_rows.TASK_CHANNELS,
    of_scope=task_channel_rows.OF_WORKSPACE,
    most=task_channels.MOST,
    key="unique_name",
)
TASK_QUEUE = Kind(
    "task queue",
    task_queue_rows.TASK_QUEUES,
    of_scope=task_queue_rows.OF_WORKSPACE,
    most=task_queues.MOST,
    fact=attrgetter("task_queue"),
)
WORKFLOW = Kind("workflow", workflow_rows.WORKFLOWS, of_scope=workflow_rows.OF_WORKSPACE, most=workflows.MOST)
WORKER = Kind(
    "worker",
    worker_rows.WORKERS,
    of_scope=worker_rows.OF_WORKSPACE,
    most=workers.MOST,
    fact=attrgetter("worker"),
    normal=worker_rows.name_key,
)
