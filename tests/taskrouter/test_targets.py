"""What a target asks of a worker: expression, order, known agent (taskrouter.md 5.6 to 5.8)."""

import json
from typing import Any

import pytest

from tests.taskrouter.scene import Scene


def test_a_target_expression_joins_task_and_worker(scene: Scene) -> None:
    scene.worker("ana", languages=["en"])
    ben = scene.worker("ben", languages=["en", "fr"])
    flow = scene.flow([{"queue": scene.queue, "expression": "task.language IN worker.languages"}])
    french, dutch = (scene.task(workflow_sid=flow, attributes={"language": name}) for name in ("fr", "nl"))
    assert scene.offer(french.sid).worker_sid == ben.sid
    assert scene.offers(dutch.sid) == []


def test_a_worker_who_gets_what_the_target_asks_is_offered_the_task(scene: Scene) -> None:
    worker = scene.worker("ana", languages=[])
    flow = scene.flow([{"queue": scene.queue, "expression": "task.language IN worker.languages"}])
    task = scene.task(workflow_sid=flow, attributes={"language": "fr"})
    assert scene.offers(task.sid) == []
    scene.workspace.workers(worker.sid).update(attributes='{"languages": ["fr"]}')
    assert scene.offer(task.sid).worker_sid == worker.sid


def test_new_attributes_of_the_task_count_for_its_target_too(scene: Scene) -> None:
    worker = scene.worker("ana", languages=["fr"])
    flow = scene.flow([{"queue": scene.queue, "expression": "task.language IN worker.languages"}])
    task = scene.task(workflow_sid=flow, attributes={"language": "nl"})
    assert scene.offers(task.sid) == []
    scene.workspace.tasks(task.sid).update(attributes='{"language": "fr"}')
    assert scene.offer(task.sid).worker_sid == worker.sid


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        ("worker.friendly_name == 'ben'", "ben"),
        ("worker.activity_name == 'Available' AND worker.n == 3", "cid"),
        ("worker.channel.default.configured_capacity == 2", "ben"),
        ("worker.sid == task.wanted", "cid"),
    ],
)
def test_a_target_sees_the_workers_own_names_and_channels(scene: Scene, expression: str, name: str) -> None:
    workers = {each: scene.worker(each, n=number).sid for number, each in enumerate(("ana", "ben", "cid"), start=1)}
    scene.capacity(workers["ben"], "default", 2)
    flow = scene.flow([{"queue": scene.queue, "expression": expression}])
    task = scene.task(workflow_sid=flow, attributes={"wanted": workers["cid"]})
    assert scene.offer(task.sid).worker_name == name


def test_a_target_may_wait_for_a_time_of_day(scene: Scene) -> None:
    scene.worker("ana")
    task = scene.task(workflow_sid=scene.flow([{"queue": scene.queue, "expression": "taskrouter.currentTime >= 130"}]))
    scene.cordboard.clock.advance(89 * 60)
    assert scene.offers(task.sid) == []
    scene.cordboard.clock.advance(60)
    assert len(scene.offers(task.sid)) == 1


def test_order_by_says_who_is_asked_first(scene: Scene) -> None:
    workers: list[tuple[str, dict[str, Any]]] = [
        ("low", {"level": 1, "age": 1}),
        ("none", {"age": 9}),
        ("young", {"level": 5, "age": 2}),
        ("old", {"level": 5, "age": 7}),
        ("text", {"level": "9", "age": 9}),
    ]
    for name, attributes in workers:
        scene.worker(name, **attributes)
    flow = scene.flow([{"queue": scene.queue, "order_by": "worker.level DESC, worker.age ASC"}])
    names = [scene.offer(scene.task(workflow_sid=flow).sid).worker_name for _ in range(5)]
    assert names == ["young", "old", "low", "none", "text"]


def test_order_by_without_a_direction_rises_and_who_lacks_the_number_is_last_either_way(scene: Scene) -> None:
    ranks: dict[str, dict[str, Any]] = {"none": {}, "high": {"team": {"rank": 2}}, "low": {"team": {"rank": 1}}}
    for name, attributes in ranks.items():
        scene.capacity(scene.worker(name, **attributes).sid, "default", 2)
    for order, expected in (("", ["low", "high", "none"]), (" DESC", ["high", "low", "none"])):
        flow = scene.flow([{"queue": scene.queue, "order_by": f"worker.team.rank{order}"}])
        offers = [scene.offer(scene.task(workflow_sid=flow).sid) for _ in range(6)]
        assert [offer.worker_name for offer in offers] == [name for name in expected for _ in range(2)]
        for offer in offers:
            scene.answer(scene.answer(offer, "accepted"), "completed")


def test_a_later_target_inherits_neither_expression_nor_order(scene: Scene) -> None:
    scene.worker("ana", level=1)
    asks = {"queue": scene.queue, "timeout": 5, "expression": "worker.level > 3", "order_by": "worker.level"}
    task = scene.task(workflow_sid=scene.flow([asks, {}]))
    assert scene.offers(task.sid) == []
    scene.cordboard.clock.advance(5)
    assert len(scene.offers(task.sid)) == 1


def test_the_default_filter_may_ask_and_order_too(scene: Scene) -> None:
    for name, level in [("ana", 1), ("ben", 4), ("cid", 9)]:
        scene.worker(name, level=level)
    default = {"queue": scene.queue, "expression": "worker.level < 5", "order_by": "worker.level DESC"}
    flow = scene.flow(default=default)
    assert [scene.offer(scene.task(workflow_sid=flow).sid).worker_name for _ in range(2)] == ["ben", "ana"]


