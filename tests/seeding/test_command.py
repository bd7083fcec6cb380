"""``cordboard serve --seed`` as it is started, and ``cordboard export`` of what then runs."""

import subprocess
import sys
from pathlib import Path

from tests.seeding.floors import SUPPORT
from tests.server.processes import PATIENCE_S, Served, environment

FREE = ("--port", "0")


def test_serve_says_what_the_seed_did_and_export_gives_a_seed(tmp_path: Path) -> None:
    (tmp_path / "floor.toml").write_text(SUPPORT)
    with Served(tmp_path, *FREE, "--seed", "floor.toml") as server:
        credentials = {
            "CORDBOARD_URL": server.url,
            "CORDBOARD_ACCOUNT_SID": server.account_sid,
            "CORDBOARD_AUTH_TOKEN": server.auth_token,
            "NO_PROXY": "127.0.0.1",
        }
        exported = subprocess.run(
            [sys.executable, "-m", "cordboard", "export"],
            env=environment(credentials),
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=True,
        )
        code, said, _ = server.stop()
    assert code == 0
    summary, created = said.splitlines()[:2]
    assert summary == "  seed         floor.toml: 8 created, 0 updated, 1 unchanged"
    assert created.startswith("    created    workspace Support, activity Away, task channel email, task queue Refunds")
    (tmp_path / "floor.toml").write_text(exported.stdout)
    with Served(tmp_path, *FREE, CORDBOARD_SEED="floor.toml") as server:
        assert server.auth_token
        _, said, _ = server.stop()
    assert said.splitlines()[0] == "  seed         floor.toml: 0 created, 0 updated, 16 unchanged"


def test_a_wrong_seed_ends_the_start_with_its_sentence_before_there_is_a_database(tmp_path: Path) -> None:
    (tmp_path / "floor.toml").write_text("workspace = 3\n")
    refused = subprocess.run(
        [sys.executable, "-m", "cordboard", "serve", *FREE, "--seed", "floor.toml"],
        cwd=tmp_path,
        env=environment({}),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == "cordboard: floor.toml:1: workspace: unknown key; known are workspaces\n"
    assert not list(tmp_path.glob("*.db"))
