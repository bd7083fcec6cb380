"""JSON that came from outside: bounded in depth, and without what a store or a client would choke on.

Texts that a caller sent are kept byte for byte; these functions only look at them. Refused: nesting over 100 (decoders raise
RecursionError from about 1,000), NaN and infinities, lone surrogates, and NUL (PostgreSQL stores none in a text).
"""

import re
from typing import Any

import msgspec

_DEPTH = 100
# An escaped NUL: an even number of backslashes before it are backslashes themselves.
_NUL = re.compile(r"\0|(?<!\\)(?:\\\\)*\\u0000")


def parse(text: str) -> Any:  # noqa: ANN401 - JSON is any of seven types
    """The value of a JSON text. Raises ValueError with a sentence for the caller."""
    if text.count("[") + text.count("{") > _DEPTH and _depth(text) > _DEPTH:
        message = f"it is nested more than {_DEPTH} levels deep"
        raise ValueError(message)
    if ("u0000" in text or "\0" in text) and _NUL.search(text):
        message = "it contains a NUL character"
        raise ValueError(message)
    try:
        return msgspec.json.decode(text.encode())
    except (msgspec.MsgspecError, UnicodeError, ValueError, RecursionError) as error:
        message = f"it is not valid JSON: {error}"
        raise ValueError(message) from error


def dump(value: object) -> str:
    """The shortest JSON text of a value made of facts, dicts, lists and scalars."""
    return msgspec.json.encode(value).decode()


def _depth(text: str) -> int:
    deepest = depth = 0
    quoted = escaped = False
    for letter in text:
        if quoted:
            if escaped:
                escaped = False
            elif letter == "\\":
                escaped = True
            elif letter == '"':
                quoted = False
        elif letter == '"':
            quoted = True
        elif letter in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif letter in "]}":
            depth -= 1
    return deepest
