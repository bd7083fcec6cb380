"""Where deliveries must not go, tried with real connections: ``tricks`` says how, ``network`` with what."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import httpx
import pytest

from cordboard.kernel.settings import Mode, Settings
from cordboard.webhooks.destinations import Policy
from cordboard.webhooks.guarded import Forbidden, guarded_transport
from tests.webhooks.network import SHOP, SSL, Dialer, Listener, Names, call, call_unguarded
from tests.webhooks.tricks import PUBLIC, PUBLIC_6, TRICKS, Trick

T = TypeVar("T")
Call = Callable[[str, Names, Dialer], Awaitable[httpx.Response]]

# What httpx raises for a URL that it does not take. IDNAError is a UnicodeError.
NOT_TAKEN = (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.RemoteProtocolError, UnicodeError)
OUTSIDE = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nout"


def production(*allow: str) -> Policy:
    return Policy.of(Settings(mode=Mode.PRODUCTION, webhook_allow=allow))


def shown(trick: Trick) -> str:
    addresses = [address for each in trick.dns.values() for address in each]
    return ascii(" ".join(["Location:" * trick.redirected, trick.url, *addresses[:2]]).strip()).strip("'")


class Attempt:
    """A trick that was tried: what came of it, and what was connected to."""

    def __init__(self, trick: Trick, how: Call) -> None:
        self.answer: httpx.Response | None = None
        self.error: Exception | None = None
        asyncio.run(self._try(trick, how))

    async def _try(self, trick: Trick, how: Call) -> None:
        async with Listener() as inside, Listener(OUTSIDE) as outside:
            url = trick.url.replace("{port}", str(inside.port))
            if trick.redirected:
                outside.answer = redirect(url)
                url = SHOP
            dialer = Dialer(outside, inside)
            try:
                self.answer = await how(url, Names({name: [answer] for name, answer in trick.dns.items()}), dialer)
            except (httpx.HTTPError, *NOT_TAKEN) as error:
                self.error = error
            self.inside = inside.connections
            self.dialled = dialer.dialled


def redirect(location: str) -> bytes:
    head = f"HTTP/1.1 307 Temporary Redirect\r\nContent-Length: 0\r\nConnection: close\r\nLocation: {location}\r\n\r\n"
    return head.encode()


def guarded_by(policy: Policy) -> Call:
    return lambda url, names, dialer: call(url, policy, names, dialer)


def test_there_are_more_than_a_hundred_tricks_that_a_client_without_guard_falls_for() -> None:
    assert len({trick.url + str(trick.redirected) for trick in TRICKS if not trick.client_refuses}) > 100


@pytest.mark.parametrize("trick", TRICKS, ids=shown)
def test_in_production_mode_nothing_inside_is_reached(trick: Trick) -> None:
    attempt = Attempt(trick, guarded_by(production()))
    assert attempt.inside == 0
    assert {PUBLIC, PUBLIC_6}.issuperset(attempt.dialled)
    if not trick.client_refuses:
        assert isinstance(attempt.error, Forbidden)


@pytest.mark.parametrize("trick", [trick for trick in TRICKS if trick.opened_by], ids=shown)
def test_an_operators_list_opens_it(trick: Trick) -> None:
    attempt = Attempt(trick, guarded_by(production(*trick.opened_by)))
    assert attempt.answer is not None
    assert (attempt.answer.text, attempt.inside) == ("in", 1)


@pytest.mark.parametrize("trick", TRICKS, ids=shown)
def test_a_client_without_guard_reaches_it_unless_the_table_says_otherwise(trick: Trick) -> None:
    assert Attempt(trick, call_unguarded).inside == (not trick.client_refuses)


@pytest.mark.parametrize("trick", [trick for trick in TRICKS if len(trick.opened_by) > 1], ids=shown)
def test_what_carries_an_ipv4_address_is_not_opened_without_that_address(trick: Trick) -> None:
    assert isinstance(Attempt(trick, guarded_by(production(trick.opened_by[0]))).error, Forbidden)


@pytest.mark.parametrize(
    ("url", "allow"),
    [
        ("http://169.254.169.254:{port}/", "169.254.0.0/16"),
        ("http://100.100.100.200:{port}/", "100.64.0.0/10"),
        ("http://[fd00:ec2::254]:{port}/", "fc00::/7"),
        ("http://[::ffff:169.254.169.254]:{port}/", "::/0"),
        ("http://metadata.google.internal:{port}/", "*.internal"),
        ("http://metadata.google.internal:{port}/", "metadata.google.internal"),
    ],
)
def test_no_network_and_no_name_opens_the_way_to_a_clouds_credentials(url: str, allow: str) -> None:
    trick = Trick(url, dns={"metadata.google.internal": ("169.254.169.254",)})
    attempt = Attempt(trick, guarded_by(production(allow, "0.0.0.0/0")))
    assert isinstance(attempt.error, Forbidden)
    assert attempt.inside == 0


def test_names_below_another_are_opened_and_not_the_name_itself_nor_one_that_ends_alike() -> None:
    for name in ("internal", "notinternal", "a.internal.example"):
        trick = Trick(f"http://{name}:{{port}}/", dns={name: ("10.0.0.1",)})
        assert isinstance(Attempt(trick, guarded_by(production("*.internal"))).error, Forbidden)


def test_the_refusal_says_what_kind_of_address_it_is_and_what_opens_it_but_not_the_address() -> None:
    trick = Trick("http://crm.example:{port}/", dns={"crm.example": ("10.11.12.13",)})
    assert str(Attempt(trick, guarded_by(production())).error) == (
        "crm.example leads to a private address, where deliveries do not go; "
        "an operator may allow it in CORDBOARD_WEBHOOK_ALLOW"
    )


@pytest.mark.parametrize("url", ["http://127.0.0.1:{port}/", "http://[::1]:{port}/", "http://localhost:{port}/"])
def test_in_development_mode_this_machine_is_reached(url: str) -> None:
    attempt = Attempt(Trick(url), guarded_by(Policy.of(Settings())))
    assert (attempt.error, attempt.inside) == (None, 1)


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1:{port}/",
        "http://0.0.0.0:{port}/",
        "http://169.254.169.254:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://127.1:{port}/",
    ],
)
def test_in_development_mode_nothing_else_inside_is_reached(url: str) -> None:
    assert isinstance(Attempt(Trick(url), guarded_by(Policy.of(Settings()))).error, Forbidden)


@pytest.mark.parametrize("address", [PUBLIC, PUBLIC_6])
def test_a_receiver_outside_is_reached(address: str) -> None:
    attempt = Attempt(Trick("http://receiver.example/", dns={"receiver.example": (address,)}), guarded_by(production()))
    assert attempt.answer is not None
    assert (attempt.answer.text, attempt.dialled) == ("out", [address])


def on_the_network(story: Callable[[Listener, Listener, Dialer], Awaitable[T]]) -> T:
    async def play() -> T:
        async with Listener() as inside, Listener(OUTSIDE) as outside:
            return await story(inside, outside, Dialer(outside, inside))

    return asyncio.run(play())


def test_a_name_is_resolved_once_for_a_connection_and_connected_to_as_it_was_judged() -> None:
    async def story(inside: Listener, outside: Listener, dialer: Dialer) -> None:
        names = Names({"rebinds.example": [(PUBLIC,), ("127.0.0.1",)]})
        transport = guarded_transport(production(), resolve=names, network=dialer, ssl_context=SSL)
        async with httpx.AsyncClient(transport=transport) as client:
            assert (await client.get(f"http://rebinds.example:{inside.port}/")).text == "out"
            assert (names.asked, dialer.dialled) == (["rebinds.example"], [PUBLIC])
            with pytest.raises(Forbidden, match="loopback"):
                await client.get(f"http://rebinds.example:{inside.port}/")
        assert (inside.connections, outside.connections, dialer.dialled) == (0, 1, [PUBLIC])

    on_the_network(story)


def test_a_connection_that_is_kept_goes_on_to_the_address_that_was_judged() -> None:
    async def story(inside: Listener, outside: Listener, dialer: Dialer) -> None:
        outside.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nout"
        names = Names({"rebinds.example": [(PUBLIC,), ("127.0.0.1",)]})
        transport = guarded_transport(production(), resolve=names, network=dialer, ssl_context=SSL)
        async with httpx.AsyncClient(transport=transport) as client:
            for _ in range(3):
                assert (await client.get(f"http://rebinds.example:{inside.port}/")).text == "out"
        assert (names.asked, inside.connections, outside.connections) == (["rebinds.example"], 0, 1)

    on_the_network(story)


def test_the_next_address_is_tried_when_one_does_not_answer() -> None:
    async def story(_inside: Listener, _outside: Listener, dialer: Dialer) -> None:
        dialer.dead = {PUBLIC_6}
        names = Names({"two.example": [(PUBLIC_6, PUBLIC)]})
        assert (await call("http://two.example/", production(), names, dialer)).text == "out"
        assert dialer.dialled == [PUBLIC_6, PUBLIC]

    on_the_network(story)


@pytest.mark.parametrize(
    ("port", "reached"), [(80, True), (443, True), (8080, True), (22, False), (25, False), (79, False)]
)
def test_ports_of_other_services_are_refused(port: int, reached: bool) -> None:
    attempt = Attempt(Trick(f"http://shop.example:{port}/"), guarded_by(production()))
    assert (attempt.answer is not None, attempt.dialled != []) == (reached, reached)
    assert reached or "CORDBOARD_WEBHOOK_PORTS" in str(attempt.error)


def test_an_operator_says_which_ports_and_schemes() -> None:
    settings = Settings(mode=Mode.PRODUCTION, webhook_ports=("8000-8001", "25"), webhook_schemes=("https",))
    policy = Policy.of(settings)
    for url in ("https://shop.example:25/", "https://shop.example:8001/"):
        assert policy.check(url).scheme == "https"
    for url in ("https://shop.example/", "https://shop.example:8002/", "http://shop.example:8000/"):
        assert isinstance(Attempt(Trick(url), guarded_by(policy)).error, Forbidden)


def test_a_redirect_to_a_refused_port_or_scheme_is_refused() -> None:
    for location in ("http://shop.example:22/", "ftp://shop.example/"):
        attempt = Attempt(Trick(location, redirected=True), guarded_by(production()))
        assert attempt.dialled == [PUBLIC]
        assert isinstance(attempt.error, httpx.HTTPError)


def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    attempt = Attempt(Trick(SHOP), guarded_by(production()))
    assert attempt.answer is not None
    assert attempt.dialled == [PUBLIC]
