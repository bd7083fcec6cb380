"""The facts of TaskRouter.

SIDs by prefix: WS workspace, WA activity, TC task channel, WQ queue, WW workflow, WK worker, WC worker channel, WT task, WR
reservation, TT transfer. Times are milliseconds, durations say their unit; attributes and configurations are the caller's texts,
byte for byte.

Everything that decides whether a worker may get a task (activity, attributes, capacity and load of each channel) stands in the
worker's row and raises its version: an offer is guarded by that version, so a stale router can never offer beyond capacity (D6).
"""

import hashlib
from enum import StrEnum
from typing import Any

import msgspec

from cordboard.routing.facts import Order, TargetFact
from cordboard.routing.lifecycle import ReservationStatus, TaskStatus, TransferStatus
from cordboard.routing.walk import Place


class Workspace(msgspec.Struct, frozen=True):
    """The root of everything else; ``events_filter`` is None for all events."""

    sid: str
    version: int
    account_sid: str
    friendly_name: str
    event_callback_url: str
    events_filter: str | None
    multi_task_enabled: bool
    prioritize_queue_order: Order
    default_activity_sid: str
    timeout_activity_sid: str
    created_at: int
    updated_at: int


class Activity(msgspec.Struct, frozen=True):
    """What a worker is doing; ``available`` never changes."""

    sid: str
    version: int
    account_sid: str
    workspace_sid: str
    friendly_name: str
    available: bool
    created_at: int
    updated_at: int


class TaskChannel(msgspec.Struct, frozen=True):
    """A kind of work with a capacity of its own on each worker; ``unique_name`` never changes."""

    sid: str
    version: int
    account_sid: str
    workspace_sid: str
    friendly_name: str
    unique_name: str
    channel_optimized_routing: bool
    created_at: int
    updated_at: int


class TaskQueue(msgspec.Struct, frozen=True):
    """A waiting room; ``target_workers`` says in an expression who serves it ('' nobody)."""

    sid: str
    version: int
    account_sid: str
    workspace_sid: str
    friendly_name: str
    target_workers: str
    max_reserved_workers: int
    task_order: Order
    reservation_activity_sid: str | None
    assignment_activity_sid: str | None
    created_at: int
    updated_at: int


class Workflow(msgspec.Struct, frozen=True):
    """Which task enters which queue. ``configuration_number`` names the newest row of ``WorkflowConfiguration``.

    Tasks that wait by a configuration before ``re_evaluated_number`` are to go through the newest.
    """

    sid: str
    version: int
    account_sid: str
    workspace_sid: str
    friendly_name: str
    configuration: str
    configuration_number: int
    re_evaluated_number: int
    assignment_callback_url: str
    fallback_assignment_callback_url: str
    reservation_timeout_s: int
    created_at: int
    updated_at: int


class WorkflowConfiguration(msgspec.Struct, frozen=True):
    """One immutable configuration: a pending task keeps following the one it entered by, whatever the workflow says now."""

    workflow_sid: str
    number: int
    workspace_sid: str
    configuration: str


class ChannelState(msgspec.Struct, frozen=True):
    """A worker on a task channel. ``pending + accepted + wrapping`` reservations count against the capacity.

    ``last_reserved_us`` is what the offer said (``routing.facts.ChannelLoad``), None if it was never reserved here.
    """

    configured_capacity: int = 1
    available: bool = True
    pending: int = 0
    accepted: int = 0
    wrapping: int = 0
    last_reserved_us: int | None = None
    updated_at: int | None = None

    @property
    def load(self) -> int:
        """Reservations that take a place."""
        return self.pending + self.accepted + self.wrapping


class Worker(msgspec.Struct, frozen=True):
    """Somebody who takes tasks. ``channels`` holds, by task channel SID, what differs from ``ChannelState()``.

    ``name_key`` is the friendly name as it must be unique in the workspace, whatever its case.
    """

    sid: str
    version: int
    account_sid: str
    workspace_sid: str
    friendly_name: str
    name_key: str
    activity_sid: str
    available: bool
    attributes: str
    channels: dict[str, ChannelState]
    status_changed_at: int
    created_at: int
    updated_at: int

    def channel(self, task_channel_sid: str) -> ChannelState:
        """The worker on this task channel."""
        return self.channels.get(task_channel_sid, _FRESH)


_FRESH = ChannelState()


def worker_channel_sid(worker_sid: str, task_channel_sid: str) -> str:
    """A worker channel has no row: it is a worker seen on a task channel, and its SID follows from theirs."""
    return "WC" + hashlib.sha256(f"{worker_sid}{task_channel_sid}".encode()).hexdigest()[:32]


class Handover(msgspec.Struct, frozen=True):
    """A transfer under way, as its task's row has it: to which worker or queue, and from which worker."""

    sid: str
    to: str
    from_worker_sid: str


