"""Each part of the bench runs, and prints its figures. Nothing is timed here: a figure of one second is worth nothing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT

needs_wrk = pytest.mark.skipif(shutil.which("wrk") is None, reason="the bench's load comes from wrk, which is not here")
OFFERS_MEANWHILE = {
    f"{what}, {share}" for what in ("worker free to offer", "task to offer, others wait") for share in ("p50", "p99")
}
LISTS = {
    f"{whom}: {figure}"
    for whom in (
        *("workers, all are found", "workers, every hundredth is", "workers, the last is"),
        *("tasks, all are found", "tasks, none is"),
    )
    for figure in ("calls", "the loop stands")
}
SHORT = ("--rounds", "1", "--seconds", "1", "--warm-up", "0", "--workers", "100")


def bench(folder: Path, *words: str, **changed: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bench", *words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | changed,
        capture_output=True,
        text=True,
        check=False,
    )


def figures(folder: Path, *words: str) -> set[tuple[str, str]]:
    """The rows of the printed table, as (figure, database)."""
    ran = bench(folder, *SHORT, *words)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert not list(folder.iterdir())
    rows = ran.stdout.partition("\n\n")[2].rstrip().splitlines()
    width = rows[0].index("database")
    return {(row[:width].strip(), row[width:].split()[0]) for row in rows[1:]}


def test_who_has_no_wrk_is_told_where_to_get_it(tmp_path: Path) -> None:
    ran = bench(tmp_path, PATH=str(tmp_path))
    assert ran.returncode == 1
    assert "apt install wrk" in ran.stderr


@needs_wrk
def test_creates_and_life_cycles_are_measured(tmp_path: Path) -> None:
    assert figures(tmp_path, "--on", "sqlite", "--only", "creates", "--only", "lifecycles") == {
        ("the floor: four rows", "SQLite"),
        ("creates", "SQLite"),
        ("life cycles", "SQLite"),
    }


@needs_wrk
def test_offers_to_those_who_change_and_lists_by_expression_are_measured(tmp_path: Path) -> None:
    found = figures(tmp_path, "--on", "sqlite", "--only", "waiting", "--only", "filters")
    assert found == {(figure, "SQLite") for figure in OFFERS_MEANWHILE | LISTS}


@needs_wrk
@pytest.mark.nightly
def test_all_parts_are_measured_on_both_databases(tmp_path: Path) -> None:
    parts = ("creates", "lifecycles", "offers", "starts", "writers", "storage", "waiting", "filters")
    found = figures(tmp_path, *(word for part in parts for word in ("--only", part)))
    on_both = {
        "the floor: four rows",
        "creates",
        "life cycles",
        "create to offer, p50",
        "create to offer, p99",
        "start",
        "memory",
        "messages to 1000 conversations",
        "messages to one conversation",
        *OFFERS_MEANWHILE,
        *LISTS,
    }
    assert found == {(figure, database) for figure in on_both for database in ("SQLite", "PostgreSQL")} | {
        ("storage alone", "SQLite")
    }


@pytest.mark.nightly
def test_statistics_calls_are_measured(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "bench.statistics_calls", "--times", "1", "--scale", "0.01"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert {"workspace, real time", "workers, both", "20 queues in bulk"} <= {
        line[:32].strip() for line in ran.stdout.splitlines()
    }
    assert not list(tmp_path.iterdir())
