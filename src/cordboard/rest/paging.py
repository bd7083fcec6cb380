"""Pages of a list on the wire: PageSize, Page and PageToken in, the ``meta`` envelope out (taskrouter.md 1.3).

Clients call ``next_page_url`` as it stands, so it is absolute and repeats the filters. A token is the cursor of the row beside
the page and so stays right while rows are added: ``PA...`` goes on behind it, ``PB...`` back before it. Page numbers are for
show; one without a token is refused, as the vendor does since 2021 (its 40153).
"""

import binascii
import re
from base64 import b64decode, urlsafe_b64encode
from typing import Annotated, Any
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


def envelope(
    key: str, items: list[dict[str, Any]], page: Page, found: Slice[Any], url: str, pairs: list[tuple[str, str]]
) -> dict[str, Any]:
    """The answer of a list. ``url`` is the list's own without a query, ``pairs`` what the caller asked."""
    filters = [pair for pair in pairs if pair[0] not in PARAMETERS]

    def at(number: int, token: str | None) -> str:
        query = [*filters, ("PageSize", str(page.size)), ("Page", str(number))]
        if token is not None:
            query.append(("PageToken", token))
        return f"{url}?{urlencode(query)}"

    here = None if page.cursor is None else _token(page.cursor, backwards=page.backwards)
    meta = {
        "page": page.number,
        "page_size": page.size,
        "first_page_url": at(0, None),
        "previous_page_url": (
            None if found.before is None else at(max(page.number - 1, 0), _token(found.before, backwards=True))
        ),
        "url": at(page.number, here),
        "next_page_url": None if found.after is None else at(page.number + 1, _token(found.after, backwards=False)),
        "key": key,
    }
    return {"meta": meta, key: items}


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
