"""Task channels."""

from cordboard.kernel.errors import NotFound
from cordboard.kernel.sids import is_sid
from cordboard.storage.tables import Table
from cordboard.storage.unit import View
from cordboard.taskrouter.model import TaskChannel

from .scope import within

TASK_CHANNELS = Table("task_channels", TaskChannel, steady=True)

OF_WORKSPACE = TASK_CHANNELS.where("workspace_sid = ? ORDER BY created_at, sid")
BY_UNIQUE_NAME = TASK_CHANNELS.where("workspace_sid = ? AND unique_name = ?")


async def find(view: View, account_sid: str, workspace_sid: str, sid_or_name: str) -> TaskChannel:
    """The task channel with this SID or unique name. Raises NotFound."""
    if is_sid(sid_or_name, "TC"):
        return await within(view, TASK_CHANNELS, account_sid, workspace_sid, sid_or_name)
    channel = await view.one(BY_UNIQUE_NAME, workspace_sid, sid_or_name)
    if channel is None or channel.account_sid != account_sid:
        raise NotFound
    return channel
