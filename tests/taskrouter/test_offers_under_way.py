"""The router goes on before its offers are on disk: nobody sees one that may never get there, and then it is made again."""

import asyncio
import sqlite3

import pytest

from cordboard.kernel.errors import Conflict
from cordboard.storage import sqlite
from cordboard.storage.nodes import Lease
from cordboard.storage.unit import Unit, View
from cordboard.taskrouter.engine import record, router
from cordboard.taskrouter.store.workers import WORKERS
from cordboard.testkit.exchange import Answer, Request, exchange
from cordboard.testkit.http import basic, encode
from cordboard.testkit.running import Cordboard
from tests.storage.conftest import happened, turns, until
from tests.storage.slow_disk import commits_wait
from tests.taskrouter.scene import Scene

TASKS = 3
GONE = sqlite3.OperationalError("the disk is gone")


@pytest.fixture
def cordboard_database() -> None:
    """SQLite, whatever the other tests run on: elsewhere nothing is foreseen."""


@pytest.fixture(autouse=True)
def one_is_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Units go on during every COMMIT, every offer is a unit, and who has lost one tries again at once."""
    monkeypatch.setattr(sqlite, "_SOME", 1)
    monkeypatch.setattr(router, "_OFFERS_A_UNIT", 1)
    monkeypatch.setattr(router, "_RETRY_S", 0)


@pytest.fixture
def routing(cordboard: Cordboard) -> router.Router:
    found = cordboard.system._followers["routing"]
    assert isinstance(found, router.Router)
    return found


@pytest.fixture
def tasks(scene: Scene, routing: router.Router) -> list[str]:
    """Tasks, and a free worker for each; the router has heard of all, and does not decide."""
    routing._lease = Lease("held by nobody", lambda: 0.0, 0.0)
    for number in range(TASKS):
        scene.worker(f"w{number}")
    tasks = [scene.task().sid for _ in range(TASKS)]
    scene.cordboard.settled()
    return tasks


def decide(scene: Scene, routing: router.Router) -> None:
    """Let the router make its offers while no COMMIT ends."""

    async def decided() -> None:
        routing._lease = scene.cordboard.system.db.node.lease("again")
        routing._arrived.set()
        await until(lambda: not routing.busy)
        await turns()

    scene.cordboard.call(decided())


def seen(scene: Scene, tasks: list[str]) -> list[list[str]]:
    """The workers that each task is offered to."""
    return [[offer.worker_name for offer in scene.workspace.tasks(task).reservations.list()] for task in tasks]


def is_all_offered_once(scene: Scene, routing: router.Router, tasks: list[str]) -> None:
    scene.cordboard.settled()
    assert sorted(seen(scene, tasks)) == [[f"w{number}"] for number in range(TASKS)]
    told = [
        event["type"] for event in scene.cordboard.http.get("/cordboard/v1/Events", {"PageSize": "1000"}).json["events"]
    ]
    assert told.count("reservation.created") == TASKS
    assert (routing.tally.offers, routing.tally.skipped) == (TASKS, 0)
    assert [worker.available for worker in scene.workspace.workers.list()] == [True] * TASKS


def test_a_task_and_its_offer_are_on_disk_together(scene: Scene) -> None:
    scene.worker("ana")
    scene.cordboard.settled()
    flushes = scene.cordboard.system.db.tally.group
    before = flushes.count
    assert scene.offer(scene.task().sid).worker_name == "ana"
    assert flushes.count - before == 1


def test_offers_are_made_one_after_the_other_and_seen_when_they_are_on_disk(
    scene: Scene, routing: router.Router, tasks: list[str]
) -> None:
    with commits_wait(scene.cordboard.system.db):
        decide(scene, routing)
        assert seen(scene, tasks) == [[]] * TASKS
        assert routing.tally.offers == 0
    is_all_offered_once(scene, routing, tasks)


def test_offers_that_the_disk_refuses_are_made_again(
    scene: Scene, routing: router.Router, tasks: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    with commits_wait(scene.cordboard.system.db, GONE):
        decide(scene, routing)
    is_all_offered_once(scene, routing, tasks)
    assert "what the floors had heard of was not written" in caplog.text


def test_offers_that_went_on_while_the_disk_refused_a_neighbour_are_made_again(
    scene: Scene, routing: router.Router, tasks: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    db = scene.cordboard.system.db

    async def neighbour(unit: Unit) -> None:
        happened(unit, account_sid=scene.cordboard.account_sid)

    async def begin() -> None:
        begun.append(await db.begin(neighbour))
        await turns()

    begun: list[object] = []
    with commits_wait(db, GONE):
        scene.cordboard.call(begin())
        decide(scene, routing)
        assert seen(scene, tasks) == [[]] * TASKS
    is_all_offered_once(scene, routing, tasks)
    assert "what the floors had heard of was not written" in caplog.text


def test_what_is_decided_on_something_lost_is_refused(scene: Scene, routing: router.Router) -> None:
    """Its versions may be right all the same: others may have made what was to be there."""

    async def write(unit: Unit) -> None:
        happened(unit, account_sid=scene.cordboard.account_sid)

    async def lose() -> None:
        routing._lose([])
        with pytest.raises(Conflict, match="What the floors took for granted was not written"):
            await routing._begin(write)

    scene.cordboard.call(lose())
    assert scene.offer(scene.task(routing_target=scene.worker("ana").sid).sid).worker_name == "ana"


async def create(cordboard: Cordboard, workspace_sid: str, target: str) -> Answer:
    """A task for a worker, from within the server's loop."""
    headers = [
        (b"host", b"localhost"),
        (b"authorization", basic(cordboard.account_sid, cordboard.auth_token).encode()),
        (b"content-type", b"application/x-www-form-urlencoded"),
    ]
    form = encode({"RoutingTarget": target, "Attributes": "{}"}).encode()
    path = f"/v1/Workspaces/{workspace_sid}/Tasks"
    return await exchange(cordboard.system.app, Request("POST", "http", path, headers, form))


