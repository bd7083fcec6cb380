"""How cumulative statistics are kept: each event once, whatever happens between, and never later than the journal."""

import asyncio
from typing import Any

import msgspec
import pytest

from cordboard.events.journal import JOURNAL
from cordboard.kernel.clock import MILLISECONDS
from cordboard.server.compose import System, compose
from cordboard.storage.tables import Query, Shape
from cordboard.storage.unit import Unit, View
from cordboard.taskrouter.engine import statistics_ledger, statistics_reading
from cordboard.taskrouter.engine.statistics_ledger import MANY_EVENTS, Ledger, Written, keep
from cordboard.taskrouter.store.statistics import PLACES, STATISTICS, Bucket, count_in
from cordboard.testkit.running import Cordboard

from .scene import Scene

NEVER = 10**12


class Head(msgspec.Struct):
    position: int


HEAD = Query("SELECT position FROM feed WHERE account_sid = ?", Shape(Head))


@pytest.fixture(params=["sqlite", "postgres"])
def cordboard_database(request: pytest.FixtureRequest) -> str | None:
    if request.param == "sqlite":
        return None
    url: str = request.getfixturevalue("postgres_database")
    return url


@pytest.fixture
def lazy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ledger writes when there is much, not when time has passed."""
    monkeypatch.setattr(statistics_ledger, "LATE_MS", NEVER)


def ledger(scene: Scene) -> Ledger:
    found = scene.cordboard.system._followers["statistics"]
    assert isinstance(found, Ledger)
    return found


def rows(scene: Scene) -> list[Bucket]:
    async def look(view: View) -> list[Bucket]:
        return await view.all(STATISTICS.where("1 = 1 ORDER BY subject_sid, width, at, task_channel_sid"))

    return scene.cordboard.call(scene.cordboard.system.db.read(look))


def forget(scene: Scene) -> None:
    """Have the journal read: what this process recorded is in its memory no more."""
    ledger(scene).recent.forget(scene.cordboard.account_sid, NEVER)


def places(scene: Scene) -> tuple[int, int]:
    """How far the statistics are, and how far the feed is."""
    account_sid = scene.cordboard.account_sid

    async def look(view: View) -> tuple[int, int]:
        place, head = await view.get(PLACES, account_sid), await view.one(HEAD, account_sid)
        return place.position if place is not None else 0, head.position if head is not None else 0

    return scene.cordboard.call(scene.cordboard.system.db.read(look))


def write_all(scene: Scene) -> None:
    async def write(unit: Unit) -> Written | None:
        return await keep(unit, scene.cordboard.account_sid, ledger(scene).recent)

    while scene.cordboard.call(scene.cordboard.system.db.run(write)) is not None:
        pass


def figures(scene: Scene) -> list[dict[str, Any]]:
    scene.cordboard.settled()
    space = scene.workspace
    found = (
        space.cumulative_statistics().fetch(split_by_wait_time="5"),
        space.task_queues(scene.queue).cumulative_statistics().fetch(split_by_wait_time="5"),
        space.workers.cumulative_statistics().fetch(),
    )
    return [{name: value for name, value in vars(each).items() if name[0] != "_"} for each in found]


def work(scene: Scene) -> None:
    worker = scene.workspace.workers.list()[0] if scene.workspace.workers.list() else scene.worker("ana")
    scene.capacity(worker.sid, "default", 40)
    scene.answer(scene.offer(scene.task().sid), "accepted")


def test_what_happened_is_written_a_second_later(scene: Scene) -> None:
    work(scene)
    scene.cordboard.settled()
    kept, head = places(scene)
    assert kept < head
    scene.cordboard.clock.advance(1)
    kept, head = places(scene)
    assert kept == head
    assert rows(scene)


@pytest.mark.usefixtures("lazy")
def test_much_is_written_at_once(scene: Scene) -> None:
    before = places(scene)
    while places(scene)[1] - before[1] < MANY_EVENTS:
        scene.task()
    scene.cordboard.settled()
    assert places(scene)[0] > before[1]


@pytest.mark.usefixtures("lazy")
def test_figures_are_the_same_before_and_after_they_are_written(scene: Scene) -> None:
    work(scene)
    scene.cordboard.clock.advance(7)
    work(scene)
    before = figures(scene)
    assert before[0]["reservations_accepted"] == 2
    forget(scene)
    assert figures(scene) == before
    write_all(scene)
    assert places(scene)[0] == places(scene)[1]
    assert figures(scene) == before


@pytest.mark.usefixtures("lazy")
def test_two_who_write_at_the_same_time_count_each_event_once(scene: Scene) -> None:
    work(scene)
    expected = figures(scene)

    async def both() -> None:
        async def write(unit: Unit) -> Written | None:
            return await keep(unit, scene.cordboard.account_sid, ledger(scene).recent)

        await asyncio.gather(*(scene.cordboard.system.db.run(write) for _ in range(4)))

    scene.cordboard.call(both())
    assert figures(scene) == expected


@pytest.mark.usefixtures("lazy")
def test_a_server_that_starts_writes_what_another_left(scene: Scene) -> None:
    work(scene)
    expected = figures(scene)
    assert places(scene)[0] < places(scene)[1]
    scene.cordboard.restart()
    scene.cordboard.settled()
    assert places(scene)[0] == places(scene)[1]
    assert figures(scene) == expected


@pytest.mark.usefixtures("lazy")
def test_events_that_were_removed_before_they_were_read_do_not_count(scene: Scene) -> None:
    work(scene)
    kept, _ = places(scene)

    async def remove(unit: Unit) -> None:
        entries = await unit.all(
            JOURNAL.where("account_sid = ? AND position > ? ORDER BY position"), scene.cordboard.account_sid, kept
        )
        for entry in entries[:-1]:
            unit.discard(JOURNAL, entry.account_sid, entry.position)

    scene.cordboard.call(scene.cordboard.system.db.run(remove))
    forget(scene)
    assert figures(scene)[0]["reservations_accepted"] == 1
    assert figures(scene)[0]["tasks_created"] == 0
    write_all(scene)
    work(scene)
    found = figures(scene)[0]
    assert (found["reservations_accepted"], found["tasks_created"]) == (2, 1)


@pytest.mark.usefixtures("lazy")
def test_who_asks_while_too_much_is_unwritten_is_told_to_come_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    work(scene)
    monkeypatch.setattr(statistics_reading, "_ENTRIES", 1)
    monkeypatch.setattr(statistics_reading, "_TOO_FAR", 2)
    forget(scene)
    path = f"/v1/Workspaces/{scene.sid}/CumulativeStatistics"
    answer = scene.cordboard.http.get(path)
    assert (answer.status, answer.headers["retry-after"]) == (503, "1")
    write_all(scene)
    assert scene.cordboard.http.get(path).status == 200


def test_old_rows_go_when_a_setting_says_so(scene: Scene) -> None:
    work(scene)
    scene.cordboard.clock.advance(2 * 24 * 3600)
    work(scene)
    scene.cordboard.clock.advance(5)
    before = rows(scene)
    restart(scene.cordboard, keep_statistics="1d")
    after = rows(scene)
    now = scene.cordboard.system.ports.clock.now()
    assert after
    assert after == [row for row in before if row.at >= now - 24 * 3600 * MILLISECONDS]
    assert len(after) < len(before)


def restart(cordboard: Cordboard, **settings: str) -> None:
    async def again(system: System) -> System:
        await system.settled()
        await system.stop()
        started = await compose(msgspec.structs.replace(system.settings, **settings), system.ports)
        await started.start()
        return started

    cordboard.system = cordboard.call(again(cordboard.system))
    cordboard.settled()


def test_a_place_is_never_behind_its_rows(scene: Scene) -> None:
    """Rows and place are of one unit: one that is refused leaves neither."""
    work(scene)
    scene.cordboard.settled()
    before = rows(scene), places(scene)

    async def write_and_fail(unit: Unit) -> None:
        await keep(unit, scene.cordboard.account_sid, ledger(scene).recent)
        assert unit.added(PLACES) or any(write.table is PLACES for write in unit.writes)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        scene.cordboard.call(scene.cordboard.system.db.run(write_and_fail))
    assert (rows(scene), places(scene)) == before


def test_a_clock_that_was_set_back_adds_to_the_rows_of_the_time_that_comes_again(scene: Scene) -> None:
    def set_back(ms: int) -> None:
        clock = scene.cordboard.clock._clock
        clock.move_to(clock.now() - ms)

    work(scene)
    scene.cordboard.clock.advance(600)
    work(scene)
    scene.cordboard.clock.advance(2)
    scene.cordboard.restart()
    set_back(302 * MILLISECONDS)
    work(scene)
    scene.cordboard.clock.advance(300)
    work(scene)
    scene.cordboard.clock.advance(2)
    assert places(scene)[0] == places(scene)[1]
    seconds = {row.at: row for row in rows(scene) if row.width == MILLISECONDS and row.subject_sid == scene.sid}
    accepted = [count_in(row.figures, "reservations_accepted") for _, row in sorted(seconds.items())]
    assert [number for number in accepted if number] == [1, 1, 2]
    assert figures(scene)[0]["reservations_accepted"] == 4
