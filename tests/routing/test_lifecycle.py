"""Task and reservation life cycles (taskrouter.md 3 and 4), row by row, and nothing else."""

from collections.abc import Mapping
from itertools import product
from typing import Any

import pytest

from cordboard.routing.lifecycle import (
    ON_HOLD,
    RESERVATION,
    TASK,
    TRANSFER,
    TRANSFERRED,
    IllegalMove,
    ReservationMove,
    ReservationStatus,
    TaskMove,
    TaskStatus,
    TransferMove,
    TransferStatus,
    step,
)

TASK_ROWS = {
    ("pending", "reserve"): "reserved",
    ("pending", "cancel"): "canceled",
    ("reserved", "reserve"): "reserved",
    ("reserved", "release"): "pending",
    ("reserved", "accept"): "assigned",
    ("reserved", "cancel"): "canceled",
    ("assigned", "wrap"): "wrapping",
    ("assigned", "complete"): "completed",
    ("wrapping", "complete"): "completed",
}
TRANSFERRED_ROWS = {
    ("assigned", "transfer"): "pending",
    ("pending", "reserve"): "reserved",
    ("pending", "return"): "assigned",
    ("reserved", "reserve"): "reserved",
    ("reserved", "release"): "pending",
    ("reserved", "accept"): "assigned",
    ("reserved", "return"): "assigned",
}
ON_HOLD_ROWS = {
    ("pending", "accept"): "accepted",
    ("pending", "cancel"): "canceled",
    ("pending", "rescind"): "rescinded",
}
TRANSFER_ROWS = {
    ("initiated", "complete"): "complete",
    ("initiated", "fail"): "failed",
    ("initiated", "cancel"): "canceled",
}
RESERVATION_ROWS = {
    ("pending", "accept"): "accepted",
    ("pending", "reject"): "rejected",
    ("pending", "time_out"): "timeout",
    ("pending", "cancel"): "canceled",
    ("pending", "rescind"): "rescinded",
    ("accepted", "wrap"): "wrapping",
    ("accepted", "complete"): "completed",
    ("wrapping", "complete"): "completed",
}
ALL = [
    *((TASK, TASK_ROWS, status, move) for status, move in product(TaskStatus, TaskMove)),
    *((TRANSFERRED, TRANSFERRED_ROWS, status, move) for status, move in product(TaskStatus, TaskMove)),
    *((RESERVATION, RESERVATION_ROWS, status, move) for status, move in product(ReservationStatus, ReservationMove)),
    *((ON_HOLD, ON_HOLD_ROWS, status, move) for status, move in product(ReservationStatus, ReservationMove)),
    *((TRANSFER, TRANSFER_ROWS, status, move) for status, move in product(TransferStatus, TransferMove)),
]


@pytest.mark.parametrize(("table", "rows", "status", "move"), ALL)
def test_a_move_leads_where_the_sheet_says_or_is_illegal(
    table: Mapping[Any, Any], rows: dict[tuple[str, str], str], status: Any, move: Any
) -> None:
    if (status, move) in rows:
        assert step(table, status, move) == rows[status, move]
        return
    with pytest.raises(IllegalMove, match=f"cannot {move} while {status}") as caught:
        step(table, status, move)
    assert (caught.value.status, caught.value.move) == (status, move)


@pytest.mark.parametrize(
    ("table", "ended"),
    [
        (TASK, {TaskStatus.COMPLETED, TaskStatus.CANCELED}),
        (
            RESERVATION,
            {
                ReservationStatus.REJECTED,
                ReservationStatus.TIMEOUT,
                ReservationStatus.CANCELED,
                ReservationStatus.RESCINDED,
                ReservationStatus.COMPLETED,
            },
        ),
    ],
)
def test_what_has_ended_never_moves_again(table: Mapping[Any, Any], ended: set[Any]) -> None:
    assert ended.isdisjoint(status for status, _ in table)
    assert ended <= set(table.values())


@pytest.mark.parametrize("table", [TASK, TRANSFERRED])
def test_an_assigned_task_can_never_become_canceled(table: Mapping[Any, Any]) -> None:
    reached, frontier = set[TaskStatus](), {TaskStatus.ASSIGNED}
    while frontier:
        reached |= frontier
        frontier = {after for (status, _), after in table.items() if status in reached} - reached
    assert TaskStatus.CANCELED not in reached


def test_a_transfer_leaves_a_task_where_it_can_go_on_without_one() -> None:
    """When it ends the task is assigned: what TASK says of that status holds again."""
    ends = {after for (_, move), after in TRANSFERRED.items() if move in {TaskMove.ACCEPT, TaskMove.RETURN}}
    assert ends == {TaskStatus.ASSIGNED}
    assert TRANSFERRED.keys() & {(TaskStatus.ASSIGNED, move) for move in TaskMove} == {
        (TaskStatus.ASSIGNED, TaskMove.TRANSFER)
    }


def test_the_tables_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        TASK[TaskStatus.COMPLETED, TaskMove.CANCEL] = TaskStatus.CANCELED  # type: ignore[index]  # that is the point
