import json
from pathlib import Path

import pytest
from hypothesis import Phase, settings

# Mutants are many, and most die of the first example. What killed one need not be small.
settings.register_profile(
    "mutants", max_examples=15, deadline=None, derandomize=True, database=None, phases=[Phase.explicit, Phase.generate]
)
DURATIONS = Path("mutmut-stats.json")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """For a mutant the quick tests come first: one that fails is enough."""
    if DURATIONS.exists():
        seconds = json.loads(DURATIONS.read_text())["duration_by_test"]
        items.sort(key=lambda item: seconds.get(item.nodeid, 0))
