import sys
from collections.abc import Callable

import pytest

from cordboard.cli.main import main
from cordboard.kernel.caller import Grants, ServiceGrant, TaskRouterGrant
from cordboard.testkit.running import Cordboard
from tests.accounts.minting import caller_of

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], cordboard: Cordboard) -> Run:
    """The command line with the first account's credentials in the environment: exit code, output, complaints."""
    monkeypatch.setenv("CORDBOARD_URL", cordboard.url)
    monkeypatch.setenv("CORDBOARD_ACCOUNT_SID", cordboard.account_sid)
    monkeypatch.setenv("CORDBOARD_AUTH_TOKEN", cordboard.auth_token)

    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["cordboard", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return call


def test_an_account_is_added_and_its_printed_credentials_work(run: Run, cordboard: Cordboard) -> None:
    code, said, _ = run("account", "add", "Branch")
    assert code == 0
    sid, token = (line.split()[-1] for line in said.splitlines())
    assert cordboard.http.get(f"/cordboard/v1/Accounts/{sid}", auth=(sid, token)).json["friendly_name"] == "Branch"


def test_a_key_is_added_and_its_printed_credentials_work(run: Run, cordboard: Cordboard) -> None:
    code, said, _ = run("key", "add", "CI")
    assert code == 0
    sid, secret = (line.split()[-1] for line in said.splitlines())
    assert cordboard.http.get(f"/cordboard/v1/Keys/{sid}", auth=(sid, secret)).json["friendly_name"] == "CI"


def test_a_key_is_added_that_may_only_what_it_is_allowed(run: Run, cordboard: Cordboard) -> None:
    code, said, _ = run("key", "add", "Wall", "--type", "restricted", "--allow", "/twilio/taskrouter/read")
    assert code == 0
    sid, secret = (line.split()[-1] for line in said.splitlines())
    assert cordboard.http.get("/taskrouter/v1/Workspaces", auth=(sid, secret)).status == 200
    refused = cordboard.http.post("/taskrouter/v1/Workspaces", {"FriendlyName": "Mine"}, auth=(sid, secret))
    assert refused.status == 401
    code, said, complaint = run("key", "add", "Wall", "--allow", "/twilio/taskrouter/read")
    assert (code, said) == (1, "")
    assert "restricted" in complaint


def test_a_token_is_printed_alone_and_is_let_in_with_its_grants(run: Run, cordboard: Cordboard) -> None:
    workspace, worker, service = f"WS{'1' * 32}", f"WK{'2' * 32}", f"IS{'3' * 32}"
    words = "--workspace", workspace, "--worker", worker, "--chat-service", service, "--grants", '{"flex":{"a":1}}'
    code, said, _ = run("token", "ana", *words, "--ttl", "60")
    assert code == 0
    found = caller_of(cordboard, said.strip())
    assert found.token is not None
    assert found.token.grants == Grants(
        "ana", TaskRouterGrant(workspace, worker, "worker"), ServiceGrant(service), flex={"a": 1}
    )
    code, said, complaint = run("token", "ana", "--grants", "{")
    assert (code, said) == (1, "")
    assert complaint.startswith("cordboard: --grants: it is not valid JSON")


def test_the_servers_refusal_is_told_in_its_own_words(run: Run) -> None:
    code, said, complaint = run("key", "add", "CI", "--auth-token", "wrong")
    assert (code, said) == (1, "")
    assert complaint == "cordboard: Authentication Error - invalid username or password\n"


def test_a_server_that_is_not_there_is_told_with_its_address(run: Run) -> None:
    code, said, complaint = run("account", "add", "Branch", "--url", "http://127.0.0.1:9")
    assert (code, said) == (1, "")
    assert complaint.startswith("cordboard: http://127.0.0.1:9/cordboard/v1/Accounts does not answer")
    assert len(complaint.splitlines()) == 1


def test_help_names_all_commands(run: Run) -> None:
    code, said, _ = run("--help")
    assert code == 0
    for command in ("serve", "demo", "account", "key", "token", "erase", "migrate", "backup", "restore", "doctor"):
        assert f" {command} " in said


def test_the_version_is_printed(run: Run) -> None:
    code, said, _ = run("--version")
    assert code == 0
    assert said.startswith("cordboard ")
