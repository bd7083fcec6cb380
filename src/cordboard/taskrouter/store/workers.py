"""Workers."""

from cordboard.storage.tables import Table
from cordboard.taskrouter.model import Worker

WORKERS = Table("workers", Worker)

OF_WORKSPACE = WORKERS.where("workspace_sid = ? ORDER BY created_at, sid")
BY_NAME_KEY = WORKERS.where("workspace_sid = ? AND name_key = ?")
IN_ACTIVITY = WORKERS.where("activity_sid = ? LIMIT 1")


def name_key(friendly_name: str) -> str:
    """The friendly name as it must be unique in the workspace, whatever its case."""
    return friendly_name.casefold()
