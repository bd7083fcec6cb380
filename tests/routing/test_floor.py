"""The rules of selection by name (taskrouter.md 7), and what the floor promises to whoever writes its offers."""

from typing import Any

import pytest
from msgspec.structs import replace

from cordboard.routing.decisions import Offer, WakeAt
from cordboard.routing.facts import ChannelFact, Order, QueueFact, TargetFact
from tests.routing.hall import MINUTE, NOON, Hall, channel, task, worker, workspace


@pytest.fixture
def hall() -> Hall:
    return Hall()


# 7.1 Who may get a task.


@pytest.mark.parametrize(
    ("changes", "chat"),
    [
        ({"available": False}, {}),
        ({}, {"available": False}),
        ({}, {"configured_capacity": 0}),
        ({}, {"load": 1}),
        ({}, {"load": 2}),
        ({"attributes": {"vip": False}}, {}),
    ],
)
def test_a_worker_needs_an_available_activity_a_channel_with_room_and_the_queues_expression(
    hall: Hall, changes: dict[str, Any], chat: dict[str, Any]
) -> None:
    hall.put(QueueFact("everyone", "vip != false", 1, Order.FIFO), worker("ann", channel(**chat), **changes), task("t"))
    assert hall.offers() == []
    hall.put(worker("ann", version=1))
    assert hall.offers() == [("t", "ann")]


def test_capacity_is_counted_on_each_channel_alone(hall: Hall) -> None:
    hall.put(worker("ann", channel(configured_capacity=2, load=1), voice=channel(load=1)))
    hall.put(task("t1"), task("t2"), task("t3", task_channel_sid="voice"))
    assert hall.offers() == [("t1", "ann")]


def test_without_multi_tasking_one_open_reservation_on_any_channel_is_enough() -> None:
    hall = Hall(workspace(multi_task=False))
    hall.put(worker("ann", channel(configured_capacity=5), voice=channel(load=1)), task("t1"), task("t2"))
    assert hall.offers() == []
    hall.put(worker("ann", channel(configured_capacity=0, available=False), version=1))
    assert hall.offers() == [("t1", "ann")]


def test_a_change_of_multi_tasking_counts_from_the_next_turn(hall: Hall) -> None:
    hall.floor.put_workspace(workspace(multi_task=False))
    hall.put(worker("ann", channel(configured_capacity=2), voice=channel(load=1)), task("t"))
    assert hall.offers() == []
    hall.floor.put_workspace(workspace())
    assert hall.offers() == [("t", "ann")]


def test_an_empty_queue_expression_takes_nobody(hall: Hall) -> None:
    hall.put(QueueFact("everyone", "", 1, Order.FIFO), worker("ann"), task("t"))
    assert hall.offers() == []


def test_an_expression_that_is_none_takes_nobody_and_stops_nothing(hall: Hall) -> None:
    hall.put(QueueFact("broken", "skill-level > 3", 1, Order.FIFO), worker("ann"))
    hall.put(task("t1", queue_sid="broken"), task("t2", target=TargetFact(expression="a >")))
    hall.put(task("t3", target=TargetFact(order_by="level")), task("t4"))
    assert hall.offers() == [("t4", "ann")]


def test_a_target_asks_more_than_its_queue(hall: Hall) -> None:
    hall.put(worker("ann", attributes={"languages": ["en"]}), worker("bo", attributes={"languages": ["fr"]}))
    target = TargetFact(expression="worker.languages HAS task.language")
    hall.put(task("t1", attributes={"language": "fr"}, target=target), task("t2", attributes={}, target=target))
    assert hall.offers() == [("t1", "bo")]


def test_the_channels_of_a_worker_are_not_for_the_expression_of_a_queue(hall: Hall) -> None:
    hall.put(QueueFact("everyone", "channel == 'mine' AND channel.chat.assigned_tasks == null", 1, Order.FIFO))
    hall.put(worker("ann", attributes={"channel": "mine"}), worker("bo"), task("t1"), task("t2"))
    assert hall.offers() == [("t1", "ann")]


def test_a_queue_that_comes_back_finds_its_tasks_and_workers(hall: Hall) -> None:
    hall.floor.remove_queue("everyone")
    hall.put(worker("ann"), task("t"))
    assert hall.offers() == []
    hall.put(QueueFact("everyone", "1==1", 1, Order.FIFO))
    assert hall.offers() == [("t", "ann")]


