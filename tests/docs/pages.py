"""The pages for users, as tests read them: their programs, and their tables by the heading of the first column."""

import re
from collections.abc import Iterator
from pathlib import Path

from cordboard.testkit.running import Cordboard
from tests.house.tree import ROOT

_PROGRAM = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CELL = re.compile(r"(?<!\\)\|")


def text_of(page: str) -> str:
    """A page's text; ``page`` is its path in the repository."""
    return (ROOT / page).read_text("utf-8")


def programs(page: str, language: str) -> Iterator[str]:
    """The programs of a page, each below as many empty lines as it has lines above it: a traceback names the page's line."""
    text = text_of(page)
    for found in _PROGRAM.finditer(text):
        if found[1] == language:
            yield "\n" * text.count("\n", 0, found.start(2)) + found[2]


def for_this_server(program: str, cordboard: Cordboard) -> str:
    """A program with the three things put in that its reader puts in."""
    here = {
        "http://127.0.0.1:8000": cordboard.url,
        "AC...": cordboard.account_sid,
        "the printed token": cordboard.auth_token,
    }
    for written, meant in here.items():
        program = program.replace(written, meant)
    return program


def table(page: str, first_column: str) -> list[list[str]]:
    """The rows of the one table whose first column has this heading."""
    lines = text_of(page).splitlines()
    (start,) = [number for number, line in enumerate(lines) if line.startswith(f"| {first_column} |")]
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in _CELL.split(line)[1:-1]])
    assert rows
    return rows


def codes(cell: str) -> list[str]:
    """What stands in backquotes in a cell."""
    return re.findall(r"`([^`]+)`", cell)


def pages() -> list[Path]:
    """README and the pages of docs."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
