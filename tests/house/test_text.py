"""The repository reads the same everywhere: no path of somebody's machine, no link that leads nowhere."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.tree import ROOT, files, shown

BINARY = {".png", ".ico", ".woff2", ".gif", ".jpg"}
MACHINE_PATH = re.compile(r"(?<![\w.:{}$>-])/(root|home|work|Users)/[\w.-]")
LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)\)|!\[[^\]\n]*\]\(([^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
PAGES = [shown(path) for path in files(pattern="*.md")]


def anchors(page: Path) -> set[str]:
    """The fragments that headings of a page answer to, as code hosts make them."""
    headings = re.findall(r"^#+ +(.+?) *$", FENCED.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def dead_links(page: Path) -> Iterator[str]:
    for groups in LINK.findall(FENCED.sub("", page.read_text("utf-8"))):
        target = "".join(groups)
        if re.match(r"[a-z]+:", target):
            continue
        name, _, fragment = target.partition("#")
        linked = (page.parent / name) if name else page
        if not linked.exists() or (fragment and fragment not in anchors(linked)):
            yield target


@pytest.mark.parametrize(
    "line", ["see " + "/home" + "/ada/x", "'" + "/work" + "/main'", "(" + "/Users" + "/ada)", "/root" + "/.cache"]
)
def test_the_rule_of_paths_finds(line: str) -> None:
    assert MACHINE_PATH.search(line)


@pytest.mark.parametrize("line", ["/v1/Workspaces/WS1", "https://host/work/item", "$HOME/work/x", "src/home/page"])
def test_the_rule_of_paths_leaves_alone(line: str) -> None:
    assert not MACHINE_PATH.search(line)


def test_no_text_names_a_folder_of_somebodys_machine() -> None:
    found = [
        f"{shown(path)}:{number}: {line.strip()}"
        for path in files()
        if path.suffix not in BINARY
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if MACHINE_PATH.search(line)
    ]
    assert not found


def test_the_rule_of_links_finds_and_leaves_alone(tmp_path: Path) -> None:
    (tmp_path / "other.md").write_text("# Where does a line go?\n")
    page = tmp_path / "page.md"
    page.write_text(
        "[a](other.md#where-does-a-line-go) [b](other.md#no) ![c](no.png) [d](https://x.y) [e](#page)\n# Page"
    )
    assert list(dead_links(page)) == ["other.md#no", "no.png"]


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    assert not list(dead_links(ROOT / page))
