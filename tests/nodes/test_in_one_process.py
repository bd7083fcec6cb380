"""Two servers in one process on one PostgreSQL, where a test can reach into what they believe and hear."""

import asyncio
import json
import math
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import urlencode

import asyncpg
import pytest
from msgspec.structs import replace

from cordboard.events.following import Following
from cordboard.events.journal import JOURNAL, Event
from cordboard.kernel.settings import Settings
from cordboard.routing.lifecycle import TaskStatus
from cordboard.server.compose import System, compose, system_ports
from cordboard.storage.nodes import Lease
from cordboard.storage.postgres_node import PostgresNode, called
from cordboard.storage.unit import Unit, View
from cordboard.storage.writes import Kind, Settled, Write
from cordboard.taskrouter.engine.floors import Floors
from cordboard.taskrouter.engine.record import happened
from cordboard.taskrouter.engine.router import Router
from cordboard.taskrouter.store.tasks import TASKS
from cordboard.taskrouter.store.workers import WORKERS
from cordboard.testkit.exchange import Request, exchange
from cordboard.testkit.http import basic
from tests.postgres_server import PostgresServer

from .audit import audit
from .naming import must_name_what_it_changes

pytestmark = pytest.mark.anyio

WORKERS_OF_EACH, CAPACITY, CREATED = 4, 2, 60
EVERYTHING = JOURNAL.where("position > 0 ORDER BY position")


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return "asyncio", {"use_uvloop": True}


@pytest.fixture
async def systems(postgres_database: str) -> AsyncIterator[list[System]]:
    settings = Settings(
        database=postgres_database,
        auth_token="t" * 32,
        secret_key="MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
        allow_data_loss=True,
    )
    systems = [await compose(settings, system_ports(settings)) for _ in range(2)]
    for system in systems:
        await system.start()
    yield systems
    for system in systems:
        await system.stop()


async def ask(system: System, verb: str, path: str, **form: str) -> Any:
    headers = [
        (b"host", b"localhost"),
        (b"authorization", basic(*system.first_account).encode()),
        (b"content-type", b"application/x-www-form-urlencoded"),
    ]
    answer = await exchange(system.app, Request(verb, "http", path, headers, urlencode(form).encode()))
    return answer.json if answer.body and answer.status < 400 else None


async def floor(system: System, capacity: int = CAPACITY) -> tuple[str, list[str]]:
    """The path of a workspace and its workers' SIDs."""
    made = await ask(system, "POST", "/v1/Workspaces", FriendlyName="x", Template="FIFO")
    path = f"/v1/Workspaces/{made['sid']}"
    activities = (await ask(system, "GET", f"{path}/Activities"))["activities"]
    (free,) = [found["sid"] for found in activities if found["available"]]
    workers = []
    for number in range(WORKERS_OF_EACH):
        worker = await ask(system, "POST", f"{path}/Workers", FriendlyName=f"w{number}", ActivitySid=free)
        await ask(system, "POST", f"{path}/Workers/{worker['sid']}/Channels/default", Capacity=str(capacity))
        workers.append(worker["sid"])
    return path, workers


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while True:
            if condition():
                return
            await asyncio.sleep(0.01)


async def until_offered(system: System, path: str, worker: str) -> dict[str, Any]:
    async with asyncio.timeout(30):
        while True:
            found = (await ask(system, "GET", f"{path}/Workers/{worker}/Reservations"))["reservations"]
            if found:
                offer: dict[str, Any] = found[0]
                return offer
            await asyncio.sleep(0.01)


async def events(system: System) -> list[Event]:
    async def look(view: View) -> list[Event]:
        return [event for entry in await view.all(EVERYTHING) for event in entry.events()]

    return await system.db.read(look)


def router(system: System) -> Router:
    found = system._followers["routing"]
    assert isinstance(found, Router)
    return found


def waiting(system: System) -> int:
    return sum(room.floor.waiting for room in router(system).floors.rooms.values())


def is_busy(system: System) -> bool:
    return system.busy


def following(system: System) -> Following:
    found = system._followers["following other nodes"]
    assert isinstance(found, Following)
    return found


def node(system: System) -> PostgresNode:
    assert isinstance(system.db.node, PostgresNode)
    return system.db.node


