"""Nothing that the floor keeps grows with time, whether it decides or only listens."""

from typing import Any

import pytest
from msgspec.structs import replace

from cordboard.routing.booths import Booth, Worker
from cordboard.routing.facts import Order, QueueFact, TargetFact
from cordboard.routing.lines import Line
from tests.routing.hall import Hall, channel, task, worker
from tests.routing.test_lines import Model

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
    assert not any(known.by_load for known in everybody(hall))
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


def test_tasks_that_leave_from_behind_the_first_of_their_class_leave_nothing_behind(hall: Hall) -> None:
    hall.put(*(task(f"t{n:03}") for n in range(400)))
    (known,) = hall.floor._classes.values()
    for n in [*range(1, 150), *range(399, 200, -1)]:
        hall.floor.remove_task(f"t{n:03}")
        assert len(known._heap) <= 2 * len(known.tasks) + SLACK
    hall.put(worker("ann", channel(configured_capacity=99)))
    assert [sid for sid, _ in hall.offers()] == ["t000", *(f"t{n}" for n in range(150, 201))]
    assert [booth.waiting for booth in booths(hall)] == [0]


def test_a_class_whose_tasks_are_gone_before_the_turn_has_none(hall: Hall) -> None:
    for n in range(3):
        hall.put(task(f"t{n}", worker_sid=f"w{n}"))
        hall.floor.remove_task(f"t{n}")
    assert not hall.floor._fresh


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


class Walked(Line[Any]):
    """Counts the walks along the line."""

    walks = 0

    def _bury(self) -> None:
        self.walks += 1
        super()._bury()


@pytest.mark.parametrize("people", [1, 10, 100])
def test_a_line_is_walked_along_once_in_as_many_joins_as_stand_in_it(people: int) -> None:
    model, joins = Model(people), 4_000
    line = model.line = Walked()
    for n in range(joins):
        model.stand(n % people, n)
    assert 1 <= line.walks <= joins // (people + 64) + 1


def test_a_line_in_which_nobody_is_dead_is_not_walked_along() -> None:
    model = Model(1_000)
    for n in range(1_000):
        model.stand(n, n)
    model.line, heap = Walked(), model.line.heap
    model.line.heap = heap
    for _ in range(3):
        assert model.line.first_who(lambda somebody: somebody.place == 9) is not None
    assert model.line.walks == 0