@pytest.mark.parametrize(("others", "flushes"), [(3, 1), (1, 1), (0, 2)])
def test_a_few_tasks_among_many_calls_are_offered_in_their_commit_and_many_in_the_next(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, others: int, flushes: int
) -> None:
    cordboard, worker = scene.cordboard, scene.worker("ana")
    db = cordboard.system.db
    monkeypatch.setattr(sqlite, "_MANY", 1)

    async def change(unit: Unit) -> None:
        happened(unit, account_sid=cordboard.account_sid)

    async def call() -> Answer:
        await db.run(change)
        before = db.tally.group.count
        creating = asyncio.create_task(create(cordboard, scene.sid, worker.sid))
        await asyncio.gather(creating, *(db.run(change) for _ in range(others)))
        await until(lambda: not db.busy and not cordboard.system._followers["routing"].busy)
        assert db.tally.group.count - before == flushes
        return await creating

    created = cordboard.call(call())
    assert scene.offer(created.json["sid"]).worker_name == "ana"


@pytest.mark.parametrize("pausing", [False, True])
def test_a_task_that_the_disk_refuses_leaves_the_floor(
    scene: Scene, routing: router.Router, monkeypatch: pytest.MonkeyPatch, *, pausing: bool
) -> None:
    worker, away = scene.worker("ana"), scene.worker("ben", available=False)
    cordboard = scene.cordboard
    cordboard.settled()

    async def refuse() -> int:
        if pausing:
            monkeypatch.setattr(router, "_RETRY_S", 0.2)
            routing._lose([])
            await turns()
        creating = [asyncio.create_task(create(cordboard, scene.sid, one.sid)) for one in (worker, away)]
        await until(lambda: cordboard.system.db.busy)
        await turns()
        assert not any(one.done() for one in creating)
        go_on.set()
        return sum([(await one).status == 503 for one in creating])

    with commits_wait(cordboard.system.db, GONE) as go_on:
        assert cordboard.call(refuse()) == len((worker, away))
    cordboard.settled()
    assert list(scene.workspace.tasks.list()) == []
    assert routing.floors.rooms[scene.sid].floor.waiting == 0
    assert scene.offer(scene.task(routing_target=worker.sid).sid).worker_name == "ana"
    assert (routing.tally.offers, routing.tally.skipped) == (1, 0)


def test_floors_are_built_again_once_when_a_disk_that_refused_everything_takes_units(
    scene: Scene, routing: router.Router, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = scene.worker("ana")
    cordboard = scene.cordboard
    cordboard.settled()
    monkeypatch.setattr(router, "_RETRY_S", 0.01)
    built: list[View] = []
    load = routing.floors.load

    async def count(view: View) -> None:
        built.append(view)
        await load(view)

    async def refused() -> list[int]:
        return [(await create(cordboard, scene.sid, worker.sid)).status for _ in range(3)]

    monkeypatch.setattr(routing.floors, "load", count)
    with commits_wait(cordboard.system.db, GONE) as go_on:
        go_on.set()
        assert cordboard.call(refused()) == [503] * 3
        assert built == []
    cordboard.settled()
    assert len(built) == 1
    assert scene.offer(scene.task(routing_target=worker.sid).sid).worker_name == "ana"


def test_a_target_is_not_skipped_by_what_is_lost(scene: Scene, routing: router.Router) -> None:
    async def lose() -> None:
        routing._lose([])
        with pytest.raises(Conflict, match="What the floors took for granted was not written"):
            await routing._skip([])

    scene.cordboard.call(lose())


def test_what_others_have_changed_the_router_knows_at_once(
    scene: Scene, routing: router.Router, tasks: list[str]
) -> None:
    worker = scene.workspace.workers.list()[0]

    async def rename(unit: Unit) -> None:
        found = await unit.get(WORKERS, worker.sid)
        assert found is not None
        renamed = unit.update(WORKERS, found, friendly_name="renamed")
        record.happened(
            unit,
            "worker.updated",
            account_sid=found.account_sid,
            workspace_sid=scene.sid,
            resource_sid=found.sid,
            worker=renamed,
        )

    async def begin() -> None:
        await scene.cordboard.system.db.begin(rename)
        await turns()

    with commits_wait(scene.cordboard.system.db):
        scene.cordboard.call(begin())
        decide(scene, routing)
    scene.cordboard.settled()
    offered = {name for names in seen(scene, tasks) for name in names}
    assert offered == {"renamed", *(f"w{number}" for number in range(TASKS))} - {worker.friendly_name}
    assert (routing.tally.offers, routing.tally.skipped) == (TASKS, 0)


def test_floors_that_are_built_anew_know_what_is_not_on_disk_yet(
    scene: Scene, routing: router.Router, tasks: list[str]
) -> None:
    with commits_wait(scene.cordboard.system.db):
        decide(scene, routing)
        routing.rebuild()
        scene.cordboard.call(turns())
    is_all_offered_once(scene, routing, tasks)
    assert scene.cordboard.http.get("/readyz", auth=None).status == 200
