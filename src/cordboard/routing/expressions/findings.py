"""Why an expression holds or does not: the comparisons that decided it.

    does not hold    AND  its first part that does not hold        holds    AND  all its parts
                     OR   all its parts                                     OR   its first part that holds
                     NOT  what decided that its part holds                  NOT  what decided that its part does not

A comparison is asked by the same closure that routing asks.
"""

from functools import lru_cache
from typing import Any

from msgspec import Struct

from cordboard.routing.expressions.compiler import Names, Test, at, compile_node, paths_of
from cordboard.routing.expressions.parser import AllOf, AnyOf, Comparison, Node, Not, parse
from cordboard.routing.expressions.tokens import Step

MOST_FINDINGS = 8
_KEPT = 256


class Finding(Struct, frozen=True):
    """A comparison as it is written, whether it holds, and the value at each path that it reads (null if nothing is there)."""

    part: str
    holds: bool
    values: dict[str, Any]


class Inquiry:
    """An expression that tells what decided. Raises ExpressionError for a text that is none."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tree = parse(text) if text.strip() else None
        self._tests: dict[tuple[int, int], Test] = {}

    def ask(self, names: Names) -> tuple[bool, list[Finding]]:
        """Whether it holds, and what decided, at most ``MOST_FINDINGS``. A blank one never holds, and nothing decides it."""
        if self._tree is None:
            return False, []
        holds, found = self._decide(self._tree, names)
        return holds, found[:MOST_FINDINGS]

    def _decide(self, node: Node, names: Names) -> tuple[bool, list[Finding]]:
        match node:
            case AllOf(parts) | AnyOf(parts):
                settles = isinstance(node, AnyOf)
                found: list[Finding] = []
                for part in parts:
                    holds, of_part = self._decide(part, names)
                    if holds is settles:
                        return holds, of_part
                    found += of_part
                return not settles, found
            case Not(part):
                holds, of_part = self._decide(part, names)
                return not holds, of_part
            case Comparison():
                finding = self._compare(node, names)
                return finding.holds, [finding]

    def _compare(self, node: Comparison, names: Names) -> Finding:
        test = self._tests.get(node.span)
        if test is None:
            test = self._tests[node.span] = compile_node(node)
        values = {shown(steps): at(names, steps) for steps in paths_of(node)}
        return Finding(self._text[slice(*node.span)], test(names), values)


@lru_cache(_KEPT)
def inquire(text: str) -> Inquiry:
    """The inquiry of an expression, made once. Raises ExpressionError."""
    return Inquiry(text)


def shown(steps: tuple[Step, ...]) -> str:
    """A path as it is written: ``task.a[0]``."""
    first, *rest = steps
    return str(first) + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in rest)