def test_a_changed_queue_expression_counts_for_tasks_that_wait(hall: Hall) -> None:
    hall.put(QueueFact("everyone", "level > 3", 1, Order.FIFO), worker("ann", attributes={"level": 2}), task("t"))
    assert hall.offers() == []
    hall.put(QueueFact("everyone", "level > 1", 1, Order.FIFO))
    assert hall.offers() == [("t", "ann")]


@pytest.mark.parametrize("before", [1, 1.0, "true"])
def test_attributes_that_python_takes_for_equal_are_not(hall: Hall, before: object) -> None:
    hall.put(QueueFact("everyone", "vip == true", 1, Order.FIFO), worker("ann", attributes={"vip": before}), task("t"))
    assert hall.offers() == []
    hall.put(worker("ann", attributes={"vip": True}, version=1))
    assert hall.offers() == [("t", "ann")]


@pytest.mark.parametrize("name", ["friendly_name", "activity_sid", "activity_name"])
def test_a_queue_may_read_a_workers_own_names_and_follows_their_change(hall: Hall, name: str) -> None:
    hall.put(QueueFact("everyone", f"{name} == 'new'", 1, Order.FIFO), worker("ann"), task("t"))
    assert hall.offers() == []
    hall.put(replace(worker("ann", version=1), **{name: "new"}))
    assert hall.offers() == [("t", "ann")]


def test_a_worker_who_comes_to_a_channel_gets_the_tasks_that_wait_there(hall: Hall) -> None:
    hall.put(worker("ann", channels={"chat": channel()}), task("t", task_channel_sid="voice"))
    assert hall.offers() == []
    hall.put(worker("ann", version=1))
    assert hall.offers() == [("t", "ann")]


# 7.2 and 7.3 The order of workers.


def test_the_longest_idle_worker_is_first_and_never_reserved_is_longest(hall: Hall) -> None:
    hall.put(
        worker("late", channel(last_reserved_us=20)),
        worker("never", created_at=9),
        worker("early", channel(last_reserved_us=10)),
    )
    hall.put(task("t1"), task("t2"), task("t3"))
    assert hall.offers() == [("t1", "never"), ("t2", "early"), ("t3", "late")]


def test_equally_idle_workers_come_by_age_and_then_by_sid(hall: Hall) -> None:
    hall.put(worker("c", created_at=1), worker("b", created_at=1), worker("a", created_at=2))
    hall.put(task("t1"), task("t2"), task("t3"))
    assert hall.offers() == [("t1", "b"), ("t2", "c"), ("t3", "a")]


def test_an_offer_sends_a_worker_to_the_end_even_while_the_clock_stands(hall: Hall) -> None:
    hall.put(worker("a", channel(configured_capacity=3)), worker("b", channel(configured_capacity=3)))
    hall.put(*(task(f"t{n}") for n in range(6)))
    assert [sid for _, sid in hall.offers()] == ["a", "b", "a", "b", "a", "b"]


def test_an_offer_sends_a_worker_to_the_end_of_an_optimized_channel_too(hall: Hall) -> None:
    hall.put(ChannelFact("chat", "chat", channel_optimized_routing=True))
    hall.put(worker("a", channel(configured_capacity=3)), worker("b", channel(configured_capacity=3)))
    hall.put(*(task(f"t{n}") for n in range(4)))
    assert [sid for _, sid in hall.offers()] == ["a", "b", "a", "b"]


def test_offers_of_one_millisecond_have_an_order_that_survives_a_new_floor() -> None:
    first, second = Hall(), Hall()
    first.put(worker("a"), worker("b"), task("t1"), task("t2"))
    stamps = {
        decision.worker_sid: decision.last_reserved_us
        for decision in first.floor.decide(NOON)
        if isinstance(decision, Offer)
    }
    assert stamps == {"a": NOON * 1000, "b": NOON * 1000 + 1}
    second.put(*(worker(sid, channel(last_reserved_us=us)) for sid, us in stamps.items()), task("t3"), task("t4"))
    assert second.offers(NOON) == [("t3", "a"), ("t4", "b")]
    second.put(worker("c", channel(last_reserved_us=NOON * 1000 + 2)), task("t5"))
    assert second.floor.decide(NOON)[0] == Offer("t5", 0, "c", 0, "everyone", NOON * 1000 + 4)


