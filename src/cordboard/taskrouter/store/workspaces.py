"""Workspaces."""

from cordboard.storage.tables import Table
from cordboard.taskrouter.model import Workspace

WORKSPACES = Table("workspaces", Workspace)

ALL = WORKSPACES.where("1 = 1 ORDER BY sid")
