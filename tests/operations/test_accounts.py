"""Another account's resources: they do not exist, whatever is asked of them."""

from collections.abc import Iterator

import pytest

from cordboard.testkit.workbench import Workbench
from tests.operations.places import World
from tests.operations.tables import Operation, built, placeholder_path, unbuilt


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
