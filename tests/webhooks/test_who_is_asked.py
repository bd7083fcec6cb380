"""Of which reservations a workflow's URL is asked, and for how long (taskrouter.md 8.1, 8.3)."""

from cordboard.testkit.running import Cordboard
from cordboard.webhooks.store import DELIVERIES
from tests.taskrouter.scene import Scene
from tests.webhooks.receiver import HostileReceiver
from tests.webhooks.sending import delivered

EVERY_ONE = DELIVERIES.where("1 = 1 ORDER BY sid")


def test_each_of_several_reservations_is_asked_about_by_itself(cordboard: Cordboard, receiver: HostileReceiver) -> None:
    scene = Scene(cordboard)
    scene.workspace.workflows(scene.workflow).update(assignment_callback_url=f"{receiver.url}/assign")
    scene.workspace.task_queues(scene.queue).update(max_reserved_workers=2)
    workers = {scene.worker(name).sid for name in ("ana", "ben")}
    offers = scene.offers(scene.task().sid)
    assert {call.form["ReservationSid"] for call in receiver.calls} == {offer.sid for offer in offers}
    assert {call.form["WorkerSid"] for call in receiver.calls} == workers
    assert len(receiver.calls) == 2


def test_a_workflow_without_a_url_asks_nobody(cordboard: Cordboard) -> None:
    scene = Scene(cordboard)
    scene.workspace.workflows(scene.workflow).update(fallback_assignment_callback_url="https://example.com/fallback")
    scene.worker("ana")
    assert scene.offer(scene.task().sid).reservation_status == "pending"
    assert delivered(cordboard) == []


def test_a_task_without_a_workflow_asks_nobody(cordboard: Cordboard, receiver: HostileReceiver) -> None:
    scene = Scene(cordboard)
    scene.workspace.workflows(scene.workflow).update(assignment_callback_url=receiver.url)
    scene.worker("ana")
    scene.offer(scene.task(routing_target=scene.queue).sid)
    assert receiver.calls == []


def test_a_question_may_take_five_seconds_and_an_event_fifteen(cordboard: Cordboard, receiver: HostileReceiver) -> None:
    scene = Scene(cordboard, event_callback_url=f"{receiver.url}/events", events_filter="reservation.created")
    scene.workspace.workflows(scene.workflow).update(assignment_callback_url=f"{receiver.url}/assign")
    scene.worker("ana")
    scene.offer(scene.task().sid)
    rows = cordboard.call(cordboard.system.db.read(lambda view: view.all(EVERY_ONE)))
    assert {row.url.rpartition("/")[2]: row.limit_ms for row in rows} == {"assign": 5_000, "events": 15_000}
