"""Every refusal to start is one sentence on stderr and exit code 2."""

import asyncio
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from cordboard.cli.main import main
from cordboard.kernel.settings import Settings
from cordboard.server.compose import compose, system_ports

from .processes import PATIENCE_S, Served, environment

KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
OTHER_KEY = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="


class Refusal:
    """Calls ``cordboard serve`` in a folder of its own and gives the sentence with which it refuses."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        monkeypatch.chdir(folder)

    def of(self, *flags: str, **given: str) -> str:
        """The sentence."""
        for name, value in {"PORT": "0", **given}.items():
            self._monkeypatch.setenv(f"CORDBOARD_{name}", value)
        self._monkeypatch.setattr(sys, "argv", ["cordboard", "serve", *flags])
        with pytest.raises(SystemExit) as ended:
            main()
        said = self._capsys.readouterr()
        assert (ended.value.code, said.out) == (2, "")
        assert len(said.err.splitlines()) == 1
        assert said.err.startswith("cordboard: ")
        return said.err


@pytest.fixture
def refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Refusal:
    return Refusal(tmp_path, monkeypatch, capsys)


def start_once(folder: Path, secret_key: str = "") -> str:
    """Let a database be made; gives the first account's SID."""

    async def make() -> str:
        settings = Settings(database=f"sqlite:///{folder}/cordboard.db", secret_key=secret_key)
        system = await compose(settings, system_ports(settings))
        await system.stop()
        return system.first_account.account_sid

    return asyncio.run(make())


@pytest.mark.parametrize(
    ("flags", "given", "told"),
    [
        (["--port", "70000"], {}, "port"),
        (["--port", "many"], {}, "port"),
        ([], {"PORT": "many"}, "port"),
        (["--mode", "staging"], {}, "mode"),
        (["--database", "mysql://localhost"], {}, "CORDBOARD_DATABASE"),
        (["--database", "sqlite:///"], {}, "CORDBOARD_DATABASE"),
        (["--database", "sqlite:///no/such/folder/x.db"], {}, "no/such/folder"),
        (["--config", "absent.toml"], {}, "absent.toml"),
        (["--host", "0.0.0.0"], {}, "CORDBOARD_AUTH_TOKEN"),
        (["--host", "no.such.host.invalid"], {"AUTH_TOKEN": "a1"}, "no.such.host.invalid"),
        (["--account-sid", "AC12"], {}, "CORDBOARD_ACCOUNT_SID"),
        (["--trusted-proxies", "elsewhere"], {}, "elsewhere"),
        ([], {"AUTH_TOKEN": "not-alphanumeric"}, "letters and digits"),
        ([], {"SECRET_KEY": "short"}, "openssl rand -base64 32"),
        ([], {"KEEP_TASKS": "a month"}, "CORDBOARD_KEEP_TASKS"),
        ([], {"KEEP_EVENTS": "0d"}, "such as 30d"),
        ([], {"WEBHOOK_ALLOW": "10.0.0.1/8"}, "takes addresses, networks such as 10.0.0.0/8"),
        ([], {"WEBHOOK_PORTS": "http"}, "takes ports and ranges"),
        ([], {"WEBHOOK_SCHEMES": "ftp"}, "takes http, https or both"),
        ([], {"MODE": "production", "AUTH_TOKEN": "a1"}, "CORDBOARD_SECRET_KEY"),
        ([], {"MODE": "production", "SECRET_KEY": KEY}, "CORDBOARD_AUTH_TOKEN"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(
    refusal: Refusal, flags: list[str], given: dict[str, str], told: str
) -> None:
    assert told in refusal.of(*flags, **given)
    assert not (refusal.folder / "cordboard.db").exists()


def test_an_unknown_name_in_the_file_is_told(refusal: Refusal) -> None:
    (refusal.folder / "cordboard.toml").write_text("prot = 1\n")
    assert "prot" in refusal.of("--config", "cordboard.toml")


def test_a_port_that_is_taken_is_told_and_nothing_is_made(refusal: Refusal, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert port in refusal.of("--port", port)
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_secret_key_is_told(refusal: Refusal, tmp_path: Path) -> None:
    start_once(tmp_path, secret_key=KEY)
    assert "CORDBOARD_SECRET_KEY" in refusal.of(SECRET_KEY=OTHER_KEY)


def test_a_new_key_in_front_of_the_old_one_is_welcome(tmp_path: Path) -> None:
    first = start_once(tmp_path, secret_key=KEY)
    assert start_once(tmp_path, secret_key=f"{OTHER_KEY},{KEY}") == first


def test_a_database_of_a_newer_cordboard_is_left_alone(refusal: Refusal, tmp_path: Path) -> None:
    start_once(tmp_path)
    with sqlite3.connect(tmp_path / "cordboard.db") as database:
        database.execute("INSERT INTO schema_versions (number, name, applied_at) VALUES (9999, 'later', 0)")
    database.close()
    assert "9999" in refusal.of()


def test_a_file_that_is_no_database_is_told(refusal: Refusal, tmp_path: Path) -> None:
    (tmp_path / "cordboard.db").write_text("a diary, not a database" * 100)
    assert "cordboard.db" in refusal.of()


def test_another_first_account_than_the_databases_is_told(refusal: Refusal, tmp_path: Path) -> None:
    sid = start_once(tmp_path)
    assert sid in refusal.of("--account-sid", f"AC{'1' * 32}")


def test_a_second_process_on_the_same_file_is_refused(tmp_path: Path) -> None:
    with Served(tmp_path, "--port", "0"):
        second = subprocess.run(
            [sys.executable, "-m", "cordboard", "serve", "--port", "0"],
            cwd=tmp_path,
            env=environment({}),
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
    assert second.returncode == 2
    assert second.stdout == ""
    assert len(second.stderr.splitlines()) == 1
    assert "in use by another Cordboard" in second.stderr
