"""Workflows and their configurations."""

from cordboard.storage.tables import Table
from cordboard.taskrouter.model import Workflow, WorkflowConfiguration

WORKFLOWS = Table("workflows", Workflow, steady=True)

OF_WORKSPACE = WORKFLOWS.where("workspace_sid = ? ORDER BY created_at, sid")
TWO_OF_WORKSPACE = WORKFLOWS.where("workspace_sid = ? ORDER BY created_at, sid LIMIT 2")
BY_NAME = WORKFLOWS.where("workspace_sid = ? AND friendly_name = ?")
# Arguments: the workspace, and a text between percent signs that occurs in the configuration.
MENTIONING = WORKFLOWS.where("workspace_sid = ? AND configuration LIKE ? ORDER BY created_at, sid")
CONFIGURATIONS = Table("workflow_configurations", WorkflowConfiguration, key=("workflow_sid", "number"), version=None)
