"""The pytest plugin: the fixture ``cordboard`` and its marker.

pytest loads this file in every run in which the package is installed, so it imports next to nothing; the server is loaded when
the first test asks for the fixture.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from cordboard.kernel.chance import SystemChance

if TYPE_CHECKING:
    from .running import Cordboard
    from .workbench import Workbench

_MARKER = (
    "cordboard(seed: int, start: str, floor: str): SIDs that repeat, the time (ISO 8601) at which the server's clock "
    "stands, and a seed file beside the test's file that the server starts with"
)
_SEED = pytest.StashKey[int]()
_SEED_BITS = 32


def pytest_addoption(parser: pytest.Parser) -> None:
    """See pytest."""
    parser.getgroup("cordboard").addoption(
        "--cordboard-seed", type=int, help="the seed of servers whose tests name none; a failed test prints its own"
    )


def pytest_configure(config: pytest.Config) -> None:
    """See pytest."""
    config.addinivalue_line("markers", _MARKER)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say in the report of a failed test how to repeat it."""
    report = yield
    if report.failed and _SEED in item.stash:
        seed = item.stash[_SEED]
        report.sections.append(("cordboard", f"The server's seed was {seed}: repeat with --cordboard-seed={seed}"))
    return report


@pytest.fixture(scope="session")
def cordboard_workbench() -> Iterator[Workbench]:
    """What the servers of a session share."""
    from .workbench import Workbench  # noqa: PLC0415 - loaded by those who use it, see the top of this file

    with Workbench() as workbench:
        yield workbench


@pytest.fixture
def cordboard_database() -> str | None:
    """The URL of the empty database to run on, for suites that override this; None: a SQLite file in memory."""
    return None


@pytest.fixture
def cordboard(
    request: pytest.FixtureRequest, cordboard_workbench: Workbench, cordboard_database: str | None
) -> Iterator[Cordboard]:
    """A Cordboard of the test's own, with nothing in it but the first account and what the marker's floor says."""
    options = _options(request.node)
    options["database"] = cordboard_database
    options.setdefault("seed", _seed(request.config))
    request.node.stash[_SEED] = options["seed"]
    with cordboard_workbench.cordboard(**options) as running:
        yield running


def _options(test: pytest.Item) -> dict[str, Any]:
    marker = test.get_closest_marker("cordboard")
    if marker is None:
        return {}
    if marker.args or marker.kwargs.keys() - {"seed", "start", "floor"}:
        raise pytest.UsageError("pytest.mark.cordboard takes seed=<int>, start=<ISO 8601 time> and floor=<seed file>")
    options = dict(marker.kwargs)
    if "floor" in options:
        options["floor"] = test.path.parent / options["floor"]
    return options


def _seed(config: pytest.Config) -> int:
    given: int | None = config.getoption("--cordboard-seed")
    return SystemChance().bits(_SEED_BITS) if given is None else given
