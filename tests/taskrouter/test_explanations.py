"""``GET .../Tasks/{WT}/Explanation``: why a task is where it is, who can get it, and why nobody else can."""

from typing import Any

import pytest

from cordboard.testkit.running import Cordboard
from tests.taskrouter.scene import Scene, routing


def explain(scene: Scene, task_sid: str, **query: Any) -> Any:
    scene.cordboard.settled()
    answer = scene.cordboard.http.get(f"/cordboard/v1/Workspaces/{scene.sid}/Tasks/{task_sid}/Explanation", query)
    assert answer.status == 200, answer.text
    return answer.json


def why(told: Any) -> dict[str, tuple[str, str]]:
    """The reason and the sentence by worker."""
    return {one["friendly_name"]: (one["reason"], one["message"]) for one in told["others"]["workers"]}


def parts(decided_by: list[Any]) -> list[tuple[str, bool, dict[str, Any]]]:
    return [(one["part"], one["holds"], one["values"]) for one in decided_by]


def test_a_worker_who_is_not_in_the_queue_is_told_the_part_of_its_expression_and_the_value(scene: Scene) -> None:
    scene.worker("ana", skills=["orders"], level=5)
    room = scene.room("Refunds", target_workers='level >= 3 AND (skills HAS "refunds" OR vip == true)')
    told = explain(scene, scene.task(routing_target=room).sid)
    assert why(told) == {"ana": ("target_workers", "TargetWorkers of the queue does not hold")}
    assert parts(told["others"]["workers"][0]["decided_by"]) == [
        ('skills HAS "refunds"', False, {"skills": ["orders"]}),
        ("vip == true", False, {"vip": None}),
    ]
    assert told["task_queue"]["friendly_name"] == "Refunds"
    assert told["summary"] == "pending in Refunds: nobody can get it now (1 target_workers)"


def test_a_worker_whom_the_target_does_not_want_is_told_the_values_of_both_sides(scene: Scene) -> None:
    scene.worker("ana", level=2)
    flow = scene.flow(
        [{"queue": scene.queue, "expression": "worker.level > task.level", "order_by": "worker.level DESC"}]
    )
    told = explain(scene, scene.task(workflow_sid=flow, attributes={"level": 7}).sid)
    (other,) = told["others"]["workers"]
    assert other["reason"] == "target_expression"
    assert parts(other["decided_by"]) == [("worker.level > task.level", False, {"worker.level": 2, "task.level": 7})]
    assert (told["target"]["expression"], told["target"]["order_by"]) == (
        "worker.level > task.level",
        "worker.level DESC",
    )


def test_a_known_agent_who_is_somebody_else_is_told(scene: Scene) -> None:
    scene.worker("ana"), scene.worker("ben", available=False)
    flow = scene.flow([{"queue": scene.queue, "known_worker_friendly_name": "task.agent"}])
    told = explain(scene, scene.task(workflow_sid=flow, attributes={"agent": "ben"}).sid)
    assert [reason for reason, _ in why(told).values()] == ["activity_not_available", "target_expression"]
    assert told["target"]["known_worker"] == {"key": "friendly_name", "attribute": "task.agent"}
    seen = {"worker.friendly_name": "ana", "task.agent": "ben"}
    assert parts(told["others"]["workers"][1]["decided_by"]) == [("worker.friendly_name == task.agent", False, seen)]


def test_activity_capacity_and_a_channel_that_is_switched_off_are_told_the_nearest_first(scene: Scene) -> None:
    scene.worker("away", available=False)
    scene.capacity(scene.worker("none").sid, "chat", 0)
    off = scene.worker("off")
    scene.workspace.workers(off.sid).worker_channels("chat").update(capacity=1, available=False)
    told = explain(scene, scene.task(task_channel="chat").sid)
    assert list(why(told).items()) == [
        ("none", ("no_capacity", "has 0 of 0 places on chat taken")),
        ("off", ("channel_not_available", "is not available on chat")),
        ("away", ("activity_not_available", "is in Offline, which is not available")),
    ]
    assert told["others"]["by_reason"] == {"no_capacity": 1, "channel_not_available": 1, "activity_not_available": 1}


def test_a_full_worker_is_told_with_the_numbers(scene: Scene) -> None:
    scene.capacity(scene.worker("ana").sid, "chat", 2)
    for _ in range(2):
        scene.answer(scene.offer(scene.task(task_channel="chat").sid), "accepted")
    assert why(explain(scene, scene.task(task_channel="chat").sid)) == {
        "ana": ("no_capacity", "has 2 of 2 places on chat taken")
    }