def test_one_idle_clock_counts_for_all_channels(hall: Hall) -> None:
    hall.put(worker("ann", voice=channel(last_reserved_us=9)), worker("bo", channel(last_reserved_us=5)), task("t"))
    assert hall.offers() == [("t", "bo")]


def test_an_optimized_channel_has_an_idle_clock_of_its_own(hall: Hall) -> None:
    hall.put(ChannelFact("chat", "chat", channel_optimized_routing=True))
    hall.put(worker("ann", voice=channel(last_reserved_us=9)), worker("bo", channel(last_reserved_us=5)), task("t"))
    assert hall.offers() == [("t", "ann")]


def test_changing_a_channels_clock_reorders_those_who_wait_in_line(hall: Hall) -> None:
    hall.put(worker("ann", voice=channel(last_reserved_us=9)), worker("bo", channel(last_reserved_us=5)))
    hall.put(task("t0"), task("t1"))
    hall.floor.remove_task("t0")
    hall.put(ChannelFact("chat", "chat", channel_optimized_routing=True))
    assert hall.offers() == [("t1", "ann")]
    hall.put(worker("ann", voice=channel(last_reserved_us=9)))
    hall.floor.remove_channel("chat")
    hall.put(task("t2"))
    assert hall.offers() == [("t2", "bo")]


def test_each_optimized_channel_has_an_idle_clock_until_it_is_one_no_longer(hall: Hall) -> None:
    for sid in ("chat", "voice"):
        hall.put(ChannelFact(sid, sid, channel_optimized_routing=True))
    ann = worker("ann", channel(configured_capacity=9), voice=channel(last_reserved_us=9))
    hall.put(ann, worker("bo", channel(last_reserved_us=5)), task("t1"))
    assert hall.offers() == [("t1", "ann")]
    hall.put(ann, ChannelFact("chat", "chat", channel_optimized_routing=False), task("t2"))
    assert hall.offers() == [("t2", "bo")]


def test_a_change_of_activity_does_not_reset_idleness(hall: Hall) -> None:
    hall.put(worker("ann", channel(last_reserved_us=5)), worker("bo", channel(last_reserved_us=9)))
    hall.put(worker("ann", channel(last_reserved_us=5), available=False, version=1))
    hall.put(worker("ann", channel(last_reserved_us=5), version=2), task("t"))
    assert hall.offers() == [("t", "ann")]


@pytest.mark.parametrize(
    ("order_by", "expected"),
    [
        ("worker.level DESC", ["bo", "ann", "di", "cy"]),
        ("worker.level", ["di", "ann", "bo", "cy"]),
        ("worker.level asc", ["di", "ann", "bo", "cy"]),
        ("worker.team.rank DESC, worker.level ASC", ["di", "ann", "bo", "cy"]),
        ("", ["ann", "bo", "cy", "di"]),
    ],
)
def test_order_by_comes_before_idleness_and_who_lacks_the_integer_is_last(
    hall: Hall, order_by: str, expected: list[str]
) -> None:
    hall.put(
        worker("ann", attributes={"level": 5, "team": {"rank": 1}}),
        worker("bo", attributes={"level": 7, "team": {"rank": 1}}),
        worker("cy", attributes={"level": "9", "team": {"rank": True}}),
        worker("di", attributes={"level": 3, "team": {"rank": 2}}),
    )
    hall.put(*(task(f"t{n}", target=TargetFact(order_by=order_by)) for n in range(4)))
    assert [sid for _, sid in hall.offers()] == expected


# 7.4 The order of tasks.


def test_a_fifo_queue_goes_by_priority_then_time_then_sid(hall: Hall) -> None:
    hall.put(
        task("late", virtual_start_at=9),
        task("b", virtual_start_at=5),
        task("a", virtual_start_at=5),
        task("urgent", priority=1, virtual_start_at=99),
    )
    hall.put(worker("ann", channel(configured_capacity=4)))
    assert [sid for sid, _ in hall.offers()] == ["urgent", "a", "b", "late"]


def test_a_lifo_queue_goes_by_time_backwards_and_ignores_priority(hall: Hall) -> None:
    hall.put(QueueFact("everyone", "1==1", 1, Order.LIFO))
    hall.put(
        task("early", virtual_start_at=1, priority=9),
        task("a", virtual_start_at=5),
        task("b", virtual_start_at=5),
        task("late", virtual_start_at=9),
    )
    hall.put(worker("ann", channel(configured_capacity=4)))
    assert [sid for sid, _ in hall.offers()] == ["late", "b", "a", "early"]


