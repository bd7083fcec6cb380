"""``cordboard explain`` prints on one screen why a task is pending."""

import sys
from collections.abc import Callable

import pytest

from cordboard.cli.main import main
from cordboard.testkit.running import Cordboard
from tests.taskrouter.scene import Scene

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def scene(cordboard: Cordboard) -> Scene:
    return Scene(cordboard)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], cordboard: Cordboard) -> Run:
    """The command with the first account's credentials in the environment: exit code, output, complaints."""
    monkeypatch.setenv("CORDBOARD_URL", cordboard.url)
    monkeypatch.setenv("CORDBOARD_ACCOUNT_SID", cordboard.account_sid)
    monkeypatch.setenv("CORDBOARD_AUTH_TOKEN", cordboard.auth_token)

    def call(*words: str) -> tuple[int, str, str]:
        cordboard.settled()
        monkeypatch.setattr(sys, "argv", ["cordboard", "explain", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return call


def test_one_screen_says_why_a_task_is_pending(run: Run, scene: Scene) -> None:
    refunds = scene.room("Refunds", target_workers='skills HAS "refunds" AND level > 3')
    scene.worker("ana", skills=["refunds"], level=2)
    scene.worker("ben", skills=["refunds"], level=9, available=False)
    flow = scene.flow(
        {"filter_friendly_name": "gold", "expression": "tier == 'gold'", "targets": [{"queue": refunds}]},
        [{"queue": refunds, "timeout": 30}, {"queue": scene.room("Late")}],
    )
    task = scene.task(workflow_sid=flow, attributes={"tier": "tin"}, task_channel="chat")
    code, said, complaint = run(task.sid)
    assert (code, complaint) == (0, "")
    for line in (
        f"{task.sid}  pending in Refunds: nobody can get it now (1 activity_not_available, 1 target_workers)",
        "  0 s old, priority 0, channel chat",
        "Workflow  flow",
        "  filter 0 gold  not_matched: tier == 'gold' is false (tier is \"tin\")",
        "  filter 1  taken",
        "  target 1 of 2",
        '  workers: skills HAS "refunds" AND level > 3',
        "  FIFO, 0 tasks before this one",
        "  ben  is in Offline, which is not available",
        "  ana  TargetWorkers of the queue does not hold: level > 3 is false (level is 2)",
    ):
        assert line in said.splitlines()
    assert "to Late" in said
    assert "\x1b" not in said


def test_who_was_asked_and_who_is_next_are_named_in_order(run: Run, scene: Scene) -> None:
    for name in ("ana", "ben", "cid"):
        scene.worker(name)
    task = scene.task()
    code, said, _ = run(task.sid, "--workspace", scene.sid)
    assert code == 0
    assert "   1  ben, never reserved\n   2  cid, never reserved" in said
    assert "Reservation  ana pending until " in said
    assert "Cannot get it now (1 pending_offer)" in said


def test_one_worker_may_be_asked_for_and_the_others_are_counted(run: Run, scene: Scene) -> None:
    workers = [scene.worker(f"w{number}", available=False) for number in range(3)]
    task = scene.task()
    _, said, _ = run(task.sid, "--worker", workers[2].sid)
    assert "  w2  is in Offline" in said
    assert "  w1  " not in said
    assert "... and 2 more" in said


def test_names_cannot_steer_the_terminal(run: Run, scene: Scene) -> None:
    scene.worker("a\x1b[2Jna", available=False)
    _, said, _ = run(scene.task().sid)
    assert "\x1b" not in said


def test_a_task_that_is_nowhere_and_wrong_credentials_are_told_in_a_sentence(run: Run, scene: Scene) -> None:
    nobody = f"WT{'0' * 32}"
    assert run(nobody) == (1, "", f"cordboard: there is no task {nobody} in any workspace of this account\n")
    assert run(nobody, "--workspace", scene.sid) == (1, "", f"cordboard: there is no task {nobody} in {scene.sid}\n")
    code, said, complaint = run(scene.task().sid, "--auth-token", "wrong")
    assert (code, said, complaint) == (1, "", "cordboard: Authentication Error - invalid username or password\n")


def test_a_server_that_is_not_there_is_told_with_its_address(run: Run) -> None:
    code, said, complaint = run("WT1", "--url", "http://127.0.0.1:9")
    assert (code, said) == (1, "")
    assert complaint.startswith("cordboard: http://127.0.0.1:9 does not answer as Cordboard does")
