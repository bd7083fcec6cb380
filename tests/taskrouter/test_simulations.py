"""``POST .../Simulations``: what would be if, and nothing of it is kept."""

from typing import Any

import pytest

from cordboard.testkit.exchange import Answer
from tests.taskrouter.scene import Scene, routing


def ask(scene: Scene, type_: str, **form: Any) -> Answer:
    scene.cordboard.settled()
    return scene.cordboard.http.post(f"/cordboard/v1/Workspaces/{scene.sid}/Simulations", {"Type": type_, **form})


def simulate(scene: Scene, type_: str, **form: Any) -> Any:
    before = scene.cordboard.http.get("/cordboard/v1/Events", {"PageSize": "1000"}).json["events"]
    answer = ask(scene, type_, **form)
    assert answer.status == 200, answer.text
    assert scene.cordboard.http.get("/cordboard/v1/Events", {"PageSize": "1000"}).json["events"] == before
    return answer.json


def test_a_task_that_does_not_exist_is_explained_and_made_it_goes_to_whom_was_foretold(scene: Scene) -> None:
    ana, ben = scene.worker("ana", level=1), scene.worker("ben", level=9)
    scene.worker("cid")
    steps = [{"queue": scene.queue, "expression": "worker.level > 0", "order_by": "worker.level DESC", "timeout": 9}]
    flow = scene.flow({"expression": "vip == true", "targets": steps}, default={"queue": scene.room("Rest")})
    told = simulate(scene, "task", WorkflowSid=flow, Attributes={"vip": True}, TaskChannel="chat", Priority=3)
    assert (told["type"], told["task_sid"], told["url"]) == ("task", None, None)
    assert (told["assignment_status"], told["priority"], told["task_queue"]["sid"]) == ("pending", 3, scene.queue)
    assert [one["worker_sid"] for one in told["eligible"]["workers"]] == [ben.sid, ana.sid]
    assert told["others"]["by_reason"] == {"target_expression": 1}
    assert told["moves_on"]["task_queue"] is None
    assert scene.workspace.tasks.list() == []
    task = scene.task(workflow_sid=flow, attributes={"vip": True}, task_channel="chat", priority=3)
    assert scene.offer(task.sid).worker_sid == ben.sid


def test_a_task_that_no_filter_would_take_says_so(scene: Scene) -> None:
    flow = scene.flow({"expression": "a == 1", "targets": [{"queue": scene.queue}]})
    told = simulate(scene, "task", WorkflowSid=flow)
    assert told["summary"] == "canceled: Task canceled on Workflow timeout"
    assert told["filters"][0]["decided_by"] == [{"part": "a == 1", "holds": False, "values": {"a": None}}]


def test_a_task_for_one_worker_or_queue_is_tried_too(scene: Scene) -> None:
    ana = scene.worker("ana", available=False)
    told = simulate(scene, "task", RoutingTarget=ana.sid)
    assert [one["worker_sid"] for one in told["eligible"]["workers"]] == [ana.sid]
    assert simulate(scene, "task", RoutingTarget=ana.sid, IgnoreCapacity="false")["eligible"]["count"] == 0
    room = scene.room("gold", target_workers="gold == true")
    assert simulate(scene, "task", RoutingTarget=room)["others"]["by_reason"] == {"target_workers": 1}


def test_a_worker_who_does_not_exist_is_told_queues_and_tasks_and_hired_gets_what_was_foretold(scene: Scene) -> None:
    room = scene.room("gold", target_workers="level > 3 AND gold == true")
    low, high = (scene.task(routing_target=room, priority=priority) for priority in (1, 5))
    other = scene.task(routing_target=scene.room("tin", target_workers="level < 3"))
    told = simulate(scene, "worker", FriendlyName="zoe", Attributes={"level": 5, "gold": True})
    served = {one["friendly_name"]: one["serves"] for one in told["task_queues"]["task_queues"]}
    assert served == {"Sample Queue": True, "gold": True, "tin": False}
    assert (told["task_queues"]["count"], told["activity_name"], told["available"]) == (2, "Available", True)
    assert [one["task_sid"] for one in told["eligible"]["tasks"]] == [high.sid, low.sid]
    (missed,) = told["others"]["tasks"]
    assert (missed["task_sid"], missed["reason"]) == (other.sid, "target_workers")
    assert missed["decided_by"] == [{"part": "level < 3", "holds": False, "values": {"level": 5}}]
    worker = scene.worker("zoe", level=5, gold=True)
    assert scene.offer(high.sid).worker_sid == worker.sid


def test_a_worker_in_an_activity_or_without_capacity_gets_nothing_and_is_told_why(scene: Scene) -> None:
    task = scene.task()
    told = simulate(scene, "worker", ActivitySid=scene.activities["Offline"])
    assert told["others"]["by_reason"] == {"activity_not_available": 1}
    assert told["others"]["tasks"][0]["message"] == "is in Offline, which is not available"
    told = simulate(scene, "worker", Capacity=0)
    assert told["others"]["by_reason"] == {"no_capacity": 1}
    assert told["others"]["tasks"][0]["task_sid"] == task.sid


