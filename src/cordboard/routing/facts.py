"""What the floor of a workspace knows: rows, reduced to what decides routing.

A fact is put whole and replaces the one before it. Attributes are the parsed JSON object; hand over the same mapping
when the text has not changed, so that the floor need not compare it. Times are milliseconds since 1970, except
`last_reserved_us`.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct


class Order(StrEnum):
    """TaskOrder of a queue and PrioritizeQueueOrder of a workspace."""

    FIFO = "FIFO"
    LIFO = "LIFO"


class WorkspaceFact(Struct, frozen=True, gc=False):
    """Which kind of queue a worker drains first, and whether capacity or the open reservation limits him."""

    sid: str
    multi_task_enabled: bool
    prioritize_queue_order: Order


class ChannelFact(Struct, frozen=True, gc=False):
    """A task channel."""

    sid: str
    unique_name: str
    channel_optimized_routing: bool


class ChannelLoad(Struct, frozen=True, gc=False):
    """One worker's channel.

    `load` counts his pending, accepted and wrapping reservations on it, `assigned` the accepted ones alone.
    `last_reserved_us` is when he was last reserved on it, None for never. It is in microseconds (milliseconds times
    1000 and a serial number), so that offers of the same millisecond still have an order and a frozen clock does not
    make one worker the longest idle for ever. An offer says what to store here.
    """

    unique_name: str
    configured_capacity: int
    available: bool
    load: int
    assigned: int
    last_reserved_us: int | None


class WorkerFact(Struct, frozen=True, gc=False):
    """A worker. `available` is his activity's; `channels` is by task channel SID and holds all of the workspace's."""

    sid: str
    version: int
    friendly_name: str
    activity_sid: str
    activity_name: str
    available: bool
    attributes: Mapping[str, Any]
    channels: Mapping[str, ChannelLoad]
    created_at: int


class QueueFact(Struct, frozen=True, gc=False):
    """A task queue. What counts of `max_reserved_workers` is the task's `max_reserved`."""

    sid: str
    target_workers: str
    max_reserved_workers: int
    order: Order


class TargetFact(Struct, frozen=True, gc=False):
    """What a workflow target asks beyond its queue."""

    expression: str | None = None
    order_by: str | None = None


class TaskFact(Struct, frozen=True, gc=False):
    """A task that wants workers: pending, or reserved by fewer than it may be. Others are not put on the floor.

    `reserved_by` are the workers who hold a pending reservation of it, and get no other one; with `max_reserved` of
    them it wants nobody.
    With `worker_sid` only that worker is looked at, without queue and target; `ignore_capacity` then asks neither for
    his availability nor for his capacity. It has no meaning without `worker_sid`.
    """

    sid: str
    version: int
    queue_sid: str | None
    task_channel_sid: str
    priority: int
    virtual_start_at: int
    attributes: Mapping[str, Any]
    target: TargetFact | None = None
    worker_sid: str | None = None
    ignore_capacity: bool = False
    max_reserved: int = 1
    reserved_by: frozenset[str] = frozenset()
