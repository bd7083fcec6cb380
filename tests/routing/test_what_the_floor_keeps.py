"""Nothing that the floor keeps grows with time, whether it decides or only listens."""

from typing import Any

import pytest
from msgspec.structs import replace

from cordboard.routing.booths import Booth, Worker
from cordboard.routing.facts import Order, QueueFact, TargetFact
from tests.routing.hall import Hall, task, worker

SLACK = 70


def everybody(hall: Hall) -> list[Worker]:
    return list(hall.floor._seating._workers.values())


def booths(hall: Hall) -> list[Booth]:
    return [
        booth
        for queue in hall.floor._seating._queues.values()
        for section in queue.sections.values()
        for booth in section.booths.values()
    ]


def test_classes_whose_tasks_are_gone_are_kept_up_to_a_bound() -> None:
    hall = Hall(resting_classes=4)
    floor, target = hall.floor, TargetFact(expression="worker.level != task.level")
    hall.put(worker("ann", attributes={"level": 1}), worker("bo", attributes={"level": 2}))
    for n in range(600):
        level = n % 3 if n % 60 < 50 else n  # classes that come back, and some that do not
        hall.put(task(f"t{n}", attributes={"level": level}, target=target), task(f"d{n}", worker_sid="ann"))
        hall.put(task(f"m{n}", max_reserved=3))
        hall.offers()
        for sid in ("t", "d", "m"):
            floor.remove_task(f"{sid}{n}")
        hall.put(worker("ann", attributes={"level": 1}, version=n), worker("bo", attributes={"level": 2}, version=n))
    assert len(floor._resting) == 4
    assert len(floor._classes) == 5
    assert len(floor._seating._booths) == 5
    assert not any((floor._tasks, floor._fresh, floor._direct, floor._timed))
    assert len(booths(hall)) == 2
    for booth in booths(hall):
        assert (booth.waiting, len(booth.fresh.heap)) == (0, 0)
        assert max(len(booth.seats.heap), len(booth.classes.heap)) <= SLACK


def test_a_target_that_no_task_has_any_more_is_forgotten() -> None:
    hall = Hall(resting_classes=1)
    hall.put(worker("ann", attributes={"level": 1}))
    for n in range(50):
        by_load = f"worker.channel.chat.assigned_tasks < {n} AND worker.level == task.level"
        hall.put(task("t", attributes={"level": 2}, target=TargetFact(expression=by_load)))
        assert hall.offers() == []
        hall.floor.remove_task("t")
    (ann,) = everybody(hall)
    assert len(booths(hall)) == 2  # where ann would be found, and where the last task looked
    assert len(ann.seats["chat"].places) == 1
    assert ann.by_load
    hall.put(task("t"), task("u", target=TargetFact(expression="worker.level == task.level")))
    hall.floor.remove_task("u")
    assert not ann.by_load


@pytest.mark.parametrize("decides", [True, False])
def test_lines_of_those_who_come_and_go_stay_short(decides: bool) -> None:
    hall = Hall()
    hall.put(worker("ann", created_at=-1, available=False), task("t", target=TargetFact(expression="worker.a == 1")))
    hall.put(
        task("u"), task("v", worker_sid="bo"), task("w", target=TargetFact(expression="worker.level != task.level"))
    )
    hall.floor.decide(0)
    for n in range(1_000):
        hall.put(worker("bo", version=n, available=n % 2 == 0, attributes={"level": None}, channels={}))
        hall.put(worker("cy", version=n, attributes={"level": n % 3}, available=n % 2 == 0))
        hall.put(task("u", version=n, virtual_start_at=n % 5))
        hall.put(
            task(
                "x",
                version=n,
                virtual_start_at=n % 5,
                attributes={"level": n % 3},
                target=TargetFact(order_by="worker.level"),
            )
        )
        if decides:
            for offer in hall.offers():
                hall.put(task(offer[0], version=n))
        if n % 100 == 0:
            hall.put(QueueFact("other", f"{n} == {n}", 1, Order.FIFO))
    for booth in booths(hall):
        assert max(len(booth.seats.heap), len(booth.fresh.heap), len(booth.classes.heap)) <= SLACK
    assert len(hall.floor._fresh) <= len(hall.floor._classes) <= 5
    assert len(hall.floor._seating._stirred) <= len(booths(hall))
    assert len(hall.floor._seating.eager) <= 2 * len(everybody(hall))
    cy = next(known for known in everybody(hall) if known.fact.sid == "cy")
    assert [queue.fact.sid for queue in cy.queues] == ["everyone", "other"]


def test_a_task_that_moves_between_queues_leaves_nothing_behind(hall: Hall) -> None:
    hall.put(QueueFact("other", "1==1", 1, Order.FIFO))
    for n in range(2_000):
        hall.put(replace(task("t"), version=n, queue_sid=["everyone", "other"][n % 2]))
    assert all(len(known._heap) <= SLACK for known in hall.floor._classes.values())
    assert all(len(booth.classes.heap) <= SLACK for booth in booths(hall))


@pytest.fixture
def hall() -> Hall:
    return Hall()


def test_a_booth_goes_with_the_last_who_is_filed_there(hall: Hall) -> None:
    target: dict[str, Any] = {"target": TargetFact(expression="worker.languages HAS task.language")}
    hall.put(worker("ann", attributes={"languages": ["en"]}), task("t", attributes={"language": "fr"}, **target))
    for n in range(100):
        hall.put(worker("ann", attributes={"languages": ["en", f"l{n}"]}, version=n))
    assert sorted(booth.id for booth in booths(hall)) == [("en",), ("fr",), ("l99",)]
    hall.floor.remove_worker("ann")
    assert [booth.id for booth in booths(hall)] == [("fr",)]
