"""What may happen to a task and to a reservation, as two tables.

Everything that decides whether a move is legal stands here: a pair that is not in a table is illegal, `step` raises and
nothing changes. What else a move does (capacity, siblings, activities) is the engine's business.

A task is released when its last open reservation has ended without acceptance. A reservation is rescinded when another
worker accepted the same task.
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


S = TypeVar("S", bound=StrEnum)
M = TypeVar("M", bound=StrEnum)

TASK: Mapping[tuple[TaskStatus, TaskMove], TaskStatus] = MappingProxyType(
    {
        (TaskStatus.PENDING, TaskMove.RESERVE): TaskStatus.RESERVED,
        (TaskStatus.PENDING, TaskMove.CANCEL): TaskStatus.CANCELED,
        (TaskStatus.RESERVED, TaskMove.RELEASE): TaskStatus.PENDING,
        (TaskStatus.RESERVED, TaskMove.ACCEPT): TaskStatus.ASSIGNED,
        (TaskStatus.RESERVED, TaskMove.CANCEL): TaskStatus.CANCELED,
        (TaskStatus.ASSIGNED, TaskMove.WRAP): TaskStatus.WRAPPING,
        (TaskStatus.ASSIGNED, TaskMove.COMPLETE): TaskStatus.COMPLETED,
        (TaskStatus.WRAPPING, TaskMove.COMPLETE): TaskStatus.COMPLETED,
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
