"""When a floor may say that nobody could be reserved (`routing.skipping`): never while an offer of its own is not heard back."""

from typing import Any

from msgspec.structs import replace

from cordboard.routing.decisions import Offer
from cordboard.routing.facts import Order
from cordboard.routing.lifecycle import TaskStatus
from cordboard.routing.skipping import Skip
from cordboard.routing.walk import Place
from cordboard.taskrouter.engine.rooms import Room
from cordboard.taskrouter.model import (
    Activity,
    ChannelState,
    Standing,
    Task,
    TaskChannel,
    TaskQueue,
    Worker,
    Workspace,
)

OF: dict[str, Any] = {"account_sid": "AC", "workspace_sid": "WS", "version": 0, "created_at": 0, "updated_at": 0}
WORKSPACE = Workspace(
    sid="WS",
    version=0,
    account_sid="AC",
    friendly_name="x",
    event_callback_url="",
    events_filter=None,
    multi_task_enabled=True,
    prioritize_queue_order=Order.FIFO,
    default_activity_sid="WA1",
    timeout_activity_sid="WA1",
    created_at=0,
    updated_at=0,
)
ACTIVITY = Activity(sid="WA1", friendly_name="Available", available=True, **OF)
CHANNEL = TaskChannel(sid="TC1", friendly_name="x", unique_name="x", channel_optimized_routing=False, **OF)
QUEUE = TaskQueue(
    sid="WQ1",
    friendly_name="x",
    target_workers="1==1",
    max_reserved_workers=1,
    task_order=Order.FIFO,
    reservation_activity_sid=None,
    assignment_activity_sid=None,
    **OF,
)
WORKER = Worker(
    sid="WK1",
    friendly_name="ana",
    name_key="ana",
    activity_sid="WA1",
    available=True,
    attributes="{}",
    channels={"TC1": ChannelState(configured_capacity=2)},
    status_changed_at=0,
    **OF,
)


def task(sid: str) -> Task:
    return Task(
        sid=sid,
        workflow_sid="WW1",
        configuration_number=1,
        task_queue_sid="WQ1",
        task_channel_sid="TC1",
        task_channel_unique_name="x",
        assignment_status=TaskStatus.PENDING,
        attributes="{}",
        addons="{}",
        priority=0,
        reason=None,
        timeout_s=60,
        routing_target=None,
        ignore_capacity=False,
        assignment_counter=0,
        virtual_start_at=0,
        queue_entered_at=0,
        ended_at=None,
        standing=Standing(Place(0), skip_if="1==1"),
        **OF,
    )


def test_a_task_is_not_skipped_past_a_worker_whose_offer_has_not_been_heard_back() -> None:
    room = Room(WORKSPACE)
    room.put_activity(ACTIVITY)
    room.put_channel(CHANNEL)
    room.put_queue(QUEUE)
    room.put_worker(WORKER)
    room.put_task(task("WT1"))
    assert [type(decision) for decision in room.decide(0)] == [Offer]
    room.put_task(replace(task("WT1"), version=1, assignment_status=TaskStatus.RESERVED, assignment_counter=1))
    room.put_task(task("WT2"))
    assert room.decide(0) == []
    once = {"TC1": ChannelState(configured_capacity=2, pending=1, last_reserved_us=0)}
    room.put_worker(replace(WORKER, version=1, channels=once))
    (offer,) = room.decide(0)
    assert isinstance(offer, Offer)
    assert offer.task_sid == "WT2"
    twice = {"TC1": ChannelState(configured_capacity=2, pending=2, last_reserved_us=1)}
    room.put_worker(replace(WORKER, version=2, channels=twice))
    room.put_task(replace(task("WT2"), version=1, assignment_status=TaskStatus.RESERVED, assignment_counter=1))
    room.put_task(task("WT3"))
    assert room.decide(0) == [Skip("WT3", 0)]
