"""Transfers."""

from cordboard.storage.tables import Table
from cordboard.taskrouter.model import Transfer

TRANSFERS = Table("transfers", Transfer)

OF_TASK = TRANSFERS.where("task_sid = ? ORDER BY created_at, sid")
