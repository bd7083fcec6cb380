"""Workflows: which task enters which queue. A task follows the configuration that it entered by."""

from msgspec import UNSET

from cordboard.kernel.caller import Caller
from cordboard.kernel.errors import Invalid
from cordboard.kernel.pages import Slice
from cordboard.storage.unit import Unit, View
from cordboard.taskrouter.engine.configuration import check_configuration, keep_configuration
from cordboard.taskrouter.engine.re_evaluation import re_evaluate_some
from cordboard.taskrouter.engine.record import happened
from cordboard.taskrouter.model import Workflow
from cordboard.taskrouter.store import scope
from cordboard.taskrouter.store.selection import refuse_beyond, select
from cordboard.taskrouter.store.tasks import OPEN_OF_WORKFLOW
from cordboard.taskrouter.store.workflows import CONFIGURATIONS, WORKFLOWS
from cordboard.taskrouter.wire.fields import changes
from cordboard.taskrouter.wire.workflows import CreateWorkflow, ListWorkflows, OneWorkflow, UpdateWorkflow

MOST = 1000


async def create(unit: Unit, caller: Caller, form: CreateWorkflow) -> Workflow:
    """A new workflow."""
    workspace = await scope.home(unit, caller.account_sid, form.workspace_sid)
    await check_configuration(unit, workspace.sid, form.configuration)
    await refuse_beyond(unit, WORKFLOWS, "workspace_sid", workspace.sid, MOST)
    workflow = unit.insert(
        WORKFLOWS,
        Workflow(
            sid=unit.sid("WW"),
            version=0,
            account_sid=workspace.account_sid,
            workspace_sid=workspace.sid,
            friendly_name=form.friendly_name,
            configuration=form.configuration,
            configuration_number=1,
            re_evaluated_number=1,
            assignment_callback_url=form.assignment_callback_url,
            fallback_assignment_callback_url=form.fallback_assignment_callback_url,
            reservation_timeout_s=form.task_reservation_timeout,
            created_at=unit.now,
            updated_at=unit.now,
        ),
    )
    keep_configuration(unit, workflow)
    _happened(unit, "workflow.created", workflow)
    return workflow


async def fetch(view: View, caller: Caller, form: OneWorkflow) -> Workflow:
    """One workflow."""
    return await scope.within(view, WORKFLOWS, caller.account_sid, form.workspace_sid, form.sid)


async def list_(view: View, caller: Caller, form: ListWorkflows) -> Slice[Workflow]:
    """A page of the workspace's workflows."""
    workspace = await scope.workspace_of(view, caller.account_sid, form.workspace_sid)
    filters = {"workspace_sid": workspace.sid, "friendly_name": form.friendly_name}
    return await view.page(*select(WORKFLOWS, filters), form.page)


async def update(unit: Unit, caller: Caller, form: UpdateWorkflow) -> Workflow:
    """Change a workflow. Another configuration gets the next number; tasks that wait keep the one they entered by.

    With ``ReEvaluateTasks`` those that are pending go through the configuration that there is now, changed or not: a number of its
    own tells them from those that already have.
    """
    workflow = await scope.within(unit, WORKFLOWS, caller.account_sid, form.workspace_sid, form.sid)
    changed = changes(
        form,
        workflow,
        "friendly_name",
        "configuration",
        "assignment_callback_url",
        "fallback_assignment_callback_url",
    )
    if form.task_reservation_timeout not in {UNSET, workflow.reservation_timeout_s}:
        changed["reservation_timeout_s"] = form.task_reservation_timeout
    if "configuration" in changed:
        await check_configuration(unit, workflow.workspace_sid, changed["configuration"])
    number = workflow.configuration_number
    if "configuration" in changed or form.re_evaluate_tasks:
        changed["configuration_number"] = number + 1
    if form.re_evaluate_tasks:
        changed["re_evaluated_number"] = number + 1
    if changed:
        workflow = unit.update(WORKFLOWS, workflow, **changed)
        if workflow.configuration_number != number:
            keep_configuration(unit, workflow)
        _happened(unit, "workflow.updated", workflow)
    if form.re_evaluate_tasks:
        await re_evaluate_some(unit, workflow)
    return workflow


async def delete(unit: Unit, caller: Caller, form: OneWorkflow) -> None:
    """Remove a workflow in which no task is open, with all its configurations."""
    workflow = await scope.hold(unit, WORKFLOWS, caller.account_sid, form.workspace_sid, form.sid)
    if task := await unit.one(OPEN_OF_WORKFLOW, workflow.workspace_sid, workflow.sid):
        message = f"Workflow {workflow.sid} cannot be deleted: task {task.sid} in it is {task.assignment_status}"
        raise Invalid(message)
    unit.delete(WORKFLOWS, workflow)
    unit.sweep(CONFIGURATIONS, "workflow_sid", workflow.sid)
    _happened(unit, "workflow.deleted", workflow)


def _happened(unit: Unit, type_: str, workflow: Workflow) -> None:
    # Its configuration may be a megabyte; who needs it reads it by its number.
    happened(
        unit,
        type_,
        account_sid=workflow.account_sid,
        workspace_sid=workflow.workspace_sid,
        resource_sid=workflow.sid,
        workflow={
            "sid": workflow.sid,
            "friendly_name": workflow.friendly_name,
            "configuration_number": workflow.configuration_number,
        },
    )
