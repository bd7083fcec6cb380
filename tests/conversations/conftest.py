import pytest
from twilio.rest.conversations.v1 import V1

from cordboard.testkit.running import Cordboard


@pytest.fixture
def api(cordboard: Cordboard) -> V1:
    """Conversations v1 by the official client."""
    return cordboard.client.conversations.v1
