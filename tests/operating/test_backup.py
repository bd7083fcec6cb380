"""Backups are taken beside a running server, checked before they have their name, and put back without losing the old database."""

import asyncio
import contextlib
import shutil
import sqlite3
import stat
from pathlib import Path

import httpx
import pytest

from tests.server.processes import Served

from .commands import Operator

KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
OTHER_KEY = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="


def test_a_backup_that_was_put_back_brings_back_what_was_there(operator: Operator) -> None:
    operator.served("one")
    made = operator("backup", "monday.db")
    assert made.code == 0, made.err
    assert "cordboard.key" in made.out
    operator.served("two")

    done = operator("restore", "monday.db")
    assert done.code == 0, done.err
    assert operator.served() == ["one"]

    # The database that had both is kept, and is whole without its log.
    (aside,) = operator.folder.glob("cordboard.db.2*")
    assert aside.name in done.out
    operator.database = aside
    assert operator.served() == ["one", "two"]


def test_a_backup_is_one_file_for_its_owner_alone(operator: Operator) -> None:
    operator.served("one")
    operator("backup", "monday.db")
    assert stat.S_IMODE((operator.folder / "monday.db").stat().st_mode) == 0o600
    assert not list(operator.folder.glob("monday.db?*"))


def test_a_backup_of_a_server_under_load_has_every_answered_write_from_before_it(operator: Operator) -> None:
    with Served(operator.folder, "--port", "0", CORDBOARD_AUTH_TOKEN="a1b2c3") as server:

        async def load() -> list[str]:
            answered: list[str] = []
            under_load = asyncio.Event()
            async with httpx.AsyncClient(
                base_url=server.url, auth=(server.account_sid, "a1b2c3"), trust_env=False
            ) as client:

                async def write(writer: int) -> None:
                    for number in range(25):
                        name = f"{writer}-{number}"
                        (await client.post("/cordboard/v1/Keys", data={"FriendlyName": name})).raise_for_status()
                        answered.append(name)
                        if len(answered) == 50:
                            under_load.set()

                writing = asyncio.gather(*(write(writer) for writer in range(8)))
                await under_load.wait()
                before = list(answered)
                made = await asyncio.to_thread(operator, "backup", "monday.db")
                assert made.code == 0, made.err
                await writing
            return before

        before = asyncio.run(load())
        assert "in use by another Cordboard" in operator.refusal("restore", "monday.db")
        server.stop()
    operator("restore", "monday.db")
    kept = set(names(operator.database))
    assert kept.issuperset(before)


def names(database: Path) -> list[str]:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return [name for (name,) in connection.execute("SELECT friendly_name FROM api_keys")]


def test_a_backup_does_not_replace_another_file(operator: Operator) -> None:
    operator.served()
    (operator.folder / "notes.txt").write_text("mine")
    assert "notes.txt is there already" in operator.refusal("backup", "notes.txt")
    assert (operator.folder / "notes.txt").read_text() == "mine"


def test_a_database_that_lacks_an_event_is_neither_backed_up_nor_restored(operator: Operator) -> None:
    operator.served("one", "two", "three")
    shutil.copy(operator.database, operator.folder / "whole.db")
    operator.change(
        "DELETE FROM journal WHERE position = (SELECT position FROM journal ORDER BY position LIMIT 1 OFFSET 1)"
    )
    assert "lacks events" in operator.refusal("backup", "monday.db")
    shutil.copy(operator.database, operator.folder / "damaged.db")
    shutil.copy(operator.folder / "whole.db", operator.database)
    assert "lacks events" in operator.refusal("restore", "damaged.db")
    assert operator.served() == ["one", "two", "three"]
    assert not [*operator.folder.glob("monday*"), *operator.folder.glob("*.restoring*")]


def test_a_log_whose_database_is_gone_does_not_get_into_the_restored_one(operator: Operator) -> None:
    operator.served("one")
    operator("backup", "monday.db")
    with Served(operator.folder, "--port", "0", CORDBOARD_AUTH_TOKEN="a1b2c3") as server:
        auth = (server.account_sid, "a1b2c3")
        httpx.post(f"{server.url}/cordboard/v1/Keys", data={"FriendlyName": "two"}, auth=auth, trust_env=False)
        server.process.kill()
    operator.database.unlink()
    assert (operator.folder / "cordboard.db-wal").stat().st_size
    assert operator("restore", "monday.db").code == 0
    assert operator.served() == ["one"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("INSERT INTO schema_versions VALUES (9999, 'later', 0)", "run the newer Cordboard"),
        ("DROP TABLE schema_versions", "is no database of Cordboard"),
        ("DELETE FROM journal", "lacks events"),
    ],
)
def test_what_would_not_start_is_not_put_back(operator: Operator, change: str, told: str) -> None:
    operator.served("one")
    operator("backup", "monday.db")
    with contextlib.closing(sqlite3.connect("monday.db")) as connection, connection:
        connection.execute(change)
    assert told in operator.refusal("restore", "monday.db")
    assert operator.served() == ["one"]


def test_a_damaged_backup_is_told_and_the_database_stays(operator: Operator) -> None:
    operator.served("one")
    operator("backup", "monday.db")
    backup = operator.folder / "monday.db"
    whole = backup.read_bytes()
    backup.write_bytes(whole[: len(whole) // 2])
    assert "monday.db" in operator.refusal("restore", "monday.db")
    backup.write_text("a diary, not a database" * 100)
    assert "monday.db" in operator.refusal("restore", "monday.db")
    assert operator.served() == ["one"]


def test_a_backup_of_another_key_is_not_put_back(operator: Operator) -> None:
    operator.served("one", secret_key=KEY)
    operator("backup", "monday.db", SECRET_KEY=KEY)
    assert "under another key" in operator.refusal("restore", "monday.db", SECRET_KEY=OTHER_KEY)
    assert operator("restore", "monday.db", SECRET_KEY=f"{OTHER_KEY},{KEY}").code == 0


def test_a_backup_is_put_back_where_there_was_no_database(operator: Operator) -> None:
    operator.served("one")
    operator("backup", "monday.db")
    operator.database = operator.folder / "fresh.db"
    assert operator("restore", "monday.db", "--database", "sqlite:///fresh.db").code == 0
    assert operator.served() == ["one"]


def test_what_is_not_there_is_told(operator: Operator) -> None:
    assert "there is no database" in operator.refusal("backup", "monday.db")
    assert "there is no backup" in operator.refusal("restore", "monday.db")
    assert list(operator.folder.iterdir()) == []


def test_postgresql_is_left_to_its_own_programs(operator: Operator) -> None:
    for command in ("backup", "restore"):
        (operator.folder / "monday.db").touch(exist_ok=True)
        assert "pg_dump" in operator.refusal(command, "monday.db", "--database", "postgresql://localhost/x")