def known(scene: Scene, key: str, path: str, **more: Any) -> str:
    """The agent the task names for ten seconds, then anybody."""
    return scene.flow([{"queue": scene.queue, key: path, "timeout": 10, **more}, {"queue": scene.queue}])


def test_a_known_agent_is_asked_by_sid_or_by_name(scene: Scene) -> None:
    scene.worker("ana")
    ben, cid = scene.worker("ben"), scene.worker("cid")
    by_sid = scene.task(workflow_sid=known(scene, "known_worker_sid", "task.agent"), attributes={"agent": ben.sid})
    by_name = scene.task(
        workflow_sid=known(scene, "known_worker_friendly_name", "task.last.agent"),
        attributes={"last": {"agent": "cid"}},
    )
    assert scene.offer(by_sid.sid).worker_sid == ben.sid
    assert scene.offer(by_name.sid).worker_sid == cid.sid
    matched = _last_target(scene, by_sid.sid)
    assert (matched["known_worker_sid"], matched["known_worker_friendly_name"]) == (ben.sid, None)
    assert _last_target(scene, by_name.sid)["known_worker_friendly_name"] == "cid"


def test_a_known_agent_who_is_busy_is_waited_for_and_then_anybody_is_asked(scene: Scene) -> None:
    ana, ben = scene.worker("ana"), scene.worker("ben", available=False)
    task = scene.task(workflow_sid=known(scene, "known_worker_sid", "task.agent"), attributes={"agent": ben.sid})
    scene.cordboard.clock.advance(9)
    assert scene.offers(task.sid) == []
    scene.cordboard.clock.advance(1)
    assert scene.offer(task.sid).worker_sid == ana.sid


def test_a_known_agent_who_comes_back_in_time_is_asked(scene: Scene) -> None:
    scene.worker("ana")
    ben = scene.worker("ben", available=False)
    task = scene.task(workflow_sid=known(scene, "known_worker_sid", "task.agent"), attributes={"agent": ben.sid})
    assert scene.offers(task.sid) == []
    scene.workspace.workers(ben.sid).update(activity_sid=scene.activities["Available"])
    assert scene.offer(task.sid).worker_sid == ben.sid


@pytest.mark.parametrize(
    "attributes", [{}, {"agent": None}, {"agent": "WK" + "0" * 32}, {"agent": 7}, {"agent": ["x"]}]
)
def test_a_known_agent_who_is_nobody_keeps_the_task_in_the_target_until_its_time_is_over(
    scene: Scene, attributes: dict[str, Any]
) -> None:
    scene.worker("ana")
    task = scene.task(workflow_sid=known(scene, "known_worker_sid", "task.agent"), attributes=attributes)
    scene.cordboard.clock.advance(9)
    assert scene.offers(task.sid) == []
    scene.cordboard.clock.advance(1)
    assert len(scene.offers(task.sid)) == 1


def test_a_known_agent_must_serve_the_queue_and_suit_the_expression(scene: Scene) -> None:
    ana, ben = scene.worker("ana", level=1), scene.worker("ben", level=9)
    queue = scene.room("experts", target_workers="level > 5")
    outside = scene.flow([{"queue": queue, "known_worker_sid": "task.agent"}])
    unfit = scene.flow([{"queue": scene.queue, "known_worker_sid": "task.agent", "expression": "worker.level > 5"}])
    for flow in (outside, unfit):
        assert scene.offers(scene.task(workflow_sid=flow, attributes={"agent": ana.sid}).sid) == []
    assert scene.offer(scene.task(workflow_sid=unfit, attributes={"agent": ben.sid}).sid).worker_sid == ben.sid


def test_a_known_agent_who_is_busy_may_be_skipped_at_once(scene: Scene) -> None:
    ana, ben = scene.worker("ana"), scene.worker("ben", available=False)
    flow = known(scene, "known_worker_sid", "task.agent", skip_if="1==1")
    task = scene.task(workflow_sid=flow, attributes={"agent": ben.sid})
    assert scene.offer(task.sid).worker_sid == ana.sid


def test_events_tell_which_filter_and_target_a_task_matched(scene: Scene) -> None:
    target = {"queue": scene.queue, "friendly_name": "experts", "expression": "worker.level > 3", "priority": 4}
    flow = scene.flow({"filter_friendly_name": "Gold", "expression": "tier == 'gold'", "targets": [target]})
    task = scene.task(workflow_sid=flow, attributes={"tier": "gold"})
    assert _last_target(scene, task.sid) == {
        "filter_index": 0,
        "filter_name": "Gold",
        "filter_expression": "tier == 'gold'",
        "target_index": 0,
        "target_name": "experts",
        "target_expression": "worker.level > 3",
        "queue_sid": scene.queue,
        "priority": 4,
        "known_worker_sid": None,
        "known_worker_friendly_name": None,
    }


def _last_target(scene: Scene, task_sid: str) -> dict[str, Any]:
    found = scene.cordboard.http.get("/cordboard/v1/Events", {"ResourceSid": task_sid, "PageSize": "1000"})
    data = [event["data"] for event in found.json["events"] if event["type"] == "workflow.target-matched"][-1]
    target: dict[str, Any] = (json.loads(data) if isinstance(data, str) else data)["target"]
    return target
