import pytest

from cordboard.testkit.running import Cordboard
from tests.flex.contact_center import ContactCenter


@pytest.fixture
def center(cordboard: Cordboard) -> ContactCenter:
    return ContactCenter(cordboard)
