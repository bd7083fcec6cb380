"""Reservations."""

from cordboard.storage.tables import Table
from cordboard.taskrouter.model import Reservation

RESERVATIONS = Table("reservations", Reservation)

OF_TASK = RESERVATIONS.where("task_sid = ? ORDER BY created_at, sid")
OPEN_OF_TASK = RESERVATIONS.where(
    "task_sid = ? AND reservation_status IN ('pending', 'accepted', 'wrapping') ORDER BY created_at, sid"
)
OPEN_OF_WORKER = RESERVATIONS.where(
    "worker_sid = ? AND reservation_status IN ('pending', 'accepted', 'wrapping') ORDER BY reservation_status, created_at, sid"
)
