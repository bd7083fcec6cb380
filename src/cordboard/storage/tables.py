"""Tables, declared once: name, fact, key, version. The fact's fields are the columns, in the same order.

A column is TEXT, BIGINT or SMALLINT (see ``migrations``). What a field's type means in a row:

======================  ==========================================================
``str``, ``int``        as they are
``bool``                0 or 1
a ``StrEnum``           its value
anything else           JSON text, read back into that type
======================  ==========================================================

Times are integer milliseconds and texts that a caller sent are kept byte for byte, so both databases sort and compare alike.
"""

import types
import typing
from collections.abc import Callable, Sequence
from enum import StrEnum
from operator import attrgetter
from typing import Any, Generic, Literal, TypeVar

import msgspec

from cordboard.kernel.errors import Invalid

F = TypeVar("F", bound=msgspec.Struct)

Direction = Literal["ASC", "DESC"]
Key = tuple[str | int, ...]
Value = str | int | None


class Query(Generic[F]):
    """A named SELECT. ``table`` is set when its rows are whole rows of one table: then a unit sees its own changes in them.

    ``alone`` is that table if nothing else decides which rows they are.
    """

    __slots__ = ("alone", "shape", "sql", "table")

    def __init__(self, sql: str, shape: "Shape[F]", table: "Table[F] | None" = None) -> None:
        self.sql = sql
        self.shape = shape
        self.table = table
        self.alone = table if sql.count("SELECT ") == 1 else None


class Shape(Generic[F]):
    """How a fact and a row become each other. ``row`` gives the values of all columns of a fact."""

    def __init__(self, fact: type[F]) -> None:
        self.type = fact
        self.fields: tuple[str, ...] = fact.__struct_fields__
        hints = typing.get_type_hints(fact)
        self.kinds = {field: _without_none(hints[field]) for field in self.fields}
        self._decoders: list[tuple[int, Callable[[Any], Any]]] = []
        self._encoders: list[tuple[int, Callable[[Any], Any]]] = []
        for index, field in enumerate(self.fields):
            kind = self.kinds[field]
            if kind is bool:
                self._decoders.append((index, bool))
                self._encoders.append((index, int))
            elif isinstance(kind, type) and issubclass(kind, StrEnum):
                self._decoders.append((index, {member.value: member for member in kind}.__getitem__))
                self._encoders.append((index, str))
            elif kind not in (str, int):
                self._decoders.append((index, msgspec.json.Decoder(kind).decode))
                self._encoders.append((index, _json_text))
        self._encode = {self.fields[index]: encode for index, encode in self._encoders}
        # Of most tables that takes no step in Python.
        self.row: Callable[[F], Sequence[Value]] = self._encoded if self._encoders else msgspec.structs.astuple

    def fact(self, row: "tuple[Any, ...]") -> F:
        """The fact of a row whose columns are this shape's fields."""
        if not self._decoders:
            return self.type(*row)
        values = list(row)
        for index, decode in self._decoders:
            if values[index] is not None:
                values[index] = decode(values[index])
        return self.type(*values)

    def _encoded(self, fact: F) -> Sequence[Value]:
        values: list[Any] = list(msgspec.structs.astuple(fact))
        for index, encode in self._encoders:
            if values[index] is not None:
                values[index] = encode(values[index])
        return values

    def changes(self, before: F, after: F) -> tuple[tuple[str, ...], list[Value]]:
        """The columns in which two facts differ, and their values in the second."""
        columns, values = [], []
        for column, old, new in zip(
            self.fields, msgspec.structs.astuple(before), msgspec.structs.astuple(after), strict=True
        ):
            if old is not new and old != new:
                columns.append(column)
                encode = self._encode.get(column)
                values.append(new if encode is None or new is None else encode(new))
        return tuple(columns), values


