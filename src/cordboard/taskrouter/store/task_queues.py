"""Task queues."""

from cordboard.storage.tables import Table
from cordboard.taskrouter.model import TaskQueue

TASK_QUEUES = Table("task_queues", TaskQueue, steady=True)

OF_WORKSPACE = TASK_QUEUES.where("workspace_sid = ? ORDER BY created_at, sid")
BY_NAME = TASK_QUEUES.where("workspace_sid = ? AND friendly_name = ?")
APPLYING_ACTIVITY = TASK_QUEUES.where(
    "workspace_sid = ? AND (reservation_activity_sid = ? OR assignment_activity_sid = ?) LIMIT 1"
)
