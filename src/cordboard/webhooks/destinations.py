"""Where deliveries may go: how a URL is read, and which addresses are for nobody who has an account.

Whoever has an account names URLs, and this server calls them from inside its network (server-side request forgery). Names and
spellings cannot be judged, for there are too many of them and DNS says another thing each time; addresses can. So:

- a URL is read strictly, and an address has one spelling: ``http://127.1/`` is no URL here. What is stored is checked so far;
- the address is judged when it is connected to, each time (``guarded``), and it is connected to as it was judged;
- refused is what the registries of special addresses (RFC 6890, IANA) do not call global, and what IPv6 addresses of the kinds
  that carry an IPv4 address lead to. Of IPv6 all is refused that is no global unicast (2000::/3);
- an operator's list opens networks and names again, and development mode this machine. The services that give a cloud's
  machines their credentials are opened by their own address only, never by a network or a name.
"""

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Annotated, NamedTuple, Self

import msgspec
from msgspec import Meta

from cordboard.kernel.settings import BadSettings, Mode, Settings
from cordboard.rest.kinds import KIND
from cordboard.rest.sentences import shown

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_LONGEST = 2048
_LONGEST_NAME = 253
_MOST_PORT = 65_535
_DEFAULT_PORTS = {"http": 80, "https": 443}

# Scheme, authority, the rest: a backslash is nowhere, for some readers take it for a slash.
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#\\]*)([/?#][^\\]*)?")
_PRINTABLE = re.compile(r"[!-~]*")
_AUTHORITY = re.compile(
    r"(?:(?:[\w.~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*@)?(\[[^\]]*\]|[^:\[\]@]*)(?::([0-9]{1,5}))?", re.ASCII
)
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PORT_RANGE = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")

_METADATA = frozenset(
    ip_address(text)
    for text in (
        "169.254.169.254",  # most clouds
        "169.254.170.2",  # AWS, containers
        "169.254.170.23",  # AWS, pods
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd20:ce::254",  # Google
        "100.100.100.200",  # Alibaba
        "192.0.0.192",  # Oracle
        "168.63.129.16",  # Azure; the one that looks public
    )
)
# The first that holds an address names it.
_SPECIAL: tuple[tuple[Network, str], ...] = tuple(
    (ip_network(network), kind)
    for network, kind in (
        ("0.0.0.0/32", "unspecified"),
        ("0.0.0.0/8", "reserved"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "documentation"),
        ("192.88.99.0/24", "6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("255.255.255.255/32", "broadcast"),
        ("240.0.0.0/4", "reserved"),
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("::ffff:0:0/96", "IPv4-mapped"),
        ("::ffff:0:0:0/96", "IPv4-translated"),
        ("::/96", "IPv4-compatible"),
        ("64:ff9b::/96", "NAT64"),
        ("64:ff9b:1::/48", "NAT64"),
        ("100::/64", "discard-only"),
        ("2001::/32", "Teredo"),
        ("2001::/23", "reserved"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "6to4"),
        ("3fff::/20", "documentation"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
    )
)
_GLOBAL_UNICAST = IPv6Network("2000::/3")
# In these the last 32 bits are an IPv4 address, which is what is reached.
_CARRIERS = tuple(IPv6Network(text) for text in ("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96"))
_THIS_MACHINE = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))


class Refused(ValueError):
    """A URL or an address that is not called; the sentence says why, without an address that only DNS has told."""


class Destination(NamedTuple):
    """What a URL leads to. ``host`` is in lower case, a name without its last dot, IPv6 without brackets."""

    scheme: str
    host: str
    address: Address | None
    port: int


def parse(url: str) -> Destination:
    """Read a URL of http or https. Raises Refused."""
    if _PRINTABLE.fullmatch(url) is None:
        raise Refused("a URL has no spaces, control characters or characters beyond ASCII: percent-encode them")
    found = _URL.fullmatch(url)
    if found is None or (scheme := found[1].lower()) not in _DEFAULT_PORTS:
        raise Refused(f"expected a URL of http or https, got {shown(url)}")
    authority = _AUTHORITY.fullmatch(found[2])
    if authority is None:
        raise Refused(f"the host and port of the URL {shown(url)} cannot be read")
    port = int(authority[2]) if authority[2] else _DEFAULT_PORTS[scheme]
    if not 1 <= port <= _MOST_PORT:
        raise Refused(f"a port is a number from 1 to {_MOST_PORT}, not {port}")
    host, address = _host(authority[1].lower())
    return Destination(scheme, host, address, port)


def host_address(host: str) -> Address | None:
    """The address that a host of a URL is, IPv6 without brackets; None for a name. Raises Refused for what is neither."""
    return _host(f"[{host}]" if ":" in host else host.lower())[1]


