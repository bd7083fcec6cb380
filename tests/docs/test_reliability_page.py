"""The page on reliability names tests: each must be there."""

import re

import pytest

from tests.docs.pages import codes, table, text_of
from tests.house.tree import ROOT

PAGE = "docs/reliability.md"
TESTS = {
    name
    for path in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)
}


@pytest.mark.parametrize("path", sorted({code for code in codes(text_of(PAGE)) if code.startswith("tests/")}))
def test_a_path_that_is_named_is_there(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize("row", table(PAGE, "fault, under load"), ids=lambda row: row[0])
def test_every_fault_names_its_tests(row: list[str]) -> None:
    named = [code for code in codes(row[-1]) if code.startswith("test_")]
    assert named
    assert set(named) <= TESTS
