"""The log: a line a call, faults with their stack, and nothing of what is secret or was said."""

import asyncio
import base64
import errno
import io
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from cordboard.kernel.settings import LogFormat, Mode, Settings
from cordboard.rest.calls import Call
from cordboard.rest.kinds import JSON_OBJECT, JSON_VALUE
from cordboard.server import logs
from cordboard.server.logs import formatter, log_call
from cordboard.storage.unit import Unit
from cordboard.testkit.http import basic
from cordboard.testkit.running import Cordboard
from cordboard.testkit.workbench import Workbench
from cordboard.timers.schedule import schedule
from tests.operations.places import World
from tests.operations.tables import built, kind_of
from tests.server.processes import Served

CANARY = "canary7in7the7mine"
SECRETS = {"auth_token", "secret"}
TEXTS_OF_JSON = {JSON_OBJECT, JSON_VALUE}
# Behind it the caller is nobody; its log is that of any other operation.
ENDS_THE_TOKEN = {"UpdateAuthTokenPromotion"}


class Written(logging.Handler):
    """Everything that is logged, libraries too, as both formats write it."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []
        self.lines: list[str] = []
        self._formatters = [formatter(Settings(log_format=form)) for form in (LogFormat.JSON, LogFormat.TEXT)]

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)
        self.lines += [one.format(record) for one in self._formatters]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def calls(self) -> list[dict[str, Any]]:
        return [vars(record)["facts"] for record in self.records if record.name == "cordboard.calls"]


@contextmanager
def listening(level: int = logging.DEBUG) -> Iterator[Written]:
    written = Written()
    loggers = [logging.getLogger(), logging.getLogger("cordboard")]
    before = [logger.level for logger in loggers]
    loggers[0].addHandler(written)
    for logger in loggers:
        logger.setLevel(level)
    try:
        yield written
    finally:
        loggers[0].removeHandler(written)
        for logger, was in zip(loggers, before, strict=True):
            logger.setLevel(was)


@pytest.fixture
def written() -> Iterator[Written]:
    with listening() as heard:
        yield heard


def test_a_call_has_one_line_with_who_what_and_how(cordboard: Cordboard) -> None:
    workspace = cordboard.http.post("/taskrouter/v1/Workspaces", {"FriendlyName": "Support"}).json
    with listening(logging.INFO) as written:
        answer = cordboard.http.post(f"/taskrouter/v1/Workspaces/{workspace['sid']}/Tasks", {"Attributes": "{}"})
    (call,) = written.calls
    assert call.pop("duration_ms") > 0
    assert call == {
        "request_id": answer.headers["twilio-request-id"],
        "method": "POST",
        "operation": "CreateTask",
        "status": answer.status,
        "account_sid": cordboard.account_sid,
        "sids": [workspace["sid"]],
    }


def test_of_a_path_only_sids_are_told(cordboard: Cordboard, written: Written) -> None:
    cordboard.client.conversations.v1.conversations.create(unique_name=CANARY)
    assert cordboard.http.get(f"/conversations/v1/Conversations/{CANARY}").status == 200
    assert cordboard.http.get(f"/conversations/v1/{CANARY}").status == 404
    assert [call["operation"] for call in written.calls][1:] == ["FetchConversation", None]
    assert CANARY not in written.text


def test_a_fault_has_its_stack_and_the_calls_facts_but_no_variables(
    cordboard: Cordboard, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_work: object) -> None:
        said = CANARY
        raise RuntimeError(str(len(said)))

    monkeypatch.setattr(cordboard.system.rest, "_writes", broken)
    answer = cordboard.http.post("/conversations/v1/Conversations", {"Attributes": json.dumps({"note": CANARY})})
    assert answer.status == 500
    assert len(cordboard.faults.take()) == 1
    (fault,) = [json.loads(line) for line in written.lines[::2] if '"stack"' in line]
    assert (fault["level"], fault["logger"], fault["operation"]) == ("error", "cordboard.rest", "CreateConversation")
    assert fault["request_id"] == answer.headers["twilio-request-id"]
    assert f"RuntimeError: {len(CANARY)}" in fault["stack"]
    assert CANARY not in written.text


def test_a_fault_of_postgresql_is_told_without_the_value_that_it_quotes(
    cordboard_workbench: Workbench, postgres_database: str, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def write(unit: Unit) -> None:
        schedule(unit, "nobody", "WT1", "AC1", cast("int", CANARY))

    with cordboard_workbench.cordboard(seed=1, database=postgres_database) as cordboard:
        db = cordboard.system.db
        monkeypatch.setattr(cordboard.system.rest, "_writes", lambda _work: db.run(write))
        assert cordboard.http.post("/cordboard/v1/Keys", {"FriendlyName": "a key"}).status == 500
        (fault,) = cordboard.faults.take()
    # The test kit shows it whole, to whoever wrote the test.
    assert CANARY in fault
    assert "asyncpg.exceptions" in written.text
    assert CANARY not in written.text


def test_nothing_secret_and_nothing_that_was_said_is_logged_by_any_operation(
    cordboard: Cordboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(cordboard)
    http, places = cordboard.http, []
    secrets = {cordboard.auth_token, world.stranger[1], CANARY, f"{CANARY}0wrong"}
    secrets.add(basic(cordboard.account_sid, cordboard.auth_token).partition(" ")[2])
    secrets.add(base64.b64encode(CANARY.encode()).decode())
    accepted = set()
    with listening() as written:
        for operation in sorted(built(), key=lambda found: found.route.verb == "DELETE"):
            if operation.route.operation in ENDS_THE_TOKEN:
                continue
            path = world.place_of(operation) if operation.path_parameters else operation.route.path
            places.append((operation, path))
            for field in operation.fields:
                text = json.dumps({"note": CANARY}) if kind_of(field.type) in TEXTS_OF_JSON else CANARY
                answer = operation.send(http, path, {**operation.least_form, field.encode_name: text})
                shown = answer.json if answer.body else {}
                secrets |= {shown[name] for name in SECRETS & shown.keys() if shown[name] is not None}
                if answer.status < 300:
                    accepted.add(field.encode_name)
            operation.send(http, path, operation.least_form)
            operation.send(http, path, operation.least_form, auth=(cordboard.account_sid, f"{CANARY}0wrong"))
        cordboard.settled()
        monkeypatch.setattr(cordboard.system.rest, "_writes", refuse)
        monkeypatch.setattr(cordboard.system.rest, "_reads", refuse)
        for operation, path in places:
            form = {field.encode_name: CANARY for field in operation.fields if kind_of(field.type) not in TEXTS_OF_JSON}
            operation.send(http, path, {**form, **operation.least_form})
    assert cordboard.faults.take()
    # That it was tried: these were taken as they are, each by some operation.
    assert {"Attributes", "Body", "Author", "FriendlyName", "Identity"} <= accepted
    assert len(secrets) > 6
    assert len(written.calls) > 2 * len(places)
    assert [secret for secret in secrets if secret in written.text] == []


def test_libraries_are_not_heard_below_warning_for_they_tell_headers(tmp_path: Path) -> None:
    with Served(tmp_path, "--port", "0", "--log-level", "debug", CORDBOARD_LOG_FORMAT="json") as server:
        credentials = (server.account_sid, server.auth_token)
        assert httpx.get(f"{server.url}/cordboard/v1/Keys", auth=credentials).status_code == 200
        code, _, complaints = server.stop()
    lines = [json.loads(line) for line in complaints.splitlines()]
    assert code == 0
    assert [line["operation"] for line in lines if line["logger"] == "cordboard.calls"] == ["ListKeys"]
    assert {line["logger"].partition(".")[0] for line in lines} == {"cordboard"}


def test_a_line_is_json_in_production_and_text_in_development() -> None:
    record = logging.LogRecord("cordboard.timers", logging.WARNING, "", 0, "alarms wait: %s", ("disk",), None)
    record.facts = {"sids": ["KD1", "UO2"]}
    record.created = 1_767_225_600.007
    as_json = formatter(Settings(mode=Mode.PRODUCTION)).format(record)
    assert json.loads(as_json) == {
        "time": "2026-01-01T00:00:00.007Z",
        "level": "warning",
        "logger": "cordboard.timers",
        "message": "alarms wait: disk",
        "sids": ["KD1", "UO2"],
    }
    as_text = formatter(Settings()).format(record)
    assert as_text == "2026-01-01T00:00:00.007Z warning cordboard.timers: alarms wait: disk sids=KD1,UO2"
    assert formatter(Settings(log_format=LogFormat.JSON)).format(record) == as_json


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """Opens the log of a server of this process; what logging was is put back."""
    loggers = [logging.getLogger(), logging.getLogger("cordboard")]
    before = [logger.level for logger in loggers]
    monkeypatch.setattr(loggers[0], "handlers", [])
    for name in "logThreads", "logProcesses", "logMultiprocessing":
        monkeypatch.setattr(logging, name, getattr(logging, name))
    yield lambda: logs.written(Settings(log_format=LogFormat.JSON))
    for logger, was in zip(loggers, before, strict=True):
        logger.setLevel(was)


def messages(said: str) -> list[str]:
    return [line.get("request_id", line["message"]) for line in map(json.loads, said.splitlines())]


def test_lines_stand_in_the_order_in_which_they_were_made_and_outlive_an_error(
    logged: Callable[[], AbstractContextManager[None]], capsys: pytest.CaptureFixture[str]
) -> None:
    async def turn() -> None:
        log_call(Call("RQ1", "GET"))
        log_call(Call("RQ2", "GET"))
        await asyncio.to_thread(logging.getLogger("cordboard.storage").warning, "from a thread")
        log_call(Call("RQ3", "GET"))
        logging.getLogger("cordboard.timers").warning("of the same turn")
        log_call(Call("RQ4", "GET"))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), logged():
        asyncio.run(turn())
    assert messages(capsys.readouterr().err) == ["RQ1", "RQ2", "from a thread", "RQ3", "of the same turn", "RQ4"]


def test_the_line_of_a_call_is_written_when_its_turn_of_the_loop_is_over_and_all_others_at_once(
    logged: Callable[[], AbstractContextManager[None]], capsys: pytest.CaptureFixture[str]
) -> None:
    async def turns() -> None:
        for number in range(3):
            log_call(Call(f"RQ{number}", "GET"))
            await asyncio.sleep(0)
            assert messages(capsys.readouterr().err) == [f"RQ{number}"]
        logging.getLogger("cordboard.timers").info("an alarm rang")
        assert messages(capsys.readouterr().err) == ["an alarm rang"]

    with logged():
        asyncio.run(turns())
        log_call(Call("RQ9", "GET"))
        assert messages(capsys.readouterr().err) == ["RQ9"]


def test_a_log_that_cannot_be_written_is_nobodys_failure(
    logged: Callable[[], AbstractContextManager[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.StringIO):
        def write(self, _text: str) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    async def turns() -> None:
        faults: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: faults.append(context))
        log_call(Call("RQ1", "GET"))
        await asyncio.sleep(0)
        logging.getLogger("cordboard.timers").warning("alarms wait")
        assert not faults

    monkeypatch.setattr("sys.stderr", Full())
    with logged():
        asyncio.run(turns())


async def refuse(_work: object) -> None:
    raise RuntimeError("a fault")
