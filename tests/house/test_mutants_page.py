"""The page of the mutants that no test notices is of the code as it is, without running them."""

import ast
import re

import pytest

from tests.house.tree import ROOT, SOURCE

PAGE = (ROOT / "tests" / "routing" / "mutants.md").read_text("utf-8")
ROWS = re.findall(r"^\| ([\w/]+\.py) \| ([\w.]+) \| `(.+)` \| (?:`(.+)`|nothing) \|$", PAGE, re.MULTILINE)


def body(file: str, function: str) -> str:
    """The source of a function or method, in one line."""
    text = (SOURCE / "routing" / file).read_text("utf-8")
    found: ast.AST = ast.parse(text)
    for name in function.split("."):
        found = next(node for node in ast.iter_child_nodes(found) if getattr(node, "name", None) == name)
    return " ".join((ast.get_source_segment(text, found) or "").split())


@pytest.mark.parametrize(("file", "function"), sorted({(file, function) for file, function, *_ in ROWS}))
def test_a_row_names_a_line_of_its_function_and_another_in_its_place(file: str, function: str) -> None:
    for before, after in [(row[2], row[3]) for row in ROWS if row[:2] == (file, function)]:
        assert " ".join(before.replace("\\|", "|").split()) in body(file, function)
        assert before != after


def test_all_who_survive_have_a_row() -> None:
    counts = re.search(r"^\| ([\d,]+) \| ([\d,]+) \| (\d+) \| (\d+) \|$", PAGE, re.MULTILINE)
    assert counts is not None
    mutants, noticed, endless, survive = (int(number.replace(",", "")) for number in counts.groups())
    assert survive == len(ROWS) == len(set(ROWS)) == mutants - noticed - endless
