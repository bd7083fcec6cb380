"""Workspaces."""

from cordboard.storage.tables import Table
from cordboard.taskrouter.model import Workspace

WORKSPACES = Table("workspaces", Workspace, steady=True)

ALL = WORKSPACES.where("1 = 1 ORDER BY sid")
OF_ACCOUNT = WORKSPACES.where("account_sid = ? ORDER BY created_at, sid")
