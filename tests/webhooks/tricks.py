"""Ways to make a server call what only it can reach. Each is a test in ``test_destinations.py``.

``{port}`` is that of the listener inside, which nobody may reach. ``opened_by`` is the operator's list that opens it; nothing
opens a trick that is no URL. ``dns`` is what names resolve to; others are resolved by this machine.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

PUBLIC = "93.184.216.34"
PUBLIC_6 = "2606:2800:220:1:248:1893:25c8:1946"


class Trick(NamedTuple):
    url: str
    opened_by: tuple[str, ...] = ()
    dns: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    redirected: bool = False
    """A receiver outside answers with this as its Location."""
    client_refuses: bool = False
    """The HTTP client does not take it either, so that it is no danger by itself."""


LOOPBACK, LOOPBACK_6 = ("127.0.0.0/8",), ("::1",)
MAPPED = ("::ffff:0:0/96",)


def to(address: str, *opened_by: str) -> Trick:
    """The address as it is."""
    return Trick(f"http://[{address}]:{{port}}/" if ":" in address else f"http://{address}:{{port}}/", opened_by)


def named(name: str, *addresses: str, opened_by: tuple[str, ...]) -> Trick:
    """A name that resolves to addresses."""
    return Trick(f"http://{name}:{{port}}/", opened_by, {name.removesuffix("."): addresses, name: addresses})


def redirected(trick: Trick) -> Trick:
    return trick._replace(redirected=True)


ADDRESSES = [
    *(to(address, *LOOPBACK) for address in ("127.0.0.1", "127.0.0.2", "127.1.2.3", "127.255.255.254")),
    *(to(address, "0.0.0.0/8") for address in ("0.0.0.0", "0.0.0.1", "0.255.255.255")),
    *(to(address, "10.0.0.0/8") for address in ("10.0.0.0", "10.0.0.1", "10.255.255.255")),
    *(to(address, "172.16.0.0/12") for address in ("172.16.0.1", "172.17.0.1", "172.31.255.255")),
    *(to(address, "192.168.0.0/16") for address in ("192.168.0.1", "192.168.255.255")),
    *(to(address, "100.64.0.0/10") for address in ("100.64.0.1", "100.127.255.255")),
    *(to(address, "169.254.0.0/16") for address in ("169.254.0.1", "169.254.255.255")),
    *(
        to(address, address)
        for address in (
            "169.254.169.254",
            "169.254.170.2",
            "169.254.170.23",
            "100.100.100.200",
            "192.0.0.192",
            "168.63.129.16",
            "fd00:ec2::254",
            "fd20:ce::254",
        )
    ),
    to("192.0.0.8", "192.0.0.0/24"),
    to("192.0.2.1", "192.0.2.0/24"),
    to("192.88.99.1", "192.88.99.0/24"),
    *(to(address, "198.18.0.0/15") for address in ("198.18.0.1", "198.19.255.255")),
    to("198.51.100.1", "198.51.100.0/24"),
    to("203.0.113.1", "203.0.113.0/24"),
    *(to(address, "224.0.0.0/4") for address in ("224.0.0.1", "239.255.255.250")),
    *(to(address, "240.0.0.0/4") for address in ("240.0.0.1", "255.255.255.254", "255.255.255.255")),
]

ADDRESSES_6 = [
    to("::", "::/128"),
    *(to(address, *LOOPBACK_6) for address in ("::1", "0:0:0:0:0:0:0:1", "0000::0001", "::0.0.0.1")),
    *(to(address, *MAPPED, *LOOPBACK) for address in ("::ffff:127.0.0.1", "::ffff:7f00:1", "0:0:0:0:0:FFFF:127.0.0.1")),
    *(to(address, *MAPPED, "10.0.0.0/8") for address in ("::ffff:10.0.0.1", "::ffff:0a00:1")),
    to("::ffff:169.254.169.254", *MAPPED, "169.254.169.254"),
    to("::ffff:0.0.0.0", *MAPPED, "0.0.0.0/8"),
    to(f"::ffff:{PUBLIC}", *MAPPED),
    to("::127.0.0.1", "::/96", *LOOPBACK),
    to("::10.0.0.1", "::/96", "10.0.0.0/8"),
    to("::ffff:0:127.0.0.1", "::ffff:0:0:0/96", *LOOPBACK),
    *(to(address, "64:ff9b::/96", "10.0.0.0/8") for address in ("64:ff9b::10.0.0.1", "64:ff9b::a00:1")),
    to("64:ff9b::127.0.0.1", "64:ff9b::/96", *LOOPBACK),
    to("64:ff9b::169.254.169.254", "64:ff9b::/96", "169.254.169.254"),
    to(f"64:ff9b::{PUBLIC}", "64:ff9b::/96"),
    to("64:ff9b:1::10.0.0.1", "64:ff9b:1::/48"),
    *(to(address, "2002::/16") for address in ("2002:7f00:1::", "2002:a00:1::1", "2002:c0a8:1::1", "2002:a9fe:a9fe::")),
    *(to(address, "2001::/32") for address in ("2001::1", "2001:0:7f00:1::", "2001:0:4136:e378:8000:63bf:80ff:fffe")),
    to("2001:20::1", "2001::/23"),
    to("2001:db8::1", "2001:db8::/32"),
    to("3fff::1", "3fff::/20"),
    to("100::1", "100::/64"),
    *(to(address, "fc00::/7") for address in ("fc00::1", "fd00::1", "fd12:3456:789a::1")),
    *(to(address, "fe80::/10") for address in ("fe80::1", "febf::1")),
    *(to(address, "fec0::/10") for address in ("fec0::1", "feff::1")),
    *(to(address, "ff00::/8") for address in ("ff02::1", "ff0e::1")),
    *(to(address, "::/0") for address in ("4000::1", "5f00::1", "e000::1", "1::1")),
]

# One address, written as some readers still take it. None of them is a URL here.
SPELLINGS = [
    *(
        Trick(f"http://{host}:{{port}}/")
        for host in (
            "127.1",
            "127.0.1",
            "2130706433",
            "017700000001",
            "0x7f000001",
            "0X7F000001",
            "0x7f.1",
            "0x7f.0.0.1",
            "0x7f.0x0.0x0.0x1",
            "127.0x0.1",
            "0",
            "0x0",
            "127.0.0.0x1",
            "[::1%25lo]",
            "[::1%lo]",
            "[fe80::1%25eth0]",
            "127\u30020\u30020\u30021",  # ideographic full stops
            "127\uff0e0\uff0e0\uff0e1",  # full-width full stops
        )
    ),
    *(
        Trick(f"http://{host}:{{port}}/", client_refuses=True)
        for host in (
            "0177.0.0.1",  # the client takes four numbers to be decimal
            "0177.0000.0000.0001",
            "127.0.0.01",
            "127.000.000.001",
            "00000000127.0.0.1",
            "383.0.0.1",
            "256.256.256.256",
            "127.0.0.1.",
            "127.0.0.1..",
            "4294967296",
            "0x",
            "[127.0.0.1]",
            "[::1",
            "::1",
            "[::1]]",
            "[::ffff:127.1]",
            "[v1.fe80]",
            "127.0.0.1%00",
            "127%2e0%2e0%2e1",
            "%31%32%37.0.0.1",
            "loc%61lhost",
            "\uff11\uff12\uff17.\uff10.\uff10.\uff11",  # full-width digits
            "\u2460\u2461\u2466.0.0.1",  # circled digits
            "\u0661\u0662\u0667.0.0.1",  # Arabic digits
            "\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3",  # circled letters
            "loc\u00adalhost",  # a soft hyphen
            "\u202elocalhost",  # right to left
            "xn--",
            "-localhost",
            "local host",
            "a..localhost",
            ".localhost",
            "",
        )
    ),
]

NAMES = [
    *(Trick(f"http://{name}:{{port}}/", ("localhost",)) for name in ("localhost", "LOCALHOST", "LocalHost")),
    named("localhost.", "127.0.0.1", opened_by=("localhost",)),
    named("127.0.0.1.nip.example", "127.0.0.1", opened_by=LOOPBACK),
    named("loopback.example", "127.0.0.1", opened_by=("loopback.example",)),
    named("loopback6.example", "::1", opened_by=LOOPBACK_6),
    named("private.example", "10.1.2.3", opened_by=("10.1.2.0/24",)),
    named("crm.shop.internal", "192.168.7.7", opened_by=("*.internal",)),
    named("crm.shop.internal.", "192.168.7.7", opened_by=("*.shop.internal",)),
    named("mapped.example", "::ffff:10.0.0.1", opened_by=(*MAPPED, "10.0.0.0/8")),
    named("nat64.example", "64:ff9b::a00:1", opened_by=("nat64.example",)),
    named("metadata.google.internal", "169.254.169.254", opened_by=("169.254.169.254/32",)),
    named("metadata6.example", "fd00:ec2::254", opened_by=("fd00:ec2::254/128",)),
    named("good-and-bad.example", PUBLIC, "10.0.0.1", opened_by=()),
    named("bad-and-good.example", "10.0.0.1", PUBLIC, opened_by=("10.0.0.1",)),
    named("good-and-bad-6.example", PUBLIC_6, "fd00::1", opened_by=()),
    named("xn--bcher-kva.example", "10.0.0.1", opened_by=("10.0.0.0/8",)),
    Trick("http://b\u00fccher.example:{port}/", (), {"xn--bcher-kva.example": ("10.0.0.1",)}),
    named("under_score.example", "10.0.0.1", opened_by=("under_score.example",)),
]

DISGUISES = [
    Trick("http://shop.example@127.0.0.1:{port}/", LOOPBACK),
    Trick("http://shop.example:80@127.0.0.1:{port}/", LOOPBACK),
    Trick("http://shop.example%40x@127.0.0.1:{port}/", LOOPBACK),
    Trick("http://user:p%2Fw@[::1]:{port}/", LOOPBACK_6),
    Trick("http://127.0.0.1:{port}/#@shop.example/", LOOPBACK),
    Trick("http://127.0.0.1:{port}#@shop.example/", LOOPBACK),
    Trick("http://127.0.0.1:{port}?@shop.example/", LOOPBACK),
    Trick("http://127.0.0.1:{port}/@shop.example", LOOPBACK),
    Trick("HTTP://127.0.0.1:{port}/", LOOPBACK),
    Trick("http://127.0.0.1:{port}/%0d%0aHost:%20shop.example", LOOPBACK),
    Trick("http://127.0.0.1:0{port}/", LOOPBACK),
    Trick("http://127.0.0.1:{port}\\@shop.example/", client_refuses=True),
    Trick("http://127.0.0.1:{port}\\.shop.example/", client_refuses=True),
    Trick("http:\\\\127.0.0.1:{port}\\", client_refuses=True),
    Trick("http:/\\127.0.0.1:{port}/", client_refuses=True),
    Trick("http:127.0.0.1:{port}/", client_refuses=True),
    Trick("//127.0.0.1:{port}/", client_refuses=True),
    Trick("http:///127.0.0.1:{port}/", client_refuses=True),
    Trick("http://shop.example@x@127.0.0.1:{port}/"),
    Trick("http://127.0.0.1:{port}/\\shop.example"),
    Trick("http://127.0.0.1:{port}/ HTTP/1.1"),
    Trick("http://127.0.0.1:{port}/\u00e9"),
    Trick(" http://127.0.0.1:{port}/", client_refuses=True),
    Trick("http://127.0.0.1 :{port}/", client_refuses=True),
    Trick("http://127.0.0.1\t:{port}/", client_refuses=True),
    Trick("ht\ntp://127.0.0.1:{port}/", client_refuses=True),
    Trick("http://127.0.0.1:{port}/\r\nHost: shop.example", client_refuses=True),
    Trick("http://127.0.0.1\r\n:{port}/", client_refuses=True),
    Trick("http://127.0.0.1\0.shop.example:{port}/", client_refuses=True),
    Trick("http://127.0.0.1:{port}:80/", client_refuses=True),
    Trick("http://127.0.0.1:-{port}/", client_refuses=True),
    Trick("http://127.0.0.1:99999/", client_refuses=True),
    Trick("http://127.0.0.1:0/", client_refuses=True),
]

SCHEMES = [
    Trick("ws://127.0.0.1:{port}/"),
    Trick("wss://127.0.0.1:{port}/"),
    *(
        Trick(f"{scheme}://127.0.0.1:{{port}}/", client_refuses=True)
        for scheme in ("ftp", "file", "gopher", "dict", "ldap", "unix", "data", "jar", "javascript", "http+unix", "")
    ),
]

REDIRECTS = [
    redirected(trick)
    for trick in (
        to("127.0.0.1", *LOOPBACK),
        to("::1", *LOOPBACK_6),
        to("0.0.0.0", "0.0.0.0"),
        to("10.0.0.1", "10.0.0.0/8"),
        to("169.254.169.254", "169.254.169.254"),
        to("::ffff:127.0.0.1", *MAPPED, *LOOPBACK),
        to("64:ff9b::10.0.0.1", "64:ff9b::/96", "10.0.0.0/8"),
        Trick("//127.0.0.1:{port}/", LOOPBACK),
        Trick("http://localhost:{port}/", ("localhost",)),
        named("private.example", "10.1.2.3", opened_by=("private.example",)),
        Trick("http://shop.example@127.0.0.1:{port}/", LOOPBACK),
        Trick("http://2130706433:{port}/"),
        Trick("http://0x7f.1:{port}/"),
        Trick("file:///etc/passwd", client_refuses=True),
        Trick("gopher://127.0.0.1:{port}/", client_refuses=True),
        Trick("http://\uff11\uff12\uff17.0.0.1:{port}/", client_refuses=True),
        Trick("http://127.0.0.1:{port}\\@shop.example/", client_refuses=True),
    )
]

TRICKS = [*ADDRESSES, *ADDRESSES_6, *SPELLINGS, *NAMES, *DISGUISES, *SCHEMES, *REDIRECTS]
NO_URLS = [*SPELLINGS, *SCHEMES, *(trick for trick in DISGUISES if not trick.opened_by)]
