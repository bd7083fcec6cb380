import pytest

from cordboard.testkit.running import Cordboard
from tests.nodes.naming import must_name_what_it_changes
from tests.taskrouter.scene import Scene


@pytest.fixture
def scene(cordboard: Cordboard) -> Scene:
    must_name_what_it_changes(cordboard.system.db)
    return Scene(cordboard)
