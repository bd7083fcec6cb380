"""Recording what happens in a workspace.

Types are the vendor's (taskrouter.md 8.4). A change for which the vendor has no event is recorded all the same, for the feed is how
other nodes learn of it: ``task-queue.updated`` (anything but the expression) and ``worker.updated`` (the name).
"""

from cordboard.events.record import record
from cordboard.storage.unit import Unit

PRODUCT = "taskrouter"


def happened(
    unit: Unit, type_: str, *, account_sid: str, workspace_sid: str, resource_sid: str, **facts: object
) -> None:
    """Say that something happened in a workspace. ``facts`` are the resources as this unit leaves them, and what names them."""
    record(
        unit,
        PRODUCT,
        type_,
        account_sid=account_sid,
        scope_sid=workspace_sid,
        resource_sid=resource_sid,
        **facts,
    )
