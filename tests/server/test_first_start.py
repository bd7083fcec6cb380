import subprocess
import sys
from pathlib import Path

from cordboard.kernel.settings import Settings
from cordboard.kernel.sids import is_sid
from cordboard.server.compose import system_ports

from .processes import PATIENCE_S, Served, environment


def test_the_first_start_prints_what_runs_as_it_is_pasted_and_a_restart_keeps_it(tmp_path: Path) -> None:
    with Served(tmp_path, "--port", "0") as first:
        assert is_sid(first.account_sid, "AC")
        assert first.auth_token.isalnum()
        assert len(first.auth_token) == 32
        code, said, _ = first.stop()
        assert code == 0
        program = said.partition("\n\n")[2]
        assert len(program.strip().splitlines()) == 5
    port = first.url.rpartition(":")[2]
    with Served(tmp_path, "--port", port) as again:
        assert (again.url, again.account_sid, again.auth_token) == (first.url, first.account_sid, first.auth_token)
        pasted = subprocess.check_output(
            [sys.executable, "-c", program], env=environment({}), text=True, timeout=PATIENCE_S
        )
        workspace_sid, queues = pasted.split(maxsplit=1)
        assert is_sid(workspace_sid, "WS")
        assert queues.startswith("['")
        code, said, _ = again.stop()
        assert code == 0
        assert "import" not in said


def test_development_mode_makes_a_key_beside_the_database_that_its_owner_alone_can_read(tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path}/data.db")
    secret = system_ports(settings).keyring.seal("a secret")
    assert (tmp_path / "cordboard.key").stat().st_mode & 0o777 == 0o600
    assert system_ports(settings).keyring.open(secret) == "a secret"


def test_serve_loads_nothing_that_it_does_not_need() -> None:
    program = (
        "import sys, cordboard.cli.serve; print({'httpx', 'twilio', 'rich.console', 'pytest'} & sys.modules.keys())"
    )
    assert subprocess.check_output([sys.executable, "-c", program], text=True).strip() == "set()"
