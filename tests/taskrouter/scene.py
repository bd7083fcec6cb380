"""A workspace to route in: one queue for everybody, one for a skill, a workflow over both, and workers as a test wants them."""

import json
from typing import Any

from cordboard.testkit.running import Cordboard


class Scene:
    """A workspace from the FIFO template with the activity SIDs by name."""

    def __init__(self, cordboard: Cordboard, **workspace: Any) -> None:
        self.cordboard = cordboard
        made = cordboard.client.taskrouter.v1.workspaces.create(friendly_name="scene", template="FIFO", **workspace)
        self.workspace = cordboard.client.taskrouter.v1.workspaces(made.sid)
        self.sid: str = made.sid
        self.activities = {found.friendly_name: found.sid for found in self.workspace.activities.list()}
        self.queue: str = self.workspace.task_queues.list()[0].sid
        self.workflow: str = self.workspace.workflows.list()[0].sid

    def worker(self, name: str, *, available: bool = True, **attributes: Any) -> Any:
        activity = self.activities["Available" if available else "Offline"]
        return self.workspace.workers.create(
            friendly_name=name, activity_sid=activity, attributes=json.dumps(attributes)
        )

    def capacity(self, worker_sid: str, channel: str, capacity: int) -> None:
        self.workspace.workers(worker_sid).worker_channels(channel).update(capacity=capacity)

    def task(self, *, workflow: bool = True, **task: Any) -> Any:
        if workflow and "routing_target" not in task:
            task.setdefault("workflow_sid", self.workflow)
        attributes = task.pop("attributes", {})
        return self.workspace.tasks.create(attributes=json.dumps(attributes), **task)

    def offers(self, task_sid: str) -> list[Any]:
        """The task's reservations once the router has nothing more to do."""
        self.cordboard.settled()
        return list(self.workspace.tasks(task_sid).reservations.list())

    def offer(self, task_sid: str) -> Any:
        """The only reservation of the task."""
        (offer,) = self.offers(task_sid)
        return offer

    def answer(self, offer: Any, status: str, **more: Any) -> Any:
        reservations = self.workspace.tasks(offer.task_sid).reservations
        return reservations(offer.sid).update(reservation_status=status, **more)

    def status(self, task_sid: str) -> str:
        self.cordboard.settled()
        found: str = self.workspace.tasks(task_sid).fetch().assignment_status
        return found

    def events(self, resource_sid: str) -> list[str]:
        found = self.cordboard.http.get("/cordboard/v1/Events", {"ResourceSid": resource_sid, "PageSize": "1000"})
        return [event["type"] for event in found.json["events"]]

    def flow(self, *filters: Any, default: Any = None, **workflow: Any) -> str:
        """A workflow of these filters, each a list of targets or a whole filter."""
        configuration = routing(*filters, default=default)
        return str(self.workspace.workflows.create(friendly_name="flow", configuration=configuration, **workflow).sid)

    def room(self, name: str, **queue: Any) -> str:
        """A task queue."""
        return str(self.workspace.task_queues.create(friendly_name=name, **queue).sid)

    def place(self, task_sid: str) -> tuple[str, str]:
        """The task's status and the name of its queue, once nothing is under way."""
        self.cordboard.settled()
        task = self.workspace.tasks(task_sid).fetch()
        return task.assignment_status, task.task_queue_friendly_name


def routing(*filters: Any, default: Any = None) -> str:
    """The text of a configuration."""
    listed = [filter_ if isinstance(filter_, dict) else {"targets": filter_} for filter_ in filters]
    return json.dumps({"task_routing": {"filters": listed, "default_filter": default}})
