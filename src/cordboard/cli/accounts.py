"""``cordboard account add``, ``key add`` and ``erase``: calls to a running server with the first account's credentials."""

import sys
import time
from typing import Annotated, Any

import httpx
import typer

from cordboard.accounts.model import KeyKind
from cordboard.kernel.json import dump

_REFUSED = 1
_LOOK_AGAIN_S = 0.2

account = typer.Typer(no_args_is_help=True, help="Accounts of a running server.")
key = typer.Typer(no_args_is_help=True, help="API keys of an account of a running server.")

Name = Annotated[str, typer.Argument(help="A name to tell it by.")]
Url = Annotated[str, typer.Option(envvar="CORDBOARD_URL", help="Where the server answers.")]
AccountSid = Annotated[str, typer.Option(envvar="CORDBOARD_ACCOUNT_SID", help="Who calls.")]
AuthToken = Annotated[
    str,
    typer.Option(
        envvar="CORDBOARD_AUTH_TOKEN", prompt="Auth token", hide_input=True, help="Better in the environment."
    ),
]
DEFAULT_URL = "http://127.0.0.1:8000"


@account.callback()
@key.callback()
def _group() -> None:
    """Keep a group with one command a group."""


@account.command("add")
def add_account(name: Name, account_sid: AccountSid, auth_token: AuthToken, url: Url = DEFAULT_URL) -> None:
    """Add an account, as the first account. Its auth token is printed this once."""
    made = post(f"{url}/cordboard/v1/Accounts", {"FriendlyName": name}, (account_sid, auth_token))
    print(f"account SID  {made['sid']}\nauth token   {made['auth_token']}")


@key.command("add")
def add_key(
    name: Name,
    account_sid: AccountSid,
    auth_token: AuthToken,
    kind: Annotated[KeyKind, typer.Option("--type", help="What it may do.")] = KeyKind.STANDARD,
    allow: Annotated[
        list[str] | None, typer.Option(help="A permission of a restricted key, such as /twilio/taskrouter/read.")
    ] = None,
    url: Url = DEFAULT_URL,
) -> None:
    """Add an API key to the account that calls. Its secret is printed this once."""
    form = {"FriendlyName": name, "KeyType": kind.value}
    if allow:
        form["Policy"] = dump({"allow": allow})
    made = post(f"{url}/cordboard/v1/Keys", form, (account_sid, auth_token))
    print(f"key SID  {made['sid']}\nsecret   {made['secret']}")


def erase(
    account_sid: AccountSid,
    auth_token: AuthToken,
    address: Annotated[str | None, typer.Option(help="Of whom, such as +12025550143.")] = None,
    identity: Annotated[str | None, typer.Option(help="Of whom, as it is in the chat.")] = None,
    url: Url = DEFAULT_URL,
) -> None:
    """Forget a customer of the account that calls, by address or identity. Prints the receipt when it is done."""
    form = {"Address": address, "Identity": identity}
    given = {name: value for name, value in form.items() if value is not None}
    receipt = post(f"{url}/cordboard/v1/Erasures", given, (account_sid, auth_token))
    while receipt["status"] != "completed":
        time.sleep(_LOOK_AGAIN_S)
        receipt = _call("GET", f"{url}/cordboard/v1/Erasures/{receipt['sid']}", (account_sid, auth_token))
    print(f"erasure SID  {receipt['sid']}\nsubject      {receipt['subject_digest']}")
    for kind, count in receipt["counts"].items():
        print(f"{kind:<22} {count}")


def post(url: str, form: dict[str, str], credentials: tuple[str, str]) -> dict[str, Any]:
    """Call a running server; a refusal ends the command with the server's own sentence."""
    return _call("POST", url, credentials, form)


def get(url: str, credentials: tuple[str, str]) -> dict[str, Any]:
    """The server's answer. What it refuses is told, and ends the command."""
    return _call("GET", url, credentials)


def _call(verb: str, url: str, credentials: tuple[str, str], form: dict[str, str] | None = None) -> dict[str, Any]:
    try:
        answer = httpx.request(verb, url, data=form, auth=credentials, timeout=30)
        found: dict[str, Any] = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        print(f"cordboard: {url} does not answer as Cordboard does: {error}", file=sys.stderr)
        raise typer.Exit(_REFUSED) from None
    if answer.is_success:
        return found
    print(f"cordboard: {found.get('message', answer.reason_phrase)}", file=sys.stderr)
    raise typer.Exit(_REFUSED)