def test_a_single_tasking_worker_with_something_in_hand_is_told(cordboard: Cordboard) -> None:
    scene = Scene(cordboard, multi_task_enabled="false")
    idle = scene.activities["Idle"]
    scene.workspace.workers.create(friendly_name="ana", activity_sid=idle)
    scene.workspace.task_queues(scene.queue).update(reservation_activity_sid=idle, assignment_activity_sid=idle)
    scene.answer(scene.offer(scene.task().sid), "accepted")
    assert why(explain(scene, scene.task(task_channel="chat").sid))["ana"][0] == "has_another_task"


def test_a_task_for_one_worker_alone_says_so_of_all_others(scene: Scene) -> None:
    ana = scene.worker("ana", available=False)
    scene.worker("ben")
    told = explain(scene, scene.task(routing_target=ana.sid, ignore_capacity="false").sid)
    assert [(name, reason) for name, (reason, _) in why(told).items()] == [
        ("ana", "activity_not_available"),
        ("ben", "not_the_named_worker"),
    ]
    assert (told["routing_target"], told["task_queue"], told["filters"]) == (ana.sid, None, [])


def test_an_offered_task_tells_the_pending_reservation_and_who_would_be_next_in_order(scene: Scene) -> None:
    ana, ben, cid = (scene.worker(name) for name in ("ana", "ben", "cid"))
    scene.answer(scene.offer(scene.task(task_channel="sms").sid), "accepted")
    task = scene.task(task_channel="chat")
    offer = scene.offer(task.sid)
    told = explain(scene, task.sid)
    assert offer.worker_sid == ben.sid
    assert told["summary"] == "reserved in Sample Queue, waiting for the answer of ben"
    (reservation,) = told["reservations"]
    assert (reservation["sid"], reservation["worker_sid"]) == (offer.sid, ben.sid)
    assert [one["worker_sid"] for one in told["eligible"]["workers"]] == [cid.sid, ana.sid]
    assert why(told) == {"ben": ("pending_offer", "has a pending reservation of this task")}
    scene.answer(offer, "rejected", worker_activity_sid=scene.activities["Offline"])
    assert scene.offers(task.sid)[-1].worker_sid == told["eligible"]["workers"][0]["worker_sid"]


def test_of_a_task_for_several_workers_who_declined_is_told_from_who_is_asked(scene: Scene) -> None:
    for name in ("ana", "ben"):
        scene.worker(name)
    room = scene.room("both", max_reserved_workers=3)
    task = scene.task(routing_target=room)
    first, _ = scene.offers(task.sid)
    scene.answer(first, "rejected")
    told = explain(scene, task.sid)
    assert {reason for reason, _ in why(told).values()} == {"pending_offer", "asked_already"}


def test_who_hands_a_task_on_is_told(scene: Scene) -> None:
    ana = scene.worker("ana")
    task = scene.task()
    held = scene.answer(scene.offer(task.sid), "accepted")
    form = {"TaskSid": task.sid, "ReservationSid": held.sid, "To": scene.queue}
    transfers = f"/v1/Workspaces/{scene.sid}/Workers/{ana.sid}/Transfers"
    assert scene.cordboard.http.post(transfers, form, host="taskrouter").status == 201
    told = explain(scene, task.sid)
    assert why(told) == {"ana": ("transfers_the_task", "hands the task on")}
    assert (told["transfer_to"], told["date_expires"], told["moves_on"]) == (scene.queue, None, None)


