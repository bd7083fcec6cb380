"""The way back: what a server has as a seed file that makes another one so."""

import json
import string
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordboard.cli.main import main
from cordboard.rest.routes import Route
from cordboard.server.seed import floor
from cordboard.server.seed.writing import table_or_text, write
from cordboard.taskrouter.routes import TASKROUTER
from cordboard.testkit.running import Cordboard
from cordboard.testkit.workbench import Workbench
from tests.seeding.conftest import Seeded
from tests.seeding.floors import SUPPORT, export, workspace_of

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
ATTRIBUTES = st.dictionaries(TEXT, JSON, max_size=3).map(table_or_text)
CHANNELS = ("default", "voice", "chat", "sms", "video")


def names(least: int = 0) -> Any:
    """Names that a worker or anything else may have beside each other."""
    return st.lists(TEXT, min_size=least, max_size=3, unique_by=str.casefold)


@st.composite
def workspaces(draw: Any, name: str) -> floor.Workspace:
    born = ["Offline", "Available", "Unavailable"]
    activities = sorted({name: draw(st.booleans()) for name in draw(names()) if name not in born}.items())
    queues = draw(names(least=1))
    activity = st.sampled_from([*born, *(name for name, _ in activities)])
    target = st.fixed_dictionaries({"queue": st.sampled_from(queues)}, optional={"priority": st.integers(0, 9)})
    one_filter = st.fixed_dictionaries(
        {"targets": st.lists(target, min_size=1, max_size=1)},
        optional={"filter_friendly_name": TEXT, "expression": st.sampled_from(["a == 'b'", 'c HAS "d"'])},
    )
    routing = st.fixed_dictionaries({}, optional={"filters": st.lists(one_filter), "default_filter": target})
    configuration = st.fixed_dictionaries({"task_routing": routing}, optional={"note": JSON})
    channel = st.builds(
        lambda wanted, capacity, available: [
            floor.WorkerChannel(task_channel=name, capacity=capacity, available=available) for name in sorted(wanted)
        ],
        st.sets(st.sampled_from(CHANNELS)),
        st.integers(2, 50),
        st.booleans(),
    )
    return floor.Workspace(
        friendly_name=name,
        prioritize_queue_order=draw(st.sampled_from(["FIFO", "LIFO"])),
        event_callback_url=draw(st.sampled_from(["", "https://example.com/events"])),
        events_filter=draw(st.sampled_from(["", "task.created,worker.created"])),
        default_activity=draw(activity),
        timeout_activity=draw(activity),
        activities=[floor.Activity(friendly_name=name, available=available) for name, available in activities],
        task_queues=[
            floor.TaskQueue(
                friendly_name=name,
                target_workers=draw(st.sampled_from(["1==1", 'skills HAS "x"', "a == 'b'", ""])),
                task_order=draw(st.sampled_from(["FIFO", "LIFO"])),
            )
            for name in queues
        ],
        workflows=[
            floor.Workflow(
                friendly_name=name,
                task_reservation_timeout=draw(st.integers(1, 86_400)),
                configuration=table_or_text(draw(configuration)),
            )
            for name in draw(names())
        ],
        workers=[
            floor.Worker(
                friendly_name=name, activity=draw(activity), attributes=draw(ATTRIBUTES), channels=draw(channel)
            )
            for name in draw(names())
        ],
    )


FLOORS = (
    names()
    .flatmap(lambda found: st.tuples(*map(workspaces, found)))
    .map(lambda found: floor.Floor(workspaces=list(found)))
)


@given(wanted=FLOORS)
@settings(max_examples=15, deadline=None)
def test_a_floor_that_is_exported_makes_the_same_floor(wanted: floor.Floor, cordboard_workbench: Workbench) -> None:
    assert_same(wanted, cordboard_workbench)


@pytest.mark.nightly
@given(wanted=FLOORS)
@settings(max_examples=500, deadline=None)
def test_many_floors_that_are_exported_make_the_same(wanted: floor.Floor, cordboard_workbench: Workbench) -> None:
    assert_same(wanted, cordboard_workbench)


def assert_same(wanted: floor.Floor, cordboard_workbench: Workbench) -> None:
    first = round_trip(cordboard_workbench, write(wanted))
    assert round_trip(cordboard_workbench, first) == first
    found = msgspec.convert(tomllib.loads(first), floor.Floor)
    assert [without_born(each) for each in found.workspaces] == wanted.workspaces