def _host(text: str) -> tuple[str, Address | None]:
    if text.startswith("["):
        try:
            address = IPv6Address(text[1:-1])
        except ValueError:
            raise Refused(f"{shown(text)} is not an IPv6 address") from None
        if address.scope_id is not None:
            raise Refused(f"the address {shown(text)} names an interface of this machine")
        return text[1:-1], address
    name = text.removesuffix(".")
    labels = name.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        try:
            return text, IPv4Address(text)
        except ValueError:
            raise Refused(
                f"an IPv4 address is four decimal numbers with dots between them, not {shown(text)}"
            ) from None
    if len(name) > _LONGEST_NAME or not all(map(_LABEL.fullmatch, labels)):
        raise Refused(f"{shown(text)} is not the name of a host; names beyond ASCII are written as xn--...")
    return name, None


def _callback_url(text: str) -> str:
    if text:
        parse(text)
    return text


CallbackUrl = Annotated[
    str, Meta(max_length=_LONGEST, description="an http or https URL, or nothing", extra={KIND: _callback_url})
]
"""The kind of a form's field for a URL that is to be called. Where it leads is not asked until it is called."""


class Policy(msgspec.Struct, frozen=True):
    """What this server may call."""

    schemes: frozenset[str]
    ports: tuple[range, ...]
    networks: tuple[Network, ...]
    names: frozenset[str]

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """What ``settings`` say. Raises BadSettings."""
        schemes = frozenset(settings.webhook_schemes)
        if not schemes or schemes - _DEFAULT_PORTS.keys():
            message = (
                f"CORDBOARD_WEBHOOK_SCHEMES takes http, https or both, not {','.join(sorted(schemes)) or 'nothing'}"
            )
            raise BadSettings(message)
        networks, names = _allowed(settings.webhook_allow)
        if settings.mode is Mode.DEVELOPMENT:
            networks = (*networks, *_THIS_MACHINE)
        return cls(schemes, tuple(map(_port_range, settings.webhook_ports)), networks, names)

    def check(self, url: str) -> Destination:
        """What the URL leads to. Raises Refused for what can be told before its name is resolved."""
        found = parse(url)
        if found.scheme not in self.schemes:
            raise Refused(
                f"deliveries do not use {found.scheme}; an operator may allow it in CORDBOARD_WEBHOOK_SCHEMES"
            )
        if not any(found.port in ports for ports in self.ports):
            raise Refused(
                f"deliveries do not go to port {found.port}; an operator may allow it in CORDBOARD_WEBHOOK_PORTS"
            )
        if found.address is not None:
            self.check_address(found.host, found.address)
        return found

    def check_address(self, host: str, address: Address) -> None:
        """Raise Refused for an address that may not be connected to; ``host`` is how the URL calls it."""
        for judged in (address, *_carried(address)):
            kind = "metadata" if judged in _METADATA else _special(judged)
            if kind and not self._allows(host.lower().removesuffix("."), judged):
                raise Refused(
                    f"{host} leads to a {kind} address, where deliveries do not go; "
                    "an operator may allow it in CORDBOARD_WEBHOOK_ALLOW"
                )

    def _allows(self, host: str, address: Address) -> bool:
        if address in _METADATA:
            return any(network.num_addresses == 1 and address in network for network in self.networks)
        return self._names(host) or any(address in network for network in self.networks)

    def _names(self, host: str) -> bool:
        parents = (f"*.{host.split('.', many)[-1]}" for many in range(1, host.count(".") + 1))
        return host in self.names or not self.names.isdisjoint(parents)


def _special(address: Address) -> str | None:
    kind = next((kind for network, kind in _SPECIAL if address in network), None)
    if kind is None and isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return "reserved"
    return kind


def _carried(address: Address) -> tuple[IPv4Address, ...]:
    if any(address in network for network in _CARRIERS) and int(address) > 1:
        return (IPv4Address(int(address) & 0xFFFF_FFFF),)
    return ()


def _allowed(entries: Iterable[str]) -> tuple[tuple[Network, ...], frozenset[str]]:
    networks: list[Network] = []
    names: set[str] = set()
    for entry in entries:
        try:
            networks.append(ip_network(entry))
        except ValueError as error:
            name = entry.lower().removesuffix(".")
            if not _is_name(name.removeprefix("*.")):
                message = (
                    "CORDBOARD_WEBHOOK_ALLOW takes addresses, networks such as 10.0.0.0/8, and names such as "
                    f"crm.internal or *.internal, not {entry!r} ({error})"
                )
                raise BadSettings(message) from error
            names.add(name)
    return tuple(networks), frozenset(names)


def _is_name(text: str) -> bool:
    try:
        return _host(text)[1] is None
    except Refused:
        return False


def _port_range(text: str) -> range:
    found = _PORT_RANGE.fullmatch(text)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not 1 <= first <= last <= _MOST_PORT:
        message = f"CORDBOARD_WEBHOOK_PORTS takes ports and ranges such as 443,8000-8999, not {text!r}"
        raise BadSettings(message)
    return range(first, last + 1)
