"""Reading a seed file, and saying where in it something is wrong.

Python's TOML reader tells no positions, and tomlkit, which keeps a text to the letter, has none either and moves arrays of tables that
are interrupted by others. But a TOML text that is cut off behind any of its statements is a TOML text. So what a place says was
said by the first statement with which the text has the place, and bisection finds it in some ten readings, when there is a fault.
"""

import re
import tomllib
from bisect import bisect_left
from collections.abc import Iterator
from datetime import date, datetime, time
from math import isfinite
from pathlib import Path
from typing import Any, cast

import msgspec

from cordboard.kernel.json import dump
from cordboard.rest.sentences import fault_of
from cordboard.server.preconditions import CannotStart

from .floor import Entry, Floor, Place

MOST_BYTES = 16 * 1024 * 1024
MOST_WORKSPACES = 100
MOST_ENTRIES = 20_000
DEEPEST = 120

_SHOWN_STEPS = 6
_SHAPE = cast("msgspec.inspect.StructType", msgspec.inspect.type_info(Floor))
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_LINE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
# Of a valid text: what may hold brackets or line ends that mean nothing, and those that do.
_TOKEN = re.compile(
    r"""
    \#[^\n]* | \"{3}(?:\\.|[^\\])*?\"{3,5} | '{3}.*?'{3,5} | "(?:\\.|[^"\\\n])*" | '[^'\n]*'
    | (?P<opens>[\[{]) | (?P<closes>[\]}]) | (?P<ends>\n)
    """,
    re.VERBOSE | re.DOTALL,
)


class BadSeed(CannotStart):
    """A seed file that cannot be followed; the message names the file, the line, the key path and the reason."""


class SeedFile:
    """A seed file whose names and kinds are right. Raises BadSeed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with path.open("rb") as file:
                data = file.read(MOST_BYTES + 1)
            self._text = data.decode().replace("\r\n", "\n")
        except (OSError, UnicodeDecodeError) as error:
            message = f"the seed file {path} cannot be read: {error}"
            raise BadSeed(message) from error
        if len(data) > MOST_BYTES:
            message = f"the seed file {path} has more than {MOST_BYTES} bytes"
            raise BadSeed(message)
        self.floor = self._read()
        self._refuse_too_many()

    def fault(self, place: Place, reason: str) -> BadSeed:
        """What is wrong at a place; where it is missing, at the one around it."""
        return BadSeed(f"{self.path}:{_line(self._text, place)}: {shown(place)}: {reason}")

    def _read(self) -> Floor:
        try:
            found = tomllib.loads(self._text)
        except tomllib.TOMLDecodeError as error:
            where = _LINE.search(str(error))
            line = where[1] if where and where[1] else self._text.count("\n") + 1
            message = f"{self.path}:{line}: {_LINE.sub('', str(error))}"
            raise BadSeed(message) from error
        except RecursionError as error:
            message = f"{self.path}: it is nested too deep"
            raise BadSeed(message) from error
        for place, value in _everything(found):
            if len(place) > DEEPEST:
                raise self.fault(place[:_SHOWN_STEPS], f"it is nested more than {DEEPEST} levels deep")
            if isinstance(value, datetime | date | time):
                raise self.fault(place, "JSON has no dates: write it as a text, in quotes")
            if isinstance(value, float) and not isfinite(value):
                raise self.fault(place, f"JSON has no {value}")
        try:
            return msgspec.convert(found, Floor)
        except msgspec.ValidationError as error:
            raise self._misshapen(error) from error

    def _misshapen(self, error: msgspec.ValidationError) -> BadSeed:
        parameter, reason = fault_of(error, _SHAPE)
        place: Place = tuple(int(index) if index else key for key, index in _STEP.findall(parameter))
        if reason is None:
            return self.fault(place, "it is missing")
        if unknown := re.fullmatch(r"object contains unknown field `(.*)`", reason, re.DOTALL):
            kind = _kind_at(place)
            return self.fault(
                (*place, unknown[1]), f"unknown key; known are {', '.join(sorted(kind.__struct_fields__))}"
            )
        return self.fault(place, reason)

    def _refuse_too_many(self) -> None:
        workspaces = self.floor.workspaces
        if len(workspaces) > MOST_WORKSPACES:
            raise self.fault(("workspaces", MOST_WORKSPACES), f"a file has at most {MOST_WORKSPACES} workspaces")
        count = 0
        for index, workspace in enumerate(workspaces):
            for key in ("activities", "task_channels", "task_queues", "workflows", "workers"):
                count += len(getattr(workspace, key))
                if count > MOST_ENTRIES:
                    raise self.fault(("workspaces", index, key), f"a file has at most {MOST_ENTRIES} entries")


def shown(place: Place) -> str:
    """``workspaces[0].workers[2].activity``; keys that TOML wants in quotes have some."""
    steps = (
        f"[{step}]" if isinstance(step, int) else f".{step if _BARE.fullmatch(step) else dump(step)}" for step in place
    )
    return "".join(steps).removeprefix(".")


def _kind_at(place: Place) -> type[Entry]:
    kind: Any = Floor
    for step in place:
        if isinstance(step, str):
            (kind,) = msgspec.structs.fields(kind)[kind.__struct_fields__.index(step)].type.__args__
    return cast("type[Entry]", kind)


def _everything(value: Any) -> Iterator[tuple[Place, Any]]:  # noqa: ANN401 - TOML is any of eight types
    waiting: list[tuple[Place, Any]] = [((), value)]
    while waiting:
        place, value = waiting.pop()
        yield place, value
        if isinstance(value, dict):
            waiting += [((*place, key), each) for key, each in value.items()]
        elif isinstance(value, list):
            waiting += [((*place, index), each) for index, each in enumerate(value)]


def _line(text: str, place: Place) -> int:
    """The line on which the statement begins that first says something at a place, or at the nearest one around it."""
    whole = tomllib.loads(text)
    while not _has(whole, place):
        place = place[:-1]
    starts = [0, *_ends(text)]
    number = bisect_left(starts, True, key=lambda end: _has(tomllib.loads(text[:end]), place))
    start = starts[max(0, number - 1)]
    return text.count("\n", 0, start) + 1


def _ends(text: str) -> Iterator[int]:
    """Where statements, comments and empty lines end."""
    depth = 0
    for token in _TOKEN.finditer(text):
        depth += (token["opens"] is not None) - (token["closes"] is not None)
        if token["ends"] and not depth:
            yield token.end()
    yield len(text)


def _has(value: Any, place: Place) -> bool:  # noqa: ANN401 - as above
    for step in place:
        if isinstance(step, int):
            if not isinstance(value, list) or step >= len(value):
                return False
        elif not isinstance(value, dict) or step not in value:
            return False
        value = value[step]
    return True
