"""The command ``cordboard``.

A command's module is imported when it is the one that is called: ``serve`` must not pay for an HTTP client, nor ``account add``
for a server.
"""

import sys
from importlib import import_module
from typing import Annotated

import typer

from cordboard import __version__

# Where a command is; it has the same name there.
_MODULES = {
    "serve": "cordboard.cli.serve",
    "demo": "cordboard.cli.demo",
    "export": "cordboard.cli.export",
    "account": "cordboard.cli.accounts",
    "key": "cordboard.cli.accounts",
    "token": "cordboard.cli.token",
    "deliveries": "cordboard.cli.replaying",
    "listen": "cordboard.cli.listen",
    "explain": "cordboard.cli.explain",
    "erase": "cordboard.cli.accounts",
    "migrate": "cordboard.cli.operating",
    "backup": "cordboard.cli.operating",
    "restore": "cordboard.cli.operating",
    "doctor": "cordboard.cli.operating",
}


def main() -> None:
    """Run the command line."""
    called = [name for name in sys.argv[1:2] if name in _MODULES]
    app = typer.Typer(
        name="cordboard",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode="markdown",
        pretty_exceptions_enable=False,
        callback=_cordboard,
    )
    for name in called or _MODULES:
        command = getattr(import_module(_MODULES[name]), name)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)
    app(prog_name="cordboard")


def _print_version(asked: bool) -> None:
    if asked:
        print(f"cordboard {__version__}")
        raise typer.Exit


def _cordboard(
    *,
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """A self-hosted server that speaks Twilio's Flex Interactions, TaskRouter and Conversations."""
