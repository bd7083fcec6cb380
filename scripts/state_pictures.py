"""Write the pictures of docs/routing.md from the tables of ``routing.lifecycle``: Mermaid, which code hosts draw.

In the page a picture stands behind the comment that names its table.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from cordboard.routing import lifecycle

PAGE = Path(__file__).parent.parent / "docs" / "routing.md"

Moves = Mapping[tuple[Any, Any], StrEnum]

# By its name in `lifecycle`: a table, and the others that a thing of this kind lives by.
TABLES: dict[str, tuple[Moves, ...]] = {
    "TASK": (lifecycle.TASK,),
    "RESERVATION": (lifecycle.RESERVATION,),
    "ON_HOLD": (lifecycle.ON_HOLD, lifecycle.RESERVATION),
    "TRANSFERRED": (lifecycle.TRANSFERRED, lifecycle.TASK),
    "TRANSFER": (lifecycle.TRANSFER,),
}
_PLACE = re.compile(r"^<!-- picture of (\w+) .*?-->\n(?:```mermaid\n.*?^```\n)?", re.MULTILINE | re.DOTALL)


def page(text: str) -> str:
    """The page's text with the pictures as the tables are now."""
    return _PLACE.sub(lambda found: _placed(found[1]), text)


def picture(name: str) -> str:
    """A table as a state diagram. It begins where its first row does, and ends where no table leads on."""
    table, *others = TABLES[name]
    left = {status for moves in (table, *others) for status, _ in moves}
    begin = next(iter(table))[0]
    return "\n".join(["stateDiagram-v2", "    direction LR", f"    [*] --> {begin}", *_arrows(table, left)])


def _arrows(table: Moves, left: set[Any]) -> Iterator[str]:
    for (status, move), after in table.items():
        yield f"    {status} --> {after}: {move.replace('_', ' ')}"
    for after in dict.fromkeys(table.values()):
        if after not in left:
            yield f"    {after} --> [*]"


def _placed(name: str) -> str:
    return f"<!-- picture of {name} in routing/lifecycle.py, written by `make docs` -->\n```mermaid\n{picture(name)}\n```\n"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text()))
    sys.stdout.write(f"{PAGE.name}: {len(_PLACE.findall(PAGE.read_text()))} pictures\n")