def test_the_filters_that_were_tried_and_the_place_in_the_workflow_are_told(scene: Scene) -> None:
    flow = scene.flow(
        {
            "filter_friendly_name": "gold",
            "expression": "tier == 'gold' AND age > 1",
            "targets": [{"queue": scene.queue}],
        },
        {
            "filter_friendly_name": "all",
            "targets": [{"queue": scene.queue, "timeout": 30, "priority": 4}, {"queue": scene.room("Late")}],
        },
    )
    scene.cordboard.settled()
    task = scene.task(workflow_sid=flow, attributes={"tier": "tin"})
    told = explain(scene, task.sid)
    gold, everything = told["filters"]
    assert (gold["friendly_name"], gold["outcome"]) == ("gold", "not_matched")
    assert parts(gold["decided_by"]) == [("tier == 'gold'", False, {"tier": "tin"})]
    assert (everything["index"], everything["outcome"]) == (1, "taken")
    target = told["target"]
    assert (target["index"], target["count"], target["priority"], target["timeout"]) == (0, 2, 4, 30)
    moves = told["moves_on"]
    assert (moves["target"], moves["task_queue"]["friendly_name"]) == ("task_routing.filters[1].targets[1]", "Late")
    assert told["workflow"]["configuration"] == "newest"
    scene.cordboard.clock.advance(30)
    assert scene.place(task.sid) == ("pending", "Late")
    told = explain(scene, task.sid)
    assert (told["target"]["index"], told["moves_on"]) == (1, None)
    assert told["date_expires"] is not None
    scene.workspace.workflows(flow).update(configuration=routing([{"queue": scene.queue}]))
    assert explain(scene, task.sid)["workflow"]["configuration"] == "older"


def test_when_the_last_target_ends_out_of_the_workflow_it_is_told(scene: Scene) -> None:
    task = scene.task(workflow_sid=scene.flow([{"queue": scene.queue, "timeout": 30}]))
    moves = explain(scene, task.sid)["moves_on"]
    assert (moves["target"], moves["task_queue"]) == (None, None)
    scene.cordboard.clock.advance(30)
    told = explain(scene, task.sid)
    assert told["summary"] == "canceled: Task canceled on Workflow timeout"
    assert (told["moves_on"], told["eligible"]["count"], told["others"]["count"]) == (None, 0, 0)


def test_a_task_that_no_filter_took_tells_each_of_them(scene: Scene) -> None:
    flow = scene.flow({"expression": "a == 1", "targets": [{"queue": scene.queue}]})
    told = explain(scene, scene.task(workflow_sid=flow, attributes={"a": 2}).sid)
    assert (told["assignment_status"], [one["outcome"] for one in told["filters"]]) == ("canceled", ["not_matched"])
    assert parts(told["filters"][0]["decided_by"]) == [("a == 1", False, {"a": 2})]


def test_a_task_in_hand_says_whose(scene: Scene) -> None:
    scene.worker("ana")
    task = scene.task()
    scene.answer(scene.offer(task.sid), "accepted")
    assert explain(scene, task.sid)["summary"] == "assigned, with ana"


def test_the_tasks_before_it_are_counted(scene: Scene) -> None:
    sids = [scene.task(routing_target=scene.queue, priority=priority).sid for priority in (0, 5, 0)]
    assert [explain(scene, sid)["task_queue"]["tasks_before"] for sid in sids] == [1, 0, 2]


def test_an_answer_lists_so_many_workers_and_counts_the_rest_or_tells_of_one(scene: Scene) -> None:
    workers = [scene.worker(f"w{number}", available=False) for number in range(5)]
    task = scene.task()
    told = explain(scene, task.sid, Limit=2)
    assert (told["others"]["count"], len(told["others"]["workers"])) == (5, 2)
    (other,) = explain(scene, task.sid, WorkerSid=workers[4].sid, Limit=1)["others"]["workers"]
    assert other["worker_sid"] == workers[4].sid


def test_long_values_are_cut(scene: Scene) -> None:
    scene.worker("ana", note="x" * 3000)
    room = scene.room("Notes", target_workers="note == 'y'")
    (other,) = explain(scene, scene.task(routing_target=room).sid)["others"]["workers"]
    (finding,) = other["decided_by"]
    assert finding["values"]["note"] == "x" * 300 + "…"


def test_the_explanation_is_there_after_a_restart(cordboard: Cordboard) -> None:
    scene = Scene(cordboard)
    scene.worker("ana", available=False)
    task = scene.task()
    before = explain(scene, task.sid)
    cordboard.restart()
    assert explain(scene, task.sid) == before


@pytest.mark.parametrize("query", [{"Limit": 0}, {"Limit": 1001}, {"WorkerSid": "ana"}])
def test_bad_queries_are_refused(scene: Scene, query: dict[str, Any]) -> None:
    task = scene.task()
    path = f"/cordboard/v1/Workspaces/{scene.sid}/Tasks/{task.sid}/Explanation"
    answer = scene.cordboard.http.get(path, query)
    assert (answer.status, answer.json["code"]) == (400, 20001)
