"""Seed files of the tests, and how a server is asked what became of them."""

from collections import Counter
from pathlib import Path
from typing import Any

import httpx

from cordboard.cli.export import exported
from cordboard.testkit.running import Cordboard

SUPPORT = (Path(__file__).parent / "support.toml").read_text("utf-8")


def export(cordboard: Cordboard, workspace: str | None = None) -> str:
    """What ``cordboard export`` prints."""
    credentials = (cordboard.account_sid, cordboard.auth_token)
    with httpx.Client(base_url=cordboard.url, auth=credentials) as client:
        return exported(client, workspace)


def outcomes(cordboard: Cordboard) -> Counter[str]:
    """How many entries were created, updated and unchanged at the last start."""
    assert cordboard.system.seeded is not None
    return Counter(outcome for _, _, outcome in cordboard.system.seeded.entries)


def restart_with(cordboard: Cordboard, text: str) -> None:
    """Start the server again on its database, with another text in its seed file."""
    Path(cordboard.system.settings.seed).write_text(text, "utf-8")
    cordboard.restart()


def workspace_of(cordboard: Cordboard, name: str = "Support") -> Any:
    """The official client's view of a workspace."""
    (workspace,) = cordboard.client.taskrouter.v1.workspaces.list(friendly_name=name)
    return workspace


def events(cordboard: Cordboard) -> int:
    """How many events the account has."""
    return len(cordboard.http.get("/cordboard/v1/Events?PageSize=1000").json["events"])
