"""Files stay small, their names say what is in them, and a package's ``__init__`` only says what lives there."""

import ast
import re

import pytest

from tests.house.tree import ROOT, SOURCE, files, shown

# Tables of data may pass the limit: path -> why it is one table. Routes, columns and codes, never logic.
DECLARED_TABLES: dict[str, str] = {
    "src/cordboard/taskrouter/routes.py": "a row an operation, and what each answers",
}
LINES, LINES_OF_A_TEST = 400, 600

NAMES_THAT_SAY_NOTHING = re.compile(r"(^|_)(utils?|helpers?|commons?|bases?|misc|managers?|core|tools?)(_|$)")

PYTHON = [shown(path) for path in files(pattern="*.py")]
PACKAGES = sorted({shown(path.parent) for path in files(SOURCE, "*.py")})


def lines(path: str) -> int:
    return len((ROOT / path).read_text("utf-8").splitlines())


@pytest.mark.parametrize("path", PYTHON)
def test_a_file_is_short_enough_to_read(path: str) -> None:
    if path in DECLARED_TABLES:
        assert lines(path) > LINES, "this table needs no exception any more"
    else:
        assert lines(path) <= (LINES_OF_A_TEST if path.startswith("tests/") else LINES), "split it along a noun"


def test_every_exception_for_a_long_table_names_a_file_and_a_reason() -> None:
    assert DECLARED_TABLES.keys() <= set(PYTHON)
    assert all(DECLARED_TABLES.values())


@pytest.mark.parametrize("name", ["utils.py", "http_helpers.py", "base", "core.py", "common_forms.py"])
def test_the_rule_of_names_finds(name: str) -> None:
    assert NAMES_THAT_SAY_NOTHING.search(name.removesuffix(".py"))


@pytest.mark.parametrize("name", ["database.py", "scores.py", "basement.py"])
def test_the_rule_of_names_leaves_alone(name: str) -> None:
    assert not NAMES_THAT_SAY_NOTHING.search(name.removesuffix(".py"))


def test_no_name_says_nothing() -> None:
    named = {part for path in PYTHON for part in path.removesuffix(".py").split("/")}
    assert not [name for name in sorted(named) if NAMES_THAT_SAY_NOTHING.search(name)]


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_says_what_lives_there_and_holds_no_code(package: str) -> None:
    init = ROOT / package / "__init__.py"
    assert init.exists(), "a package needs an __init__.py with a docstring of what lives there"
    tree = ast.parse(init.read_text("utf-8"))
    assert ast.get_docstring(tree), "say what lives here and what does not"
    code = [ast.unparse(node).split(" = ")[0] for node in tree.body[1:]]
    assert code == (["__version__"] if init.parent == SOURCE else [])