def test_of_many_tasks_the_first_are_listed_and_the_rest_counted(scene: Scene) -> None:
    sids = [scene.task(task_channel="chat").sid for _ in range(4)]
    told = simulate(scene, "worker", Limit=2)
    assert (told["eligible"]["count"], [one["task_sid"] for one in told["eligible"]["tasks"]]) == (4, sids[:2])
    assert (len(told["task_queues"]["task_queues"]), told["task_queues"]["left_out"]) == (1, 0)


def test_an_expression_is_tried_against_attributes(scene: Scene) -> None:
    told = simulate(scene, "expression", Expression="a > 1 AND b == 2", Attributes={"a": 5, "b": 3})
    assert told == {
        "type": "expression",
        "expression": "a > 1 AND b == 2",
        "holds": False,
        "decided_by": [{"part": "b == 2", "holds": False, "values": {"b": 3}}],
    }
    target = {"worker": {"langs": ["de"]}, "task": {"lang": "de"}}
    assert simulate(scene, "expression", Expression="worker.langs HAS task.lang", Attributes=target)["holds"] is True


def test_an_expression_sees_the_time_of_day_or_the_one_it_is_given(scene: Scene) -> None:
    hour = f"{scene.cordboard.clock.now():%H}"
    assert simulate(scene, "expression", Expression=f"taskrouter.currentHour == '{hour}'")["holds"] is True
    other = {"taskrouter": {"currentHour": "99"}}
    assert simulate(scene, "expression", Expression="taskrouter.currentHour == 99", Attributes=other)["holds"] is True


def test_another_configuration_is_tried_on_the_waiting_tasks_and_applied_it_moves_them_so(scene: Scene) -> None:
    old, new = scene.room("Old"), scene.room("New")
    flow = scene.flow([{"queue": old}])
    stays, goes, falls = (scene.task(workflow_sid=flow, attributes={"n": number}) for number in (1, 2, 3))
    configuration = routing(
        {"expression": "n == 1", "targets": [{"queue": old}]},
        {"expression": "n == 2", "targets": [{"queue": new, "priority": 7}]},
    )
    told = simulate(scene, "workflow", WorkflowSid=flow, Configuration=configuration)
    assert (told["looked_at"], told["has_more"]) == (3, False)
    assert {
        (one["from"] and one["from"]["sid"], one["to"] and one["to"]["sid"]): one["count"] for one in told["moves"]
    } == {
        (old, old): 1,
        (old, new): 1,
        (old, None): 1,
    }
    first, second = told["tasks"]
    assert (first["task_sid"], first["target"], first["priority"]) == (
        goes.sid,
        "task_routing.filters[1].targets[0]",
        7,
    )
    assert (second["task_sid"], second["to"], second["target"]) == (falls.sid, None, None)
    assert [one["outcome"] for one in second["filters"]] == ["not_matched", "not_matched"]
    scene.workspace.workflows(flow).update(configuration=configuration, re_evaluate_tasks="true")
    assert [scene.place(task.sid) for task in (stays, goes, falls)] == [
        ("pending", "Old"),
        ("pending", "New"),
        ("canceled", "Old"),
    ]


NOBODY = "0" * 32


@pytest.mark.parametrize(
    ("type_", "form", "complaint"),
    [
        ("task", {"Attributes": "[]"}, "Invalid parameter Attributes"),
        ("task", {"WorkflowSid": f"WW{NOBODY}"}, "Invalid parameter WorkflowSid"),
        ("task", {"TaskChannel": "fax"}, "Invalid parameter TaskChannel"),
        ("task", {"RoutingTarget": f"WK{NOBODY}"}, "Invalid parameter RoutingTarget"),
        ("task", {"IgnoreCapacity": "true"}, "Invalid parameter IgnoreCapacity"),
        ("worker", {"ActivitySid": f"WA{NOBODY}"}, "Invalid parameter ActivitySid"),
        ("worker", {"Capacity": 51}, "Invalid parameter Capacity"),
        ("expression", {}, "Missing required parameter Expression"),
        ("expression", {"Expression": "skill-level > 3"}, "extraneous input 'evel' expecting OPERATOR"),
        ("workflow", {}, "Missing required parameter WorkflowSid"),
        ("workflow", {"WorkflowSid": f"WW{NOBODY}"}, "Missing required parameter Configuration"),
        ("workflow", {"WorkflowSid": f"WW{NOBODY}", "Configuration": "{}"}, "Invalid parameter WorkflowSid"),
        ("guess", {}, "Invalid parameter Type"),
    ],
)
def test_bad_input_is_refused_and_says_what(scene: Scene, type_: str, form: dict[str, Any], complaint: str) -> None:
    answer = ask(scene, type_, **form)
    assert (answer.status, answer.json["code"]) == (400, 20001)
    assert complaint in answer.json["message"]


def test_a_configuration_that_cannot_be_followed_is_refused_with_the_json_path(scene: Scene) -> None:
    for text, path in (
        (routing([{"queue": f"WQ{NOBODY}"}]), "task_routing.filters[0].targets[0].queue"),
        (routing([{"queue": scene.queue, "skip_if": f"workers.WA{NOBODY} == 0"}]), "filters[0].targets[0].skip_if"),
        (routing([{"queue": scene.queue, "timeout": 0}]), "task_routing.filters[0].targets[0].timeout"),
    ):
        answer = ask(scene, "workflow", WorkflowSid=scene.workflow, Configuration=text)
        assert (answer.status, answer.json["code"]) == (400, 20001)
        assert path in answer.json["message"]