class Standing(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a task stands in the configuration by which it entered, and what its target asks beyond the queue.

    ``step`` counts the targets that it has entered. ``assignments`` is its ``assignment_counter`` when it entered this one: if
    that has not risen, nobody was offered the task here. ``attributes_changed`` while it was offered to somebody.
    """

    place: Place = Place()
    step: int = 1
    assignments: int = 0
    attributes_changed: bool = False
    asks: TargetFact | None = None
    skip_if: str | None = None


class Task(msgspec.Struct, frozen=True):
    """A piece of work. ``timeout_s`` is its time to live before assignment.

    ``routing_target`` is a worker, queue or workflow SID; ``assignment_counter`` counts how often it left ``pending`` for
    ``reserved``; ``ended_at`` is set when it is completed or canceled. ``offered_to`` are the workers who were asked since then,
    if its queue asks several at once: nobody is asked twice before all of them have declined.
    ``standing`` is None if it walks through no workflow.
    """

    sid: str
    version: int
    account_sid: str
    workspace_sid: str
    workflow_sid: str | None
    configuration_number: int | None
    task_queue_sid: str | None
    task_channel_sid: str
    task_channel_unique_name: str
    assignment_status: TaskStatus
    attributes: str
    addons: str
    priority: int
    reason: str | None
    timeout_s: int
    routing_target: str | None
    ignore_capacity: bool
    assignment_counter: int
    virtual_start_at: int
    queue_entered_at: int | None
    ended_at: int | None
    created_at: int
    updated_at: int
    offered_to: tuple[str, ...] = ()
    transfer: Handover | None = None
    standing: Standing | None = None

    @property
    def direct_worker_sid(self) -> str | None:
        """The only worker who may get it."""
        target = self.routing_target if self.transfer is None else self.transfer.to
        return target if target is not None and target.startswith("WK") else None


class Reservation(msgspec.Struct, frozen=True):
    """An offer of a task to a worker and what became of it.

    ``expires_at`` is when a pending one times out; one ``on_hold`` does not, for a call to its worker is being set up.
    ``transfer_sid`` names the transfer by which the task came.
    """

    sid: str
    version: int
    account_sid: str
    workspace_sid: str
    task_sid: str
    worker_sid: str
    worker_name: str
    reservation_status: ReservationStatus
    task_queue_sid: str | None
    workflow_sid: str | None
    task_channel_sid: str
    worker_previous_activity_sid: str | None
    timeout_s: int
    expires_at: int
    created_at: int
    updated_at: int
    on_hold: bool = False
    transfer_sid: str | None = None


class TransferMode(StrEnum):
    """Who transfers stays until they leave (WARM), or wraps up as soon as the task is accepted (COLD)."""

    WARM = "WARM"
    COLD = "COLD"


class Transfer(msgspec.Struct, frozen=True):
    """A task handed on by its worker, and what became of it. ``transfer_to`` is a worker or a queue, the task's owner-to-be."""

    sid: str
    version: int
    account_sid: str
    workspace_sid: str
    task_sid: str
    initiating_reservation_sid: str
    initiating_worker_sid: str
    initiating_queue_sid: str | None
    initiating_workflow_sid: str | None
    transfer_mode: TransferMode
    transfer_to: str
    transfer_status: TransferStatus
    transfer_failed_reason: str | None
    created_at: int
    updated_at: int

    @property
    def transfer_type(self) -> str:
        """``WORKER`` or ``QUEUE``."""
        return "WORKER" if self.transfer_to.startswith("WK") else "QUEUE"


class NamedTask(msgspec.Struct, frozen=True):
    """A task, the names of what it stands in, and when it was looked at: ages count to then."""

    task: Task
    workflow_friendly_name: str | None
    task_queue_friendly_name: str | None
    at: int

    @property
    def age_s(self) -> int:
        """Whole seconds since it was created; stands still when it has ended."""
        return max(0, (self.task.ended_at or self.at) - self.task.created_at) // 1000

    @property
    def age_in_queue_s(self) -> int:
        """Whole seconds since it entered its queue."""
        entered_at = self.task.queue_entered_at
        return 0 if entered_at is None else max(0, (self.task.ended_at or self.at) - entered_at) // 1000


class TaskOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A task as somebody wants it: what ``POST Tasks`` and an invite of Flex both say. None means the default of each.

    ``parsed_attributes`` is what ``attributes`` say, where that is known. ``needs_workflow``: a task that goes straight to a worker
    or a queue has a workflow all the same, by name or as the only one.
    """

    workspace_sid: str
    workflow_sid: str | None = None
    task_queue_sid: str | None = None
    task_channel: str | None = None
    attributes: str = "{}"
    parsed_attributes: dict[str, Any] | None = None
    priority: int = 0
    timeout_s: int = 86_400
    virtual_start_at: int | None = None
    routing_target: str | None = None
    ignore_capacity: bool | None = None
    needs_workflow: bool = False


class NamedWorker(msgspec.Struct, frozen=True):
    """A worker and the name of its activity."""

    worker: Worker
    activity_name: str


class NamedWorkspace(msgspec.Struct, frozen=True):
    """A workspace and the names of its two activities."""

    workspace: Workspace
    default_activity_name: str
    timeout_activity_name: str


class NamedTaskQueue(msgspec.Struct, frozen=True):
    """A queue and the names of the activities that it applies in single-tasking workspaces."""

    task_queue: TaskQueue
    reservation_activity_name: str | None
    assignment_activity_name: str | None


class WorkerChannel(msgspec.Struct, frozen=True):
    """A worker seen on a task channel. It exists since both do."""

    worker: Worker
    task_channel: TaskChannel

    @property
    def sid(self) -> str:
        """See ``worker_channel_sid``."""
        return worker_channel_sid(self.worker.sid, self.task_channel.sid)

    @property
    def state(self) -> ChannelState:
        """Capacity and load."""
        return self.worker.channel(self.task_channel.sid)

    @property
    def created_at(self) -> int:
        """When the later of the two came."""
        return max(self.worker.created_at, self.task_channel.created_at)

    @property
    def updated_at(self) -> int:
        """When capacity or availability last changed; reservations do not count."""
        return self.state.updated_at or self.created_at


class VoiceInstruction(msgspec.Struct, frozen=True):
    """What a caller wants done by phone: ``name`` and ``parameters`` as an assignment callback's reply spells them.

    Whoever carries it out finds all in it: ``to`` and ``from`` are filled in where the caller left them to the task's and the
    worker's attributes (taskrouter.md 8.2).
    """

    name: str
    parameters: dict[str, Any]
