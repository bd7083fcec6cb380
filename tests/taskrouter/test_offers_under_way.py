"""The router goes on before its offers are on disk: nobody sees one that may never get there, and then it is made again."""

import sqlite3

import pytest

from cordboard.kernel.errors import Conflict, Unavailable
from cordboard.storage import sqlite
from cordboard.storage.nodes import Lease
from cordboard.storage.unit import Unit
from cordboard.taskrouter.engine import record, router
from cordboard.taskrouter.store.workers import WORKERS
from cordboard.testkit.running import Cordboard
from tests.storage.conftest import happened, turns, until
from tests.storage.slow_disk import commits_wait
from tests.taskrouter.scene import Scene

TASKS = 3
GONE = sqlite3.OperationalError("the disk is gone")


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


def decide(scene: Scene, routing: router.Router, under_way: int = TASKS) -> None:
    """Let the router make its offers while no COMMIT ends, until so many units are under way."""

    async def decided() -> None:
        routing._lease = scene.cordboard.system.db.node.lease("again")
        routing._arrived.set()
        await until(lambda: len(routing._under_way) == under_way)
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


def test_offers_are_made_one_after_the_other_and_seen_when_they_are_on_disk(
    scene: Scene, routing: router.Router, tasks: list[str]
) -> None:
    with commits_wait(scene.cordboard.system.db):
        decide(scene, routing)
        assert seen(scene, tasks) == [[]] * TASKS
        assert (routing.tally.offers, routing.busy) == (0, True)
    is_all_offered_once(scene, routing, tasks)


def test_offers_that_the_disk_refuses_are_made_again(
    scene: Scene, routing: router.Router, tasks: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    with commits_wait(scene.cordboard.system.db, GONE):
        decide(scene, routing)
    is_all_offered_once(scene, routing, tasks)
    assert "routing waits: The database does not take the call (the disk is gone)" in caplog.text


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
    assert "routing waits: What this built on was changed by others" in caplog.text


def test_what_is_decided_on_a_unit_that_was_lost_is_refused(scene: Scene, routing: router.Router) -> None:
    """Its versions may be right all the same: others may have made what it was to make."""

    async def write(unit: Unit) -> None:
        happened(unit, account_sid=scene.cordboard.account_sid)

    async def lose_one() -> None:
        lost = await routing._begin(write)
        await turns()
        go_on.set()
        with pytest.raises(Unavailable):
            await lost.settled
        with pytest.raises(Conflict, match="What the floors took for granted was not written"):
            await routing._begin(write)

    with commits_wait(scene.cordboard.system.db, GONE) as go_on:
        scene.cordboard.call(lose_one())
    scene.cordboard.settled()
    assert scene.offer(scene.task(routing_target=scene.worker("ana").sid).sid).worker_name == "ana"


def test_what_the_router_has_begun_it_knows_at_once(scene: Scene, routing: router.Router, tasks: list[str]) -> None:
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
        await routing._begin(rename)
        await turns()

    with commits_wait(scene.cordboard.system.db):
        scene.cordboard.call(begin())
        decide(scene, routing, 1 + TASKS)
    scene.cordboard.settled()
    offered = {name for names in seen(scene, tasks) for name in names}
    assert offered == {"renamed", *(f"w{number}" for number in range(TASKS))} - {worker.friendly_name}
    assert (routing.tally.offers, routing.tally.skipped) == (TASKS, 0)


def test_floors_are_not_built_anew_before_all_that_they_had_heard_of_is_on_disk(
    scene: Scene, routing: router.Router, tasks: list[str]
) -> None:
    with commits_wait(scene.cordboard.system.db):
        decide(scene, routing)
        routing.rebuild()
        scene.cordboard.call(turns())
    is_all_offered_once(scene, routing, tasks)
    assert scene.cordboard.http.get("/readyz", auth=None).status == 200
