"""What the floor wants done."""

from msgspec import Struct


class Offer(Struct, frozen=True, gc=False):
    """Reserve this task for this worker.

    Write it only if task and worker still have these versions. When one turn makes a worker or a task several offers,
    all name the version it had at the turn's start. `last_reserved_us` is to be stored as that of the worker's channel.
    """

    task_sid: str
    task_version: int
    worker_sid: str
    worker_version: int
    queue_sid: str | None
    last_reserved_us: int


class WakeAt(Struct, frozen=True, gc=False):
    """Decide again at this time (ms) even if nothing happens: the time of day will have changed for a waiting task."""

    at: int


Decision = Offer | WakeAt
