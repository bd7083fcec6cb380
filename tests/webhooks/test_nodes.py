"""Several nodes on one PostgreSQL: one sends what all of them enqueue, and another goes on when it is gone."""

import asyncio
import math
from collections.abc import AsyncIterator, Callable

import pytest

from cordboard.server.compose import System
from cordboard.storage.nodes import Lease
from cordboard.webhooks.sender import SENDING, Sender
from tests.nodes.test_in_one_process import anyio_backend, systems
from tests.webhooks.receiver import HostileReceiver, answer
from tests.webhooks.sending import enqueue_about

__all__ = ["anyio_backend", "systems"]

pytestmark = pytest.mark.anyio

PATIENCE_S = 20


@pytest.fixture
async def receiver() -> AsyncIterator[HostileReceiver]:
    receiver = HostileReceiver()
    await receiver.start()
    yield receiver
    await receiver.stop()


def lease(system: System) -> Lease:
    sender = system._followers["deliveries"]
    assert isinstance(sender, Sender)
    assert sender.lease.name == SENDING
    return sender.lease


async def tell(system: System, receiver: HostileReceiver, resource: str) -> str:
    account_sid = system.first_account.account_sid
    return await system.db.run(lambda unit: enqueue_about(unit, account_sid, resource, url=receiver.url))


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110 - another node's work has no event here
            await asyncio.sleep(0.01)


async def test_one_node_sends_once_what_both_enqueue_in_order(systems: list[System], receiver: HostileReceiver) -> None:
    sids = [await tell(systems[number % 2], receiver, "one") for number in range(40)]
    await until(lambda: len(receiver.calls) >= len(sids))
    assert [call.token for call in receiver.calls] == sids
    assert [lease(system).held for system in systems].count(True) == 1


async def test_another_node_goes_on_when_the_one_that_sends_is_gone(
    systems: list[System], receiver: HostileReceiver
) -> None:
    receiver.behaves(answer(500))
    sids = [await tell(systems[number % 2], receiver, f"resource {number}") for number in range(10)]
    await until(lambda: len(receiver.calls) > 0)
    (sending,) = [system for system in systems if lease(system).held]
    (other,) = [system for system in systems if system is not sending]
    receiver.behaves(answer(200))
    await sending.stop()
    sids.append(await tell(other, receiver, "late"))
    await until(lambda: {call.token for call in receiver.calls} >= set(sids))
    await until(lambda: lease(other).held)


async def test_two_that_both_believe_they_may_send_lose_nothing(
    systems: list[System], receiver: HostileReceiver
) -> None:
    for system in systems:
        lease(system).hold(math.inf)
    sids = [await tell(systems[number % 2], receiver, f"resource {number % 3}") for number in range(30)]
    await until(lambda: {call.token for call in receiver.calls} >= set(sids))
    await until(lambda: not any(system._followers["deliveries"].busy for system in systems))
