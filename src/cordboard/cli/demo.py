"""``cordboard demo``: one customer's conversation on a server that exists only as long as the demo."""

import contextlib
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import typer
from rich.console import Console

from cordboard.kernel.chance import SystemChance, token

_PATIENCE_S = 8.0
_URL = re.compile(r"http://\S+")


class NoServer(Exception):
    """The server did not start; the text ends with what it said."""


def demo() -> None:
    """Show one customer's conversation from first message to close, on a temporary server."""
    console = Console(highlight=False)
    try:
        # The SDK belongs to an extra and takes a third of a second to load: `cordboard serve` must not need it.
        from .story import Broken, Teller, connect, tell  # noqa: PLC0415
    except ModuleNotFoundError as error:
        console.print(f"cordboard demo needs the package {error.name}: pip install 'cordboard\\[demo]'", style="red")
        raise typer.Exit(1) from error
    started = time.perf_counter()
    account_sid, auth_token = f"AC{SystemChance().bits(128):032x}", token(SystemChance())
    try:
        with _server(account_sid, auth_token) as url:
            up_ms = (time.perf_counter() - started) * 1000
            console.print(f"[bold]    A server of its own listens at {url}[/]  [dim]{up_ms:.0f} ms[/]")
            tell(connect(url, account_sid, auth_token), url, Teller(console))
    except NoServer as error:
        console.print(str(error), style="red", markup=False, soft_wrap=True)
        raise typer.Exit(1) from error
    except Broken as error:
        raise typer.Exit(1) from error
    console.print(
        f"[bold green]    Done in {time.perf_counter() - started:.1f} s; the server and its database are gone.[/]"
    )


@contextlib.contextmanager
def _server(account_sid: str, auth_token: str) -> Iterator[str]:
    """The URL of a ``cordboard serve`` with a database in a folder that is removed. Raises NoServer."""
    with tempfile.TemporaryDirectory(prefix="cordboard-demo-") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        # Nothing that the user has set for servers of theirs may change this one.
        environment = {key: value for key, value in os.environ.items() if not key.startswith("CORDBOARD_")}
        environment |= {"CORDBOARD_ACCOUNT_SID": account_sid, "CORDBOARD_AUTH_TOKEN": auth_token}
        command = [sys.executable, "-m", "cordboard", "serve", "--port", "0"]
        command += ["--database", f"sqlite:///{folder / 'cordboard.db'}"]
        log = stack.enter_context((folder / "log").open("w+", errors="replace"))
        server = stack.enter_context(
            subprocess.Popen(  # noqa: S603 - this program
                command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=log, text=True
            )
        )
        stack.callback(server.terminate)
        yield _url_of(server, log)


def _url_of(server: "subprocess.Popen[str]", log: TextIO) -> str:
    """Where the server answers: it says so in its first line, as soon as it does."""
    impatience = threading.Timer(_PATIENCE_S, server.kill)
    impatience.start()
    first_line = server.stdout.readline() if server.stdout else ""
    impatience.cancel()
    if found := _URL.search(first_line):
        return found[0]
    server.kill()
    server.wait()
    log.seek(0)
    raise NoServer(f"The demo's server did not start:\n{first_line}{log.read()}".rstrip())
