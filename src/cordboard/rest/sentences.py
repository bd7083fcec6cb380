"""What msgspec says about a wrong value -> what the vendor's error form says: the parameter, and why.

msgspec reports the first fault only, as ``<reason> - at `$.Channel.participants[0].address` ``; tests pin each form that is
read here, so a new msgspec that speaks otherwise is noticed.
"""

import re
from ast import literal_eval
from collections.abc import Iterator
from typing import NamedTuple

import msgspec
from msgspec import inspect

_SHOWN = 64
_MISSING = re.compile(r"Object missing required field `(.*)`", re.DOTALL)
_WRONG_TYPE = re.compile(r"Expected `([^`]*)`, got `([^`]*)`")
_LENGTH = re.compile(r"Expected `(\w+)` of length (<=|>=) (\d+)")
_RANGE = re.compile(r"Expected `(?:int|float)` (<=|>=|<|>) (\S+)")
_PATTERN = re.compile(r"Expected `str` matching regex (.*)", re.DOTALL)
_CHOICE = re.compile(r"Invalid (?:enum )?value (.*)", re.DOTALL)

_NOUNS = {
    "str": "a string",
    "int": "an integer",
    "float": "a number",
    "bool": "a boolean",
    "object": "an object",
    "array": "a list",
    "null": "null",
}
_PARTS = {"str": "characters", "array": "entries", "object": "entries"}
_BOUNDS = {"<=": "at most", ">=": "at least", "<": "less than", ">": "more than"}


class Fault(NamedTuple):
    """What is wrong: ``parameter`` as ``Channel.participants[0].address``, ``reason`` None if it is missing."""

    parameter: str
    reason: str | None


def fault_of(error: msgspec.ValidationError, form: inspect.StructType) -> Fault:
    """Translate what ``msgspec.convert`` raised for a form."""
    what, _, place = str(error).rpartition(" - at `$")
    if not what:
        what, place = str(error), ""
    path = place.removesuffix("`")
    if found := _MISSING.fullmatch(what):
        return Fault(f"{path}.{found[1]}".removeprefix("."), None)
    return Fault(path.removeprefix("."), _reason(what, tuple(_types_at(form, path))))


def shown(value: str) -> str:
    """A caller's text, short enough to be said back."""
    return f"'{value}'" if len(value) <= _SHOWN else f"'{value[:_SHOWN]}...'"


def noun_of(value: object) -> str:
    """What a JSON value is, with its article."""
    names = {dict: "object", list: "array", type(None): "null"}
    return _NOUNS[names.get(type(value), type(value).__name__)]


def _reason(what: str, kinds: tuple[inspect.Type, ...]) -> str:
    if found := _WRONG_TYPE.fullmatch(what):
        wanted = " or ".join(_NOUNS.get(name, name) for name in found[1].split(" | "))
        return f"expected {wanted}, got {_NOUNS.get(found[2], found[2])}"
    if found := _LENGTH.fullmatch(what):
        return f"expected {_BOUNDS[found[2]]} {found[3]} {_PARTS[found[1]]}"
    if found := _RANGE.fullmatch(what):
        return f"expected a number of {_BOUNDS[found[1]]} {found[2]}"
    if found := _PATTERN.fullmatch(what):
        return f"expected {_description(kinds) or f'text that matches {literal_eval(found[1])}'}"
    if found := _CHOICE.fullmatch(what):
        refused = shown(str(literal_eval(found[1])))
        choices = dict.fromkeys(choice for kind in kinds for choice in _choices(kind))
        return f"{refused} is none of {', '.join(choices)}"
    return what[:1].lower() + what[1:]


def _choices(kind: inspect.Type) -> tuple[str, ...]:
    """The texts that an enum or a literal takes, and the tags of a union's members."""
    match kind:
        case inspect.Metadata():
            return _choices(kind.type)
        case inspect.EnumType():
            return tuple(str(member.value) for member in kind.cls)
        case inspect.LiteralType():
            return tuple(str(value) for value in kind.values)
        case inspect.StructType():
            return (str(kind.tag),)
        case inspect.UnionType():
            return tuple(choice for member in kind.types for choice in _choices(member))
        case _:
            return ()


def _description(kinds: tuple[inspect.Type, ...]) -> str | None:
    flat = (member for kind in kinds for member in (kind.types if isinstance(kind, inspect.UnionType) else (kind,)))
    notes = (kind.extra_json_schema or {} for kind in flat if isinstance(kind, inspect.Metadata))
    return next((note["description"] for note in notes if "description" in note), None)


def _types_at(kind: inspect.Type, path: str) -> Iterator[inspect.Type]:
    """The declared types that a path leads to: several where a union has several members.

    The path to the tag of a union's members leads to the members themselves.
    """
    if not path or (isinstance(kind, inspect.StructType) and path == f".{kind.tag_field}"):
        yield kind
    elif isinstance(kind, inspect.Metadata):
        yield from _types_at(kind.type, path)
    elif isinstance(kind, inspect.UnionType):
        for member in kind.types:
            yield from _types_at(member, path)
    elif isinstance(kind, inspect.ListType):
        yield from _types_at(kind.item_type, path.partition("]")[2])
    elif isinstance(kind, inspect.DictType):
        yield from _types_at(kind.value_type, path.removeprefix("[...]"))
    elif isinstance(kind, inspect.StructType):
        # A vendor name may hold dots itself, so the path cannot be split without the fields.
        for field in kind.fields:
            rest = path.removeprefix(f".{field.encode_name}")
            if rest != path and rest[:1] in {"", ".", "["}:
                yield from _types_at(field.type, rest)
