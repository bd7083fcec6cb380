"""Deliveries are forgotten, removed and counted as everything else is."""

from typing import Any

import msgspec
import pytest

from cordboard.server.compose import System, compose
from cordboard.testkit.running import Cordboard
from cordboard.webhooks.model import Delivery
from cordboard.webhooks.store import DELIVERIES
from tests.webhooks.receiver import OK, HostileReceiver, answer
from tests.webhooks.sending import JSON, delivered, fetch, send

DAY = 24 * 3600


@pytest.fixture(params=["sqlite", "postgres"])
def cordboard_database(request: pytest.FixtureRequest) -> str | None:
    if request.param == "sqlite":
        return None
    url: str = request.getfixturevalue("postgres_database")
    return url


def rows(cordboard: Cordboard) -> list[Delivery]:
    return cordboard.call(cordboard.system.db.read(lambda view: view.all(DELIVERIES.where())))


def test_settled_deliveries_go_when_their_time_has_come(cordboard: Cordboard, receiver: HostileReceiver) -> None:
    async def keeping(system: System) -> System:
        await system.stop()
        again = await compose(msgspec.structs.replace(system.settings, keep_deliveries="2d"), system.ports)
        await again.start()
        return again

    receiver.script = lambda call: OK if call.form["Resource"] == "good" else answer(500)
    send(cordboard, receiver.url, "good")
    send(cordboard, receiver.url, "parked")
    cordboard.clock.advance(DAY)
    late = send(cordboard, receiver.url, "good")
    cordboard.system = cordboard.call(keeping(cordboard.system))
    cordboard.clock.advance(DAY + 6 * 3600)
    assert [found.sid for found in rows(cordboard)] == [late]
    cordboard.clock.advance(DAY)
    assert rows(cordboard) == []


def test_who_is_forgotten_is_in_no_delivery(cordboard: Cordboard, receiver: HostileReceiver) -> None:
    receiver.script = lambda call: OK if "Waits" not in call.form else answer(500)
    form = msgspec.json.encode({"Attributes": '{"phone": "+12025550143"}', "Sid": None}).decode()
    waiting = msgspec.json.encode({"Author": "+12025550143", "Waits": "yes"}).decode()
    sids = [
        send(cordboard, receiver.url, payload=form),
        send(cordboard, receiver.url, "json", **JSON | {"payload": '{"who": ["+12025550143"]}'}),
        send(cordboard, receiver.url, "waiting", payload=waiting),
    ]
    cordboard.settled()
    cordboard.http.post("/cordboard/v1/Erasures", {"Address": "+12025550143"})
    cordboard.settled()
    assert "+12025550143" not in str(delivered(cordboard))
    assert all("erased-" in str(fetch(cordboard, sid)["payload"]) for sid in sids)
    receiver.behaves(OK)
    cordboard.clock.advance(60)
    assert receiver.calls[-1].form["Author"].startswith("erased-")


def test_numbers_tell_of_attempts_waits_and_what_is_parked(cordboard: Cordboard, receiver: HostileReceiver) -> None:
    receiver.script = lambda call: OK if call.form["Resource"] == "good" else answer(500)
    for _ in range(3):
        send(cordboard, receiver.url, "good")
    cordboard.settled()
    send(cordboard, receiver.url, "bad")
    cordboard.settled()
    assert numbers(cordboard) == {"good": 3, "failed": 1, "pending": 1, "parked": 0, "failing": 1, "under_way": 0}
    cordboard.clock.advance(5 * 3600)
    told = numbers(cordboard)
    assert (told["pending"], told["parked"], told["good"]) == (0, 1, 3)
    assert told["failed"] > 20


def numbers(cordboard: Cordboard) -> dict[str, Any]:
    lines = cordboard.http.get("/metrics", auth=None).text.splitlines()
    samples = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    names = {
        "good": 'cordboard_delivery_attempts_total{outcome="good"}',
        "failed": 'cordboard_delivery_attempts_total{outcome="failed"}',
        "pending": "cordboard_deliveries_pending",
        "parked": "cordboard_deliveries_parked",
        "failing": "cordboard_receivers_failing",
        "under_way": "cordboard_deliveries_under_way",
    }
    assert "cordboard_delivery_wait_seconds_count" in samples
    return {short: int(float(samples[name])) for short, name in names.items()}
