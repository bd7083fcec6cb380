"""What may happen to a task, to a reservation and to a transfer, as tables.

Everything that decides whether a move is legal stands here: a pair that is not in a table is illegal, `step` raises and
nothing changes. What else a move does (capacity, siblings, activities) is the engine's business.

A task is reserved once more while it is reserved when its queue asks several workers at once, and it is released when its
last pending reservation has ended without acceptance. A reservation is rescinded when another worker accepted the same task.

A task that its worker is transferring waits and is offered as any other, but it is in that worker's hands meanwhile: it lives
by the table `TRANSFERRED`, by which it cannot be canceled and returns to the worker when nobody takes it. A pending
reservation for which a call is being set up is on hold, lives by `ON_HOLD` and ends accepted, canceled or rescinded.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar


class TaskStatus(StrEnum):
    """AssignmentStatus of a task."""

    PENDING = "pending"
    RESERVED = "reserved"
    ASSIGNED = "assigned"
    WRAPPING = "wrapping"
    COMPLETED = "completed"
    CANCELED = "canceled"


class TaskMove(StrEnum):
    """What happens to a task."""

    RESERVE = "reserve"
    RELEASE = "release"
    ACCEPT = "accept"
    WRAP = "wrap"
    COMPLETE = "complete"
    CANCEL = "cancel"
    TRANSFER = "transfer"
    RETURN = "return"


class ReservationStatus(StrEnum):
    """ReservationStatus, with the vendor's spelling of a time-out."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    TIMEOUT = "timeout"
    CANCELED = "canceled"
    RESCINDED = "rescinded"
    WRAPPING = "wrapping"
    COMPLETED = "completed"


class ReservationMove(StrEnum):
    """What happens to a reservation."""

    ACCEPT = "accept"
    REJECT = "reject"
    TIME_OUT = "time_out"
    CANCEL = "cancel"
    RESCIND = "rescind"
    WRAP = "wrap"
    COMPLETE = "complete"


class TransferStatus(StrEnum):
    """transfer_status, as the JavaScript client knows it."""

    INITIATED = "initiated"
    COMPLETE = "complete"
    FAILED = "failed"
    CANCELED = "canceled"


class TransferMove(StrEnum):
    """What happens to a transfer."""

    COMPLETE = "complete"
    FAIL = "fail"
    CANCEL = "cancel"


S = TypeVar("S", bound=StrEnum)
M = TypeVar("M", bound=StrEnum)

TASK: Mapping[tuple[TaskStatus, TaskMove], TaskStatus] = MappingProxyType(
    {
        (TaskStatus.PENDING, TaskMove.RESERVE): TaskStatus.RESERVED,
        (TaskStatus.PENDING, TaskMove.CANCEL): TaskStatus.CANCELED,
        (TaskStatus.RESERVED, TaskMove.RESERVE): TaskStatus.RESERVED,
        (TaskStatus.RESERVED, TaskMove.RELEASE): TaskStatus.PENDING,
        (TaskStatus.RESERVED, TaskMove.ACCEPT): TaskStatus.ASSIGNED,
        (TaskStatus.RESERVED, TaskMove.CANCEL): TaskStatus.CANCELED,
        (TaskStatus.ASSIGNED, TaskMove.WRAP): TaskStatus.WRAPPING,
        (TaskStatus.ASSIGNED, TaskMove.COMPLETE): TaskStatus.COMPLETED,
        (TaskStatus.WRAPPING, TaskMove.COMPLETE): TaskStatus.COMPLETED,
    }
)

TRANSFERRED: Mapping[tuple[TaskStatus, TaskMove], TaskStatus] = MappingProxyType(
    {
        (TaskStatus.ASSIGNED, TaskMove.TRANSFER): TaskStatus.PENDING,
        (TaskStatus.PENDING, TaskMove.RESERVE): TaskStatus.RESERVED,
        (TaskStatus.PENDING, TaskMove.RETURN): TaskStatus.ASSIGNED,
        (TaskStatus.RESERVED, TaskMove.RESERVE): TaskStatus.RESERVED,
        (TaskStatus.RESERVED, TaskMove.RELEASE): TaskStatus.PENDING,
        (TaskStatus.RESERVED, TaskMove.ACCEPT): TaskStatus.ASSIGNED,
        (TaskStatus.RESERVED, TaskMove.RETURN): TaskStatus.ASSIGNED,
    }
)

RESERVATION: Mapping[tuple[ReservationStatus, ReservationMove], ReservationStatus] = MappingProxyType(
    {
        (ReservationStatus.PENDING, ReservationMove.ACCEPT): ReservationStatus.ACCEPTED,
        (ReservationStatus.PENDING, ReservationMove.REJECT): ReservationStatus.REJECTED,
        (ReservationStatus.PENDING, ReservationMove.TIME_OUT): ReservationStatus.TIMEOUT,
        (ReservationStatus.PENDING, ReservationMove.CANCEL): ReservationStatus.CANCELED,
        (ReservationStatus.PENDING, ReservationMove.RESCIND): ReservationStatus.RESCINDED,
        (ReservationStatus.ACCEPTED, ReservationMove.WRAP): ReservationStatus.WRAPPING,
        (ReservationStatus.ACCEPTED, ReservationMove.COMPLETE): ReservationStatus.COMPLETED,
        (ReservationStatus.WRAPPING, ReservationMove.COMPLETE): ReservationStatus.COMPLETED,
    }
)

ON_HOLD: Mapping[tuple[ReservationStatus, ReservationMove], ReservationStatus] = MappingProxyType(
    {
        (ReservationStatus.PENDING, ReservationMove.ACCEPT): ReservationStatus.ACCEPTED,
        (ReservationStatus.PENDING, ReservationMove.CANCEL): ReservationStatus.CANCELED,
        (ReservationStatus.PENDING, ReservationMove.RESCIND): ReservationStatus.RESCINDED,
    }
)

TRANSFER: Mapping[tuple[TransferStatus, TransferMove], TransferStatus] = MappingProxyType(
    {
        (TransferStatus.INITIATED, TransferMove.COMPLETE): TransferStatus.COMPLETE,
        (TransferStatus.INITIATED, TransferMove.FAIL): TransferStatus.FAILED,
        (TransferStatus.INITIATED, TransferMove.CANCEL): TransferStatus.CANCELED,
    }
)


class IllegalMove(Exception):
    """`move` cannot happen in `status`."""

    def __init__(self, status: StrEnum, move: StrEnum) -> None:
        super().__init__(f"cannot {move} while {status}")
        self.status = status
        self.move = move


def step(table: Mapping[tuple[S, M], S], status: S, move: M) -> S:
    """The status after a move; raises IllegalMove."""
    try:
        return table[status, move]
    except KeyError:
        raise IllegalMove(status, move) from None