async def test_two_routers_that_both_hold_the_lease_offer_nothing_twice_and_nothing_beyond_capacity(
    systems: list[System],
) -> None:
    for system in systems:
        router(system)._lease = Lease("forced", lambda: 0.0, math.inf)
    path, workers = await floor(systems[0])
    tasks: set[str] = set()
    done: set[str] = set()

    async def create(system: System) -> None:
        for _ in range(CREATED // 2):
            tasks.add((await ask(system, "POST", f"{path}/Tasks", Attributes="{}"))["sid"])

    async def serve(system: System, worker: str) -> None:
        own = f"{path}/Workers/{worker}/Reservations"
        while len(done) < CREATED:
            for offer in (await ask(system, "GET", f"{own}?ReservationStatus=pending"))["reservations"]:
                if await ask(system, "POST", f"{own}/{offer['sid']}", ReservationStatus="accepted"):
                    await ask(system, "POST", f"{own}/{offer['sid']}", ReservationStatus="completed")
                    done.add(offer["task_sid"])

    async with asyncio.timeout(60):
        await asyncio.gather(
            *(create(system) for system in systems),
            *(serve(systems[place % 2], worker) for place, worker in enumerate(workers)),
        )
    assert done == tasks
    told = audit(await events(systems[0]), tasks, CAPACITY)
    assert (told.beyond, told.doubled, told.lost) == (0, 0, [])
    tallies = [router(system).tally for system in systems]
    # Both decided, and met.
    assert all(tally.offers for tally in tallies)
    assert sum(tally.skipped for tally in tallies) > 0


async def test_of_two_nodes_one_decides_and_the_other_has_the_same_floor(systems: list[System]) -> None:
    path, _ = await floor(systems[1])
    for number in range(WORKERS_OF_EACH * CAPACITY + 3):
        await ask(systems[number % 2], "POST", f"{path}/Tasks", Attributes="{}")
    await until(lambda: [waiting(system) for system in systems] == [3, 3] and not any(map(is_busy, systems)))
    assert [router(system).tally.offers for system in systems] == [WORKERS_OF_EACH * CAPACITY, 0]
    assert [router(system).tally.skipped for system in systems] == [0, 0]


async def test_a_call_that_is_lost_costs_time_and_no_event(systems: list[System]) -> None:
    # The first holds the lease and hears nothing of what the second makes.
    node(systems[0])._hear.clear()
    path, workers = await floor(systems[1])
    await ask(systems[1], "POST", f"{path}/Tasks", Attributes="{}")
    assert await until_offered(systems[1], path, workers[0])
    await until(lambda: router(systems[0]).tally.offers == 1)


async def test_following_tells_each_event_of_the_other_once_in_order_and_none_of_its_own(systems: list[System]) -> None:
    told: list[Event] = []
    own: list[int] = []
    here, there = systems
    tell = following(here)._tell

    def hear(found: list[Event]) -> None:
        told.extend(found)
        tell(found)

    following(here)._tell = hear
    here.db.listen(lambda settled: own.extend(event.position for event in settled.events))
    begun_at = len(await events(here))
    path, _ = await floor(there)
    sides = [ask(system, "POST", f"{path}/Tasks", Attributes="{}") for _ in range(30) for system in systems]
    await asyncio.gather(*sides)
    await until(lambda: not any(map(is_busy, systems)))
    recorded = [event for event in await events(here) if event.position > begun_at]
    assert [event.position for event in told] == [event.position for event in recorded if event.position not in own]
    assert own
    assert told
    assert following(here).behind == 0


async def test_slow_units_and_transactions_that_idle_elsewhere_leave_no_gap_and_no_disorder(
    systems: list[System], postgres_server: PostgresServer, postgres_database: str
) -> None:
    _, workers = await floor(systems[0])

    async def change_slowly(system: System, sid: str) -> None:
        async def work(unit: Unit) -> None:
            worker = await unit.get(WORKERS, sid)
            assert worker is not None
            await asyncio.sleep(0.01)
            after = unit.update(WORKERS, worker)
            happened(
                unit,
                "worker.updated",
                account_sid=worker.account_sid,
                workspace_sid=worker.workspace_sid,
                resource_sid=sid,
                worker=after,
            )

        for _ in range(5):
            await system.db.run(work)

    idle = [await asyncpg.connect(url) for url in (postgres_server.url("postgres"), postgres_database)]
    try:
        for connection in idle:
            await connection.execute("BEGIN; SELECT pg_current_xact_id(); CREATE TABLE t_idle (a INT)")
        await asyncio.gather(*(change_slowly(system, sid) for system in systems for sid in workers))
        # Nobody waits for the idle ones: both nodes know everything.
        await until(lambda: not any(map(is_busy, systems)))
    finally:
        for connection in idle:
            await connection.close()
    recorded = await events(systems[0])
    assert [event.position for event in recorded] == list(range(1, len(recorded) + 1))
    for sid in workers:
        changes = [event for event in recorded if (event.resource_sid, event.type) == (sid, "worker.updated")]
        versions = [json.loads(event.data)["worker"]["version"] for event in changes]
        assert versions == list(range(versions[0], versions[0] + 10))
        for system in systems:
            (room,) = router(system).floors.rooms.values()
            assert room._versions[sid] == versions[-1]


async def test_nobody_is_skipped_past_a_worker_whom_another_node_had_made_available_before(
    systems: list[System],
) -> None:
    here, there = systems
    path, workers = await floor(here)
    (first,) = (await ask(here, "GET", f"{path}/TaskQueues"))["task_queues"]
    second = await ask(here, "POST", f"{path}/TaskQueues", FriendlyName="nobody", TargetWorkers="1==2")
    targets = [{"queue": first["sid"], "skip_if": "1==1"}, {"queue": second["sid"]}]
    configuration = json.dumps({"task_routing": {"filters": [{"targets": targets}]}})
    workflow = await ask(here, "POST", f"{path}/Workflows", FriendlyName="w", Configuration=configuration)
    for worker in workers:
        await ask(here, "POST", f"{path}/Workers/{worker}/Channels/default", Capacity="0")
    await until(lambda: not any(map(is_busy, systems)))
    # The router's node reads nothing by itself any more.
    reading = next(task for task in here._tasks if task.get_name() == "following other nodes")
    reading.cancel()
    await asyncio.wait([reading])
    await ask(there, "POST", f"{path}/Workers/{workers[0]}/Channels/default", Capacity="1")
    made = [await ask(here, "POST", f"{path}/Tasks", WorkflowSid=workflow["sid"]) for _ in range(2)]
    assert (await until_offered(here, path, workers[0]))["task_sid"] == made[0]["sid"]
    await until(lambda: waiting(here) == 1 and not router(here).busy)
    assert (await ask(here, "GET", f"{path}/Tasks/{made[1]['sid']}"))["task_queue_friendly_name"] == "nobody"


async def test_who_is_far_behind_reads_rows_anew_instead_of_events(
    systems: list[System], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cordboard.events.following._TOO_FAR", 5)
    path, workers = await floor(systems[1])
    await ask(systems[1], "POST", f"{path}/Tasks", Attributes="{}")
    assert await until_offered(systems[1], path, workers[0])


async def test_readyz_tells_of_a_feed_that_lags_and_of_a_session_that_is_down(systems: list[System]) -> None:
    here, there = systems
    assert await here.problems() == []
    follower = following(here)
    reading = next(task for task in here._tasks if task.get_name() == "following other nodes")
    reading.cancel()
    await asyncio.wait([reading])
    await floor(there)
    await until(lambda: follower._behind_since is not None)
    follower._behind_since = follower._steady() - 6
    assert any("behind other nodes" in problem for problem in await here.problems())
    session = node(there)._session
    assert session is not None
    node(there)._url = "postgresql://127.0.0.1:9/none"
    session.terminate()
    await until(lambda: node(there)._session is None)
    node(there)._down_since -= 6
    assert any("hears of others has been down" in problem for problem in await there.problems())
    assert there.busy


async def test_an_older_row_that_arrives_late_takes_nothing_from_a_floor(systems: list[System]) -> None:
    path, _ = await floor(systems[0], capacity=0)
    made = await ask(systems[0], "POST", f"{path}/Tasks", Attributes="{}")
    floors = Floors()
    await systems[0].db.run(floors.load)
    (room,) = floors.rooms.values()
    task = await systems[0].db.read(lambda view: view.get(TASKS, made["sid"]))
    assert task is not None
    # Another node has released it again; its own reservation is told only now.
    floors.put(TASKS, replace(task, version=4))
    floors.put(TASKS, replace(task, version=3, assignment_status=TaskStatus.RESERVED))
    assert room.floor.waiting == 1
    floors.put(TASKS, replace(task, version=5, assignment_status=TaskStatus.RESERVED))
    assert room.floor.waiting == 0


async def test_a_row_whose_workspace_another_node_has_just_made_is_read_with_it(systems: list[System]) -> None:
    path, workers = await floor(systems[0])
    worker = await systems[0].db.read(lambda view: view.get(WORKERS, workers[0]))
    assert worker is not None
    floors = Floors()
    floors.put(WORKERS, worker)
    assert not floors.rooms
    await systems[0].db.run(lambda unit: floors.read_again(unit, floors.unknown))
    assert [room.workers for room in floors.rooms.values()] == [1]
    # One that is gone is not asked for again.
    await ask(systems[0], "DELETE", path)
    await systems[0].db.run(lambda unit: floors.read_again(unit, floors.unknown))
    assert not floors.rooms


async def test_positions_that_are_too_many_for_one_call_are_left_out() -> None:
    few = {"AC" + "1" * 32: 7}
    assert json.loads(called("me", few)) == {"node": "me", "positions": few}
    many = {f"AC{number:032x}": number for number in range(1000)}
    assert json.loads(called("me", many)) == {"node": "me", "positions": {}}


async def test_a_unit_that_is_silent_about_a_row_of_a_floor_is_found(systems: list[System]) -> None:
    path, workers = await floor(systems[0])
    hears: list[Any] = []

    class Told:
        def listen(self, hear: Any) -> None:
            hears.append(hear)

    must_name_what_it_changes(Told())  # type: ignore[arg-type] # as much of a database as it needs
    worker = await systems[0].db.read(lambda view: view.get(WORKERS, workers[0]))
    with pytest.raises(AssertionError, match="is named by no event"):
        hears[0](Settled([Write(Kind.UPDATE, WORKERS, (workers[0],), worker, worker)], [], {}))
    assert path
