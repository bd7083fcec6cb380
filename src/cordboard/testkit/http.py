"""A small caller for what an official client does not do: wrong bytes, other hosts, bare headers."""

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import TypedDict, Unpack
from urllib.parse import urlencode

import msgspec

from .exchange import Answer, Headers, Request

Credentials = tuple[str, str]
Values = Mapping[str, object] | Sequence[tuple[str, object]]


class Options(TypedDict, total=False):
    """How a request differs from the first account's to ``http://localhost:8000``.

    ``host`` is a product's label (``flex-api`` stands for ``flex-api.twilio.com``) or, with a dot or a colon, a whole ``Host``.
    ``auth`` None sends no credentials. A header given as ``''`` is not sent at all.
    """

    host: str
    auth: Credentials | None
    headers: Mapping[str, str]


class Http:
    """Calls the server inside this process.

    Form and query values may be texts, numbers, booleans, lists (the parameter is repeated) and dicts (sent as JSON text).
    """

    def __init__(self, ask: Callable[[Request], Answer], credentials: Credentials) -> None:
        self._ask = ask
        self._credentials = credentials

    def get(self, path: str, query: Values = (), **options: Unpack[Options]) -> Answer:
        """A GET; the query is added to the path's own, if it has one."""
        if query:
            path = f"{path}{'&' if '?' in path else '?'}{encode(query)}"
        return self.request("GET", path, **options)

    def post(self, path: str, form: Values = (), **options: Unpack[Options]) -> Answer:
        """A POST of a form."""
        return self.request("POST", path, encode(form).encode(), **_typed(options, "application/x-www-form-urlencoded"))

    def post_json(self, path: str, value: object, **options: Unpack[Options]) -> Answer:
        """A POST of JSON."""
        return self.request("POST", path, msgspec.json.encode(value), **_typed(options, "application/json"))

    def delete(self, path: str, **options: Unpack[Options]) -> Answer:
        """A DELETE."""
        return self.request("DELETE", path, **options)

    def request(self, method: str, path: str, body: bytes = b"", **options: Unpack[Options]) -> Answer:
        """Any request; ``path`` and ``body`` go out as they are."""
        host = options.get("host")
        headers = {"host": _host(host), "accept": "*/*"}
        if body or method in {"POST", "PUT", "PATCH"}:
            headers["content-length"] = str(len(body))
        if (credentials := options.get("auth", self._credentials)) is not None:
            headers["authorization"] = basic(*credentials)
        headers |= {name.lower(): value for name, value in options.get("headers", {}).items()}
        lines: Headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items() if value]
        return self._ask(Request(method, "https" if host else "http", path, lines, body))


def basic(username: str, password: str) -> str:
    """The value of an ``Authorization`` header."""
    return f"Basic {base64.b64encode(f'{username}:{password}'.encode()).decode()}"


def encode(values: Values) -> str:
    """A form or a query string."""
    pairs = values.items() if isinstance(values, Mapping) else values
    return urlencode([(name, _text(single)) for name, value in pairs for single in _singles(value)])


def _singles(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else [value]


def _text(value: object) -> str:
    if isinstance(value, dict | bool):
        return msgspec.json.encode(value).decode()
    return str(value)


def _host(host: str | None) -> str:
    if host is None:
        return "localhost:8000"
    return host if "." in host or ":" in host else f"{host}.twilio.com"


def _typed(options: Options, content_type: str) -> Options:
    typed = options.copy()
    typed["headers"] = {"content-type": content_type, **options.get("headers", {})}
    return typed
