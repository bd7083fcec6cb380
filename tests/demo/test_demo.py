"""``cordboard demo`` as a person runs it, and what it says when a step fails."""

import io
import os
import re
import subprocess
import sys

import pytest
import typer
from rich.console import Console

from cordboard.cli.demo import demo
from cordboard.cli.story import Broken, Teller, connect, tell
from cordboard.testkit.running import Cordboard

STEPS = [
    "A workspace is made from the FIFO template",
    "A queue takes workers by skill, and a workflow leads refunds to it",
    "Two workers are available, one of them with the skill",
    "A customer writes to the shop",
    "POST /v1/Interactions makes a task of the conversation",
    "The task is offered to ana, and not to bob",
    "ana accepts and joins the conversation",
    "They write to each other",
    "The channel is closed with Routing.status=closed",
    "All of it was recorded",
]


def run_demo(**environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "cordboard", "demo"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii", **environment},
        timeout=20,
        check=False,
    )


def test_the_demo_tells_every_step_with_its_time_and_succeeds_within_ten_seconds() -> None:
    ran = run_demo()
    assert ran.returncode == 0, ran.stdout + ran.stderr
    told = re.findall(r"^ *\d+  (.+)  \d+ ms$", ran.stdout, re.MULTILINE)
    assert told == STEPS
    done = re.search(r"Done in (\d+\.\d) s", ran.stdout)
    assert done
    assert float(done[1]) < 10


def test_the_demo_takes_no_setting_of_the_users_own_server() -> None:
    ran = run_demo(CORDBOARD_DATABASE="sqlite:////nowhere/at/all.db", CORDBOARD_PORT="not a port")
    assert "A server of its own listens at http://127.0.0.1:" in ran.stdout


def test_the_demo_says_that_its_server_does_not_start(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(typer.Exit) as ended:
        demo()
    assert ended.value.exit_code == 1
    assert "The demo's server did not start" in capsys.readouterr().out


def test_a_step_that_fails_is_named_with_the_reason(cordboard: Cordboard) -> None:
    said = io.StringIO()
    client = connect(cordboard.url, cordboard.account_sid, "not the token")
    with pytest.raises(Broken):
        tell(client, cordboard.url, Teller(Console(file=said, width=200)))
    assert " 1  A workspace is made from the FIFO template: this step failed" in said.getvalue()
    assert "POST /Workspaces answered 401, code 20003" in said.getvalue()


def test_a_server_that_is_gone_is_told_as_such() -> None:
    said = io.StringIO()
    with pytest.raises(Broken):
        tell(connect("http://127.0.0.1:9", "AC", "token"), "http://127.0.0.1:9", Teller(Console(file=said, width=200)))
    assert "the server does not answer" in said.getvalue()
