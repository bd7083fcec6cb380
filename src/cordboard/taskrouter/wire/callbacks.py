"""What is posted to the URLs of workspaces and workflows, and how the reply of an assignment callback is read (taskrouter.md 8).

Every value is a text, times are Unix seconds. ``Sid`` is the event's SID, known only when it is on disk: it is null here, and filled in
by whoever sends (``webhooks.model.Callback``).
"""

from typing import Any

import msgspec

from cordboard.events.journal import Event
from cordboard.taskrouter.model import Reservation, Task, Worker
from cordboard.webhooks.asking import Fault, object_of
from cordboard.webhooks.model import Reply

from .event_data import Named, Parameters, age, description, facts_of, resource_type, seconds, told

# Of replies, and what is wrong with them.
NO_JSON_TYPE, NO_JSON, NO_INSTRUCTION, BAD_INSTRUCTION = 40000, 40001, 40005, 55555

PHONE_INSTRUCTIONS = frozenset(("dequeue", "call", "redirect", "conference"))
INSTRUCTIONS = PHONE_INSTRUCTIONS | {"accept", "reject"}


class Instruction(msgspec.Struct, frozen=True):
    """What a reply wants. ``parameters`` are those beside ``instruction``."""

    name: str
    parameters: dict[str, Any]


def event_parameters(event: Event) -> Parameters:
    """An event of this moment as it is posted to a workspace's ``EventCallbackUrl``."""
    facts = facts_of(event)
    return {
        "EventType": event.type,
        "AccountSid": event.account_sid,
        "EventDescription": description(event, facts),
        "ResourceType": resource_type(event),
        "ResourceSid": event.resource_sid,
        "Sid": None,
        "Timestamp": seconds(event.at),
        "TimestampMs": str(event.at),
        **told(event, facts),
    }


def assignment_parameters(reservation: Reservation, task: Task, worker: Worker, named: Named, at: int) -> Parameters:
    """A reservation as it is posted to its workflow's ``AssignmentCallbackUrl``."""
    parameters = {
        "Timestamp": seconds(at),
        "AccountSid": reservation.account_sid,
        "WorkspaceSid": reservation.workspace_sid,
        "WorkflowSid": reservation.workflow_sid,
        "WorkflowName": named.workflow,
        "TaskQueueSid": reservation.task_queue_sid,
        "TaskQueueName": named.task_queue,
        "WorkerSid": worker.sid,
        "WorkerName": worker.friendly_name,
        "WorkerAttributes": worker.attributes,
        "TaskSid": task.sid,
        "TaskAttributes": task.attributes,
        "TaskAge": age(task, at),
        "TaskPriority": str(task.priority),
        "TaskChannelSid": task.task_channel_sid,
        "TaskChannelUniqueName": task.task_channel_unique_name,
        "AddOns": task.addons,
        "ReservationSid": reservation.sid,
    }
    return {name: value for name, value in parameters.items() if value is not None}


def fault_of(reply: Reply) -> Fault | None:
    """What is wrong with a reply that came in time and in order."""
    read = _read(reply)
    return read if isinstance(read, Fault) else None


def instruction_of(reply: Reply) -> Instruction | None:
    """What a reply wants; None for nothing, or if something is wrong with it."""
    read = _read(reply)
    return read if isinstance(read, Instruction) else None


def _read(reply: Reply) -> Instruction | Fault | None:
    if not reply.body.strip():
        return None
    if reply.content_type.partition(";")[0].strip().lower() != "application/json":
        return Fault(NO_JSON_TYPE, "the reply's Content-Type is not application/json")
    said = object_of(reply, NO_JSON)
    if isinstance(said, Fault):
        return said
    if not said:
        return None
    name = said.pop("instruction", None)
    if name is None:
        return Fault(NO_INSTRUCTION, "the reply has no instruction")
    if not isinstance(name, str) or name.lower() not in INSTRUCTIONS:
        return Fault(BAD_INSTRUCTION, f"the reply's instruction is none of {', '.join(sorted(INSTRUCTIONS))}")
    return Instruction(name.lower(), said)
