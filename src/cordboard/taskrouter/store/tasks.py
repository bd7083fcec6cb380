"""Tasks."""

from cordboard.storage.tables import Table
from cordboard.taskrouter.model import Task

TASKS = Table("tasks", Task)

# Waiting, offered or in hand: everything that has not ended.
OPEN = TASKS.where("workspace_sid = ? AND ended_at IS NULL")
OPEN_OF_QUEUE = TASKS.where("workspace_sid = ? AND task_queue_sid = ? AND ended_at IS NULL LIMIT 1")
OPEN_OF_CHANNEL = TASKS.where("workspace_sid = ? AND task_channel_sid = ? AND ended_at IS NULL LIMIT 1")
OPEN_OF_WORKFLOW = TASKS.where("workspace_sid = ? AND workflow_sid = ? AND ended_at IS NULL LIMIT 1")
# Those that a configuration leads, first come first. Arguments: the workspace, the workflow, how many.
WAITING_OF_WORKFLOW = TASKS.where(
    "workspace_sid = ? AND workflow_sid = ? AND assignment_status = 'pending' AND standing IS NOT NULL "
    "AND transfer IS NULL AND ended_at IS NULL ORDER BY priority DESC, virtual_start_at, sid LIMIT ?"
)
# Pending by a configuration before some number. Arguments: the workspace, the workflow, the number, how many.
LEFT_BEHIND = TASKS.where(
    "workspace_sid = ? AND workflow_sid = ? AND configuration_number < ? AND assignment_status = 'pending' "
    "AND standing IS NOT NULL AND transfer IS NULL AND ended_at IS NULL LIMIT ?"
)
