import json

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.taskrouter.refusals import refusal
from tests.taskrouter.scene import Scene


def test_a_reservation_is_the_same_seen_by_task_and_by_worker(scene: Scene) -> None:
    worker = scene.worker("ana")
    task = scene.task()
    offer = scene.offer(task.sid)
    base = f"/v1/Workspaces/{scene.sid}"
    by_task = scene.cordboard.http.get(f"{base}/Tasks/{task.sid}/Reservations/{offer.sid}", host="taskrouter")
    by_worker = scene.cordboard.http.get(f"{base}/Workers/{worker.sid}/Reservations/{offer.sid}", host="taskrouter")
    url = f"https://taskrouter.twilio.com{base}"
    expected = {
        "sid": offer.sid,
        "account_sid": scene.cordboard.account_sid,
        "workspace_sid": scene.sid,
        "task_sid": task.sid,
        "worker_sid": worker.sid,
        "worker_name": "ana",
        "reservation_status": "pending",
        "date_created": "2026-01-01T00:00:00Z",
        "date_updated": "2026-01-01T00:00:00Z",
        "url": f"{url}/Tasks/{task.sid}/Reservations/{offer.sid}",
        "links": {"task": f"{url}/Tasks/{task.sid}", "worker": f"{url}/Workers/{worker.sid}", "workspace": url},
    }
    assert by_task.json == expected
    assert by_worker.json == expected | {"url": f"{url}/Workers/{worker.sid}/Reservations/{offer.sid}"}
    assert by_task.headers["etag"] == '"0"'


def test_accepting_assigns_the_task(scene: Scene) -> None:
    worker = scene.worker("ana")
    task = scene.task()
    offer = scene.offer(task.sid)
    assert scene.status(task.sid) == "reserved"
    assert scene.answer(offer, "accepted").reservation_status == "accepted"
    assert scene.status(task.sid) == "assigned"
    channel = scene.workspace.workers(worker.sid).worker_channels("default").fetch()
    assert (channel.assigned_tasks, channel.available_capacity_percentage) == (1, 0)
    assert scene.events(offer.sid) == ["reservation.created", "reservation.accepted"]


def test_a_worker_accepts_through_its_own_path(scene: Scene) -> None:
    worker = scene.worker("ana")
    task = scene.task()
    offer = scene.offer(task.sid)
    reservations = scene.workspace.workers(worker.sid).reservations
    assert reservations(offer.sid).update(reservation_status="accepted").reservation_status == "accepted"
    assert [found.sid for found in reservations.list(reservation_status="accepted")] == [offer.sid]
    assert reservations.list(reservation_status="pending") == []


def test_a_tasks_reservations_are_listed_by_status_and_worker(scene: Scene) -> None:
    scene.workspace.task_queues(scene.queue).update(max_reserved_workers=2)
    ana, ben = scene.worker("ana"), scene.worker("ben")
    task = scene.task()
    offers = {offer.worker_sid: offer for offer in scene.offers(task.sid)}
    scene.answer(offers[ana.sid], "rejected")

    def found(**wanted: str) -> list[str]:
        return [offer.worker_sid for offer in scene.workspace.tasks(task.sid).reservations.list(**wanted)]

    assert found(worker_sid=ben.sid) == found(reservation_status="pending") == [ben.sid]
    assert found(worker_sid=ana.sid, reservation_status="pending") == found(worker_sid="WK0") == []
    assert sorted(found()) == sorted((ana.sid, ben.sid))


def test_an_instruction_accepts_and_rejects(scene: Scene) -> None:
    scene.worker("ana")
    task = scene.task()
    offer = scene.offer(task.sid)
    reservation = scene.workspace.tasks(task.sid).reservations(offer.sid)
    assert reservation.update(instruction="accept").reservation_status == "accepted"
    ben = scene.worker("ben")
    other = scene.offer(scene.task().sid)
    reservation = scene.workspace.workers(ben.sid).reservations(other.sid)
    away = scene.activities["Unavailable"]
    assert reservation.update(instruction="reject", worker_activity_sid=away).reservation_status == "rejected"
    assert scene.workspace.workers(ben.sid).fetch().activity_sid == away


def test_an_unknown_instruction_is_refused_with_the_vendors_code(scene: Scene) -> None:
    scene.worker("ana")
    offer = scene.offer(scene.task().sid)
    with pytest.raises(TwilioRestException) as refused:
        scene.workspace.tasks(offer.task_sid).reservations(offer.sid).update(instruction="juggle")
    assert (refused.value.status, refused.value.code) == (400, 55555)


