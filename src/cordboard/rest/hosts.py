"""Under which name a request came, and which product it means (design D2, D11).

Official SDKs use one host a product; folded into one host, some paths collide (``/v1/Configuration`` of Flex and of
Conversations). So a product is told by the first label of the host if it has the path, else by a prefix, else by the roots
that a product claims. In development mode only names of this machine are answered: a page in a browser that points its own
name at 127.0.0.1 would otherwise hold the API in its hands (DNS rebinding).
"""

import ipaddress
import re
from collections.abc import Iterable
from typing import Generic, NamedTuple, TypeVar
from urllib.parse import urlsplit

from cordboard.kernel.errors import Misdirected
from cordboard.kernel.settings import BadSettings, Mode, Settings

from .lookup import Place, Tree
from .requests import Scope
from .routes import Product, Urls

T = TypeVar("T")

_AUTHORITY = re.compile(r"([a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?")
_KEPT = 1024
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Origin(NamedTuple):
    """``scheme`` and ``authority`` (host and port) as the caller wrote them, and the first label of the host."""

    scheme: str
    authority: str
    label: str


class Names:
    """The names that this server answers to. Raises BadSettings when it is made."""

    def __init__(self, settings: Settings) -> None:
        self._checks = settings.mode is Mode.DEVELOPMENT
        self._public = _public(settings.public_url)
        names = [*settings.hosts, urlsplit(settings.public_url).hostname or "localhost"]
        self._patterns = tuple(name.lower() for name in names)
        self._trusts_all = "*" in settings.trusted_proxies
        self._proxies = tuple(_network(name) for name in settings.trusted_proxies if name != "*")
        self._known: dict[str, str] = {}
        self._trusted: dict[str, bool] = {}

    def origin(self, scope: Scope, headers: dict[bytes, bytes]) -> Origin:
        """How the caller reached us. Raises Misdirected for a host that is none of ours."""
        scheme = scope["scheme"]
        host = headers.get(b"host", b"")
        if (self._proxies or self._trusts_all) and self._trusts(scope.get("client")):
            # A chain of proxies appends; the last entry is of the one that is trusted.
            host = headers.get(b"x-forwarded-host", host).rpartition(b",")[2].strip()
            proto = headers.get(b"x-forwarded-proto", b"").rpartition(b",")[2].strip().lower()
            scheme = {b"https": "https", b"http": "http"}.get(proto, scheme)
        authority = host.decode("latin-1").lower()
        label = self._known.get(authority)
        if label is None:
            label = self._check(authority)
            if len(self._known) >= _KEPT:
                self._known.clear()
            self._known[authority] = label
        return Origin(scheme, authority, label)

    def address(self, scope: Scope, headers: dict[bytes, bytes]) -> str | None:
        """From where the caller called; behind a trusted proxy what that says."""
        client = scope.get("client")
        if (self._proxies or self._trusts_all) and self._trusts(client):
            said = headers.get(b"x-forwarded-for", b"").rpartition(b",")[2].strip().decode("latin-1")
            if _is_address(said):
                return said
        return client[0] if client else None

    def urls(self, origin: Origin, prefix: str | None) -> Urls:
        """Where the caller sees the product that was found under ``prefix`` (None: by its host).

        The public URL cannot stand in for a product's own host, or its links would lead to no product; there it only says
        whether the world comes by https.
        """
        scheme, authority = self._public or origin[:2]
        if prefix is None:
            return Urls(f"{scheme}://{origin.authority}")
        return Urls(f"{scheme}://{authority}{prefix}")

    def _check(self, authority: str) -> str:
        found = _AUTHORITY.fullmatch(authority)
        if found is None:
            message = "The request's Host header is missing or not a host name"
            raise Misdirected(message)
        host = found[1].rstrip(".")
        if self._checks and not self._is_ours(host):
            message = (
                f"This server is in development mode and does not answer for {host}; if it should, set CORDBOARD_HOSTS"
            )
            raise Misdirected(message)
        return host.partition(".")[0]

    def _is_ours(self, host: str) -> bool:
        if host == "localhost" or host.endswith(".localhost") or _is_loopback(host):
            return True
        return any(
            pattern in {"*", host} or (pattern.startswith("*.") and host.endswith(pattern[1:]))
            for pattern in self._patterns
        )

    def _trusts(self, client: tuple[str, int] | None) -> bool:
        if self._trusts_all or client is None:
            return self._trusts_all
        trusted = self._trusted.get(client[0])
        if trusted is None:
            if len(self._trusted) >= _KEPT:
                self._trusted.clear()
            trusted = self._trusted[client[0]] = self._is_proxy(client[0])
        return trusted

    def _is_proxy(self, client: str) -> bool:
        try:
            address = ipaddress.ip_address(client)
        except ValueError:
            return False
        return any(address in network for network in self._proxies)


class Directory(Generic[T]):
    """Values under the verbs and paths of several products."""

    def __init__(self) -> None:
        self._by_host: dict[str, Tree[T]] = {}
        self._by_prefix: dict[str, Tree[T]] = {}
        self._rooted: Tree[T] = Tree()

    def add(self, product: Product, values: Iterable[tuple[str, str, T]]) -> None:
        """Put a product's values under their verbs and paths. Raises TypeError where another product is already."""
        tree: Tree[T] = Tree()
        for names, trees in (product.hosts, self._by_host), ({product.name, *product.hosts}, self._by_prefix):
            if taken := trees.keys() & names:
                message = f"the product {product.name} wants the name {taken}, which another has"
                raise TypeError(message)
            trees.update(dict.fromkeys(names, tree))
        for verb, path, value in values:
            tree.add(verb, path, value)
            if any(path == root or path.startswith(f"{root}/") for root in product.roots):
                self._rooted.add(verb, path, value)

    def find(self, label: str, segments: list[str]) -> tuple[Place[T], str | None] | None:
        """What is at a path, and the prefix that it was found under: None for a product's own host, ``""`` for the roots."""
        if (tree := self._by_host.get(label)) is not None and (place := tree.find(segments)) is not None:
            return place, None
        if (tree := self._by_prefix.get(segments[0])) is not None and (place := tree.find(segments[1:])) is not None:
            return place, f"/{segments[0]}"
        if (place := self._rooted.find(segments)) is not None:
            return place, ""
        return None


def _public(url: str) -> tuple[str, str] | None:
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query:
        message = f"public_url takes a scheme and a host, such as https://calls.example.com, not {url}"
        raise BadSettings(message)
    return parts.scheme, parts.netloc


def _network(text: str) -> _Network:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        message = f"trusted_proxies takes addresses, networks or *, not {text}"
        raise BadSettings(message) from error


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
