import pytest

from cordboard.testkit.running import Cordboard
from tests.taskrouter.scene import Scene


@pytest.fixture
def scene(cordboard: Cordboard) -> Scene:
    return Scene(cordboard)
