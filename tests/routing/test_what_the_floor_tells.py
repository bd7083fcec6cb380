"""What the floor answers to who counts, explains and simulates. That its verdicts are the router's is said in `test_explaining`."""

from typing import Any

import pytest

from cordboard.routing.capacity import Hindrance
from cordboard.routing.eligibility import Miss
from cordboard.routing.explaining import Outcome, Tried, ask, filters_tried, moves_on, what, who, why_not
from cordboard.routing.expressions.findings import Finding, Inquiry
from cordboard.routing.facts import ChannelFact, Order, QueueFact, TargetFact
from cordboard.routing.walk import Moment, Place
from cordboard.routing.workflow import parse_workflow
from tests.routing.hall import MINUTE, NOON, Hall, channel, routing, task, worker, workspace

SECOND = 1000
HOUR = 60 * MINUTE
NEWEST_FIRST = QueueFact("newest", "1==1", 1, Order.LIFO)


@pytest.fixture
def hall() -> Hall:
    return Hall()


def test_a_queue_tells_its_workers_its_tasks_and_who_does_what(hall: Hall) -> None:
    hall.put(QueueFact("vip", "vip == true", 1, Order.FIFO), worker("ann", attributes={"vip": True}), worker("bo"))
    hall.put(task("t1", queue_sid="vip"), task("t2"))
    assert [fact.sid for fact in hall.floor.workers_of("vip")] == ["ann"]
    assert [fact.sid for fact in hall.floor.workers_of("everyone")] == ["ann", "bo"]
    assert hall.floor.activities_of("everyone") == {"WA1": 2}
    hall.put(worker("ann", version=1, attributes={"vip": True}, activity_sid="WA2"))
    assert hall.floor.activities_of("vip") == {"WA1": 0, "WA2": 1}
    assert [fact.sid for fact in hall.floor.waiting_in("vip")] == ["t1"]
    assert (list(hall.floor.workers_of("none")), hall.floor.activities_of("none")) == ([], {})


@pytest.mark.parametrize("prior", list(Order))
def test_tasks_are_told_in_the_order_in_which_they_are_offered(prior: Order) -> None:
    hall = Hall(workspace(prior=prior))
    ann = worker("ann", channel(configured_capacity=9))
    hall.put(NEWEST_FIRST, *(task(f"t{n}", queue_sid=["everyone", "newest"][n % 2], priority=n) for n in range(6)))
    told = [fact.sid for fact in what(hall.floor, ann, NOON, 4).first]
    hall.put(ann)
    offered = [task_sid for task_sid, _ in hall.offers()]
    assert told == offered[:4]
    assert offered[0] == {Order.FIFO: "t4", Order.LIFO: "t5"}[prior]


def test_tasks_that_a_worker_cannot_get_are_told_by_reason_as_many_as_are_asked_for(hall: Hall) -> None:
    for n in range(9):
        hall.put(
            task(f"t{n}", priority=n % 3, attributes={"level": n % 3}, target=TargetFact("worker.level == task.level"))
        )
    told = what(hall.floor, worker("ann", attributes={"level": 7}), NOON, 5)
    assert (told.total, told.first) == (0, [])
    ((reason, (count, some)),) = told.others.items()
    assert (reason, count, [fact.sid for fact in some]) == (Miss.TARGET, 9, ["t2", "t5", "t8", "t1", "t4"])


def test_a_deserted_floor_decides_as_the_one_that_it_is_like() -> None:
    for prior, first in ((Order.FIFO, "f"), (Order.LIFO, "l")):
        hall = Hall(workspace(prior=prior))
        hall.put(NEWEST_FIRST, worker("ann"), task("waits"))
        alone = hall.floor.deserted()
        alone.put_task(task("f"))
        alone.put_task(task("l", queue_sid="newest"))
        assert alone.decide(NOON) == []
        alone.put_worker(worker("bo"))
        assert [offer.task_sid for offer in alone.decide(NOON) if hasattr(offer, "task_sid")] == [first]


