"""``cordboard deliveries``, on a server in this process that listens."""

import sys
from collections.abc import Callable

import pytest

from cordboard.cli.main import main
from cordboard.testkit.running import Cordboard
from tests.webhooks.receiver import OK, HostileReceiver, answer
from tests.webhooks.sending import fetch, send

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], cordboard: Cordboard) -> Run:
    monkeypatch.setenv("CORDBOARD_URL", cordboard.url)
    monkeypatch.setenv("CORDBOARD_ACCOUNT_SID", cordboard.account_sid)
    monkeypatch.setenv("CORDBOARD_AUTH_TOKEN", cordboard.auth_token)

    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["cordboard", "deliveries", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return call


def test_deliveries_are_listed_a_line_each(run: Run, cordboard: Cordboard, receiver: HostileReceiver) -> None:
    receiver.script = lambda call: OK if call.form["Resource"] == "good" else answer(500)
    good, bad = send(cordboard, receiver.url, "good"), send(cordboard, receiver.url, "bad")
    cordboard.settled()
    code, said, _ = run("list")
    first, second = said.splitlines()
    assert code == 0
    assert first.split()[:3] == [good, "delivered", "1"]
    assert second.split()[:3] == [bad, "pending", "1"]
    assert second.endswith(f"{receiver.url}  it answered 500")
    assert run("list", "--status", "delivered")[1] == f"{first}\n"
    assert run("list", "--resource", "bad")[1] == f"{second}\n"
    assert run("list", "--status", "parked")[1] == ""


def test_what_is_parked_is_replayed_one_by_one_or_all_together(
    run: Run, cordboard: Cordboard, receiver: HostileReceiver
) -> None:
    receiver.behaves(answer(500))
    sids = [send(cordboard, receiver.url, str(number)) for number in range(3)]
    cordboard.clock.advance(5 * 3600)
    receiver.behaves(OK)
    assert run("replay", sids[0]) == (0, f"{sids[0]}\n", "")
    cordboard.settled()
    assert [fetch(cordboard, sid)["status"] for sid in sids] == ["delivered", "parked", "parked"]
    code, said, _ = run("replay", "--parked")
    assert (code, said.split()) == (0, sids[1:])
    cordboard.settled()
    assert {fetch(cordboard, sid)["status"] for sid in sids} == {"delivered"}


def test_a_delivery_that_is_not_there_is_told(run: Run) -> None:
    code, said, complaint = run("replay", f"DL{'0' * 32}")
    assert (code, said) == (1, "")
    assert "was not found" in complaint
