"""Names and the cause of what is recorded: who reads an event later finds what things were called then, and who called.

Added in the last step of a unit, so that those who record need not know it. Names are those of rows that are remembered
(``steady``), one fact for all events that have the same.
"""

from cordboard.events.record import Event, of_product
from cordboard.storage.unit import Recorded, Unit
from cordboard.taskrouter.store.activities import ACTIVITIES
from cordboard.taskrouter.store.task_queues import TASK_QUEUES
from cordboard.taskrouter.store.workflows import WORKFLOWS
from cordboard.taskrouter.store.workspaces import WORKSPACES
from cordboard.taskrouter.wire.event_data import Named

from .record import PRODUCT

_Sids = tuple[str, str | None, str | None, str | None]
"""Of the workspace, the queue, the workflow and the activity."""


async def name(unit: Unit, happening: Recorded) -> None:
    """Add to the unit's events the facts ``named`` and, if it was called from outside, ``cause``."""
    known: dict[_Sids, Named] = {}
    for event in of_product(happening, PRODUCT):
        sids = _sids(event)
        if sids not in known:
            known[sids] = await _named(unit, event, sids)
        event.facts["named"] = known[sids]
        if unit.cause is not None:
            event.facts["cause"] = unit.cause


def _sids(event: Event) -> _Sids:
    facts = event.facts
    of = facts.get("reservation") or facts.get("task")
    worker = facts.get("worker")
    activity_sid = None if worker is None else worker.activity_sid
    if of is None:
        return event.scope_sid, None, None, activity_sid
    return event.scope_sid, of.task_queue_sid, of.workflow_sid, activity_sid


async def _named(unit: Unit, event: Event, sids: _Sids) -> Named:
    workspace_sid, queue_sid, workflow_sid, activity_sid = sids
    # A workspace that is deleted is in its last event.
    workspace = event.facts.get("workspace") or await unit.get(WORKSPACES, workspace_sid)
    queue = await unit.get(TASK_QUEUES, queue_sid) if queue_sid is not None else None
    workflow = await unit.get(WORKFLOWS, workflow_sid) if workflow_sid is not None else None
    activity = await unit.get(ACTIVITIES, activity_sid) if activity_sid is not None else None
    return Named(
        workspace=workspace.friendly_name if workspace is not None else "",
        task_queue=queue.friendly_name if queue is not None else None,
        target_workers=queue.target_workers if queue is not None else None,
        workflow=workflow.friendly_name if workflow is not None else None,
        activity=activity.friendly_name if activity is not None else None,
    )
