"""The facts of TaskRouter.

SIDs by prefix: WS workspace, WA activity, TC task channel, WQ queue, WW workflow, WK worker, WC worker channel, WT task, WR
reservation. Times are milliseconds, durations say their unit; attributes and configurations are the caller's texts, byte for byte.

Everything that decides whether a worker may get a task (activity, attributes, capacity and load of each channel) stands in the
worker's row and raises its version: an offer is guarded by that version, so a stale router can never offer beyond capacity (D6).
"""

import hashlib

import msgspec

from cordboard.routing.facts import Order
from cordboard.routing.lifecycle import ReservationStatus, TaskStatus


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
    """Which task enters which queue. ``configuration_number`` names the newest row of ``WorkflowConfiguration``."""

    sid: str
    version: int
    account_sid: str
    workspace_sid: str
    friendly_name: str
    configuration: str
    configuration_number: int
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


class Task(msgspec.Struct, frozen=True):
    """A piece of work. ``timeout_s`` is its time to live before assignment.

    ``routing_target`` is a worker, queue or workflow SID; ``assignment_counter`` counts how often it was reserved; ``ended_at`` is
    set when it is completed or canceled.
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
    reservation_timeout_s: int
    routing_target: str | None
    ignore_capacity: bool
    assignment_counter: int
    virtual_start_at: int
    queue_entered_at: int | None
    ended_at: int | None
    created_at: int
    updated_at: int

    @property
    def direct_worker_sid(self) -> str | None:
        """The only worker who may get it."""
        target = self.routing_target
        return target if target is not None and target.startswith("WK") else None


class Reservation(msgspec.Struct, frozen=True):
    """An offer of a task to a worker and what became of it. ``expires_at`` is when a pending one times out."""

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

    ``needs_workflow``: a task that goes straight to a worker or a queue has a workflow all the same, by name or as the only one.
    """

    workspace_sid: str
    workflow_sid: str | None = None
    task_queue_sid: str | None = None
    task_channel: str | None = None
    attributes: str = "{}"
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


class ReservationAccepted(msgspec.Struct, frozen=True):
    """A worker has taken a task."""

    task: Task
    reservation: Reservation
    worker: Worker


class ReservationCompleted(msgspec.Struct, frozen=True):
    """A worker is done with a task that was accepted."""

    task: Task
    reservation: Reservation
    worker: Worker


class ReservationEnded(msgspec.Struct, frozen=True):
    """An offer is over that nobody accepted: rejected, timed out, canceled or rescinded (its status says which)."""

    task: Task
    reservation: Reservation
    worker: Worker


class TaskEnded(msgspec.Struct, frozen=True):
    """A task is completed or canceled, or was deleted."""

    task: Task
