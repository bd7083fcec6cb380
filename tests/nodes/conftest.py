from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres_server import PostgresServer

from .pair import Pair, two_nodes


@pytest.fixture
def pair(postgres_server: PostgresServer, tmp_path: Path) -> Iterator[Pair]:
    with two_nodes(postgres_server, tmp_path) as pair:
        yield pair
