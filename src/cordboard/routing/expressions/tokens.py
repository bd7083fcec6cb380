"""Cutting an expression into tokens.

Names hold letters, digits, `_` and `$` and begin with no digit (documented for task channels). Where the vendor is
silent: a backslash before a quote or a backslash escapes it, any other backslash is itself; letters may be of any
script; `a>-1` compares with minus one, while `a >- b` is HAS.

A hyphen cannot stand in a name. The vendor's lexer drops the hyphen and the character after it and lets the parser
stumble over the rest, hence its well-known `extraneous input 'evel' expecting OPERATOR` for `skill-level > 3`. We do
the same, so that people who search for that sentence find their fault.
"""

import re
from enum import StrEnum, auto
from typing import NamedTuple

MAX_TEXT = 65_536
MAX_NUMBER = 40
_SHOWN = 60

Step = str | int


class ExpressionError(Exception):
    """The text is no expression. `position` is the index of the character where it stopped making sense."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(f"{message} at character {position + 1}")
        self.message = message
        self.position = position


class Kind(StrEnum):
    """What a token is to the grammar."""

    LITERAL = auto()
    PATH = auto()
    OPERATOR = auto()
    AND = auto()
    OR = auto()
    NOT = auto()
    MARK = auto()
    END = auto()


class Operator(StrEnum):
    """The operators; synonyms (`=`, `>-`, `<-`) are folded here."""

    EQUAL = "=="
    UNEQUAL = "!="
    ABOVE = ">"
    AT_LEAST = ">="
    BELOW = "<"
    AT_MOST = "<="
    CONTAINS = "CONTAINS"
    HAS = "HAS"
    IN = "IN"
    NOT_IN = "NOT IN"


class Token(NamedTuple):
    """`value` is a literal's value, a path's steps (nothing else is a tuple) or an operator; `text` is what was written."""

    kind: Kind
    text: str
    position: int
    value: object = None

    @property
    def shown(self) -> str:
        """The token as an error message quotes it."""
        return f"'{self.text if len(self.text) <= _SHOWN else self.text[:_SHOWN] + '…'}'"


_TOKEN = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<number>-?[0-9]+(?:\.[0-9]+)?)
    | (?P<path>(?P<first>(?:[^\W\d]|\$)[\w$]*)(?:\.[\w$]+|\[[0-9]{1,9}\])*)
    | (?P<operator>==|!=|>=|<=|>-(?![0-9])|<-(?![0-9])|=|>|<)
    | (?P<mark>[()\[\],])
    """,
    re.VERBOSE | re.DOTALL,
)
_STEP = re.compile(r"\.?([\w$]+)|\[([0-9]+)\]")
_ESCAPE = re.compile(r"\\([\"'\\])")

_SYNONYMS = {"=": Operator.EQUAL, ">-": Operator.HAS, "<-": Operator.IN}
_KEYWORDS: dict[str, tuple[Kind, object]] = {
    "AND": (Kind.AND, None),
    "OR": (Kind.OR, None),
    "NOT": (Kind.NOT, None),
    "HAS": (Kind.OPERATOR, Operator.HAS),
    "IN": (Kind.OPERATOR, Operator.IN),
    "CONTAINS": (Kind.OPERATOR, Operator.CONTAINS),
    "TRUE": (Kind.LITERAL, True),
    "FALSE": (Kind.LITERAL, False),
    "NULL": (Kind.LITERAL, None),
}


def scan(text: str) -> tuple[list[Token], ExpressionError | None]:
    """Tokens, ending with an END, and the fault of a dropped hyphen if there was one.

    The caller raises that fault only when the parser has not found a better one.
    """
    if len(text) > MAX_TEXT:
        raise ExpressionError(f"expression is longer than {MAX_TEXT} characters", MAX_TEXT)
    tokens: list[Token] = []
    dropped: ExpressionError | None = None
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is not None:
            position = _take(match, tokens)
            continue
        fault = ExpressionError(f"token recognition error at: {_rest(text, position)}", position)
        if text[position] != "-":
            raise fault
        dropped = dropped or fault
        position += 2
    tokens.append(Token(Kind.END, "<EOF>", len(text)))
    return tokens, dropped


def _take(match: re.Match[str], tokens: list[Token]) -> int:
    """Append the token of a match, if it is one; the position after it."""
    written, start = match.group(), match.start()
    match match.lastgroup:
        case "string":
            tokens.append(Token(Kind.LITERAL, written, start, _ESCAPE.sub(r"\1", written[1:-1])))
        case "number":
            tokens.append(Token(Kind.LITERAL, written, start, _number(written, start)))
        case "operator":
            tokens.append(Token(Kind.OPERATOR, written, start, _SYNONYMS.get(written) or Operator(written)))
        case "mark":
            tokens.append(Token(Kind.MARK, written, start))
        case "path":
            first = match.group("first")
            if (keyword := _KEYWORDS.get(first.upper())) is not None:
                tokens.append(Token(keyword[0], first, start, keyword[1]))
                return start + len(first)
            tokens.append(Token(Kind.PATH, written, start, _steps(written)))
    return match.end()


def _number(written: str, start: int) -> float:
    if len(written) > MAX_NUMBER:
        raise ExpressionError(f"number is longer than {MAX_NUMBER} characters", start)
    return float(written) if "." in written else int(written)


def _steps(written: str) -> tuple[Step, ...]:
    return tuple(int(index) if index else name for name, index in _STEP.findall(written))


def _rest(text: str, position: int) -> str:
    # What cannot be printed is spelled out: the sentence ends up in a JSON answer and in a terminal.
    return ascii(text[position : position + 2] if text[position] == "-" else text[position : position + _SHOWN])
