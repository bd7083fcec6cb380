"""An invite: a task of TaskRouter by which an agent is found for a channel."""

import re

from cordboard.flex.model import InteractionChannel, Invite, RoutedInvite
from cordboard.flex.store.channels import CHANNELS
from cordboard.flex.store.invites import INVITES
from cordboard.flex.wire.codes import CONVERSATION_CLOSED, VALIDATION
from cordboard.flex.wire.routing import Routing, TaskProperties
from cordboard.kernel.errors import Invalid, NotFound
from cordboard.storage.unit import Unit
from cordboard.taskrouter.actions import tasks
from cordboard.taskrouter.model import NamedTask, TaskOrder

from .attributes import merge

_DAY_S = 86_400


async def invite(unit: Unit, channel: InteractionChannel, routing: Routing) -> RoutedInvite:
    """Make the task and the invite; the channel is still open when the unit is flushed. Raises 45354, 45004."""
    if not channel.is_open:
        message = f"Channel {channel.sid} is closed, nobody can be invited to it"
        raise Invalid(message, code=CONVERSATION_CLOSED)
    unit.touch(CHANNELS, channel)
    sid = unit.sid("KG")
    wanted = routing.properties
    task = await _begin(unit, channel, wanted, sid)
    invite = unit.insert(
        INVITES,
        Invite(
            sid=sid,
            version=1,
            account_sid=channel.account_sid,
            interaction_sid=channel.interaction_sid,
            channel_sid=channel.sid,
            workspace_sid=wanted.workspace_sid,
            task_sid=task.task.sid,
            created_at=unit.now,
            updated_at=unit.now,
        ),
    )
    return RoutedInvite(invite, task)


async def _begin(unit: Unit, channel: InteractionChannel, wanted: TaskProperties, invite_sid: str) -> NamedTask:
    parsed, attributes = merge(wanted.attributes, channel, invite_sid)
    # A task for one worker waits until that worker is available and has room: Flex does not force it on agents.
    order = TaskOrder(
        workspace_sid=wanted.workspace_sid,
        workflow_sid=wanted.workflow_sid,
        task_queue_sid=wanted.queue_sid,
        task_channel=wanted.task_channel_sid or wanted.task_channel_unique_name or None,
        attributes=attributes,
        parsed_attributes=parsed,
        priority=wanted.priority or 0,
        timeout_s=wanted.timeout or _DAY_S,
        routing_target=wanted.worker_sid or wanted.queue_sid,
        ignore_capacity=False if wanted.worker_sid else None,
        needs_workflow=True,
    )
    try:
        return await tasks.begin(unit, channel.account_sid, order)
    except NotFound as error:
        message = f"Invalid parameter Routing.properties.workspace_sid: there is no workspace {wanted.workspace_sid}"
        raise Invalid(message, code=VALIDATION) from error
    except Invalid as error:
        raise Invalid(_in_callers_words(error.message, wanted), code=VALIDATION) from error


def _in_callers_words(sentence: str, wanted: TaskProperties) -> str:
    """A sentence of TaskRouter about one of its parameters, said of the property that the parameter was made of."""
    names = {
        "WorkflowSid": "workflow_sid",
        "TaskQueueSid": "queue_sid",
        "RoutingTarget": "worker_sid" if wanted.worker_sid else "queue_sid",
        "TaskChannel": "task_channel_sid" if wanted.task_channel_sid else "task_channel_unique_name",
    }
    return re.sub(rf"\b({'|'.join(names)})\b", lambda found: f"Routing.properties.{names[found[1]]}", sentence, count=1)
