"""Forgetting somebody in tasks: one that has ended loses all attributes if they name them, an open one only the name.

An open task's attributes decide who gets it and how its agent reaches the customer. Workers are no customers, and stay.
"""

from cordboard.kernel.redaction import EMPTY, Redaction
from cordboard.storage.slices import Rewritten, rewrite
from cordboard.storage.unit import Unit
from cordboard.taskrouter.model import Task
from cordboard.taskrouter.store.tasks import TASKS


async def erase_tasks(unit: Unit, account_sid: str, redaction: Redaction, behind: str) -> Rewritten:
    """A slice of tasks."""

    def change(one: Task) -> dict[str, object]:
        if one.account_sid != account_sid:
            return {}
        attributes, addons = redaction.json(one.attributes), redaction.json(one.addons)
        if one.ended_at is not None and (attributes, addons) != (one.attributes, one.addons):
            attributes = addons = EMPTY
        reason = redaction.optional(one.reason)
        return {"attributes": attributes, "addons": addons, "reason": reason}

    return await rewrite(unit, TASKS, behind, change)
