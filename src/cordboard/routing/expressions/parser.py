"""The grammar, and the tree it builds.

    expr       := or                                     lowest first
    or         := and (OR and)*
    and        := unary (AND unary)*
    unary      := NOT* primary
    primary    := '(' expr ')' | operand OPERATOR operand
    operand    := STRING | NUMBER | TRUE | FALSE | NULL | PATH | '[' (operand (',' operand)*)? ']'
    OPERATOR   := '==' '=' '!=' '>' '>=' '<' '<=' CONTAINS HAS '>-' IN '<-' NOT IN
    PATH       := NAME ('.' NAME | '[' INTEGER ']')*

Keywords are read in any case. Chains of AND and OR are flat, and brackets nest at most MAX_DEPTH deep, so neither
parsing nor evaluation can exhaust the stack.
"""

from dataclasses import dataclass, field

from cordboard.routing.expressions.tokens import ExpressionError, Kind, Operator, Step, Token, scan

MAX_DEPTH = 50


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant."""

    value: object


@dataclass(frozen=True, slots=True)
class Path:
    """A place in the namespace: `task.a[0]` is ("task", "a", 0)."""

    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list written in the expression."""

    items: tuple["Operand", ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two operands and what is asked of them. ``span`` is where it stands in the text: from, and to before."""

    left: "Operand"
    operator: Operator
    right: "Operand"
    span: tuple[int, int] = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    """Prefix NOT."""

    part: "Node"


@dataclass(frozen=True, slots=True)
class AllOf:
    """A chain of AND."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """A chain of OR."""

    parts: tuple["Node", ...]


Operand = Literal | Path | ListOf
Node = Comparison | Not | AllOf | AnyOf


def parse(text: str) -> Node:
    """The tree of a text. Raises ExpressionError, for a blank one too."""
    tokens, dropped = scan(text)
    tree = _Parser(tokens).whole()
    if dropped is not None:
        raise dropped
    return tree


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def whole(self) -> Node:
        tree = self._or()
        if (token := self._peek()).kind is not Kind.END:
            raise ExpressionError(f"extraneous input {token.shown} expecting <EOF>", token.position)
        return tree

    def _peek(self, ahead: int = 0) -> Token:
        return self._tokens[min(self._at + ahead, len(self._tokens) - 1)]

    def _next(self) -> Token:
        token = self._peek()
        self._at += 1
        return token

    def _accept(self, kind: Kind, text: str | None = None) -> bool:
        token = self._peek()
        if token.kind is kind and text in (None, token.text):
            self._at += 1
            return True
        return False

    def _or(self) -> Node:
        parts = [self._and()]
        while self._accept(Kind.OR):
            parts.append(self._and())
        return AnyOf(tuple(parts)) if len(parts) > 1 else parts[0]

    def _and(self) -> Node:
        parts = [self._unary()]
        while self._accept(Kind.AND):
            parts.append(self._unary())
        return AllOf(tuple(parts)) if len(parts) > 1 else parts[0]

    def _unary(self) -> Node:
        negative = False
        while self._accept(Kind.NOT):
            negative = not negative
        tree = self._primary()
        return Not(tree) if negative else tree

    def _primary(self) -> Node:
        if not self._accept(Kind.MARK, "("):
            start = self._peek().position
            left, operator, right = self._operand(), self._operator(), self._operand()
            last = self._peek(-1)
            return Comparison(left, operator, right, (start, last.position + len(last.text)))
        self._enter()
        tree = self._or()
        self._leave(")")
        return tree

    def _enter(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ExpressionError(f"brackets nest more than {MAX_DEPTH} deep", self._peek(-1).position)

    def _leave(self, mark: str) -> None:
        self._depth -= 1
        if not self._accept(Kind.MARK, mark):
            token = self._peek()
            word = f"missing '{mark}' at" if token.kind is Kind.END else "mismatched input"
            tail = "" if token.kind is Kind.END else f" expecting '{mark}'"
            raise ExpressionError(f"{word} {token.shown}{tail}", token.position)

    def _operator(self) -> Operator:
        token = self._next()
        if isinstance(token.value, Operator):
            return token.value
        if token.kind is Kind.NOT and self._peek().value is Operator.IN:
            self._at += 1
            return Operator.NOT_IN
        # An LL parser that finds what it wants one token later calls the token between "extraneous".
        word = "extraneous" if self._peek().kind is Kind.OPERATOR else "mismatched"
        raise ExpressionError(f"{word} input {token.shown} expecting OPERATOR", token.position)

    def _operand(self) -> Operand:
        token = self._next()
        if token.kind is Kind.LITERAL:
            return Literal(token.value)
        if isinstance(token.value, tuple):
            return Path(token.value)
        if token.kind is Kind.MARK and token.text == "[":
            return self._list()
        raise ExpressionError(f"mismatched input {token.shown} expecting a value", token.position)

    def _list(self) -> Operand:
        self._enter()
        items: list[Operand] = []
        if not (self._peek().kind is Kind.MARK and self._peek().text == "]"):
            items.append(self._operand())
            while self._accept(Kind.MARK, ","):
                items.append(self._operand())
        self._leave("]")
        if all(isinstance(item, Literal) for item in items):
            return Literal([item.value for item in items if isinstance(item, Literal)])
        return ListOf(tuple(items))
