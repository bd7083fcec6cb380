"""A floor to try rules on, and short ways to say what stands there."""

import json
from typing import Any

from msgspec.structs import replace

from cordboard.routing.decisions import Offer
from cordboard.routing.facts import ChannelFact, ChannelLoad, Order, QueueFact, TaskFact, WorkerFact, WorkspaceFact
from cordboard.routing.floor import Floor

MINUTE = 60_000
NOON = (4 * 1440 + 720) * MINUTE


def workspace(*, multi_task: bool = True, prior: Order = Order.FIFO) -> WorkspaceFact:
    return WorkspaceFact("WS", multi_task, prior)


def channel(**changes: Any) -> ChannelLoad:
    return replace(ChannelLoad("chat", 1, True, 0, 0, None), **changes)


def worker(
    sid: str, chat: ChannelLoad | None = None, *, voice: ChannelLoad | None = None, **changes: Any
) -> WorkerFact:
    channels = {"chat": chat or channel(), "voice": voice or channel(unique_name="voice")}
    return replace(WorkerFact(sid, 0, sid, "WA1", "Idle", True, {}, channels, 0), **changes)


def task(sid: str, **changes: Any) -> TaskFact:
    return replace(TaskFact(sid, 0, "everyone", "chat", 0, 0, {}), **changes)


def routing(*filters: Any, default: Any = None) -> str:
    """The text of a configuration, of a filter with nothing but targets these alone."""
    listed = [filter_ if isinstance(filter_, dict) else {"targets": filter_} for filter_ in filters]
    return json.dumps({"task_routing": {"filters": listed, "default_filter": default}})


class Hall:
    """A floor, and what its offers come to."""

    def __init__(self, fact: WorkspaceFact | None = None, **settings: Any) -> None:
        self.floor = Floor(fact or workspace(), **settings)
        self.put(QueueFact("everyone", "1==1", 1, Order.FIFO))

    def put(self, *facts: WorkerFact | TaskFact | QueueFact | ChannelFact) -> None:
        for fact in facts:
            match fact:
                case WorkerFact():
                    self.floor.put_worker(fact)
                case TaskFact():
                    self.floor.put_task(fact)
                case QueueFact():
                    self.floor.put_queue(fact)
                case ChannelFact():
                    self.floor.put_channel(fact)

    def offers(self, now: int = NOON) -> list[tuple[str, str]]:
        return [
            (decision.task_sid, decision.worker_sid)
            for decision in self.floor.decide(now)
            if isinstance(decision, Offer)
        ]
