"""``cordboard deliveries``: what was or is to be sent to callback URLs of an account of a running server, and sending it again."""

from collections.abc import Iterator
from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from cordboard.webhooks.model import Status

from .accounts import DEFAULT_URL, AccountSid, AuthToken, Url, get, post
from .telling import harmless

deliveries = typer.Typer(no_args_is_help=True, help="Deliveries to callback URLs, of an account of a running server.")

_PAGE = 1000


@deliveries.command("list")
def list_(
    *,
    account_sid: AccountSid,
    auth_token: AuthToken,
    status: Annotated[Status | None, typer.Option(help="Only those that are so.")] = None,
    resource: Annotated[str | None, typer.Option(metavar="SID", help="Only those about this.")] = None,
    url: Url = DEFAULT_URL,
) -> None:
    """Print a line for each, oldest first: SID, status, attempts, time, event, URL, and what is wrong."""
    for found in _all(url, (account_sid, auth_token), status, resource):
        event = found["payload"].get("EventType", found["event_sid"])
        wrong = f"  {found['error']}" if found["error"] else ""
        print(
            harmless(
                f"{found['sid']}  {found['status']:<9}  {found['attempts']:>2}  {found['date_created']}  {event}  "
                f"{found['callback_url']}{wrong}"
            )
        )


@deliveries.command("replay")
def replay(
    sids: Annotated[list[str] | None, typer.Argument(metavar="DL...", help="Which.")] = None,
    *,
    account_sid: AccountSid,
    auth_token: AuthToken,
    parked: Annotated[bool, typer.Option("--parked", help="All that were given up.")] = False,
    url: Url = DEFAULT_URL,
) -> None:
    """Have deliveries sent once more, now and for as long as new ones. Prints their SIDs."""
    credentials = account_sid, auth_token
    wanted = list(sids or ())
    if parked:
        wanted += [found["sid"] for found in _all(url, credentials, Status.PARKED, None)]
    for sid in wanted:
        print(post(f"{url}/cordboard/v1/Deliveries/{sid}/Replay", {}, credentials)["sid"])


def _all(
    url: str, credentials: tuple[str, str], status: Status | None, resource: str | None
) -> Iterator[dict[str, Any]]:
    filters = {"Status": status, "ResourceSid": resource, "PageSize": _PAGE}
    query: str | None = urlencode({name: value for name, value in filters.items() if value is not None})
    while query is not None:
        page = get(f"{url}/cordboard/v1/Deliveries?{query}", credentials)
        yield from page["deliveries"]
        # The server may call itself by another name than it is called by here.
        following = page["meta"]["next_page_url"]
        query = following and following.partition("?")[2]