class Table(Shape[F]):
    """A table whose rows are facts of one type.

    ``key`` names the columns that identify a row; ``version`` the integer column that every update raises and checks, or None
    for rows that are only ever inserted, put and deleted. ``steady`` rows change rarely and nearly every unit reads them: a
    database may remember them as long as it can prove that they still are so. ``key_of`` gives the values that identify a fact's
    row.
    """

    def __init__(
        self,
        name: str,
        fact: type[F],
        *,
        key: tuple[str, ...] = ("sid",),
        version: str | None = "version",
        steady: bool = False,
    ) -> None:
        super().__init__(fact)
        self.name = name
        self.key = key
        self.version = version
        self.steady = steady
        # Rows without a version are written and forgotten: alarms, sums, deliveries.
        self.remembered = steady or version is not None
        self.stamp = "updated_at" if "updated_at" in self.fields else None
        self.columns = ", ".join(self.fields)
        self.key_of = _key_of(key)
        self.by_key = self.where(" AND ".join(f"{column} = ?" for column in key))

    def where(self, condition: str = "1 = 1") -> Query[F]:
        """``SELECT all columns FROM this table WHERE condition``; ORDER BY and LIMIT may follow in the same text."""
        return Query(f"SELECT {self.columns} FROM {self.name} WHERE {condition}", self, self)

    def listing(self, condition: str, *order: tuple[str, Direction]) -> "Listing[F]":
        """A list that is read page by page; the key is appended to ``order`` so that it is total."""
        return Listing(self, condition, order)


class Listing(Generic[F]):
    """A SELECT that can be cut into pages by key: rows behind a cursor, never rows counted off (promise 5)."""

    def __init__(self, table: Table[F], condition: str, order: tuple[tuple[str, Direction], ...]) -> None:
        tie: Direction = order[-1][1] if order else "ASC"
        self.table = table
        self.order: tuple[tuple[str, Direction], ...] = (*order, *((column, tie) for column in table.key))
        self._condition = condition
        self._places = [table.fields.index(column) for column, _ in self.order]
        self._kinds = [int if table.kinds[column] in (int, bool) else str for column, _ in self.order]

    def cursor(self, fact: F) -> Key:
        """Where a fact stands in the order."""
        row = self.table.row(fact)
        return tuple(row[place] for place in self._places)  # type: ignore[misc] # an order is by columns that are never null

    def query(self, *, after_cursor: bool, backwards: bool) -> Query[F]:
        """The SELECT of one page: arguments are the condition's, the cursor's (see ``cursor_arguments``), the row count."""
        order = [(column, _turned(direction) if backwards else direction) for column, direction in self.order]
        condition = f"({self._condition})"
        if after_cursor:
            condition += f" AND {_behind(order)}"
        order_by = ", ".join(f"{column} {direction}" for column, direction in order)
        return self.table.where(f"{condition} ORDER BY {order_by} LIMIT ?")

    def cursor_arguments(self, cursor: Key) -> list[Value]:
        """The cursor's values as often as ``query`` has placeholders for them. Raises Invalid for another list's cursor."""
        if [type(value) for value in cursor] != self._kinds:
            message = "Invalid parameter PageToken: it belongs to a list in another order"
            raise Invalid(message)
        if _is_one_way(self.order):
            return list(cursor)
        return [cursor[0], *(value for depth in range(len(self.order)) for value in cursor[: depth + 1])]


def _behind(order: list[tuple[str, Direction]]) -> str:
    """``(a, b) > (?, ?)``, or where directions differ ``a >= ? AND (a > ? OR a = ? AND b < ?)``.

    Of the latter the first condition adds nothing but the place in the index at which to start. From there rows are passed over
    that stand in the same place by ``a``: all workers of a seed file are created at the same time.
    """
    if _is_one_way(order):
        columns, sign = ", ".join(column for column, _ in order), ">" if order[0][1] == "ASC" else "<"
        return f"({columns}) {sign} ({', '.join('?' * len(order))})"
    first, start = order[0][0], ">=" if order[0][1] == "ASC" else "<="
    alternatives = []
    for depth, (column, direction) in enumerate(order):
        equal = [f"{earlier} = ?" for earlier, _ in order[:depth]]
        alternatives.append(" AND ".join([*equal, f"{column} {'>' if direction == 'ASC' else '<'} ?"]))
    return f"{first} {start} ? AND ({' OR '.join(alternatives)})"


def _is_one_way(order: Sequence[tuple[str, Direction]]) -> bool:
    return len({direction for _, direction in order}) == 1


def _turned(direction: Direction) -> Direction:
    return "DESC" if direction == "ASC" else "ASC"


def _key_of(key: tuple[str, ...]) -> Callable[[Any], Key]:
    get: Callable[[Any], Any] = attrgetter(*key)
    # It gives a tuple for two names and more.
    return get if len(key) > 1 else lambda fact: (get(fact),)


def _json_text(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _without_none(hint: Any) -> Any:  # noqa: ANN401 - a type, generic or union
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        rest = [part for part in typing.get_args(hint) if part is not types.NoneType]
        return rest[0] if len(rest) == 1 else typing.Union[tuple(rest)]  # noqa: UP007 - made at run time
    return hint
