"""A floor as the text of a seed file.

The same floor always gives the same text, and a text that is read gives the floor that was written. What is as in a new resource is
left out. Attributes are written as a table where TOML can say them, else as the JSON text that they are.
"""

from typing import Any, cast

import msgspec
import tomlkit
from tomlkit.items import AoT, Item, Table

from cordboard.kernel import json

from .floor import Entry, Floor

# What gets a header of its own ([[workspaces.workers]]); everything else stands behind an equals sign.
_HEADED = frozenset(
    {
        "workspaces",
        "activities",
        "task_channels",
        "task_queues",
        "workflows",
        "workers",
        "configuration",
        "task_routing",
        "filters",
    }
)
_INTEGERS = range(-(2**63), 2**63)


def write(floor: Floor) -> str:
    """The text of a seed file that says this."""
    document = tomlkit.document()
    for key, item in _items(_said(floor)):
        document.add(key, item)
    return tomlkit.dumps(document)


def table_or_text(value: dict[str, Any]) -> dict[str, Any] | str:
    """A JSON object as a file says it: itself if TOML has words for all of it, else its text."""
    return value if _sayable(value) else json.dump(value)


def _sayable(value: object) -> bool:
    match value:
        case dict():
            return all(map(_sayable, value.values()))
        case list():
            return all(map(_sayable, value))
        case bool() | str() | float():
            return True
        case int():
            return value in _INTEGERS
        case _:
            return False


def _said(entry: Entry) -> dict[str, Any]:
    """An entry without what is as in a new one."""
    said = {}
    for field in msgspec.structs.fields(entry):
        value = getattr(entry, field.name)
        if isinstance(value, list):
            value = [_said(each) for each in value]
        made = field.default_factory
        if value != (field.default if made is msgspec.NODEFAULT else made()):
            said[field.name] = value
    return said


def _items(value: dict[str, Any]) -> list[tuple[str, Item]]:
    """The keys of a table; what has headers is last, for behind a header keys belong to it."""
    items = [(key, _headed(each) if key in _HEADED else _inline(each)) for key, each in value.items()]
    return sorted(items, key=lambda item: isinstance(item[1], Table | AoT))


def _headed(value: object) -> Item:
    if isinstance(value, dict):
        table = tomlkit.table()
        for key, item in _items(value):
            table.add(key, item)
        return table
    if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        return AoT([cast("Table", _headed(each)) for each in value])
    return _inline(value)


def _inline(value: object) -> Item:
    if isinstance(value, dict):
        table = tomlkit.inline_table()
        for key, each in value.items():
            table.add(key, _inline(each))
        return table
    if isinstance(value, list):
        array = tomlkit.array()
        for each in value:
            array.append(_inline(each))
        return array
    if isinstance(value, str) and value.isprintable() and '"' in value and "'" not in value:
        return tomlkit.string(value, literal=True)
    return tomlkit.item(value)
