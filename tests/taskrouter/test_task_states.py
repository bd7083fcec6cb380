"""Which moves a task makes and which it refuses, in every state (taskrouter.md 3)."""

from datetime import timedelta

import pytest

from tests.taskrouter.refusals import refusal
from tests.taskrouter.scene import Scene

STATES = ("pending", "reserved", "assigned", "wrapping", "completed", "canceled")
MOVES = {
    "canceled": ("pending", "reserved"),
    "wrapping": ("assigned",),
    "completed": ("assigned", "wrapping"),
}


def task_in(scene: Scene, state: str) -> str:
    """A task in a state; ana has it, if anybody has."""
    if state in {"pending", "canceled"}:
        task: str = scene.task().sid
        if state == "canceled":
            scene.workspace.tasks(task).update(assignment_status="canceled", reason="hung up")
        return task
    scene.worker("ana")
    offer = scene.offer(scene.task().sid)
    for status in {"assigned": ["accepted"], "wrapping": ["accepted", "wrapping"]}.get(state, []):
        scene.answer(offer, status)
    if state == "completed":
        scene.answer(scene.answer(offer, "accepted"), "completed")
    assert scene.status(offer.task_sid) == state
    return str(offer.task_sid)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("move", MOVES)
def test_a_task_is_moved_by_its_status_from_where_the_sheet_says_and_from_nowhere_else(
    scene: Scene, state: str, move: str
) -> None:
    task = task_in(scene, state)
    before = scene.events(task)
    update = scene.workspace.tasks(task).update
    if state in MOVES[move]:
        assert update(assignment_status=move, reason="so").assignment_status == move
    elif state == move == "wrapping":
        assert update(assignment_status=move).assignment_status == move
    else:
        status, code, said = refusal(update, assignment_status=move)
        assert (status, code) == (400, 20001)
        assert f"{task} in workspace {scene.sid} for account {scene.cordboard.account_sid} because it" in said
    if state not in MOVES[move]:
        assert (scene.status(task), scene.events(task)) == (state, before)


@pytest.mark.parametrize("state", ["pending", "reserved", "assigned", "wrapping"])
def test_the_status_that_a_task_has_already_changes_nothing(scene: Scene, state: str) -> None:
    task = task_in(scene, state)
    path, before = f"/v1/Workspaces/{scene.sid}/Tasks/{task}", scene.events(task)
    version = scene.cordboard.http.get(path, host="taskrouter").headers["etag"]
    answer = scene.cordboard.http.post(path, {"AssignmentStatus": state}, host="taskrouter")
    assert (answer.status, answer.json["assignment_status"], answer.headers["etag"]) == (200, state, version)
    assert scene.events(task) == before


@pytest.mark.parametrize("state", STATES)
def test_a_task_is_deleted_in_whatever_state_it_is(scene: Scene, state: str) -> None:
    task = task_in(scene, state)
    reservations = [found.sid for found in scene.offers(task)]
    assert scene.workspace.tasks(task).delete() is True
    assert refusal(scene.workspace.tasks(task).fetch)[:2] == (404, 20404)
    assert scene.events(task)[-1] == "task.deleted"
    for sid in reservations:
        path = f"/v1/Workspaces/{scene.sid}/Tasks/{task}/Reservations/{sid}"
        assert scene.cordboard.http.get(path, host="taskrouter").status == 404
    if state not in {"pending", "canceled"}:
        (ana,) = scene.workspace.workers.list()
        channel = scene.workspace.workers(ana.sid).worker_channels("default").fetch()
        assert (channel.assigned_tasks, channel.available_capacity_percentage) == (0, 100)
        assert scene.offer(scene.task().sid).worker_sid == ana.sid


@pytest.mark.parametrize(("state", "move"), [("pending", "canceled"), ("assigned", "completed")])
def test_a_task_ends_with_a_reason_or_without_one(scene: Scene, state: str, move: str) -> None:
    task = task_in(scene, state)
    assert scene.workspace.tasks(task).fetch().reason is None
    assert scene.workspace.tasks(task).update(assignment_status=move).reason is None


def test_a_task_that_nobody_takes_for_a_day_is_canceled(scene: Scene) -> None:
    task = scene.task().sid
    scene.cordboard.clock.advance(86_399)
    assert scene.status(task) == "pending"
    scene.cordboard.clock.advance(1)
    found = scene.workspace.tasks(task).fetch()
    assert (found.assignment_status, found.reason, found.age) == ("canceled", "Task TTL Exceeded", 86_400)


def test_a_queue_that_a_task_enters_again_counts_its_time_anew(scene: Scene) -> None:
    room = scene.room("sales")
    flow = scene.flow({"expression": "sales == true", "targets": [{"queue": room}]}, default={"queue": scene.queue})
    task = scene.task(workflow_sid=flow)
    made = task.date_created
    assert task.task_queue_entered_date == made
    for seconds, attributes, queue in ((10, '{"sales": true}', room), (20, "{}", scene.queue)):
        scene.cordboard.clock.advance(10)
        moved = scene.workspace.tasks(task.sid).update(attributes=attributes)
        assert (moved.task_queue_sid, moved.task_queue_entered_date) == (queue, made + timedelta(seconds=seconds))


@pytest.mark.parametrize("target", ["worker", "queue"])
def test_an_offer_of_a_task_without_workflow_stands_for_two_minutes(scene: Scene, target: str) -> None:
    ana = scene.worker("ana")
    scene.workspace.workflows(scene.workflow).update(task_reservation_timeout=5)
    task = scene.task(routing_target=ana.sid if target == "worker" else scene.queue, ignore_capacity=None)
    assert task.workflow_sid is None
    scene.offer(task.sid)
    scene.cordboard.clock.advance(119)
    assert scene.offers(task.sid)[0].reservation_status == "pending"
    scene.cordboard.clock.advance(1)
    assert scene.offers(task.sid)[0].reservation_status == "timeout"
