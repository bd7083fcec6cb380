"""No code of ours meets an error that it did not expect and goes on as if nothing had happened."""

import ast

import pytest

from tests.house.tree import ROOT, files, shown

EVERYTHING = {None, "Exception", "BaseException"}


def silences(source: str) -> list[int]:
    """Line numbers where any error is caught and dropped: an empty handler, or ``suppress(Exception)``."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ExceptHandler):
            kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            empty = all(
                isinstance(step, ast.Pass | ast.Continue)
                or (isinstance(step, ast.Expr) and isinstance(step.value, ast.Constant))
                for step in node.body
            )
            if empty and EVERYTHING & {kind and ast.unparse(kind) for kind in kinds}:
                found.append(node.lineno)
        elif (
            isinstance(node, ast.Call)
            and ast.unparse(node.func).split(".")[-1] == "suppress"
            and EVERYTHING & {ast.unparse(kind) for kind in node.args}
        ):
            found.append(node.lineno)
    return found


@pytest.mark.parametrize(
    "source",
    [
        "try: f()\nexcept Exception: pass",
        "try: f()\nexcept: ...",
        "try: f()\nexcept (ValueError, BaseException): 'never mind'",
        "for x in y:\n try: f()\n except Exception: continue",
        "with contextlib.suppress(Exception): f()",
    ],
)
def test_the_rule_finds(source: str) -> None:
    assert silences(source)


@pytest.mark.parametrize(
    "source",
    [
        "try: f()\nexcept Exception: log()",
        "try: f()\nexcept KeyError: pass",
        "with suppress(KeyError): f()",
    ],
)
def test_the_rule_leaves_alone(source: str) -> None:
    assert not silences(source)


@pytest.mark.parametrize("path", [shown(path) for path in files(pattern="*.py")])
def test_no_error_is_silenced(path: str) -> None:
    assert not silences((ROOT / path).read_text("utf-8"))
