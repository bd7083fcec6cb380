import pytest

from cordboard.kernel.settings import BadSettings, Mode, Settings
from tests.rest.fakes import FLEX, TASKROUTER, Server

CONFIGURATION = "/v1/Configuration"
STATISTICS = "/v1/Workspaces/WS1/Tasks/Statistics"
PRODUCTION = Settings(mode=Mode.PRODUCTION)


@pytest.mark.parametrize(
    ("host", "path", "product", "base"),
    [
        ("taskrouter.localhost:8000", CONFIGURATION, "taskrouter", "http://taskrouter.localhost:8000"),
        ("flex-api.localhost", CONFIGURATION, "flex-api", "http://flex-api.localhost"),
        ("FLEX-API.Twilio.com", CONFIGURATION, "flex-api", "http://flex-api.twilio.com"),
        ("flex-api.ashburn.us1.twilio.com", CONFIGURATION, "flex-api", "http://flex-api.ashburn.us1.twilio.com"),
        ("localhost:8000", f"/flex-api{CONFIGURATION}", "flex-api", "http://localhost:8000/flex-api"),
        ("localhost:8000", f"/taskrouter{CONFIGURATION}", "taskrouter", "http://localhost:8000/taskrouter"),
        ("flex-api.localhost", f"/taskrouter{CONFIGURATION}", "taskrouter", "http://flex-api.localhost/taskrouter"),
        ("localhost", STATISTICS, "statistics", "http://localhost"),
        ("flex-api.localhost", STATISTICS, "statistics", "http://flex-api.localhost"),
        ("[::1]:8000", STATISTICS, "statistics", "http://[::1]:8000"),
    ],
)
def test_the_product_is_found_by_host_then_prefix_then_root_and_links_go_back_the_same_way(
    host: str, path: str, product: str, base: str
) -> None:
    answer = Server(Settings(hosts=("*.twilio.com",))).call("GET", path, host=host)
    assert (answer.status, answer.json) == (200, {"product": product, "base": base})


@pytest.mark.parametrize("path", [CONFIGURATION, f"/flex{CONFIGURATION}", "/v1/WorkspacesAll", "/flex-api", "/"])
def test_a_path_that_no_product_can_be_told_by_is_not_found(path: str) -> None:
    assert Server().call("GET", path).status == 404


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "evil-localhost", "10.0.0.1", "", "a b", "a@localhost", None],
)  # fmt: skip
def test_in_development_a_foreign_host_is_misdirected(host: str | None) -> None:
    served = Server()
    answer = served.call("GET", STATISTICS, host=host)
    assert (answer.status, answer.json["code"]) == (421, 20421)
    assert not served.world.opened


@pytest.mark.parametrize(
    ("host", "settings"),
    [
        ("localhost", Settings()),
        ("localhost.:8000", Settings()),
        ("a.b.localhost", Settings()),
        ("127.8.8.8:1", Settings()),
        ("box.lan", Settings(hosts=("box.lan",))),
        ("taskrouter.ie1.Twilio.com:443", Settings(hosts=("*.TWILIO.com",))),
        ("anything.example", Settings(hosts=("*",))),
        ("calls.example.com:444", Settings(public_url="https://Calls.example.com")),
        ("anything.example", PRODUCTION),
    ],
)
def test_a_host_of_ours_is_answered(host: str, settings: Settings) -> None:
    assert Server(settings).call("GET", STATISTICS, host=host).status == 200


def test_in_production_a_host_that_is_none_is_misdirected() -> None:
    assert Server(PRODUCTION).call("GET", STATISTICS, host="a/b").status == 421


@pytest.mark.parametrize(
    ("host", "path", "base"),
    [
        ("localhost:8000", f"/taskrouter{CONFIGURATION}", "https://calls.example.com:8443/taskrouter"),
        ("localhost:8000", STATISTICS, "https://calls.example.com:8443"),
        ("taskrouter.localhost", CONFIGURATION, "https://taskrouter.localhost"),
    ],
)
def test_the_public_url_gives_scheme_and_host_except_to_a_products_own_host(host: str, path: str, base: str) -> None:
    served = Server(Settings(public_url="https://calls.example.com:8443/"))
    assert served.call("GET", path, host=host).json["base"] == base


@pytest.mark.parametrize(
    ("proxies", "client", "base"),
    [
        ((), "127.0.0.1", "http://localhost:8000"),
        (("10.0.0.0/8", "::1"), "10.1.2.3", "https://taskrouter.twilio.com"),
        (("10.0.0.0/8", "::1"), "::1", "https://taskrouter.twilio.com"),
        (("10.0.0.0/8", "::1"), "11.1.2.3", "http://localhost:8000"),
        (("10.0.0.0/8", "::1"), "a socket", "http://localhost:8000"),
        (("*",), "11.1.2.3", "https://taskrouter.twilio.com"),
    ],
)
def test_forwarded_headers_count_from_trusted_proxies_only(proxies: tuple[str, ...], client: str, base: str) -> None:
    served = Server(Settings(hosts=("*.twilio.com",), trusted_proxies=proxies))
    answer = served.call(
        "GET",
        STATISTICS,
        client=client,
        x_forwarded_proto="http, https",
        x_forwarded_host="evil.example, taskrouter.twilio.com",
    )
    assert answer.json["base"] == base


@pytest.mark.parametrize(
    "settings",
    [
        Settings(public_url="calls.example.com"),
        Settings(public_url="ftp://calls.example.com"),
        Settings(public_url="https://calls.example.com/api"),
        Settings(trusted_proxies=("proxy.lan",)),
    ],
)
def test_settings_that_cannot_be_used_are_refused_at_start(settings: Settings) -> None:
    with pytest.raises(BadSettings, match="takes"):
        Server(settings)


def test_two_products_cannot_have_one_name() -> None:
    with pytest.raises(TypeError, match="which another has"):
        Server(products=(TASKROUTER, FLEX, FLEX))
