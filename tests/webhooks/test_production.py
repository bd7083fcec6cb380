"""The whole server in production mode, with a receiver on its own machine."""

from typing import Any

import msgspec
import pytest

from cordboard.kernel.settings import Mode
from cordboard.server.compose import System, compose
from cordboard.testkit.running import Cordboard
from tests.taskrouter.scene import Scene
from tests.webhooks.receiver import HostileReceiver, answer

KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


def in_production(cordboard: Cordboard, *allow: str) -> None:
    async def again(system: System) -> System:
        await system.settled()
        await system.stop()
        changes: dict[str, Any] = {"mode": Mode.PRODUCTION, "secret_key": KEY, "webhook_allow": allow}
        changes["auth_token"] = cordboard.auth_token
        started = await compose(msgspec.structs.replace(system.settings, **changes), system.ports)
        await started.start()
        return started

    cordboard.system = cordboard.call(again(cordboard.system))
    cordboard.settled()


def delivery_of(scene: Scene, task_sid: str) -> dict[str, Any]:
    found = scene.cordboard.http.get("/cordboard/v1/Deliveries", {"ResourceSid": task_sid}).json["deliveries"]
    first: dict[str, Any] = found[0]
    return first


def test_a_delivery_to_the_servers_own_machine_fails_until_the_operator_opens_the_way(
    scene: Scene, receiver: HostileReceiver
) -> None:
    cordboard = scene.cordboard
    in_production(cordboard)
    before = receiver.connections
    task = scene.task()
    cordboard.settled()
    refused = delivery_of(scene, task.sid)
    assert (refused["status"], refused["answer_status"], refused["error_code"]) == ("pending", None, 11205)
    assert refused["error"].startswith("127.0.0.1 leads to a loopback address")
    assert (receiver.connections, receiver.calls) == (before, [])

    in_production(cordboard, "127.0.0.1")
    cordboard.clock.advance(600)
    assert delivery_of(scene, task.sid)["status"] == "delivered"
    assert task.sid in receiver.told("TaskSid")


@pytest.mark.parametrize("status", [301, 307])
def test_a_redirect_to_where_deliveries_do_not_go_is_not_followed(
    scene: Scene, receiver: HostileReceiver, status: int
) -> None:
    cordboard = scene.cordboard
    in_production(cordboard, "127.0.0.1")
    receiver.behaves(answer(status, location=f"http://127.0.0.2:{receiver.port}/inside"))
    task = scene.task()
    cordboard.settled()
    refused = delivery_of(scene, task.sid)
    assert refused["error"].startswith("127.0.0.2 leads to a loopback address")
    assert {call.path for call in receiver.calls} == {"/events"}
