"""Secrets are encrypted anew when the first key changes, so that the old key can be dropped; the doctor says when."""

import asyncio
import re
import sqlite3
from contextlib import closing
from pathlib import Path

from cordboard.kernel.chance import SystemChance
from cordboard.kernel.keyring import Keyring, parse_keys
from cordboard.kernel.settings import Settings
from cordboard.server.compose import System, compose, system_ports
from cordboard.server.resealing import SEALED
from cordboard.testkit.exchange import Answer, Request, exchange
from cordboard.testkit.http import basic
from tests.house.tree import SOURCE

from .commands import Operator

OLD = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
NEW = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="
OLD_NAME, NEW_NAME = (Keyring(parse_keys(key), SystemChance()).first for key in (OLD, NEW))


def served(folder: Path, secret_key: str, *posts: tuple[str, str]) -> list[Answer]:
    """Start on this database with these keys, make the calls, wait for everything that goes on, and stop."""

    async def serve() -> list[Answer]:
        settings = Settings(database=f"sqlite:///{folder}/cordboard.db", secret_key=secret_key)
        system = await compose(settings, system_ports(settings))
        await system.start()
        answers = [await post(system, path, body) for path, body in posts]
        await system.settled()
        await system.stop()
        return answers

    return asyncio.run(serve())


async def post(system: System, path: str, body: str) -> Answer:
    headers = [
        (b"host", b"localhost"),
        (b"authorization", basic(*system.first_account).encode()),
        (b"content-type", b"application/x-www-form-urlencoded"),
        (b"idempotency-key", path.encode()),
    ]
    answer = await exchange(system.app, Request("POST", "http", path, headers, body.encode()))
    assert answer.status == 201, answer.text
    return answer


ALL = (
    ("/cordboard/v1/Keys", "FriendlyName=CI"),
    ("/accounts/v1/AuthTokens/Secondary", ""),
    ("/cordboard/v1/Accounts", "FriendlyName=Branch"),
)


def sealed(folder: Path) -> dict[str, list[str]]:
    """The stored form of every secret, by its column."""
    found: dict[str, list[str]] = {}
    with closing(sqlite3.connect(folder / "cordboard.db")) as connection:
        for table, columns in SEALED.items():
            for column in columns:
                rows = connection.execute(f"SELECT {column} FROM {table.name} WHERE {column} IS NOT NULL")
                if texts := [text for (text,) in rows]:
                    found[f"{table.name}.{column}"] = texts
    return found


def names(folder: Path) -> set[str]:
    return {text.partition(".")[0] for texts in sealed(folder).values() for text in texts}


def test_every_sealed_column_of_the_schema_is_known() -> None:
    schema = "\n".join(path.read_text() for path in sorted((SOURCE / "storage" / "migrations").glob("*.sql")))
    declared = {
        (table, column)
        for table, body in re.findall(r"CREATE TABLE (\w+) \((.*?)\n\)(?: WITHOUT ROWID)?;", schema, re.DOTALL)
        for column in re.findall(r"^\s+(sealed\w*) ", body, re.MULTILINE)
    }
    assert declared == {(table.name, column) for table, columns in SEALED.items() for column in columns}


def test_after_a_start_with_a_new_first_key_the_old_one_can_be_dropped(tmp_path: Path) -> None:
    made = served(tmp_path, OLD, *ALL)
    before = sealed(tmp_path)
    assert {"accounts.sealed_token", "accounts.sealed_secondary_token", "api_keys.sealed_secret"} <= before.keys()
    assert {"canary.sealed", "kept_answers.sealed_body"} <= before.keys()
    assert names(tmp_path) == {OLD_NAME}
    served(tmp_path, f"{NEW},{OLD}")
    assert names(tmp_path) == {NEW_NAME}
    after = sealed(tmp_path)
    assert {column: len(texts) for column, texts in after.items()} == {
        column: len(texts) for column, texts in before.items()
    }
    # With the new key alone all is as it was, down to answers that are given again.
    again = served(tmp_path, NEW, *ALL)
    assert [answer.body for answer in again] == [answer.body for answer in made]
    assert [answer.headers["idempotent-replayed"] for answer in again] == ["true"] * len(ALL)


def test_rows_keep_their_dates_when_they_are_encrypted_anew(tmp_path: Path) -> None:
    def dates() -> list[tuple[int, ...]]:
        with closing(sqlite3.connect(tmp_path / "cordboard.db")) as connection:
            return connection.execute("SELECT created_at, updated_at FROM api_keys").fetchall()

    served(tmp_path, OLD, ALL[0])
    before = dates()
    served(tmp_path, f"{NEW},{OLD}")
    assert dates() == before


def test_a_secret_that_is_damaged_stops_neither_the_server_nor_the_others(tmp_path: Path) -> None:
    served(tmp_path, OLD, *ALL)
    with closing(sqlite3.connect(tmp_path / "cordboard.db")) as connection, connection:
        connection.execute(f"UPDATE api_keys SET sealed_secret = '{OLD_NAME}.{'A' * 60}'")
    served(tmp_path, f"{NEW},{OLD}")
    left = {column: texts for column, texts in sealed(tmp_path).items() if any(OLD_NAME in text for text in texts)}
    assert left.keys() == {"api_keys.sealed_secret"}


def test_the_doctor_says_when_a_key_can_be_dropped_and_which_one_is_missing(operator: Operator) -> None:
    served(operator.folder, OLD, *ALL)
    assert operator.doctor(SECRET_KEY=OLD)["secrets"] == (True, f"key {OLD_NAME} opens them")
    is_well, said = operator.doctor(SECRET_KEY=f"{NEW},{OLD}")["secrets"]
    assert is_well
    assert re.fullmatch(rf"key {NEW_NAME} encrypts; {OLD_NAME} has \d+ left: start the server to move them", said)
    served(operator.folder, f"{NEW},{OLD}")
    said = operator.doctor(SECRET_KEY=f"{NEW},{OLD}")["secrets"][1]
    assert said == f"key {NEW_NAME} encrypts; {OLD_NAME} can be dropped"
    assert operator.doctor(SECRET_KEY=NEW)["secrets"] == (True, f"key {NEW_NAME} opens them")


def test_the_doctor_names_a_key_that_was_dropped_too_early(operator: Operator) -> None:
    served(operator.folder, OLD, *ALL)
    with closing(sqlite3.connect(operator.database)) as connection, connection:
        sealed_anew = Keyring(parse_keys(NEW), SystemChance()).seal("this text opens with the right key")
        connection.execute("UPDATE canary SET sealed = ?", (sealed_anew,))
    is_well, said = operator.doctor(SECRET_KEY=NEW)["secrets"]
    assert not is_well
    assert f"with {OLD_NAME}" in said