@pytest.mark.parametrize(("prior", "expected"), [(Order.FIFO, ["f", "l"]), (Order.LIFO, ["l", "f"])])
def test_the_workspace_says_which_kind_of_queue_is_drained_first(prior: Order, expected: list[str]) -> None:
    hall = Hall(workspace(prior=prior))
    hall.put(QueueFact("last-in", "1==1", 1, Order.LIFO), worker("ann", channel(configured_capacity=2)))
    hall.put(task("f"), task("l", queue_sid="last-in"))
    assert [sid for sid, _ in hall.offers()] == expected


def test_between_fifo_queues_priority_counts_and_then_time(hall: Hall) -> None:
    hall.put(QueueFact("other", "1==1", 1, Order.FIFO), worker("ann", channel(configured_capacity=3)))
    hall.put(task("t1", virtual_start_at=5), task("t2", queue_sid="other", virtual_start_at=4))
    hall.put(task("t3", queue_sid="other", virtual_start_at=9, priority=1))
    assert [sid for sid, _ in hall.offers()] == ["t3", "t2", "t1"]


def test_a_task_that_finds_nobody_does_not_hold_up_those_behind_it(hall: Hall) -> None:
    hall.put(QueueFact("vip", "vip == true", 1, Order.FIFO), worker("ann"))
    hall.put(task("t1", queue_sid="vip", priority=9), task("t2"))
    assert hall.offers() == [("t2", "ann")]


def test_a_task_waits_where_its_newest_fact_says(hall: Hall) -> None:
    hall.put(task("t1"), task("t2", virtual_start_at=1))
    hall.put(task("t2", version=1, priority=1), worker("ann"))
    assert hall.offers() == [("t2", "ann")]
    hall.floor.remove_task("t1")
    hall.put(worker("bo"))
    assert hall.offers() == []


# Direct routing.


def test_a_task_for_one_worker_waits_for_him_alone(hall: Hall) -> None:
    hall.put(worker("ann", channel(load=1)), worker("bo"), task("t", worker_sid="ann", queue_sid=None))
    assert hall.offers() == []
    hall.put(worker("ann", available=False, version=1))
    assert hall.offers() == []
    hall.put(worker("ann", version=2))
    assert hall.offers() == [("t", "ann")]


def test_a_task_for_one_worker_asks_for_neither_queue_nor_target(hall: Hall) -> None:
    hall.put(QueueFact("vip", "vip == true", 1, Order.FIFO), worker("ann"))
    hall.put(task("t", worker_sid="ann", queue_sid="vip", target=TargetFact(expression="1==2")))
    assert hall.offers() == [("t", "ann")]


def test_ignoring_capacity_offers_to_a_worker_who_is_offline_and_full(hall: Hall) -> None:
    hall.put(worker("ann", channel(configured_capacity=0, available=False, load=3), available=False))
    hall.put(task("t1", worker_sid="ann", ignore_capacity=True), task("t2", worker_sid="ann", ignore_capacity=True))
    assert hall.offers() == [("t1", "ann"), ("t2", "ann")]
    assert hall.offers() == []


def test_an_offer_that_ignored_capacity_counts_against_it(hall: Hall) -> None:
    hall.put(worker("ann", channel(configured_capacity=2)))
    hall.put(task("t1", worker_sid="ann", ignore_capacity=True, priority=1), task("t2"), task("t3"))
    assert hall.offers() == [("t1", "ann"), ("t2", "ann")]


def test_a_task_for_a_worker_who_is_not_there_waits_for_him(hall: Hall) -> None:
    hall.put(task("t", worker_sid="ann", ignore_capacity=True))
    assert hall.offers() == []
    hall.put(worker("ann", available=False))
    assert hall.offers() == [("t", "ann")]


def test_a_known_agent_by_name_is_who_has_the_name_now(hall: Hall) -> None:
    named = TargetFact(expression="worker.friendly_name == task.agent")
    hall.put(worker("ann", friendly_name="bo"), task("t1", attributes={"agent": "ann"}, target=named))
    assert hall.offers() == []
    hall.put(worker("cy", friendly_name="ann", created_at=1), worker("di", friendly_name="ann"))
    hall.put(worker("di", version=1, friendly_name="di"))
    assert hall.offers() == [("t1", "cy")]
    hall.put(task("t2", attributes={"agent": "ann"}, target=named))
    assert hall.offers() == []
    hall.put(worker("ann", version=1))
    assert hall.offers() == [("t2", "ann")]


