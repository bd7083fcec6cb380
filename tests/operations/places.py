"""Where the resources are that ``world.populate`` makes, found by following the answers of the server."""

from collections import deque
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from cordboard.testkit.http import Credentials
from cordboard.testkit.running import Cordboard
from tests.operations.tables import Operation, built
from tests.operations.world import populate

Place = tuple[str, str]
"""Host and path."""


class World:
    """A server on which the first account has one of everything, and a stranger nothing."""

    def __init__(self, cordboard: Cordboard) -> None:
        self.cordboard = cordboard
        self.places = sorted(explore(cordboard, populate(cordboard)))
        self.stranger: Credentials = cordboard.add_account("A stranger")

    def place_of(self, operation: Operation) -> str:
        for host, path in self.places:
            if host in operation.product.hosts and operation.matches(path):
                return path
        raise AssertionError(f"nothing of the first account is at {operation.route.path}: let world.py make it")

    def events(self) -> list[Any]:
        events: list[Any] = self.cordboard.http.get("/cordboard/v1/Events", {"PageSize": 1000}).json["events"]
        return events


def explore(cordboard: Cordboard, urls: list[str]) -> set[Place]:
    """Every place that the answers of a server lead to, from the lists without a parent and from ``urls``."""
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
            answer = cordboard.http.get(path, host=host)
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
