"""What may not be said about the configuration of a workspace: refused by the parameter's name, and nothing has changed."""

import json
from typing import Any

import pytest

from cordboard.testkit.http import Http
from cordboard.testkit.workbench import Workbench
from tests.taskrouter.scene import Scene

MISSING = "Missing required parameter {} in the post body"
LONG = "x" * 65
ONE_SIDS = ("", "WA1", "WK" + "0" * 32, "WA" + "g" * 32, "WA" + "0" * 33)

# Where, what is sent besides what is required, and how the sentence begins.
Case = tuple[str, dict[str, Any], str]


def names(path: str, *, parameter: str = "FriendlyName") -> list[Case]:
    return [(path, {parameter: text}, f"Invalid parameter {parameter}: expected") for text in ("", LONG)]


def choices(path: str, parameter: str, *texts: str) -> list[Case]:
    return [(path, {parameter: text}, f"Invalid parameter {parameter}: ") for text in texts]


URLS = ("example.com", "ftp://example.com", "http://", "https:///path", "http://a b", "https://x\n", "javascript:x")
ALL = ("Workspaces", "Activities", "TaskChannels", "TaskQueues", "Workflows", "Workers")
CASES: list[Case] = [
    *[case for path in ALL for case in names(path)],
    *names("TaskChannels", parameter="UniqueName"),
    *choices("Workspaces", "EventCallbackUrl", *URLS),
    *choices("Workspaces", "EventsFilter", "task.created,,task.canceled", "everything", "task created", "Task.Created"),
    *choices("Workspaces", "Template", "fifo", "LIFO", ""),
    *choices("Workspaces", "PrioritizeQueueOrder", "fifo", "NONE", ""),
    *choices("TaskQueues", "TaskOrder", "fifo", "RANDOM", ""),
    *choices("TaskQueues", "MaxReservedWorkers", "0", "51", "-1", "1.0", "", "one", "9" * 30),
    *choices("TaskQueues", "TargetWorkers", "a ==", "x" * 65_537),
    *choices("TaskQueues", "ReservationActivitySid", *ONE_SIDS),
    *choices("TaskQueues", "AssignmentActivitySid", *ONE_SIDS),
    *choices("Workflows", "AssignmentCallbackUrl", *URLS),
    *choices("Workflows", "FallbackAssignmentCallbackUrl", *URLS),
    *choices("Workflows", "TaskReservationTimeout", "0", "86401", "-5", "2m", ""),
    *choices("Workflows", "Configuration", "", "[]", "{", "{}", '{"a":' + "[" * 101 + "]" * 101 + "}"),
    *choices("Workers", "ActivitySid", *ONE_SIDS),
    *choices("Workers", "Attributes", "null", "1", "{,}"),
]
CHANGES = [case for case in CASES if not {"Template", "UniqueName"} & case[1].keys()] + [
    *choices("Workspaces", "DefaultActivitySid", *ONE_SIDS),
    *choices("Workspaces", "TimeoutActivitySid", *ONE_SIDS),
]


def shown(case: Case) -> str:
    (parameter, value), *_ = case[1].items()
    return f"{case[0]}-{parameter}={value!r:.24}"


class Stage:
    """One scene for all cases: nothing here may change it."""

    def __init__(self, scene: Scene) -> None:
        self.http: Http = scene.cordboard.http
        workspace = scene.workspace
        self.lists = {path: f"/v1/Workspaces/{scene.sid}/{path}" for path in ALL} | {"Workspaces": "/v1/Workspaces"}
        self.one = {
            "Workspaces": scene.sid,
            "Activities": scene.activities["Offline"],
            "TaskChannels": "sms",
            "TaskQueues": scene.queue,
            "Workflows": scene.workflow,
            "Workers": workspace.workers.create(friendly_name="ana").sid,
        }
        self.required = {path: {"FriendlyName": "new"} for path in ALL}
        self.required["TaskChannels"]["UniqueName"] = "new"
        configuration = {"task_routing": {"default_filter": {"queue": scene.queue}}}
        self.required["Workflows"]["Configuration"] = json.dumps(configuration)
        self.before = self.everything()

    def everything(self) -> list[Any]:
        found = [self.http.get(path, {"PageSize": 1000}, host="taskrouter").json for path in self.lists.values()]
        return [*found, self.http.get("/cordboard/v1/Events", {"PageSize": 1000}).json["events"]]

    def refuse(self, path: str, form: dict[str, Any], beginning: str) -> None:
        answer = self.http.post(path, form, host="taskrouter")
        assert (answer.status, answer.json["status"], answer.json["code"]) == (400, 400, 20001), answer.text
        assert answer.json["message"].startswith(beginning), answer.json["message"]
        assert self.everything() == self.before


@pytest.fixture(scope="module")
def stage(cordboard_workbench: Workbench) -> Any:
    with cordboard_workbench.cordboard(seed=1) as cordboard:
        yield Stage(Scene(cordboard))


@pytest.mark.parametrize("case", CASES, ids=shown)
def test_a_create_is_refused_by_the_wrong_parameters_name(stage: Stage, case: Case) -> None:
    path, form, beginning = case
    stage.refuse(stage.lists[path], stage.required[path] | form, beginning)


@pytest.mark.parametrize("case", CHANGES, ids=shown)
def test_a_change_is_refused_by_the_wrong_parameters_name(stage: Stage, case: Case) -> None:
    path, form, beginning = case
    stage.refuse(f"{stage.lists[path]}/{stage.one[path]}", form, beginning)


@pytest.mark.parametrize(
    ("path", "parameter"),
    [*[(path, "FriendlyName") for path in ALL], ("TaskChannels", "UniqueName"), ("Workflows", "Configuration")],
)
def test_a_required_parameter_is_missed(stage: Stage, path: str, parameter: str) -> None:
    form = {name: value for name, value in stage.required[path].items() if name != parameter}
    stage.refuse(stage.lists[path], form, MISSING.format(parameter))


@pytest.mark.parametrize("path", [path for path in ALL if path != "Workspaces"])
def test_nothing_is_made_or_listed_in_a_workspace_that_is_not_there(stage: Stage, path: str) -> None:
    nowhere = f"/v1/Workspaces/WS{'0' * 32}/{path}"
    for answer in (
        stage.http.get(nowhere, host="taskrouter"),
        stage.http.post(nowhere, stage.required[path], host="taskrouter"),
    ):
        assert (answer.status, answer.json["code"]) == (404, 20404)
        assert answer.json["message"] == f"The requested resource {nowhere.removeprefix('/v1')} was not found"
    assert stage.everything() == stage.before


@pytest.mark.parametrize("path", ALL)
def test_what_is_not_there_is_not_found(stage: Stage, path: str) -> None:
    for sid in ("XX" + "0" * 32, "nonsense", "%C3%A9"):
        for call in (stage.http.get, stage.http.post, stage.http.delete):
            answer = call(f"{stage.lists[path]}/{sid}", host="taskrouter")
            assert (answer.status, answer.json["code"]) == (404, 20404)
    assert stage.everything() == stage.before