# Several reservations of one task.


def test_a_task_is_offered_at_once_to_as_many_workers_as_may_reserve_it(hall: Hall) -> None:
    hall.put(*(worker(sid, channel(configured_capacity=9)) for sid in ("ann", "bo", "cy")))
    hall.put(task("t1", version=4, max_reserved=2), task("t2", max_reserved=50, virtual_start_at=1))
    assert hall.floor.decide(NOON) == [
        Offer("t1", 4, "ann", 0, "everyone", NOON * 1000),
        Offer("t1", 4, "bo", 0, "everyone", NOON * 1000 + 1),
        Offer("t2", 0, "cy", 0, "everyone", NOON * 1000 + 2),
        Offer("t2", 0, "ann", 0, "everyone", NOON * 1000 + 3),
        Offer("t2", 0, "bo", 0, "everyone", NOON * 1000 + 4),
    ]


def test_a_task_that_is_not_full_waits_for_workers_who_have_not_reserved_it(hall: Hall) -> None:
    reserved = frozenset({"ann"})
    hall.put(worker("ann", channel(configured_capacity=9)), task("t1", max_reserved=3, reserved_by=reserved))
    assert hall.offers() == []
    hall.put(task("t2", virtual_start_at=1))
    assert hall.offers() == [("t2", "ann")]
    hall.put(worker("bo"), worker("cy"), worker("di"))
    assert hall.offers() == [("t1", "bo"), ("t1", "cy")]


def test_a_task_that_was_offered_waits_for_its_next_fact_full_or_not(hall: Hall) -> None:
    hall.put(worker("ann"), task("t", max_reserved=2))
    assert hall.offers() == [("t", "ann")]
    hall.put(worker("bo"))
    assert hall.offers() == []
    hall.put(task("t", version=1, max_reserved=2, reserved_by=frozenset({"ann"})))
    assert hall.offers() == [("t", "bo")]


def test_a_task_that_comes_among_later_ones_asked_of_the_same_workers_keeps_its_place(hall: Hall) -> None:
    hall.put(worker("ann"), worker("bo", channel(last_reserved_us=1)))
    hall.put(task("late", max_reserved=2, reserved_by=frozenset({"ann"}), virtual_start_at=3))
    hall.put(task("early", max_reserved=2, virtual_start_at=1), task("middle", virtual_start_at=2))
    assert hall.offers() == [("early", "ann"), ("early", "bo")]


def test_a_full_task_wants_nobody_until_a_reservation_ends(hall: Hall) -> None:
    hall.put(worker("cy"), task("t", max_reserved=2))
    hall.put(task("t", version=1, max_reserved=2, reserved_by=frozenset({"ann", "bo"})))
    assert hall.offers() == []
    assert hall.floor.waiting == 0
    hall.put(task("t", version=2, max_reserved=2, reserved_by=frozenset({"bo"})))
    assert hall.offers() == [("t", "cy")]


def test_several_reservations_of_a_task_for_one_worker_are_one(hall: Hall) -> None:
    hall.put(worker("ann", channel(configured_capacity=9)), task("t", worker_sid="ann", max_reserved=5))
    assert hall.offers() == [("t", "ann")]
    hall.put(worker("ann", channel(configured_capacity=9, load=1), version=1))
    hall.put(task("t", worker_sid="ann", max_reserved=5, reserved_by=frozenset({"ann"}), version=1))
    assert hall.offers() == []


# Targets that change their mind.


