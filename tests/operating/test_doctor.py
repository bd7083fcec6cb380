"""The doctor finds each thing that is wrong, names it in its line, and finds nothing where nothing is wrong."""

import asyncio
import fcntl
import os
from collections.abc import Iterator
from typing import Any

import pytest

from cordboard.kernel.settings import Settings
from cordboard.server.compose import compose, system_ports
from cordboard.server.preconditions import CannotStart
from tests.postgres_server import PostgresServer, running_postgres
from tests.server.processes import Served

from .commands import Operator, older

KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
OTHER_KEY = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="
ON_SQLITE = ["settings", "secret key", "disk", "flush", "database", "durability", "schema", "secrets", "clock"]
ALWAYS = ["feed", "alarms", "waiting tasks"]


def unwell(found: dict[str, tuple[bool, str]]) -> dict[str, str]:
    return {what: said for what, (is_well, said) in found.items() if not is_well}


def test_an_installation_without_fault_is_well_whether_its_server_runs_or_not(operator: Operator) -> None:
    with Served(operator.folder, "--port", "0"):
        found = operator.doctor()
        assert list(found) == ON_SQLITE + ALWAYS
        assert unwell(found) == {}
    assert unwell(operator.doctor()) == {}


@pytest.mark.parametrize(
    ("change", "what", "told"),
    [
        (
            "DELETE FROM journal WHERE position = (SELECT position FROM journal ORDER BY position LIMIT 1 OFFSET 1)",
            "feed",
            "from 1 to",
        ),
        ("UPDATE feed SET position = position + 1", "feed", "lack events"),
        ("DELETE FROM journal", "feed", "lack events"),
        ("INSERT INTO schema_versions VALUES (9999, 'later', 0)", "schema", "9999"),
        ("UPDATE journal SET at = 4102444800000", "clock", "2100-01-01"),
        ("UPDATE canary SET sealed = 'ffffffff.AAAA'", "secrets", "ffffffff"),
    ],
)
def test_a_fault_of_the_database_is_named(operator: Operator, change: str, what: str, told: str) -> None:
    operator.served("one", "two")
    operator.change(change)
    found = unwell(operator.doctor())
    assert list(found) == [what]
    assert told in found[what]


def test_a_waiting_task_without_an_alarm_is_named(operator: Operator) -> None:
    operator.served()
    sid = f"WT{'0' * 32}"
    columns = (
        "sid, version, account_sid, workspace_sid, task_channel_sid, task_channel_unique_name, assignment_status, "
        "attributes, addons, priority, timeout_s, ignore_capacity, assignment_counter, "
        "virtual_start_at, created_at, updated_at, offered_to"
    )
    operator.change(
        f"INSERT INTO tasks ({columns}) VALUES ('{sid}', 1, 'AC', 'WS', 'TC', 'default', 'pending', "
        "'{}', '{}', 0, 60, 0, 0, 0, 0, 0, '[]')"
    )
    assert sid in unwell(operator.doctor())["waiting tasks"]


def test_late_alarms_are_a_fault_of_a_server_that_runs_only(operator: Operator) -> None:
    operator.served()
    operator.change("INSERT INTO timers VALUES ('nobody', 'WT1', 'AC1', 1)")
    assert operator.doctor()["alarms"] == (True, "late ones ring at the next start")
    handle = os.open(f"{operator.database}.lock", os.O_RDWR)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        assert "nobody of WT1" in unwell(operator.doctor())["alarms"]
    finally:
        os.close(handle)


def test_an_older_schema_is_named_with_the_command(operator: Operator) -> None:
    older(operator.database)
    assert "cordboard migrate" in unwell(operator.doctor())["schema"]


def test_a_database_that_is_not_there_is_not_made(operator: Operator) -> None:
    found = operator.doctor()
    assert list(unwell(found)) == ["database"]
    assert list(operator.folder.iterdir()) == []


def test_a_key_that_others_may_read_is_named(operator: Operator) -> None:
    operator.served()
    (operator.folder / "cordboard.key").chmod(0o644)
    assert "chmod 600" in unwell(operator.doctor())["secret key"]


def test_a_wrong_or_missing_key_is_named(operator: Operator) -> None:
    operator.served(secret_key=KEY)
    assert "CORDBOARD_SECRET_KEY" in unwell(operator.doctor(SECRET_KEY=OTHER_KEY))["secrets"]
    assert "bring the key back" in unwell(operator.doctor())["secrets"]
    assert "base64" in unwell(operator.doctor(SECRET_KEY="short"))["secret key"]


def test_settings_that_cannot_be_used_are_named(operator: Operator) -> None:
    assert list(unwell(operator.doctor(MODE="staging"))) == ["settings"]
    assert list(unwell(operator.doctor(MODE="production"))) == ["settings"]


def test_a_full_or_slow_disk_is_named(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    operator.served()
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr("cordboard.server.doctor.shutil.disk_usage", lambda _: usage)
    monkeypatch.setattr("cordboard.server.doctor._flushes_of", lambda _: [50.0])
    found = unwell(operator.doctor())
    assert list(found) == ["disk", "flush"]
    assert "50.0 ms" in found["flush"]


@pytest.fixture(scope="module")
def durable_postgres() -> Iterator[PostgresServer]:
    with running_postgres(durable=True) as server:
        yield server


def serve_once(database: str, **given: Any) -> None:
    async def once() -> None:
        settings = Settings(database=database, secret_key=KEY, **given)
        await (await compose(settings, system_ports(settings))).stop()

    asyncio.run(once())


def test_an_installation_on_postgresql_is_well_and_no_password_is_printed(
    operator: Operator, durable_postgres: PostgresServer
) -> None:
    with durable_postgres.database() as name:
        url = durable_postgres.url(name).replace("postgres@", "postgres:secretword@")
        serve_once(url)
        found = operator.doctor(DATABASE=url, SECRET_KEY=KEY)
    assert unwell(found) == {}
    assert list(found) == ["settings", "secret key", "database", "flush", *ON_SQLITE[5:], *ALWAYS]
    assert "secretword" not in str(found)


def test_a_postgresql_that_may_lose_answers_is_refused_at_start_and_named(
    operator: Operator, postgres_database: str
) -> None:
    with pytest.raises(CannotStart, match="fsync is off and full_page_writes is off") as refused:
        serve_once(postgres_database)
    assert "CORDBOARD_ALLOW_DATA_LOSS" in str(refused.value)
    serve_once(postgres_database, allow_data_loss=True)
    assert "fsync is off" in unwell(operator.doctor(DATABASE=postgres_database, SECRET_KEY=KEY))["durability"]
    allowed = operator.doctor(DATABASE=postgres_database, SECRET_KEY=KEY, ALLOW_DATA_LOSS="true")
    assert unwell(allowed) == {}


def test_a_postgresql_that_does_not_answer_is_named(operator: Operator) -> None:
    found = operator.doctor(DATABASE="postgresql://127.0.0.1:9/none", SECRET_KEY=KEY)
    assert list(unwell(found)) == ["database"]