def round_trip(workbench: Workbench, text: str) -> str:
    """What a server exports that began empty with this text."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "floor.toml"
        file.write_text(text, "utf-8", newline="")
        with workbench.cordboard(seed=1, floor=file) as cordboard:
            return export(cordboard)


def without_born(workspace: floor.Workspace) -> floor.Workspace:
    """A workspace without what the API adds to every new one."""
    born = {"Offline", "Available", "Unavailable"}
    activities = [activity for activity in workspace.activities if activity.friendly_name not in born]
    assert len(workspace.activities) == len(activities) + len(born)
    assert [channel.unique_name for channel in workspace.task_channels] == sorted(CHANNELS)
    return msgspec.structs.replace(workspace, activities=activities, task_channels=[])


def test_what_was_made_by_calls_is_exported_with_names(cordboard: Cordboard) -> None:
    workspace = cordboard.client.taskrouter.v1.workspaces.create(friendly_name="Made", template="FIFO")
    (offline,) = workspace.activities.list(friendly_name="Offline")
    workspace.activities(offline.sid).update(friendly_name="Gone home")
    workspace.workers.create(friendly_name="ana", attributes='{"a": null}')
    text = export(cordboard)
    assert 'targets = [{queue = "Sample Queue", priority = 0}]' in text
    assert 'default_activity = "Gone home"' in text
    assert workspace.sid not in text


def test_more_than_a_page_is_exported(cordboard: Cordboard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cordboard.cli.export._PAGE_SIZE", "2")
    workspace = cordboard.client.taskrouter.v1.workspaces.create(friendly_name="Made")
    for name in "abcde":
        workspace.workers.create(friendly_name=name)
    found = tomllib.loads(export(cordboard))["workspaces"][0]
    assert [worker["friendly_name"] for worker in found["workers"]] == list("abcde")
    assert len(found["task_channels"]) == 5


def test_names_that_repeat_are_refused(cordboard: Cordboard, run: Any) -> None:
    workspace = cordboard.client.taskrouter.v1.workspaces.create(friendly_name="Made")
    workspace.activities.create(friendly_name="Available")
    code, said, complaint = run("export")
    assert (code, said) == (1, "")
    assert complaint.startswith("cordboard: several activities of workspace Made are named Available")


def test_the_command_prints_the_file_of_one_workspace(seeded: Seeded, monkeypatch: Any, capsys: Any) -> None:
    with seeded(SUPPORT + '[[workspaces]]\nfriendly_name = "Sales"\n') as cordboard:
        code, said, _ = run_on(cordboard, monkeypatch, capsys, "export", "--workspace", "Sales")
        assert code == 0
        assert [each["friendly_name"] for each in tomllib.loads(said)["workspaces"]] == ["Sales"]
        assert run_on(cordboard, monkeypatch, capsys, "export", "--workspace", "None") == (
            1,
            "",
            "cordboard: there is no workspace named None\n",
        )
        assert workspace_of(cordboard, "Sales").sid not in said


@pytest.fixture
def run(cordboard: Cordboard, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    return lambda *words: run_on(cordboard, monkeypatch, capsys, *words)


def run_on(
    cordboard: Cordboard, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str
) -> tuple[int, str, str]:
    """Exit code, output and complaints of a command that calls this server."""
    monkeypatch.setenv("CORDBOARD_URL", cordboard.url)
    monkeypatch.setenv("CORDBOARD_ACCOUNT_SID", cordboard.account_sid)
    monkeypatch.setenv("CORDBOARD_AUTH_TOKEN", cordboard.auth_token)
    monkeypatch.setattr(sys, "argv", ["cordboard", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


KINDS: dict[str, type[floor.Entry]] = {
    "CreateWorkspace": floor.Workspace,
    "CreateActivity": floor.Activity,
    "CreateTaskChannel": floor.TaskChannel,
    "CreateTaskQueue": floor.TaskQueue,
    "CreateWorkflow": floor.Workflow,
    "CreateWorker": floor.Worker,
}


@pytest.mark.parametrize("operation", KINDS)
def test_an_entry_has_every_parameter_of_its_call_with_the_default_of_the_call(operation: str) -> None:
    (form,) = [route.form for route in TASKROUTER.routes if isinstance(route, Route) and route.operation == operation]
    entry = {field.name: field for field in msgspec.structs.fields(KINDS[operation])}
    for field in msgspec.structs.fields(form):
        if field.name == "workspace_sid":
            continue
        said = entry[field.name.removesuffix("_sid")]
        if field.name == "attributes":
            assert (field.default, said.default_factory) == ("{}", dict)
        else:
            assert said.default == field.default, field.name


def test_letters_that_toml_escapes_come_back(seeded: Seeded) -> None:
    name = f"{string.punctuation}\x1b\x7f\r\n\u2028\U0001f6ce"
    text = f"[[workspaces]]\nfriendly_name = {json.dumps(name, ensure_ascii=False)}\n".replace("\x7f", "\\u007f")
    with seeded(text) as cordboard:
        assert tomllib.loads(export(cordboard))["workspaces"][0]["friendly_name"] == name