@pytest.mark.parametrize(
    ("expression", "opens", "wakes"),
    [
        ("taskrouter.currentTime >= 1201", 1, [1]),
        ("taskrouter.currentMin == 2", 2, [1, 2]),
        ("taskrouter.currentHour == 13", 60, [60]),
        ("taskrouter.dayOfWeek == 'Tue'", 720, [720]),
        ("taskrouter.dayOfWeek == 'Mon' AND worker.vip == true", None, [720]),
    ],
)
def test_a_target_that_reads_the_time_is_woken_when_it_changes(
    hall: Hall, expression: str, opens: int | None, wakes: list[int]
) -> None:
    hall.put(worker("ann"), task("t", target=TargetFact(expression=expression)))
    now = NOON
    for minutes in wakes:
        assert hall.floor.decide(now) == [WakeAt(NOON + minutes * MINUTE)]
        assert hall.offers(NOON + minutes * MINUTE - 1) == []
        now = NOON + minutes * MINUTE
    assert hall.offers(now) == ([] if opens is None else [("t", "ann")])
    hall.floor.remove_task("t")
    assert hall.floor.decide(now) == []


def test_a_known_agent_may_be_wanted_at_a_time_of_day_alone(hall: Hall) -> None:
    expression = "worker.sid == task.agent AND taskrouter.currentHour == 12"
    hall.put(worker("ann"), task("t", attributes={"agent": "ann"}, target=TargetFact(expression=expression)))
    assert hall.offers(NOON - 1) == []
    assert hall.offers(NOON) == [("t", "ann")]


def test_a_target_that_reads_the_time_is_woken_at_the_beginning_of_all_times_too(hall: Hall) -> None:
    hall.put(task("t", target=TargetFact(expression="taskrouter.currentMin == 1")))
    assert hall.floor.decide(0) == [WakeAt(MINUTE)]


def test_a_target_that_reads_channel_figures_sees_the_offers_of_the_same_turn(hall: Hall) -> None:
    idle = TargetFact(expression="worker.channel.chat.available_capacity_percentage == 100")
    busy = TargetFact(expression="worker.channel.chat.available_capacity_percentage < 100")
    hall.put(worker("ann", channel(configured_capacity=9)))
    hall.put(task("t1", target=busy, priority=9), task("t2", target=idle), task("t3", target=idle))
    assert hall.offers() == [("t2", "ann"), ("t1", "ann")]


def test_a_target_that_reads_channel_figures_is_woken_by_another_channel(hall: Hall) -> None:
    target = TargetFact(expression="worker.channel.voice.assigned_tasks == 0")
    hall.put(worker("ann", voice=channel(unique_name="voice", load=1, assigned=1)), task("t", target=target))
    assert hall.offers() == []
    hall.put(worker("ann", voice=channel(unique_name="voice", load=1), version=1))
    assert hall.offers() == [("t", "ann")]


def test_a_worker_whose_channel_figures_one_target_reads_is_woken_by_them_whatever_other_targets_read(
    hall: Hall,
) -> None:
    hall.put(worker("ann", voice=channel(unique_name="voice", load=1, assigned=1)))
    hall.put(task("t", target=TargetFact(expression="worker.channel.voice.assigned_tasks == 0")))
    hall.put(task("u", target=TargetFact(expression="worker.level == task.level"), attributes={"level": 1}))
    assert hall.offers() == []
    hall.put(worker("ann", voice=channel(unique_name="voice", load=1), version=1))
    assert hall.offers() == [("t", "ann")]


def test_a_known_agent_whose_channel_figures_an_offer_changes_is_asked_again(hall: Hall) -> None:
    busy = "worker.sid == task.agent AND worker.channel.chat.available_capacity_percentage < 100"
    hall.put(worker("ann", channel(configured_capacity=2)), worker("bo"))
    for sid in ("ann", "bo"):
        hall.put(task(f"{sid}'s", attributes={"agent": sid}, target=TargetFact(expression=busy)))
    hall.put(task("t1"))
    assert hall.offers() == [("t1", "ann"), ("ann's", "ann")]
    hall.put(worker("bo", channel(configured_capacity=2), version=1), task("t2"))
    assert hall.offers() == [("t2", "bo"), ("bo's", "bo")]


def test_a_rank_that_reads_channel_figures_follows_the_offers_of_the_same_turn(hall: Hall) -> None:
    freest = TargetFact(order_by="worker.channel.chat.available_capacity_percentage DESC")
    hall.put(worker("ann", channel(configured_capacity=6)), worker("bo", channel(configured_capacity=2), created_at=1))
    hall.put(*(task(f"t{n}", target=freest) for n in range(6)))
    assert [sid for _, sid in hall.offers()] == ["ann", "bo", "ann", "ann", "bo", "ann"]


