"""``cordboard explain WT...``: why a task is where it is, on one screen, as a running server explains it."""

import sys
from collections.abc import Iterator
from typing import Annotated, Any
from urllib.parse import quote

import httpx
import typer
from rich.console import Console

from cordboard.kernel.json import dump

from .accounts import DEFAULT_URL, AccountSid, AuthToken, Url
from .telling import harmless

_REFUSED = 1
_PATIENCE_S = 30


class Refused(Exception):
    """Why there is no explanation, as a sentence."""


def explain(
    task: Annotated[str, typer.Argument(metavar="WT...", help="Which task.")],
    *,
    account_sid: AccountSid,
    auth_token: AuthToken,
    workspace: Annotated[
        str | None, typer.Option(metavar="WS...", help="Where it is; without this all workspaces are looked through.")
    ] = None,
    worker: Annotated[str | None, typer.Option(metavar="WK...", help="Look at this worker only.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many workers and filters are shown.")] = 10,
    url: Url = DEFAULT_URL,
) -> None:
    """Tell why a task is pending: the filters it went down, who can get it next, and why nobody else can."""
    query = {"Limit": str(limit)} | ({"WorkerSid": worker} if worker is not None else {})
    try:
        with httpx.Client(auth=(account_sid, auth_token), timeout=_PATIENCE_S, trust_env=False) as client:
            told = _explanation(client, url.rstrip("/"), task, workspace, query)
        lines = list(page(told))
    except Refused as refusal:
        print(f"cordboard: {refusal}", file=sys.stderr)
        raise typer.Exit(_REFUSED) from None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, LookupError, TypeError) as error:
        print(f"cordboard: {url} does not answer as Cordboard does: {error}", file=sys.stderr)
        raise typer.Exit(_REFUSED) from None
    console = Console(file=sys.stdout)
    for line, style in lines:
        console.print(harmless(line), style=style, markup=False, highlight=False, soft_wrap=True)


Line = tuple[str, str]
"""A line, and its style where there is a terminal."""


def page(told: dict[str, Any]) -> Iterator[Line]:
    """An explanation as lines."""
    yield f"{told['task_sid']}  {told['summary']}", "bold"
    yield f"  {told['age']} s old, priority {told['priority']}, channel {told['task_channel_unique_name']}", "dim"
    yield from _way(told)
    if (queue := told["task_queue"]) is not None:
        yield f"Queue  {queue['friendly_name']}", "bold"
        yield f"  workers: {queue['target_workers'] or 'nobody'}", ""
        asked = f", asks {queue['max_reserved_workers']} at once" if queue["max_reserved_workers"] > 1 else ""
        yield f"  {queue['task_order']}, {queue['tasks_before']} tasks before this one{asked}", ""
    for one in told["reservations"]:
        until = f" until {one['date_expires']}" if one["date_expires"] else ""
        yield f"Reservation  {one['worker_name']} {one['reservation_status']}{until}  {one['sid']}", "bold"
    yield from _workers(told)


def _way(told: dict[str, Any]) -> Iterator[Line]:
    if (workflow := told["workflow"]) is not None:
        older = ", by the older configuration that it entered by" if workflow["configuration"] == "older" else ""
        yield f"Workflow  {workflow['friendly_name']}{older}", "bold"
    if told["filters_left_out"]:
        yield f"  ... {told['filters_left_out']} filters before", "dim"
    for one in told["filters"]:
        name = "default filter" if one["index"] is None else f"filter {one['index']}"
        named = f" {one['friendly_name']}" if one["friendly_name"] else ""
        yield f"  {name}{named}  {one['outcome']}{_because(one)}", "green" if one["outcome"] == "taken" else ""
    if (target := told["target"]) is not None:
        asks = [f"{key} {target[key]}" for key in ("expression", "order_by", "skip_if") if target[key] is not None]
        if (known := target["known_worker"]) is not None:
            asks.append(f"known agent by {known['attribute']}")
        yield f"  target {target['index'] + 1} of {target['count']}{': ' if asks else ''}{', '.join(asks)}", ""
    if (moves := told["moves_on"]) is not None:
        to = f"to {moves['task_queue']['friendly_name']}" if moves["task_queue"] else "out of the workflow, canceled"
        yield f"  moves on at {moves['date']} {to}", "yellow"
    if told["date_expires"] is not None:
        yield f"  is canceled at {told['date_expires']} if nobody has it by then", ""


def _workers(told: dict[str, Any]) -> Iterator[Line]:
    eligible, others = told["eligible"], told["others"]
    if eligible["count"]:
        yield f"Can get it, in this order ({eligible['count']})", "bold"
    for number, worker in enumerate(eligible["workers"], 1):
        last = f", last reserved {worker['last_reserved']}" if worker["last_reserved"] else ", never reserved"
        yield f"  {number:>2}  {worker['friendly_name']}{last}", "green"
    if others["count"]:
        counted = ", ".join(f"{count} {reason}" for reason, count in others["by_reason"].items())
        yield f"Cannot get it now ({counted})", "bold"
    width = max((len(worker["friendly_name"]) for worker in others["workers"]), default=0)
    for worker in others["workers"]:
        yield f"  {worker['friendly_name']:<{width}}  {worker['message']}{_because(worker)}", ""
    if (more := others["count"] - len(others["workers"])) > 0:
        yield f"  ... and {more} more", "dim"


def _because(one: dict[str, Any]) -> str:
    parts = [
        f"{found['part']} is {'true' if found['holds'] else 'false'}" + _seen(found["values"])
        for found in one["decided_by"]
    ]
    return f": {'; '.join(parts)}" if parts else ""


def _seen(values: dict[str, Any]) -> str:
    return f" ({', '.join(f'{path} is {dump(value)}' for path, value in values.items())})" if values else ""


def _explanation(
    client: httpx.Client, url: str, task: str, workspace: str | None, query: dict[str, str]
) -> dict[str, Any]:
    for sid in [workspace] if workspace is not None else _workspaces(client, url):
        answer = client.get(
            f"{url}/cordboard/v1/Workspaces/{sid}/Tasks/{quote(task, safe='')}/Explanation", params=query
        )
        if answer.status_code != httpx.codes.NOT_FOUND:
            return _said(answer)
    raise Refused(f"there is no task {task} in {workspace or 'any workspace of this account'}")


def _workspaces(client: httpx.Client, url: str) -> Iterator[str]:
    query: str | None = "PageSize=1000"
    while query is not None:
        answer = _said(client.get(f"{url}/taskrouter/v1/Workspaces?{query}"))
        yield from (workspace["sid"] for workspace in answer["workspaces"])
        # The server may call itself by another name than it is called by here.
        following = answer["meta"]["next_page_url"]
        query = following and httpx.URL(following).query.decode()


def _said(answer: httpx.Response) -> dict[str, Any]:
    told: dict[str, Any] = answer.json()
    if not answer.is_success:
        raise Refused(told["message"])
    return told
