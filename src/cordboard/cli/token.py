"""``cordboard token``: an access token of a running server, for trying out clients without a token server of one's own."""

import sys
from typing import Annotated

import typer

from cordboard.kernel import json

from .accounts import DEFAULT_URL, AccountSid, AuthToken, Url, post

_REFUSED = 1


def token(
    identity: Annotated[str, typer.Argument(help="Whom it names.")],
    *,
    account_sid: AccountSid,
    auth_token: AuthToken,
    workspace: Annotated[str | None, typer.Option(help="TaskRouter workspace, WS...")] = None,
    worker: Annotated[str | None, typer.Option(help="The worker in it, WK...")] = None,
    role: Annotated[str, typer.Option(help="worker, supervisor or admin in the workspace.")] = "worker",
    chat_service: Annotated[str | None, typer.Option(help="Conversations service, IS...")] = None,
    sync_service: Annotated[str | None, typer.Option(help="Sync service, IS...")] = None,
    grants: Annotated[str, typer.Option(help="Further grants as JSON.")] = "{}",
    ttl: Annotated[int, typer.Option(help="Seconds that it is good for, a day at most.")] = 3600,
    url: Url = DEFAULT_URL,
) -> None:
    """Print an access token of the account that calls, as the official libraries make them."""
    try:
        granted = json.parse(grants)
    except ValueError as error:
        print(f"cordboard: --grants: {error}", file=sys.stderr)
        raise typer.Exit(_REFUSED) from None
    if isinstance(granted, dict):
        if workspace is not None:
            named = {"workspace_sid": workspace, "worker_sid": worker, "role": role}
            granted["task_router"] = {name: value for name, value in named.items() if value is not None}
        for name, service in (("chat", chat_service), ("data_sync", sync_service)):
            if service is not None:
                granted[name] = {"service_sid": service}
    form = {"Identity": identity, "Ttl": str(ttl), "Grants": json.dump(granted)}
    print(post(f"{url}/cordboard/v1/Tokens", form, (account_sid, auth_token))["token"])
