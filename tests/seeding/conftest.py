from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from cordboard.testkit.running import Cordboard
from cordboard.testkit.workbench import Workbench

Seeded = Callable[[str], AbstractContextManager[Cordboard]]


@pytest.fixture
def seeded(cordboard_workbench: Workbench, tmp_path: Path) -> Seeded:
    """A server that starts with this text as its seed file, ``floor.toml``."""

    @contextmanager
    def start(text: str) -> Iterator[Cordboard]:
        file = tmp_path / "floor.toml"
        file.write_text(text, "utf-8")
        with cordboard_workbench.cordboard(seed=1, floor=file) as cordboard:
            yield cordboard

    return start


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
