"""How long tasks live (taskrouter.md 3, Timers; 11.1)."""

import msgspec
import pytest

from cordboard.storage.slices import ROWS
from cordboard.storage.unit import Unit
from cordboard.taskrouter.engine.tasks import task_happened
from cordboard.taskrouter.store.reservations import RESERVATIONS
from cordboard.taskrouter.store.tasks import TASKS
from cordboard.testkit.exchange import Answer
from tests.taskrouter.refusals import refusal, sentence
from tests.taskrouter.scene import Scene

DAY = 86_400
TWO_WEEKS = 14 * DAY


def look(scene: Scene, task_sid: str, below: str = "") -> Answer:
    return scene.cordboard.http.get(f"/v1/Workspaces/{scene.sid}/Tasks/{task_sid}{below}", host="taskrouter")


def completed(scene: Scene) -> str:
    task: str = scene.task().sid
    scene.answer(scene.offer(task), "accepted")
    scene.workspace.tasks(task).update(assignment_status="completed", reason="done")
    return task


def canceled(scene: Scene) -> str:
    task: str = scene.task().sid
    scene.workspace.tasks(task).update(assignment_status="canceled", reason="gone")
    return task


def fallen_out(scene: Scene) -> str:
    flow = scene.workspace.workflows.create(friendly_name="nowhere", configuration='{"task_routing": {}}')
    task: str = scene.task(workflow_sid=flow.sid).sid
    return task


@pytest.mark.parametrize("ended", [completed, canceled, fallen_out])
def test_a_task_that_is_over_goes_after_five_minutes_and_its_reservations_with_it(scene: Scene, ended: object) -> None:
    worker = scene.worker("ana")
    assert callable(ended)
    task = ended(scene)
    before = scene.events(task)
    scene.cordboard.clock.advance(299)
    assert look(scene, task).status == 200
    scene.cordboard.clock.advance(1)
    for below in ("", "/Reservations"):
        answer = look(scene, task, below)
        assert (answer.status, answer.json["code"]) == (404, 20404)
    assert scene.workspace.workers(worker.sid).reservations.list() == []
    assert scene.workspace.tasks.list() == []
    assert scene.events(task) == before


def test_tasks_that_ended_together_go_together_and_leave_no_alarm(scene: Scene) -> None:
    scene.worker("ana")
    for _ in range(3):
        completed(scene)
    scene.cordboard.clock.advance(150)
    late = canceled(scene)
    scene.cordboard.clock.advance(150)
    assert [task.sid for task in scene.workspace.tasks.list()] == [late]
    scene.cordboard.clock.advance(150)
    assert scene.workspace.tasks.list() == []
    assert scene.cordboard.system.timers.next_due_at is None


def test_a_task_with_more_reservations_than_a_slice_goes_too(scene: Scene) -> None:
    scene.worker("ana")
    task = completed(scene)
    offer = scene.offer(task).sid

    async def many_more(unit: Unit) -> None:
        one = await unit.get(RESERVATIONS, offer)
        assert one is not None
        for _ in range(ROWS):
            unit.insert(RESERVATIONS, msgspec.structs.replace(one, sid=unit.sid("WR")))

    scene.cordboard.call(scene.cordboard.system.db.run(many_more))
    scene.cordboard.clock.advance(300)
    assert look(scene, task).status == 200
    scene.cordboard.clock.advance(1)
    assert look(scene, task).status == 404


def test_a_task_in_hand_for_a_day_is_deleted_by_the_system(scene: Scene) -> None:
    worker = scene.worker("ana")
    task = scene.task().sid
    scene.cordboard.clock.advance(60)
    scene.answer(scene.offer(task), "accepted")
    scene.cordboard.clock.advance(DAY - 1)
    assert scene.status(task) == "assigned"
    scene.cordboard.clock.advance(1)
    assert look(scene, task).status == 404
    assert scene.events(task)[-1] == "task.system-deleted"
    channel = scene.workspace.workers(worker.sid).worker_channels("default").fetch()
    assert (channel.assigned_tasks, channel.available_capacity_percentage) == (0, 100)


