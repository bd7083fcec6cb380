"""Room on a channel (taskrouter.md 7.5).

A reservation takes a slot from its creation to its end: pending, accepted and wrapping ones count. Lowering the capacity
below the load evicts nobody; the percentage then stays at 0.
"""

from enum import StrEnum

from msgspec.structs import replace

from cordboard.routing.facts import ChannelLoad, WorkerFact


def available_capacity_percentage(load: int, configured_capacity: int) -> int:
    """Whole percent of the capacity that is free, rounded down, 0 to 100; 0 when the capacity is 0."""
    if configured_capacity <= 0:
        return 0
    return max(0, (configured_capacity - load) * 100 // configured_capacity)


class Hindrance(StrEnum):
    """Why a worker gets no more tasks of a channel."""

    UNAVAILABLE = "activity_not_available"
    NO_CHANNEL = "not_on_the_channel"
    CHANNEL_UNAVAILABLE = "channel_not_available"
    NO_CAPACITY = "no_capacity"
    OCCUPIED = "has_another_task"


def hindrance(worker: WorkerFact, task_channel_sid: str, *, multi_task: bool) -> Hindrance | None:
    """The first thing that keeps a worker from one more task of a channel; None if nothing does."""
    channel = worker.channels.get(task_channel_sid)
    if channel is None:
        return Hindrance.NO_CHANNEL
    if not worker.available:
        return Hindrance.UNAVAILABLE
    if not multi_task:
        return None if is_unoccupied(worker) else Hindrance.OCCUPIED
    if has_room(channel):
        return None
    return Hindrance.NO_CAPACITY if channel.available else Hindrance.CHANNEL_UNAVAILABLE


def has_room(channel: ChannelLoad) -> bool:
    """One more reservation fits on the channel of a worker who may do several tasks at once."""
    return channel.available and channel.load < channel.configured_capacity


def is_unoccupied(worker: WorkerFact) -> bool:
    """No open reservation on any channel: what a workspace without multi-tasking asks for."""
    return all(channel.load == 0 for channel in worker.channels.values())


def reserve(worker: WorkerFact, task_channel_sid: str, last_reserved_us: int) -> WorkerFact:
    """The worker with one more reservation on the channel; version unchanged."""
    channel = worker.channels[task_channel_sid]
    taken = replace(channel, load=channel.load + 1, last_reserved_us=last_reserved_us)
    return replace(worker, channels={**worker.channels, task_channel_sid: taken})
