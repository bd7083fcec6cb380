"""The table that a product hands over: one row an operation.

Look-up, OpenAPI, the coverage page and the test that another account's SIDs are not found are generated from these rows. An
action is ``async def fetch(unit_or_view, caller, form) -> result``; it may run again when the unit lost a race.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_type_hints

import msgspec

from cordboard.kernel.caller import Caller

from .forms import Form
from .paging import Envelope, with_meta

KIBI = 1024
MAX_BODY = 1024 * KIBI

Verb = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Permission = Literal["read", "write"]

PARAMETER = re.compile(r"\{(\w+)\}")


class Urls(msgspec.Struct, frozen=True):
    """Where the caller sees the product: ``base`` is scheme, host and the prefix that the request had, without a slash.

    A view writes ``f"{urls.base}/v1/Workspaces/{sid}"``.
    """

    base: str


Action = Callable[[Any, Caller, Any], Awaitable[Any]]
View = Callable[[Any, Urls], Mapping[str, Any]]
"""Its return type is a ``TypedDict`` that names what it answers (``answers``)."""


def empty(_result: object, _urls: Urls) -> dict[str, Any]:
    """The view of an operation that answers 204: nothing."""
    return {}


@dataclass(frozen=True)
class Route:
    """An operation that works.

    ``path`` names its parameters as the vendor does (``/v1/Workspaces/{WorkspaceSid}/Tasks/{Sid}``), and a segment may go on behind
    one (``{Sid}.json``); each is a field of ``form`` under that name. With ``list_key`` the action returns a
    ``kernel.pages.Slice``, ``view`` renders one item of it, the form has a page, and ``envelope`` is what it is put into. ``etag``
    gives the version of a result, None for none; of a list that of each item, from which the page gets its ETag. ``permission``
    goes by the verb unless it is said; what only reads gets a view of the rows instead of a unit. ``resource`` is the operation's
    in policies, where it is not what the path says (``rest.permissions``). DELETE answers 204 without a body, whatever ``status``
    and ``view`` say. ``answer`` is what ``view`` answers for this row, if its return type does not say it. ``a_second``: how often an
    account may call it, where the vendor's documents say so.
    """

    verb: Verb
    path: str
    operation: str
    action: Action
    form: type[Form]
    view: View = empty
    status: int = 200
    list_key: str | None = None
    etag: Callable[[Any], int | None] | None = None
    envelope: Envelope = with_meta
    permission: Permission | None = None
    resource: str | None = None
    max_body: int = MAX_BODY
    body: Literal["form", "json"] = "form"
    answer: Any = None
    a_second: int | None = None

    @property
    def reads(self) -> bool:
        """Whether the action changes nothing."""
        return (self.permission or ("read" if self.verb == "GET" else "write")) == "read"

    @property
    def parameters(self) -> list[str]:
        """The names of the path's parameters."""
        return PARAMETER.findall(self.path)

    @property
    def answers(self) -> Any:  # noqa: ANN401 - a type
        """The type of the answer, in a list of one item."""
        return self.answer or get_type_hints(self.view, include_extras=True).get("return", dict[str, Any])


@dataclass(frozen=True)
class Unbuilt:
    """An operation of the vendor's that answers 501, after the caller was authenticated."""

    verb: Verb
    path: str
    operation: str

    @property
    def parameters(self) -> list[str]:
        """The names of the path's parameters."""
        return PARAMETER.findall(self.path)


@dataclass(frozen=True)
class Product:
    """A product's table and how its requests are told from those of others (design D2).

    ``name`` is the prefix (``/flex-api/v1/Interactions``), ``hosts`` are first labels of ``Host``, and ``roots`` are paths that
    belong to it where neither says anything (``/v1/Interactions``).
    """

    name: str
    hosts: tuple[str, ...]
    roots: tuple[str, ...]
    routes: tuple[Route | Unbuilt, ...]
