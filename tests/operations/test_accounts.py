"""Another account's resources: they do not exist, whatever is asked of them."""

from collections import deque
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from cordboard.testkit.http import Credentials
from cordboard.testkit.running import Cordboard
from cordboard.testkit.workbench import Workbench
from tests.operations.tables import Operation, built, placeholder_path, unbuilt
from tests.operations.world import populate

Place = tuple[str, str]
"""Host and path."""


class World:
    """A server on which the first account has one of everything, and a stranger nothing."""

    def __init__(self, cordboard: Cordboard) -> None:
        self.cordboard = cordboard
        self.stranger: Credentials = cordboard.add_account("A stranger")
        self.places = sorted(self._explore(populate(cordboard)))

    def place_of(self, operation: Operation) -> str:
        for host, path in self.places:
            if host in operation.product.hosts and operation.matches(path):
                return path
        raise AssertionError(f"nothing of the first account is at {operation.route.path}: let world.py make it")

    def events(self) -> list[Any]:
        events: list[Any] = self.cordboard.http.get("/cordboard/v1/Events", {"PageSize": 1000}).json["events"]
        return events

    def _explore(self, urls: list[str]) -> set[Place]:
        """Every place that the answers of this server lead to, from the lists without a parent and from ``urls``."""
        reads = [operation for operation in built() if operation.route.verb == "GET"]
        places: set[Place] = set()
        ahead = deque(_place(url) for url in urls)
        ahead += [(operation.host, operation.route.path) for operation in reads if not operation.path_parameters]
        while ahead:
            host, path = ahead.popleft()
            if (host, path) in places:
                continue
            places.add((host, path))
            parent = path.rpartition("/")[0]
            if parent.count("/") > 1:
                ahead.append((host, parent))
            if any(host in read.product.hosts and read.matches(path) for read in reads):
                answer = self.cordboard.http.get(path, host=host)
                if answer.status == 200:
                    ahead += [_place(url) for url in _urls(answer.json)]
        return places


def _place(url: str) -> Place:
    parts = urlsplit(url)
    return str(parts.hostname).partition(".")[0], parts.path


def _urls(value: object) -> Iterator[str]:
    match value:
        case dict():
            for part in value.values():
                yield from _urls(part)
        case list():
            for part in value:
                yield from _urls(part)
        case str() if value.startswith("https://") and str(urlsplit(value).hostname).endswith(".twilio.com"):
            yield value
        case _:
            pass


@pytest.fixture(scope="module")
def world(cordboard_workbench: Workbench) -> Iterator[World]:
    with cordboard_workbench.cordboard(seed=1) as cordboard:
        yield World(cordboard)


WITH_SIDS = [operation for operation in built() if operation.path_parameters]


@pytest.mark.parametrize("operation", WITH_SIDS, ids=str)
def test_another_accounts_sid_is_not_found_and_nothing_changes(world: World, operation: Operation) -> None:
    path = world.place_of(operation)
    if operation.route.verb == "GET":
        assert operation.send(world.cordboard.http, path, operation.least_form).status != 404
    before = world.events()
    answer = operation.send(world.cordboard.http, path, operation.least_form, auth=world.stranger)
    assert (answer.status, answer.json["code"]) == (404, 20404), answer.text
    assert world.events() == before


@pytest.mark.parametrize("operation", list(built()), ids=str)
def test_no_operation_is_for_somebody_without_credentials(world: World, operation: Operation) -> None:
    path = placeholder_path(operation.route.path)
    answer = operation.send(world.cordboard.http, path, operation.least_form, auth=None)
    assert (answer.status, answer.json["code"]) == (401, 20003)


def test_what_is_not_built_says_so_by_its_name(world: World) -> None:
    for product, route in unbuilt():
        answer = world.cordboard.http.request(route.verb, placeholder_path(route.path), host=product.hosts[0])
        assert (answer.status, answer.json["code"]) == (501, 90501)
        assert route.operation in answer.json["message"]