def test_a_rejected_task_goes_to_the_next_longest_idle_worker(scene: Scene) -> None:
    ana, ben = scene.worker("ana"), scene.worker("ben")
    task = scene.task()
    first = scene.offer(task.sid)
    assert first.worker_sid == ana.sid
    assert scene.answer(first, "rejected").reservation_status == "rejected"
    assert [found.worker_sid for found in scene.offers(task.sid)] == [ana.sid, ben.sid]
    assert scene.workspace.workers(ana.sid).fetch().activity_name == "Available"


def test_a_rejecting_worker_goes_where_it_says(scene: Scene) -> None:
    worker = scene.worker("ana")
    offer = scene.offer(scene.task().sid)
    scene.answer(offer, "rejected", worker_activity_sid=scene.activities["Unavailable"])
    assert scene.workspace.workers(worker.sid).fetch().activity_name == "Unavailable"
    assert scene.status(offer.task_sid) == "pending"


@pytest.mark.parametrize("activity", ["WA" + "0" * 32, "nonsense", "\0", "W" * 300])
def test_a_rejection_into_an_activity_that_is_not_there_changes_nothing(scene: Scene, activity: str) -> None:
    scene.worker("ana")
    offer = scene.offer(scene.task().sid)
    with pytest.raises(TwilioRestException) as refused:
        scene.answer(offer, "rejected", worker_activity_sid=activity)
    assert refused.value.status == 400
    assert scene.offer(offer.task_sid).reservation_status == "pending"


def test_an_unanswered_offer_times_out_and_its_worker_goes_offline(scene: Scene) -> None:
    worker = scene.worker("ana")
    task = scene.task()
    offer = scene.offer(task.sid)
    scene.cordboard.clock.advance(119)
    assert scene.offer(task.sid).reservation_status == "pending"
    scene.cordboard.clock.advance(1)
    assert scene.offer(task.sid).reservation_status == "timeout"
    assert scene.status(task.sid) == "pending"
    found = scene.workspace.workers(worker.sid).fetch()
    assert (found.activity_name, found.available) == ("Offline", False)
    assert scene.events(offer.sid) == ["reservation.created", "reservation.timeout"]
    assert "worker.activity.update" in scene.events(worker.sid)


def test_a_workflow_says_how_long_an_offer_stands(scene: Scene) -> None:
    scene.workspace.workflows(scene.workflow).update(task_reservation_timeout=5)
    scene.worker("ana")
    task = scene.task()
    scene.offer(task.sid)
    scene.cordboard.clock.advance(5)
    assert scene.offer(task.sid).reservation_status == "timeout"


def test_an_offer_stands_as_long_as_its_workflow_says_when_it_is_made(scene: Scene) -> None:
    task = scene.task()
    scene.workspace.workflows(scene.workflow).update(task_reservation_timeout=5)
    scene.worker("ana")
    offer = scene.offer(task.sid)
    scene.workspace.workflows(scene.workflow).update(task_reservation_timeout=60)
    scene.cordboard.clock.advance(4)
    assert scene.offer(task.sid).reservation_status == "pending"
    scene.cordboard.clock.advance(1)
    assert [(found.sid, found.reservation_status) for found in scene.offers(task.sid)] == [(offer.sid, "timeout")]


def test_wrapping_up_keeps_the_place_and_completing_frees_it(scene: Scene) -> None:
    worker = scene.worker("ana")
    task = scene.task()
    offer = scene.answer(scene.offer(task.sid), "accepted")
    assert scene.answer(offer, "wrapping").reservation_status == "wrapping"
    assert scene.status(task.sid) == "wrapping"
    channel = scene.workspace.workers(worker.sid).worker_channels("default")
    assert channel.fetch().available_capacity_percentage == 0
    waiting = scene.task()
    assert scene.offers(waiting.sid) == []
    assert scene.answer(offer, "completed").reservation_status == "completed"
    assert scene.status(task.sid) == "completed"
    assert scene.offer(waiting.sid).worker_sid == worker.sid


def test_completing_the_task_completes_its_reservation(scene: Scene) -> None:
    scene.worker("ana")
    task = scene.task()
    offer = scene.answer(scene.offer(task.sid), "accepted")
    scene.workspace.tasks(task.sid).update(assignment_status="wrapping")
    assert scene.offer(task.sid).reservation_status == "wrapping"
    done = scene.workspace.tasks(task.sid).update(assignment_status="completed", reason="resolved")
    assert (done.assignment_status, done.reason) == ("completed", "resolved")
    assert scene.offer(task.sid).reservation_status == "completed"
    assert scene.events(offer.sid) == [
        "reservation.created",
        "reservation.accepted",
        "reservation.wrapup",
        "reservation.completed",
    ]
    assert scene.events(task.sid)[-2:] == ["task.wrapup", "task.completed"]


