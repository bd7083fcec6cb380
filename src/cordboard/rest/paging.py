"""Pages of a list on the wire: PageSize, Page and PageToken in, an envelope out (taskrouter.md 1.3).

Clients call ``next_page_url`` as it stands, so it is absolute and repeats the filters; the 2010 API has an envelope of its own
with paths in it (realtime-protocols.md C.6). A token is the cursor of the row beside
the page and so stays right while rows are added: ``PA...`` goes on behind it, ``PB...`` back before it. Page numbers are for
show; one without a token is refused, as the vendor does since 2021 (its 40153).
"""

import binascii
import re
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

import msgspec
from msgspec import Meta

from cordboard.kernel.errors import Invalid
from cordboard.kernel.pages import DEFAULT_PAGE_SIZE, MOST_PAGE_SIZE, Page, Slice

from .sentences import shown

PARAMETERS = ("PageSize", "Page", "PageToken")

_AHEAD, _BACK = "PA", "PB"
_LONGEST = 4096
_NUMBER = re.compile(r"[0-9]{1,9}")
_Cursor = tuple[Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] | str, ...]


def read_page(pairs: list[tuple[str, str]]) -> Page:
    """The page that is asked for. Raises Invalid."""
    given = dict(pairs)
    size = _number(given, "PageSize", DEFAULT_PAGE_SIZE)
    if not 1 <= size <= MOST_PAGE_SIZE:
        raise Invalid(f"Invalid parameter PageSize: expected an integer from 1 to {MOST_PAGE_SIZE}, got {size}")
    number = _number(given, "Page", 0)
    token = given.get("PageToken")
    if token is None:
        if number:
            message = "PageToken is required for paging."
            raise Invalid(message)
        return Page(size=size)
    cursor = _cursor(token)
    return Page(size=size, number=number, cursor=cursor, backwards=token.startswith(_BACK))


class Turning(NamedTuple):
    """A page among its neighbours, each as path and query at the product; None where there is none."""

    number: int
    size: int
    first: str
    previous: str | None
    here: str
    following: str | None


Envelope = Callable[[str, list[Mapping[str, Any]], Turning, str], dict[str, Any]]
"""Makes the answer of a list: its key, its items, where to turn, and the product's base URL."""


def with_meta(key: str, items: list[Mapping[str, Any]], turning: Turning, base: str) -> dict[str, Any]:
    """The answer of a list of all products but the 2010 API."""

    def url(uri: str | None) -> str | None:
        return None if uri is None else f"{base}{uri}"

    meta = {
        "page": turning.number,
        "page_size": turning.size,
        "first_page_url": url(turning.first),
        "previous_page_url": url(turning.previous),
        "url": url(turning.here),
        "next_page_url": url(turning.following),
        "key": key,
    }
    return {"meta": meta, key: items}


def with_uris(key: str, items: list[Mapping[str, Any]], turning: Turning, _base: str) -> dict[str, Any]:
    """The answer of a list of the 2010 API: clients put the URIs behind their base URL, so no prefix may be in them."""
    start = turning.number * turning.size
    return {
        key: items,
        "page": turning.number,
        "page_size": turning.size,
        "start": start,
        "end": start + max(len(items) - 1, 0),
        "uri": turning.here,
        "first_page_uri": turning.first,
        "previous_page_uri": turning.previous,
        "next_page_uri": turning.following,
    }


def turning_of(page: Page, found: Slice[Any], place: str, pairs: list[tuple[str, str]]) -> Turning:
    """Where a page leads. ``place`` is the list's path at its product, ``pairs`` what the caller asked."""
    filters = [pair for pair in pairs if pair[0] not in PARAMETERS]

    def at(number: int, token: str | None) -> str:
        query = [*filters, ("PageSize", str(page.size)), ("Page", str(number))]
        if token is not None:
            query.append(("PageToken", token))
        return f"{place}?{urlencode(query)}"

    here = None if page.cursor is None else _token(page.cursor, backwards=page.backwards)
    before, after = found.before, found.after
    return Turning(
        page.number,
        page.size,
        first=at(0, None),
        previous=None if before is None else at(max(page.number - 1, 0), _token(before, backwards=True)),
        here=at(page.number, here),
        following=None if after is None else at(page.number + 1, _token(after, backwards=False)),
    )


def _number(given: dict[str, str], name: str, default: int) -> int:
    text = given.get(name)
    if text is None:
        return default
    if _NUMBER.fullmatch(text) is None:
        raise Invalid(f"Invalid parameter {name}: expected an integer, got {shown(text)}")
    return int(text)


def _token(cursor: tuple[int | str, ...], *, backwards: bool) -> str:
    text = urlsafe_b64encode(msgspec.json.encode(cursor)).rstrip(b"=").decode()
    return f"{_BACK if backwards else _AHEAD}{text}"


def _cursor(token: str) -> tuple[int | str, ...]:
    try:
        if token[:2] in {_AHEAD, _BACK} and len(token) <= _LONGEST:
            text = b64decode(token[2:] + "=" * (-len(token[2:]) % 4), altchars=b"-_", validate=True)
            cursor = msgspec.json.decode(text, type=_Cursor)
            if cursor and not any(isinstance(part, str) and "\0" in part for part in cursor):
                return cursor
    except (binascii.Error, ValueError):
        pass
    message = "Invalid parameter PageToken: it is none that this list has given out"
    raise Invalid(message)
