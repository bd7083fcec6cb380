import asyncio
from pathlib import Path

import httpx

from cordboard.kernel.settings import Settings
from cordboard.server.compose import Credentials, compose, system_ports
from cordboard.testkit.running import Cordboard

from .processes import Served

KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
ONE, TWO, THREE = (f"AC{digit * 32}" for digit in "123")


def test_flags_win_over_the_environment_and_the_environment_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "cordboard.toml").write_text(
        f'port = 1\naccount_sid = "{ONE}"\nauth_token = "fromthefile"\nhosts = ["desk.example"]\n'
    )
    flags = ["--config", "cordboard.toml", "--account-sid", THREE]
    with Served(tmp_path, *flags, CORDBOARD_PORT="0", CORDBOARD_ACCOUNT_SID=TWO) as server:
        assert (server.account_sid, server.auth_token) == (THREE, "fromthefile")
        answer = httpx.get(f"{server.url}/openapi.json", headers={"host": "desk.example"})
        assert answer.status_code == 200


def test_in_development_mode_other_names_than_this_machines_are_misdirected(cordboard: Cordboard) -> None:
    refused = cordboard.http.get("/cordboard/v1/Keys", host="evil.example")
    assert (refused.status, refused.json["code"]) == (421, 20421)
    for host in ("127.0.0.1:8000", "[::1]:8000", "desk.localhost:8000", "anything.twilio.com"):
        assert cordboard.http.get("/cordboard/v1/Keys", host=host).status == 200


def test_production_mode_answers_under_every_name_and_prints_no_secret(tmp_path: Path) -> None:
    given = {"CORDBOARD_MODE": "production", "CORDBOARD_AUTH_TOKEN": "a1b2c3", "CORDBOARD_SECRET_KEY": KEY}
    with Served(tmp_path, "--port", "0", **given) as server:
        answer = httpx.get(f"{server.url}/openapi.json", headers={"host": "cordboard.example.com"})
        assert answer.status_code == 200
        code, said, complaints = server.stop()
    assert code == 0
    assert "a1b2c3" not in server.printed + said + complaints
    assert not (tmp_path / "cordboard.key").exists()


def test_a_token_that_is_given_later_replaces_the_one_that_was_drawn(tmp_path: Path) -> None:
    drawn = start(tmp_path)
    assert start(tmp_path, "another1token") == (drawn.account_sid, "another1token")
    assert start(tmp_path) == (drawn.account_sid, "another1token")


def start(folder: Path, auth_token: str = "") -> Credentials:
    async def once() -> Credentials:
        settings = Settings(database=f"sqlite:///{folder}/cordboard.db", auth_token=auth_token)
        system = await compose(settings, system_ports(settings))
        await system.stop()
        return system.first_account

    return asyncio.run(once())