def test_a_canceled_offer_leaves_its_task_waiting(scene: Scene) -> None:
    ana, ben = scene.worker("ana"), scene.worker("ben")
    task = scene.task()
    scene.answer(scene.offer(task.sid), "canceled")
    assert [(found.worker_sid, found.reservation_status) for found in scene.offers(task.sid)] == [
        (ana.sid, "canceled"),
        (ben.sid, "pending"),
    ]


@pytest.mark.parametrize("status", ["accepted", "rejected", "canceled"])
def test_an_answer_that_comes_too_late_is_refused_and_changes_nothing(scene: Scene, status: str) -> None:
    scene.worker("ana")
    task = scene.task()
    offer = scene.answer(scene.offer(task.sid), "accepted")
    before = scene.events(offer.sid)
    with pytest.raises(TwilioRestException) as refused:
        scene.answer(offer, status)
    assert (refused.value.status, refused.value.code) == (400, 20001)
    assert scene.status(task.sid) == "assigned"
    assert scene.events(offer.sid) == before


@pytest.mark.parametrize("status", ["wrapping", "completed"])
def test_a_reservation_that_is_not_accepted_is_neither_wrapped_up_nor_completed(scene: Scene, status: str) -> None:
    scene.worker("ana")
    offer = scene.offer(scene.task().sid)
    assert refusal(scene.answer, offer, status)[:2] == (400, 20001)
    assert scene.offer(offer.task_sid).reservation_status == "pending"
    assert scene.status(offer.task_sid) == "reserved"


@pytest.mark.parametrize("status", ["timeout", "rescinded", "pending", "lost"])
def test_states_that_routing_sets_cannot_be_set(scene: Scene, status: str) -> None:
    scene.worker("ana")
    offer = scene.offer(scene.task().sid)
    with pytest.raises(TwilioRestException) as refused:
        scene.answer(offer, status)
    assert refused.value.status == 400
    assert scene.offer(offer.task_sid).reservation_status == "pending"


def test_the_version_is_checked_when_the_caller_names_one(scene: Scene) -> None:
    scene.worker("ana")
    offer = scene.offer(scene.task().sid)
    with pytest.raises(TwilioRestException) as refused:
        scene.answer(offer, "accepted", if_match='"7"')
    assert refused.value.status == 412
    assert scene.answer(offer, "accepted", if_match='"0"').reservation_status == "accepted"


def test_a_reservation_is_not_found_under_another_task_or_worker(scene: Scene) -> None:
    scene.worker("ana")
    offer = scene.offer(scene.task().sid)
    stranger, elsewhere = scene.worker("ben", available=False), scene.task()
    http, base = scene.cordboard.http, f"/v1/Workspaces/{scene.sid}"
    for path in (
        f"{base}/Tasks/{elsewhere.sid}/Reservations/{offer.sid}",
        f"{base}/Workers/{stranger.sid}/Reservations/{offer.sid}",
    ):
        assert http.get(path, host="taskrouter").status == 404
        assert http.post(path, {"ReservationStatus": "accepted"}, host="taskrouter").status == 404


def test_in_a_workspace_for_one_task_at_a_time_the_queue_says_what_the_worker_does(scene: Scene) -> None:
    single = Scene(scene.cordboard, multi_task_enabled=False)
    idle = single.activities["Idle"]
    queue = single.workspace.task_queues.create(
        friendly_name="all",
        reservation_activity_sid=single.activities["Reserved"],
        assignment_activity_sid=single.activities["Busy"],
    )
    flow = single.workspace.workflows.create(
        friendly_name="all", configuration=json.dumps({"task_routing": {"default_filter": {"queue": queue.sid}}})
    )
    worker = single.workspace.workers.create(friendly_name="ana", activity_sid=idle)
    single.capacity(worker.sid, "chat", 5)

    def activity() -> str:
        single.cordboard.settled()
        name: str = single.workspace.workers(worker.sid).fetch().activity_name
        return name

    task = single.task(workflow_sid=flow.sid, task_channel="chat")
    offer = single.offer(task.sid)
    assert activity() == "Reserved"
    single.answer(offer, "accepted")
    assert activity() == "Busy"
    single.answer(offer, "completed")
    assert activity() == "Busy"
    single.workspace.workers(worker.sid).update(activity_sid=idle)
    offer = single.offer(single.task(workflow_sid=flow.sid, task_channel="chat").sid)
    single.answer(offer, "rejected")
    assert single.offers(offer.task_sid)[0].reservation_status == "rejected"