def test_workers_are_found_by_what_they_share_with_the_task_as_by_asking_each() -> None:
    target = TargetFact(expression="worker.skills HAS task.skill AND worker.level >= task.level")
    asking = TargetFact(expression="NOT (NOT worker.skills HAS task.skill OR worker.level < task.level)")
    stories = []
    for expression in (target, asking):
        hall, story = Hall(), list[tuple[str, str]]()
        for turn in range(20):
            hall.put(
                *(worker(f"w{n}", attributes={"skills": [n, n + 1], "level": n % 3}, version=turn) for n in range(9))
            )
            hall.put(
                *(
                    task(f"t{turn}-{n}", attributes={"skill": n % 10, "level": n % 3}, target=expression)
                    for n in range(12)
                )
            )
            story += hall.offers()
        stories.append(story)
    assert stories[0] == stories[1]
    assert len(stories[0]) > 100
    for task_sid, worker_sid in stories[0]:
        assert int(task_sid.partition("-")[2]) % 10 - int(worker_sid[1:]) in (0, 1)


# What the floor promises to whoever writes its offers.


def test_an_offer_names_the_versions_it_was_decided_on(hall: Hall) -> None:
    hall.put(
        worker("ann", channel(configured_capacity=2), version=7),
        task("t1", version=3),
        task("t2", queue_sid="everyone"),
    )
    assert hall.floor.decide(NOON) == [
        Offer("t1", 3, "ann", 7, "everyone", NOON * 1000),
        Offer("t2", 0, "ann", 7, "everyone", NOON * 1000 + 1),
    ]


def test_one_turn_never_exceeds_capacity(hall: Hall) -> None:
    hall.put(worker("ann", channel(configured_capacity=3, load=1)), *(task(f"t{n}") for n in range(9)))
    assert len(hall.offers()) == 2


def test_after_an_offer_a_worker_is_away_until_his_next_fact(hall: Hall) -> None:
    hall.put(worker("ann", channel(configured_capacity=9)), task("t1"))
    assert hall.offers() == [("t1", "ann")]
    hall.put(task("t2"), task("t3", worker_sid="ann", ignore_capacity=True))
    assert hall.offers() == []
    hall.put(worker("ann", channel(configured_capacity=9, load=1), version=1))
    assert hall.offers() == [("t2", "ann"), ("t3", "ann")]


def test_a_refused_offer_is_made_again_when_its_rows_are_put_again(hall: Hall) -> None:
    hall.put(worker("ann"), task("t"))
    assert hall.offers() == [("t", "ann")]
    hall.put(worker("ann"), task("t"))
    assert hall.offers() == [("t", "ann")]


def test_a_workers_fact_older_than_the_one_held_is_ignored(hall: Hall) -> None:
    hall.put(worker("ann", version=2, available=False), worker("ann", version=1), task("t"))
    assert hall.offers() == []
    hall.put(worker("ann", version=2))
    assert hall.offers() == [("t", "ann")]


def test_a_tasks_fact_older_than_the_one_held_is_ignored(hall: Hall) -> None:
    hall.put(task("t", version=2, queue_sid="nowhere"), task("t", version=1), worker("ann"))
    assert hall.offers() == []
    hall.put(task("t", version=2))
    assert hall.offers() == [("t", "ann")]


def test_a_task_that_has_gone_is_not_offered_in_place_of_one_that_waits(hall: Hall) -> None:
    other = TargetFact(expression="worker.level != task.level")
    hall.put(task("t1", target=other), task("t2", target=other, attributes={"level": 1}))
    hall.offers()
    hall.floor.remove_task("t1")
    hall.put(worker("ann"))
    assert hall.offers() == [("t2", "ann")]


def test_the_first_offer_of_all_has_the_time_of_the_turn(hall: Hall) -> None:
    hall.put(worker("ann"), task("t"))
    assert hall.floor.decide(0) == [Offer("t", 0, "ann", 0, "everyone", 0)]


def test_a_turn_without_change_decides_nothing(hall: Hall) -> None:
    hall.put(worker("ann"), task("t1"), task("t2"))
    hall.offers()
    assert hall.floor.decide(NOON) == []


def test_a_removed_worker_gets_nothing(hall: Hall) -> None:
    hall.put(worker("ann"), worker("bo", created_at=1))
    hall.floor.remove_worker("ann")
    hall.floor.remove_worker("ann")
    hall.put(task("t"))
    assert hall.offers() == [("t", "bo")]
