"""What would be if there were another task, worker, expression or workflow. These are views: they can store nothing."""

from msgspec.structs import replace

from cordboard.kernel.caller import Caller
from cordboard.kernel.errors import Invalid
from cordboard.kernel.json import parse
from cordboard.routing import explaining as core
from cordboard.routing import walk
from cordboard.routing.expressions.findings import inquire
from cordboard.routing.namespaces import filter_names
from cordboard.storage.unit import View
from cordboard.taskrouter.engine import entering, explaining, walking
from cordboard.taskrouter.engine.configuration import check_mentioned, read_configuration
from cordboard.taskrouter.engine.expressions import read_expression
from cordboard.taskrouter.model import Activity, ChannelState, TaskOrder, Worker, Workspace
from cordboard.taskrouter.store import activities, scope, task_channels, task_queues
from cordboard.taskrouter.store.activities import ACTIVITIES
from cordboard.taskrouter.store.tasks import WAITING_OF_WORKFLOW
from cordboard.taskrouter.store.workflows import WORKFLOWS
from cordboard.taskrouter.wire.explanations import Explanation
from cordboard.taskrouter.wire.simulations import (
    MOST_LOOKED_AT,
    Move,
    Refused,
    Service,
    Simulate,
    Simulation,
    TriedExpression,
    TriedWorker,
    TriedWorkflow,
)

from . import tasks

_NOBODY = "0" * 32


async def create(view: View, caller: Caller, form: Simulate) -> Simulation:
    """Try something."""
    workspace = await scope.workspace_of(view, caller.account_sid, form.workspace_sid)
    match form.type:
        case "task":
            return await _task(view, workspace, form)
        case "worker":
            return await _worker(view, workspace, form)
        case "expression":
            return _expression(view, form)
        case "workflow":
            return await _workflow(view, workspace, form)


async def _task(view: View, workspace: Workspace, form: Simulate) -> Explanation:
    order = TaskOrder(
        workspace_sid=workspace.sid,
        workflow_sid=form.workflow_sid,
        task_queue_sid=form.task_queue_sid,
        task_channel=form.task_channel or None,
        attributes=form.attributes,
        priority=form.priority,
        timeout_s=form.timeout,
        routing_target=form.routing_target,
        ignore_capacity=form.ignore_capacity,
    )
    new = await tasks.understood(view, workspace.account_sid, order)
    drafted = await entering.draft(view, new, f"WT{_NOBODY}")
    found = (new.workflow, drafted.plan) if new.workflow is not None and drafted.plan is not None else None
    room = explaining.room_of(view, workspace.sid)
    return await explaining.explain(view, room, drafted.task, found, explaining.Only(form.limit), is_stored=False)


async def _worker(view: View, workspace: Workspace, form: Simulate) -> TriedWorker:
    activity = await _activity(view, workspace, form.activity_sid)
    room = explaining.room_of(view, workspace.sid)
    state = ChannelState(configured_capacity=form.capacity)
    worker = Worker(
        sid=f"WK{_NOBODY}",
        version=0,
        account_sid=workspace.account_sid,
        workspace_sid=workspace.sid,
        friendly_name=form.friendly_name,
        name_key="",
        activity_sid=activity.sid,
        available=activity.available,
        attributes=form.attributes,
        channels={channel.sid: state for channel in await view.all(task_channels.OF_WORKSPACE, workspace.sid)},
        status_changed_at=view.now,
        created_at=view.now,
        updated_at=view.now,
    )
    fact = replace(room.worker_fact(worker, parse(form.attributes)), activity_name=activity.friendly_name)
    queues = await view.all(task_queues.OF_WORKSPACE, workspace.sid)
    services = [Service(queue, *core.served(queue.target_workers, fact)) for queue in queues]
    services.sort(key=lambda service: not service.serves)
    wanted = core.what(room.floor, fact, view.now, form.limit)
    others = [
        Refused(task, reason.value, core.why_not(room.floor, task, fact, reason, view.now))
        for reason, (_, first) in wanted.others.items()
        for task in first
    ]
    return TriedWorker(
        worker=fact,
        serves=sum(service.serves for service in services),
        queues=services[: form.limit],
        queues_left_out=max(0, len(services) - form.limit),
        names={queue.sid: queue.friendly_name for queue in queues},
        count=wanted.total,
        tasks=wanted.first,
        by_reason={reason.value: count for reason, (count, _) in wanted.others.items()},
        others=others[: form.limit],
    )


def _expression(view: View, form: Simulate) -> TriedExpression:
    if form.expression is None:
        message = "Missing required parameter Expression in the post body"
        raise Invalid(message)
    read_expression("Expression", form.expression)
    # What stands under `taskrouter` is the time, unless the caller tries another.
    holds, found = inquire(form.expression).ask({**filter_names({}, view.now), **parse(form.attributes)})
    return TriedExpression(form.expression, holds, found)


async def _workflow(view: View, workspace: Workspace, form: Simulate) -> TriedWorkflow:
    for name, value in (("WorkflowSid", form.workflow_sid), ("Configuration", form.configuration)):
        if value is None:
            raise Invalid(f"Missing required parameter {name} in the post body")
    workflow = await view.get(WORKFLOWS, form.workflow_sid or "")
    if workflow is None or workflow.workspace_sid != workspace.sid:
        raise Invalid(f"Invalid parameter WorkflowSid: there is no {form.workflow_sid} in this workspace")
    plan = read_configuration(form.configuration or "")
    queues = {queue.sid: queue for queue in await view.all(task_queues.OF_WORKSPACE, workspace.sid)}
    await check_mentioned(view, workspace.sid, plan, queues)
    waiting = await view.all(WAITING_OF_WORKFLOW, workspace.sid, workflow.sid, MOST_LOOKED_AT + 1)
    counts: dict[tuple[str | None, str | None], int] = {}
    moves: list[Move] = []
    for task in waiting[:MOST_LOOKED_AT]:
        moment = walking.moment(task, view.now)
        step, queue = await walking.queue_of(view, plan, walk.enter(plan, moment), moment)
        route = task.task_queue_sid, queue.sid if queue is not None else None
        counts[route] = counts.get(route, 0) + 1
        if route[0] != route[1] and len(moves) < form.limit:
            moves.append(
                Move(
                    task,
                    queues.get(task.task_queue_sid or ""),
                    step.target if step is not None else None,
                    queue,
                    step.priority if step is not None and step.priority is not None else task.priority,
                    list(core.filters_tried(plan, step.place if step is not None else None, moment))[-form.limit :],
                )
            )
    told = [(queues.get(before or ""), queues.get(after or ""), count) for (before, after), count in counts.items()]
    return TriedWorkflow(len(waiting[:MOST_LOOKED_AT]), len(waiting) > MOST_LOOKED_AT, told, moves)


async def _activity(view: View, workspace: Workspace, sid: str | None) -> Activity:
    """The one that is meant; without a word the first that is available."""
    if sid is None:
        here = await view.all(activities.OF_WORKSPACE, workspace.sid)
        return next((found for found in here if found.available), here[0])
    activity = await view.get(ACTIVITIES, sid)
    if activity is None or activity.workspace_sid != workspace.sid:
        raise Invalid(f"Invalid parameter ActivitySid: there is no {sid} in this workspace")
    return activity
