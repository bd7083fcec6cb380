"""What is read from an ASGI request before anybody looks at its meaning: path, body, and what forms of answer it takes."""

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from cordboard.kernel.errors import NotAcceptable, NotFound, TooLarge, UnsupportedMediaType

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_LONGEST_SEGMENT = 256
_BAD_ESCAPE = re.compile(r"%(?![0-9a-fA-F]{2})")
_NOTHING = re.compile(rb";\s*q\s*=\s*0(?:\.0*)?\s*(?:;|$)")
_JSON_RANGES = frozenset((b"application/json", b"application/*", b"*/*"))
_BODY_TYPES = {"form": b"application/x-www-form-urlencoded", "json": b"application/json"}


class Disconnected(Exception):
    """The caller went away before the whole request was here; there is nobody to answer."""


def raw_path(scope: Scope) -> str:
    """The path as it was sent, still percent-encoded: an identity may hold ``%2F``. What is not ASCII is replaced."""
    raw: bytes | None = scope.get("raw_path")
    return quote(scope["path"]) if raw is None else raw.decode("ascii", errors="replace")


def segments_of(path: str) -> list[str]:
    """The decoded segments of a raw path. Raises NotFound for empty ones, wrong escapes, NUL, and over 256 characters."""
    segments = path.split("/")[1:]
    if "%" in path:
        segments = [_decoded(segment) for segment in segments]
    if not segments or not all(0 < len(segment) <= _LONGEST_SEGMENT for segment in segments) or not path.isascii():
        raise NotFound
    return segments


def check_accept(header: bytes | None) -> None:
    """Raise NotAcceptable for a caller who does not take JSON."""
    if header is None or header in _JSON_RANGES:
        return
    for choice in header.lower().split(b","):
        if choice.partition(b";")[0].strip() in _JSON_RANGES and not _NOTHING.search(choice):
            return
    message = "Answers are application/json, which the Accept header does not allow"
    raise NotAcceptable(message)


async def read_body(headers: dict[bytes, bytes], receive: Receive, most: int, kind: str) -> bytes:
    """The whole body. Raises TooLarge, by its declared length before reading it, UnsupportedMediaType, and Disconnected."""
    declared = headers.get(b"content-length", b"0")
    if declared.isdigit() and int(declared[:19]) > most:
        raise _too_large(most)
    message = await receive()
    if message["type"] != "http.request":
        raise Disconnected
    body: bytes = message.get("body", b"")
    if message.get("more_body", False):
        body = await _rest(body, receive, most)
    if len(body) > most:
        raise _too_large(most)
    if body and headers.get(b"content-type", b"").partition(b";")[0].strip().lower() != _BODY_TYPES[kind]:
        sentence = f"The body must be {_BODY_TYPES[kind].decode()}, and Content-Type must say so"
        raise UnsupportedMediaType(sentence)
    return body


async def _rest(first: bytes, receive: Receive, most: int) -> bytes:
    chunks = [first]
    size = len(first)
    while size <= most:
        message = await receive()
        if message["type"] != "http.request":
            raise Disconnected
        chunk = message.get("body", b"")
        chunks.append(chunk)
        size += len(chunk)
        if not message.get("more_body", False):
            break
    return b"".join(chunks)


def _too_large(most: int) -> TooLarge:
    return TooLarge(f"The body is larger than {most} bytes")


def _decoded(segment: str) -> str:
    if _BAD_ESCAPE.search(segment):
        raise NotFound
    try:
        text = unquote_to_bytes(segment).decode()
    except UnicodeDecodeError as error:
        raise NotFound from error
    if "\0" in text:
        raise NotFound
    return text
