"""Every answer is what ``/openapi.json`` says, whatever is asked: schemathesis makes up the calls, the same in every run."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.core.failures import FailureGroup
from schemathesis.core.transport import Response
from schemathesis.generation import GenerationMode
from schemathesis.generation.stateful import run_state_machine_as_test

from cordboard.rest.openapi import document
from cordboard.server.compose import PRODUCTS
from cordboard.testkit.workbench import Workbench
from tests.conformance.server import call, validate
from tests.operations.places import World
from tests.operations.tables import Operation, built
from tests.operations.world import populate

DESCRIBED = [product for product in PRODUCTS if product.name in {"taskrouter", "conversations", "flex-api"}]
OPERATIONS = [operation for operation in built() if operation.product in DESCRIBED]
SEED = 1


def made(examples: int) -> settings:
    return settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )


@pytest.fixture(scope="module")
def schema() -> Any:
    return schemathesis.openapi.from_dict(document(DESCRIBED))


@pytest.fixture(scope="module")
def world(cordboard_workbench: Workbench) -> Iterator[World]:
    with cordboard_workbench.cordboard(seed=SEED) as cordboard:
        yield World(cordboard)


@pytest.mark.parametrize("examples", [3, pytest.param(300, marks=pytest.mark.nightly)])
@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_an_answer_is_as_it_is_described(
    cordboard_workbench: Workbench, schema: Any, world: World, operation: Operation, examples: int
) -> None:
    """The path leads to what is there, as a rule."""
    described = schema[f"/{operation.product.name}{operation.route.path}"][operation.route.verb]
    place = operation.parts(world.place_of(operation))
    modes = st.sampled_from([GenerationMode.POSITIVE, GenerationMode.NEGATIVE])

    with cordboard_workbench.cordboard(seed=SEED) as cordboard:
        populate(cordboard)

        @made(examples)
        @given(st.data(), modes, st.integers(0, 9))
        def answers(data: st.DataObject, mode: GenerationMode, chance: int) -> None:
            case = data.draw(described.as_strategy(generation_mode=mode))
            if chance:
                case.path_parameters = {**(case.path_parameters or {}), **place}
            validate(case, call(cordboard, case))

        answers()


def test_an_answer_that_is_not_as_it_is_described_is_found_out(world: World) -> None:
    wrong = document(DESCRIBED)
    wrong["components"]["schemas"]["TaskAnswer"]["properties"]["age"] = {"type": "string"}
    (fetch,) = (operation for operation in OPERATIONS if operation.route.operation == "FetchTask")
    described = schemathesis.openapi.from_dict(wrong)[f"/taskrouter{fetch.route.path}"]["GET"]
    case = described.Case(path_parameters=fetch.parts(world.place_of(fetch)))
    with pytest.raises(FailureGroup, match="Response violates schema"):
        validate(case, call(world.cordboard, case))


@pytest.mark.parametrize("examples", [15, pytest.param(500, marks=pytest.mark.nightly)])
def test_one_call_after_another_is_answered_as_it_is_described(
    cordboard_workbench: Workbench, schema: Any, examples: int
) -> None:
    """From what one call answers links lead to the next."""

    class Walk(schema.as_state_machine()):  # type: ignore[misc] # made at run time
        def setup(self) -> None:
            self.opened = cordboard_workbench.cordboard(seed=SEED)
            self.cordboard = self.opened.__enter__()
            populate(self.cordboard)

        def teardown(self) -> None:
            self.opened.__exit__(None, None, None)
            super().teardown()

        def call(self, case: Case[Any], **_: Any) -> Response:
            return call(self.cordboard, case)

        def validate_response(self, response: Response, case: Case[Any], **_: Any) -> None:
            validate(case, response)

    run_state_machine_as_test(Walk, settings=settings(made(examples), stateful_step_count=30))
