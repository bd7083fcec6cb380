import pytest

pytest_plugins = ["tests.postgres_server"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--on-postgresql", action="store_true", help="run the servers of the tests on PostgreSQL")


@pytest.fixture
def cordboard_database(request: pytest.FixtureRequest) -> str | None:
    if not request.config.getoption("--on-postgresql"):
        return None
    url: str = request.getfixturevalue("postgres_database")
    return url
