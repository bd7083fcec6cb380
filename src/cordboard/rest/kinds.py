"""The kinds of fields that a form may have: how the text of each is read, and the bounds that each must declare.

``forms`` says what they mean to a caller; here msgspec's description of a field is turned into a reader, once for each form.
"""

import re
from collections.abc import Callable
from typing import Any

from msgspec import inspect

from cordboard.kernel import json
from cordboard.kernel.clock import parse_iso

from .sentences import noun_of, shown

Read = Callable[[str], Any]
"""Text -> value. Raises ValueError with the reason as the rest of the sentence ``Invalid parameter X: ...``."""

KIND = "kind"
"""Where ``Meta(extra=...)`` names a kind that the Python type alone does not tell, or gives the Read of a kind of its own."""
INSTANT = "instant"
JSON_OBJECT = "json object"
JSON_VALUE = "json value"

_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
_TRUE = frozenset(("true", "1", "yes"))
_EARLIEST = -2_208_988_800_000  # 1900: beyond these two nobody means a date
_LATEST = 4_102_444_800_000  # 2100


def reader_of(declared: inspect.Type, where: str) -> Read:
    """How a parameter of this type is read; ``where`` names the field in the TypeError for a type that has no kind."""
    single = plain(declared)
    members = single.types if isinstance(single, inspect.UnionType) else ()
    several = {reader_of(member, where) for member in members if not isinstance(member, inspect.NoneType)}
    kind = _kind(declared)
    named = kind if callable(kind) else _NAMED.get(kind)
    read = several.pop() if len(several) == 1 else named or _READERS.get(type(single))
    if read is None:
        message = f"{where}: a form has no kind for {single}"
        raise TypeError(message)
    return read


def plain(declared: inspect.Type) -> inspect.Type:
    """The one type that a parameter has beside ``null``, without its notes."""
    if isinstance(declared, inspect.Metadata):
        return plain(declared.type)
    if isinstance(declared, inspect.UnionType):
        members = [member for member in declared.types if not isinstance(member, inspect.NoneType)]
        if len(members) == 1:
            return plain(members[0])
    return declared


def is_instant(declared: inspect.Type) -> bool:
    """Whether a date is written and milliseconds are meant."""
    return _kind(declared) == INSTANT


def check_bounds(declared: inspect.Type, where: str) -> None:
    """Raise TypeError for an integer without bounds or a text without a length, at any depth."""
    if is_instant(declared):
        return
    match declared:
        case inspect.IntType(ge=None, gt=None) | inspect.IntType(le=None, lt=None):
            message = f"{where}: an integer without Meta(ge=..., le=...)"
            raise TypeError(message)
        case inspect.StrType(max_length=None):
            message = f"{where}: a text without Meta(max_length=...)"
            raise TypeError(message)
        case inspect.Metadata():
            check_bounds(declared.type, where)
        case inspect.ListType():
            check_bounds(declared.item_type, f"{where}[]")
        case inspect.UnionType():
            for member in declared.types:
                check_bounds(member, where)
        case inspect.StructType():
            for field in declared.fields:
                check_bounds(field.type, f"{where}.{field.name}")
        case _:
            pass


def read_instant(text: str) -> int:
    """Milliseconds of an ISO 8601 date or date-time."""
    try:
        at = parse_iso(text)
    except ValueError as error:
        message = f"expected an ISO 8601 date such as 2026-01-02T03:04:05Z, got {shown(text)}"
        raise ValueError(message) from error
    if not _EARLIEST <= at < _LATEST:
        message = f"expected a date between 1900 and 2100, got {shown(text)}"
        raise ValueError(message)
    return at


def _kind(declared: inspect.Type) -> str | Read | None:
    if isinstance(declared, inspect.UnionType):
        return next((found for member in declared.types if (found := _kind(member))), None)
    return (declared.extra or {}).get(KIND) if isinstance(declared, inspect.Metadata) else None


def _same(text: str) -> str:
    return text


def _integer(text: str) -> int:
    if _INTEGER.fullmatch(text) is None:
        message = f"expected an integer, got {shown(text)}"
        raise ValueError(message)
    return int(text)


def read_boolean(text: str) -> bool:
    """``true``, ``1`` and ``yes`` in any case; whatever else is false."""
    return text.lower() in _TRUE


def _json_value(text: str) -> str:
    json.parse(text)
    return text


def _json_object(text: str) -> str:
    value = json.parse(text)
    if type(value) is not dict:
        message = f"expected a JSON object, got {noun_of(value)}"
        raise ValueError(message)
    return text


_NAMED: dict[str | None, Read] = {INSTANT: read_instant, JSON_OBJECT: _json_object, JSON_VALUE: _json_value}
_READERS: dict[type[inspect.Type], Read] = {
    inspect.StrType: _same,
    inspect.IntType: _integer,
    inspect.BoolType: read_boolean,
    inspect.EnumType: _same,
    inspect.LiteralType: _same,
    inspect.StructType: json.parse,
    inspect.DictType: json.parse,
    inspect.AnyType: json.parse,
}
