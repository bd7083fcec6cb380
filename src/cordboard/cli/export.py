"""``cordboard export``: the floors of a running server as a seed file, read through its public API."""

import sys
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Annotated, Any

import httpx
import typer

from cordboard.kernel import json
from cordboard.server.seed import floor
from cordboard.server.seed.writing import table_or_text, write

from .accounts import DEFAULT_URL, AccountSid, AuthToken, Url

_REFUSED = 1
_PAGE_SIZE = "1000"


class CannotExport(Exception):
    """The sentence says why."""


def export(
    account_sid: AccountSid,
    auth_token: AuthToken,
    url: Url = DEFAULT_URL,
    workspace: Annotated[str | None, typer.Option(metavar="NAME", help="Only the workspace with this name.")] = None,
) -> None:
    """Print the workspaces of a running server as a seed file.

    With queues, workflows, activities, task channels and workers, and without tasks. `cordboard serve --seed` takes it.
    """
    try:
        with httpx.Client(base_url=url, auth=(account_sid, auth_token), timeout=30) as client:
            text = exported(client, workspace)
    except CannotExport as refusal:
        print(f"cordboard: {refusal}", file=sys.stderr)
        raise typer.Exit(_REFUSED) from None
    sys.stdout.write(text)


def exported(client: httpx.Client, workspace: str | None = None) -> str:
    """The seed file of the server that a client with base URL and credentials calls. Raises CannotExport."""
    return write(_Export(client).read(workspace))


class _Export:
    """Reads a server. Raises CannotExport."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def read(self, name: str | None) -> floor.Floor:
        """All workspaces, or the one with this name."""
        wanted = {} if name is None else {"FriendlyName": name}
        found = list(self._list("", "workspaces", **wanted))
        if name is not None and not found:
            message = f"there is no workspace named {name}"
            raise CannotExport(message)
        _refuse_repeated("workspaces", found, "of the account")
        return floor.Floor(workspaces=[self._workspace(each) for each in found])

    def _workspace(self, found: dict[str, Any]) -> floor.Workspace:
        """One workspace. What it is born with is in order of names; the rest in order of age, which counts in routing."""
        path, name = f"/{found['sid']}", found["friendly_name"]
        activities = list(self._list(f"{path}/Activities", "activities"))
        task_queues = list(self._list(f"{path}/TaskQueues", "task_queues"))
        workflows = list(self._list(f"{path}/Workflows", "workflows"))
        _refuse_repeated("activities", activities, f"of workspace {name}")
        _refuse_repeated("workflows", workflows, f"of workspace {name}")
        queue_names = {each["sid"]: each["friendly_name"] for each in task_queues}
        return floor.Workspace(
            friendly_name=name,
            multi_task_enabled=found["multi_task_enabled"],
            prioritize_queue_order=found["prioritize_queue_order"],
            event_callback_url=found["event_callback_url"] or "",
            events_filter=found["events_filter"] or "",
            default_activity=found["default_activity_name"],
            timeout_activity=found["timeout_activity_name"],
            activities=[
                floor.Activity(friendly_name=each["friendly_name"], available=each["available"])
                for each in sorted(activities, key=itemgetter("friendly_name"))
            ],
            task_channels=[
                floor.TaskChannel(
                    unique_name=each["unique_name"],
                    friendly_name=each["friendly_name"],
                    channel_optimized_routing=each["channel_optimized_routing"],
                )
                for each in sorted(self._list(f"{path}/TaskChannels", "channels"), key=itemgetter("unique_name"))
            ],
            task_queues=[
                floor.TaskQueue(
                    friendly_name=each["friendly_name"],
                    target_workers=each["target_workers"],
                    max_reserved_workers=each["max_reserved_workers"],
                    task_order=each["task_order"],
                    reservation_activity=each["reservation_activity_name"],
                    assignment_activity=each["assignment_activity_name"],
                )
                for each in task_queues
            ],
            workflows=[
                floor.Workflow(
                    friendly_name=each["friendly_name"],
                    assignment_callback_url=each["assignment_callback_url"] or "",
                    fallback_assignment_callback_url=each["fallback_assignment_callback_url"] or "",
                    task_reservation_timeout=each["task_reservation_timeout"],
                    configuration=_with_names(each["configuration"], queue_names),
                )
                for each in workflows
            ],
            workers=[
                floor.Worker(
                    friendly_name=each["friendly_name"],
                    activity=each["activity_name"],
                    attributes=table_or_text(json.parse(each["attributes"])),
                    channels=list(self._channels(f"{path}/Workers/{each['sid']}/Channels")),
                )
                for each in self._list(f"{path}/Workers", "workers")
            ],
        )

    def _channels(self, path: str) -> Iterator[floor.WorkerChannel]:
        """A worker's channels that are not as they are born."""
        for each in sorted(self._list(path, "channels"), key=itemgetter("task_channel_unique_name")):
            name = each["task_channel_unique_name"]
            channel = floor.WorkerChannel(
                task_channel=name, capacity=each["configured_capacity"], available=each["available"]
            )
            if channel != floor.WorkerChannel(task_channel=name):
                yield channel

    def _list(self, path: str, key: str, **parameters: str) -> Iterator[dict[str, Any]]:
        """All items of a list, page by page."""
        asked = httpx.QueryParams({**parameters, "PageSize": _PAGE_SIZE})
        while True:
            answer = self._get(f"/taskrouter/v1/Workspaces{path}", asked)
            yield from answer[key]
            following = answer["meta"]["next_page_url"]
            if following is None:
                return
            # Only what it asks: a public URL may not be reachable from here.
            asked = httpx.URL(following).params

    def _get(self, path: str, parameters: httpx.QueryParams) -> dict[str, Any]:
        try:
            answer = self._client.get(path, params=parameters)
            found: dict[str, Any] = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            message = f"{self._client.base_url} does not answer as Cordboard does: {error}"
            raise CannotExport(message) from None
        if not answer.is_success:
            raise CannotExport(found.get("message", answer.reason_phrase))
        return found


def _with_names(text: str, queue_names: dict[str, str]) -> dict[str, Any] | str:
    """A configuration with names where it has SIDs of queues."""
    configuration: dict[str, Any] = json.parse(text)
    for target, _ in floor.targets(configuration):
        target["queue"] = queue_names[target["queue"]]
    return table_or_text(configuration)


def _refuse_repeated(kind: str, found: list[dict[str, Any]], where: str) -> None:
    for name, alike in groupby(sorted(each["friendly_name"] for each in found)):
        if len(list(alike)) > 1:
            message = f"several {kind} {where} are named {name}, and a seed file tells them by name: rename all but one"
            raise CannotExport(message)
