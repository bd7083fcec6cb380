"""Deliveries without a product: enqueued for events of the account itself, as any product would."""

import asyncio
import itertools
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from cordboard.events.journal import Event
from cordboard.events.record import record
from cordboard.server.compose import System, compose
from cordboard.storage.unit import Unit
from cordboard.testkit.running import Cordboard
from cordboard.webhooks.enqueuing import enqueue
from cordboard.webhooks.model import Callback, Content, Method

_numbers = itertools.count()


async def enqueue_about(unit: Unit, account_sid: str, resource: str, **callback: Any) -> str:
    """Record that something happened to a resource, and have a URL told of it; the delivery's SID."""
    record(unit, "test", "happened", account_sid=account_sid, scope_sid=account_sid, resource_sid=resource)
    event = unit.writes.appends[account_sid][-1]
    assert isinstance(event, Event)
    callback.setdefault("payload", msgspec.json.encode({"Resource": resource, "Number": str(next(_numbers))}).decode())
    return enqueue(unit, event, Callback(resource=resource, **callback)).sid


def send(cordboard: Cordboard, url: str, resource: str = "one", **callback: Any) -> str:
    """Enqueue, and do not wait for it."""
    sid = cordboard.account_sid
    return cordboard.call(cordboard.system.db.run(lambda unit: enqueue_about(unit, sid, resource, url=url, **callback)))


def send_many(cordboard: Cordboard, wanted: Sequence[tuple[str, str]]) -> list[str]:
    """Enqueue URL and resource of each in one unit."""

    async def enqueue_all(unit: Unit) -> list[str]:
        return [await enqueue_about(unit, cordboard.account_sid, resource, url=url) for url, resource in wanted]

    return cordboard.call(cordboard.system.db.run(enqueue_all))


def restart(cordboard: Cordboard) -> None:
    """End the server, whatever is under way, and start it again on its database."""

    async def again(system: System) -> System:
        await system.stop()
        started = await compose(system.settings, system.ports)
        await started.start()
        return started

    cordboard.system = cordboard.call(again(cordboard.system))


def wait_until(cordboard: Cordboard, holds: Callable[[], bool]) -> None:
    """Wait while calls are under way that no settled server would have."""

    async def look() -> None:
        while not holds():  # noqa: ASYNC110 - what holds is in the database
            await asyncio.sleep(0.002)

    cordboard.call(look())


def fetch(cordboard: Cordboard, sid: str) -> dict[str, Any]:
    found: dict[str, Any] = cordboard.http.get(f"/cordboard/v1/Deliveries/{sid}").json
    return found


def delivered(cordboard: Cordboard, **query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = cordboard.http.get("/cordboard/v1/Deliveries", {"PageSize": 1000, **query}).json[
        "deliveries"
    ]
    return found


GET: dict[str, Any] = {"method": Method.GET}
JSON: dict[str, Any] = {"content": Content.JSON, "payload": '{"who": "Zoë", "n": 1}'}