@pytest.mark.parametrize(
    ("chat", "reason"),
    [({"available": False}, Hindrance.CHANNEL_UNAVAILABLE), ({"load": 1}, Hindrance.NO_CAPACITY)],
)
def test_a_channel_that_is_not_available_and_one_that_is_full_are_told_apart(
    hall: Hall, chat: dict[str, object], reason: Hindrance
) -> None:
    hall.put(worker("ann", channel(**chat)))
    assert list(who(hall.floor, task("t"), NOON).others) == [reason]


@pytest.mark.parametrize(
    ("changes", "rank"),
    [({"worker_sid": "ann"}, ()), ({}, ()), ({"target": TargetFact(order_by="worker.level DESC")}, ((0, -3)))],
)
@pytest.mark.parametrize(("optimized", "idle_since"), [(True, 5), (False, 9)])
def test_a_place_is_that_by_the_order_of_the_target_and_then_by_idleness(
    hall: Hall, changes: dict[str, Any], rank: tuple[int, ...], optimized: bool, idle_since: int
) -> None:
    hall.put(ChannelFact("chat", "chat", channel_optimized_routing=optimized))
    ann = worker("ann", channel(last_reserved_us=5), voice=channel(last_reserved_us=9), attributes={"level": 3})
    hall.put(ann)
    ((_, place),) = hall.floor.looks(task("t", **changes), NOON)
    assert place == (rank, (idle_since, 0, "ann"))


def test_what_is_told_of_a_target_that_reads_the_time_of_day_is_of_the_time_that_is_asked_for(hall: Hall) -> None:
    expression = "taskrouter.currentHour == task.hour"
    ann, asks = worker("ann"), task("t", attributes={"hour": 13}, target=TargetFact(expression))
    hall.put(ann)
    assert [fact.sid for fact in who(hall.floor, asks, NOON + HOUR).eligible] == ["ann"]
    assert who(hall.floor, asks, NOON).others == {Miss.TARGET: [ann]}
    finding = Finding(expression, holds=False, values={"taskrouter.currentHour": "12", "task.hour": 13})
    assert why_not(hall.floor, asks, ann, Miss.TARGET, NOON) == [finding]


def test_a_text_that_is_no_expression_does_not_hold_and_nothing_decides_it() -> None:
    assert ask("level >", {}) == Inquiry(" ").ask({}) == (False, [])


IS_ONE = "taskrouter.currentHour == 13"
AT_ONE = {"friendly_name": "one", "expression": IS_ONE, "targets": [{"queue": "WQ3"}]}
PLAN = parse_workflow(
    routing(
        [{"queue": "WQ1", "timeout": 10}, {"queue": "WQ2", "timeout": 3590}],
        AT_ONE,
        [{"queue": "WQ4", "timeout": 60}, {"queue": "WQ5"}],
    )
)


@pytest.mark.parametrize(
    ("place", "age_s", "queue"),
    [
        (Place(0, 0, until=10 * SECOND), 5, "WQ2"),
        (Place(0, 1, until=3600 * SECOND), 600, "WQ3"),  # from ten past twelve to ten past one
        (Place(0, 1, until=3600 * SECOND), 1800, "WQ4"),  # from ten past twelve to twenty to one
        (Place(0, 1, until=3600 * SECOND), 3659, "WQ4"),  # held past the end: at ten past twelve, the time is over
        (Place(0, 1, until=3600 * SECOND), 3660, "WQ5"),
    ],
)
def test_where_a_task_moves_on_to_is_by_the_time_when_it_does(place: Place, age_s: int, queue: str) -> None:
    step = moves_on(PLAN, place, Moment({}, NOON + 10 * MINUTE, age_s * SECOND))
    assert step is not None
    assert step.target.queue_sid == queue


def test_the_filters_are_told_with_their_names_and_expressions_and_the_default_one_with_its_name() -> None:
    plan = parse_workflow(routing(AT_ONE, default={"queue": "WQ9", "friendly_name": "rest"}))
    finding = Finding(IS_ONE, holds=False, values={"taskrouter.currentHour": "12"})
    assert list(filters_tried(plan, Place(), Moment({}, NOON))) == [
        Tried(0, "one", IS_ONE, Outcome.NOT_MATCHED, [finding]),
        Tried(None, "rest", None, Outcome.TAKEN, []),
    ]
