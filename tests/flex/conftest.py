import pytest

from cordboard.testkit.running import Cordboard
from tests.flex.contact_center import ContactCenter
from tests.nodes.naming import must_name_what_it_changes


@pytest.fixture
def center(cordboard: Cordboard) -> ContactCenter:
    must_name_what_it_changes(cordboard.system.db)
    return ContactCenter(cordboard)
