"""Room on a channel (taskrouter.md 7.5).

A reservation takes a slot from its creation to its end: pending, accepted and wrapping ones count. Lowering the capacity
below the load evicts nobody; the percentage then stays at 0.
"""

from msgspec.structs import replace

from cordboard.routing.facts import ChannelLoad, WorkerFact


def available_capacity_percentage(load: int, configured_capacity: int) -> int:
    """Whole percent of the capacity that is free, rounded down, 0 to 100; 0 when the capacity is 0."""
    if configured_capacity <= 0:
        return 0
    return max(0, min(100, (configured_capacity - load) * 100 // configured_capacity))


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
