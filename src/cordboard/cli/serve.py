"""``cordboard serve``."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from cordboard.kernel.settings import BadSettings, LogFormat, LogLevel, Mode, Settings, read_settings
from cordboard.server.preconditions import CannotStart
from cordboard.server.seed.applying import OUTCOMES, Applied
from cordboard.server.serving import run
from cordboard.server.system import System

_CANNOT_START = 2
# Of what a seed file created or updated, so many are named.
_NAMED = 10
_DEFAULT = Settings()

# They run as they are printed: tests/server/test_first_start.py does so.
_FIRST_STEPS = """\
from twilio.rest import Client
client = Client("{account_sid}", "{auth_token}")
client.taskrouter.base_url = "{url}/taskrouter"
workspace = client.taskrouter.v1.workspaces.create(friendly_name="Support", template="FIFO")
print(workspace.sid, [queue.friendly_name for queue in workspace.task_queues.list()])
"""


def serve(
    *,
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default=_DEFAULT.host)] = None,
    port: Annotated[
        str | None,
        typer.Option(metavar="NUMBER", help="Port to listen on; 0 takes a free one.", show_default=str(_DEFAULT.port)),
    ] = None,
    database: Annotated[
        str | None, typer.Option(help="sqlite:///FILE or postgresql://...", show_default=_DEFAULT.database)
    ] = None,
    public_url: Annotated[str | None, typer.Option(help="Scheme and host under which clients see this server.")] = None,
    mode: Annotated[
        str | None,
        typer.Option(metavar="|".join(Mode), help="What is demanded and printed at start.", show_default=_DEFAULT.mode),
    ] = None,
    account_sid: Annotated[
        str | None, typer.Option(help="SID of the first account.", show_default="drawn at the first start")
    ] = None,
    hosts: Annotated[
        str | None, typer.Option(metavar="NAME,...", help="Hosts to answer for besides this machine's: *.twilio.com")
    ] = None,
    cors_origins: Annotated[
        str | None, typer.Option(metavar="URL,...", help="Web origins that may send credentials.")
    ] = None,
    trusted_proxies: Annotated[
        str | None, typer.Option(metavar="ADDRESS,...", help="Proxies whose X-Forwarded headers count.")
    ] = None,
    seed: Annotated[
        str | None, typer.Option(metavar="FILE", help="A TOML file of workspaces that are to be there.")
    ] = None,
    log_format: Annotated[
        str | None,
        typer.Option(
            metavar="|".join(LogFormat), help="How a line of the log looks.", show_default=_DEFAULT.log_format
        ),
    ] = None,
    log_level: Annotated[
        str | None,
        typer.Option(metavar="|".join(LogLevel), help="The least that is logged.", show_default=_DEFAULT.log_level),
    ] = None,
    config: Annotated[
        Path | None, typer.Option(envvar="CORDBOARD_CONFIG", help="A TOML file with the same names.")
    ] = None,
) -> None:
    """Run the server.

    Every flag can also be given in the environment, as CORDBOARD_ and its name in capitals, and in the file of --config;
    flags win over the environment, the environment over the file. Secrets are no flags, for other users see those:
    CORDBOARD_AUTH_TOKEN and CORDBOARD_SECRET_KEY.
    """
    flags = {
        "host": host,
        "port": port,
        "database": database,
        "public_url": public_url,
        "mode": mode,
        "account_sid": account_sid,
        "hosts": _list(hosts),
        "cors_origins": _list(cors_origins),
        "trusted_proxies": _list(trusted_proxies),
        "seed": seed,
        "log_format": log_format,
        "log_level": log_level,
    }
    try:
        run(read_settings(flags, os.environ, config), _introduce)
    except (BadSettings, CannotStart) as refusal:
        print(f"cordboard: {refusal}", file=sys.stderr)
        raise typer.Exit(_CANNOT_START) from None


def _list(text: str | None) -> list[str] | None:
    return None if text is None else [part.strip() for part in text.split(",") if part.strip()]


def _introduce(system: System, url: str) -> None:
    account_sid, auth_token = system.first_account
    print(f"Cordboard answers at {url}")
    print(f"  account SID  {account_sid}")
    if system.settings.mode is Mode.DEVELOPMENT:
        print(f"  auth token   {auth_token}")
    if system.seeded is not None:
        _tell_of(system.seeded, system.settings.seed)
    if system.settings.mode is Mode.DEVELOPMENT and system.first_start:
        print("\nTry it (pip install twilio):\n")
        print(_FIRST_STEPS.format(account_sid=account_sid, auth_token=auth_token, url=url))
    sys.stdout.flush()


def _tell_of(seeded: Applied, file: str) -> None:
    created, updated, unchanged = (seeded.names(outcome) for outcome in OUTCOMES)
    print(f"  seed         {file}: {len(created)} created, {len(updated)} updated, {len(unchanged)} unchanged")
    for outcome, names in (("created", created), ("updated", updated)):
        if names:
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            print(f"    {outcome}    {', '.join(names[:_NAMED])}{more}")