def test_a_task_that_its_worker_wraps_up_is_not_deleted(scene: Scene) -> None:
    scene.worker("ana")
    task = scene.task().sid
    scene.answer(scene.answer(scene.offer(task), "accepted"), "wrapping")
    scene.cordboard.clock.advance(2 * DAY)
    assert scene.status(task) == "wrapping"


def test_after_a_thousand_offers_a_task_is_canceled(scene: Scene) -> None:
    scene.worker("ana")
    task = scene.task().sid
    scene.offer(task)

    async def offered_often(unit: Unit) -> None:
        found = await unit.get(TASKS, task)
        assert found is not None
        task_happened(unit, "task.updated", unit.update(TASKS, found, assignment_counter=999))

    scene.cordboard.call(scene.cordboard.system.db.run(offered_often))
    scene.answer(scene.offer(task), "rejected")
    last = scene.offers(task)[-1]
    assert (scene.status(task), last.reservation_status) == ("reserved", "pending")
    scene.answer(last, "rejected")
    found = scene.workspace.tasks(task).fetch()
    assert found.assignment_status == "canceled"
    assert found.reason == "Task TTL Exceeded or Max assignment count exceeded"
    assert len(scene.offers(task)) == 2
    assert scene.events(task)[-1] == "task.canceled"


def test_a_time_to_live_is_two_weeks_at_most(scene: Scene) -> None:
    assert scene.task(timeout=TWO_WEEKS).timeout == TWO_WEEKS
    assert "Invalid parameter Timeout" in sentence(scene.task, timeout=TWO_WEEKS + 1)
    task = scene.task().sid
    assert scene.workspace.tasks(task).fetch().timeout == DAY
    scene.cordboard.clock.advance(TWO_WEEKS)
    assert scene.workspace.tasks.list() != []
    assert look(scene, task).status == 404
    (left,) = scene.workspace.tasks.list()
    assert (left.assignment_status, left.age) == ("canceled", TWO_WEEKS)


def test_an_age_counts_from_creation_until_the_end_whatever_the_virtual_start(scene: Scene) -> None:
    scene.worker("ana")
    task = scene.task(virtual_start_time="2025-12-31T00:00:00Z").sid
    scene.cordboard.clock.advance(10.9)
    assert scene.workspace.tasks(task).fetch().age == 10
    scene.answer(scene.offer(task), "accepted")
    scene.cordboard.clock.advance(10)
    scene.workspace.tasks(task).update(assignment_status="completed")
    scene.cordboard.clock.advance(100)
    assert scene.workspace.tasks(task).fetch().age == 20


def test_a_virtual_start_time_does_not_move_the_time_to_live(scene: Scene) -> None:
    task = scene.task(virtual_start_time="2025-12-31T00:00:00Z", timeout=60).sid
    scene.cordboard.clock.advance(59)
    assert scene.status(task) == "pending"
    scene.cordboard.clock.advance(1)
    assert scene.status(task) == "canceled"


@pytest.mark.parametrize("start", ["2026-01-01T00:00:01Z", "1899-12-31T23:59:59Z"])
def test_a_virtual_start_lies_neither_in_the_future_nor_before_1900(scene: Scene, start: str) -> None:
    assert "VirtualStartTime" in sentence(scene.task, virtual_start_time=start)
    task = scene.task().sid
    assert "VirtualStartTime" in sentence(scene.workspace.tasks(task).update, virtual_start_time=start)


def test_a_task_that_is_over_cannot_be_brought_back(scene: Scene) -> None:
    scene.worker("ana")
    for task in (completed(scene), canceled(scene)):
        for status in ("canceled", "wrapping", "completed", "pending"):
            assert refusal(scene.workspace.tasks(task).update, assignment_status=status)[:2] == (400, 20001)
