from collections.abc import Iterator

import pytest

from cordboard.testkit.running import Cordboard
from tests.taskrouter.scene import Scene
from tests.webhooks.receiver import HostileReceiver, listening


@pytest.fixture
def receiver(cordboard: Cordboard) -> Iterator[HostileReceiver]:
    with listening(cordboard) as receiver:
        yield receiver


@pytest.fixture
def scene(cordboard: Cordboard, receiver: HostileReceiver) -> Scene:
    """A workspace whose events go to the receiver."""
    made = Scene(cordboard, event_callback_url=f"{receiver.url}/events")
    cordboard.settled()
    receiver.calls.clear()
    return made
