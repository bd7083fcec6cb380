"""What TaskRouter announces, so that others react to it in the same unit (design D12)."""

import msgspec

from .model import Reservation, Task, VoiceInstruction, Worker


class ReservationAccepted(msgspec.Struct, frozen=True):
    """A worker has taken a task."""

    task: Task
    reservation: Reservation
    worker: Worker


class ReservationCompleted(msgspec.Struct, frozen=True):
    """A worker is done with a task that was accepted."""

    task: Task
    reservation: Reservation
    worker: Worker


class ReservationEnded(msgspec.Struct, frozen=True):
    """An offer is over that nobody accepted: rejected, timed out, canceled or rescinded (its status says which)."""

    task: Task
    reservation: Reservation
    worker: Worker


class VoiceInstructed(msgspec.Struct, frozen=True):
    """A voice instruction that is in order, for the server's voice carrier (``engine.voice.VoiceCarrier``)."""

    task: Task
    reservation: Reservation
    worker: Worker
    instruction: VoiceInstruction


class TaskEnded(msgspec.Struct, frozen=True):
    """A task is completed or canceled, or was deleted."""

    task: Task
