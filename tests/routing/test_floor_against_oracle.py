"""The incremental floor offers exactly what the naive router offers, over generated histories."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from cordboard.routing.decisions import Offer
from cordboard.routing.facts import (
    ChannelFact,
    ChannelLoad,
    Order,
    QueueFact,
    TargetFact,
    TaskFact,
    WorkerFact,
    WorkspaceFact,
)
from cordboard.routing.floor import Floor
from tests.routing.oracle import Oracle

MONDAY_0859 = 4 * 86_400_000 + (8 * 60 + 59) * 60_000

CHANNELS = ["voice", "chat"]
WORKERS = [f"WK{n}" for n in range(4)]
QUEUES = [f"WQ{n}" for n in range(3)]
ATTRIBUTES: list[dict[str, Any]] = [
    {},
    {"skills": ["en"], "level": 1},
    {"skills": ["en", "fr"], "level": 5, "vip": True},
    {"skills": ["fr"], "level": "7", "vip": 1},
    {"skills": "en", "level": True, "team": {"rank": 2}},
    {"skills": [], "level": 5.5, "vip": 1.0, "team": {"rank": 3}},
]
TARGET_WORKERS = [
    "1==1",
    "skills HAS 'en'",
    "level > 3",
    "vip == true",
    "",
    "activity_name == 'Idle'",
    "vip == 1",
]
# Targets by what makes them hard; a history keeps to two of one kind.
JOINING = [
    "worker.skills HAS task.language",
    "task.language IN worker.skills AND worker.level >= task.level",
    "worker.level == task.level",
    "worker.level == task.level AND worker.skills HAS task.language",
    "task.language == null OR worker.skills HAS task.language AND worker.vip != null",
    "worker.sid IN task.refused AND task.language != 'de'",
    "worker.sid == task.agent OR worker.level == 1",
]
ASKING = ["worker.sid NOT IN task.refused", "worker.level != task.level", "NOT worker.skills HAS task.language"]
NAMING = [
    "worker.sid == task.agent",
    "worker.level != 5 AND (task.agent = worker.friendly_name AND worker.vip == null)",
    "worker.sid == task.agent AND taskrouter.currentHour == 9",
    "worker.sid == task.agent AND worker.channel.chat.available_capacity_percentage < 60",
]
WATCHING_LOAD = [
    "worker.channel.voice.assigned_tasks == 0",
    "worker.channel.chat.available_capacity_percentage < 60 AND task.language != 'fr'",
    "worker.channel.chat.available_capacity_percentage < 60",
    "worker.channel.voice.available_capacity_percentage < 100 AND worker.skills HAS task.language",
]
WATCHING_TIME = [
    "taskrouter.currentTime >= 900 OR worker.vip == true",
    "taskrouter.currentHour == 9 AND worker.level > task.level",
]
EXPRESSIONS: list[list[str | None]] = [
    [None],
    [*JOINING],
    [*JOINING, *ASKING],
    [*NAMING, None],
    [*WATCHING_LOAD],
    [*WATCHING_LOAD, None],
    [*JOINING, *ASKING, *NAMING, *WATCHING_LOAD, *WATCHING_TIME, None],
]
ORDER_BY = [
    None,
    None,
    None,
    "worker.level DESC",
    "worker.team.rank ASC, worker.level DESC",
    "worker.channel.chat.available_capacity_percentage DESC",
]
TASK_ATTRIBUTES: list[dict[str, Any]] = [
    {},
    {"language": "en", "refused": [], "level": 2},
    {"language": "fr", "refused": ["WK1", "WK2"], "level": 5},
    {"language": "de", "refused": ["WK0"], "level": "4", "agent": "WK1"},
    {"agent": "WK2"},
    {"agent": 7},
    {"agent": None},
]


# What happens between two turns, the likelier the oftener it stands here.
CHANGES = [
    *["put_tasks"] * 8,
    *["put_like_tasks"] * 4,
    *["change_worker"] * 8,
    *["write_offers"] * 6,
    *["put_direct_task"] * 2,
    *["change_task", "remove_task", "tell_old_facts", "remove_worker", "put_new_worker"],
    *["put_queue", "remove_queue", "put_channel", "remove_channel", "put_workspace"],
]


class Draw:
    """The picks of a turn, a byte each; beyond the last byte it is the first choice.

    Hypothesis draws, and shrinks, the bytes of a turn at once: drawing each pick costs more than all else that a turn does.
    """

    def __init__(self, picks: bytes) -> None:
        self.picks = iter(picks)

    def __call__(self, choices: Sequence[Any]) -> Any:
        return choices[next(self.picks, 0) % len(choices)]


class History:
    """`workers` and `tasks` are the rows on disk; the floor and the oracle are told of them.

    A history keeps to few queues, targets and attributes, so that its tasks meet the same classes again.
    """

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.now = MONDAY_0859
        self.serial = 0
        self.workers: dict[str, WorkerFact] = {}
        self.tasks: dict[str, TaskFact] = {}
        self.untold: list[Offer] = []
        workspace = WorkspaceFact("WS", self.draw([True, True, True, False]), self.draw(list(Order)))
        self.floor = Floor(workspace, resting_classes=self.draw([0, 1, 2, 256]))
        self.oracle = Oracle(workspace)
        expressions = self.draw(EXPRESSIONS)
        self.targets = [self.target(expressions), self.target(expressions)]
        self.most_reserved = self.draw([[1], [1, 1, 1, 2], [1, 2, 3]])
        self.capacities = self.draw([[1], [1, 2], [1, 2, 4]])
        self.attributes = [self.draw(TASK_ATTRIBUTES), self.draw(TASK_ATTRIBUTES)]
        self.both("put_queue", QueueFact(QUEUES[0], "1==1", 1, Order.FIFO))
        self.put_queue()
        for sid in WORKERS[:3]:
            self.put_fresh_worker(sid)

    def target(self, expressions: list[str | None]) -> TargetFact | None:
        expression, order_by = self.draw(expressions), self.draw(ORDER_BY)
        return TargetFact(expression, order_by) if expression or order_by else None

    def turn(self, draw: Draw) -> None:
        self.draw = draw
        for _ in range(self.draw([0, 1, 1, 2, 2, 3, 4])):
            getattr(self, self.draw(CHANGES))()
        self.now += self.draw([0, 0, 0, 1, 60_000, 1_800_000, 3_700_000])
        self.look()
        expected = self.oracle.decide(self.now)
        self.told(expected)
        assert self.floor.decide(self.now) == expected
        self.untold += [decision for decision in expected if isinstance(decision, Offer)]

    def look(self) -> None:
        """What a test of something else wants to see before each turn."""

    def told(self, decisions: list[Any]) -> None:
        """What a test of something else wants to know of it."""

    def both(self, call: str, *arguments: object) -> None:
        getattr(self.floor, call)(*arguments)
        getattr(self.oracle, call)(*arguments)

    def put_workspace(self) -> None:
        self.both("put_workspace", WorkspaceFact("WS", self.draw([True, True, False]), self.draw(list(Order))))

    def put_channel(self) -> None:
        sid = self.draw(CHANNELS)
        self.both("put_channel", ChannelFact(sid, sid, self.draw([True, False])))

    def remove_channel(self) -> None:
        self.both("remove_channel", self.draw(CHANNELS))

    def put_queue(self) -> None:
        self.both("put_queue", QueueFact(self.draw(QUEUES), self.draw(TARGET_WORKERS), 1, self.draw(list(Order))))

    def remove_queue(self) -> None:
        self.both("remove_queue", self.draw(QUEUES))

    def put_new_worker(self) -> None:
        self.put_fresh_worker(self.draw(WORKERS))

    def put_fresh_worker(self, sid: str) -> None:
        version = self.workers[sid].version + 1 if sid in self.workers else 0
        channels = {name: ChannelLoad(name, self.draw(self.capacities), True, 0, 0, None) for name in CHANNELS}
        attributes = self.draw(ATTRIBUTES)
        self.put_worker(WorkerFact(sid, version, sid, "WA1", "Idle", True, attributes, channels, self.draw([1, 2])))

    def put_worker(self, fact: WorkerFact) -> None:
        self.workers[fact.sid] = fact
        self.both("put_worker", fact)

    def change_worker(self) -> None:
        fact = self.workers.get(self.draw(WORKERS))
        if fact is not None:
            self.put_worker(replace(self.changed(fact), version=fact.version + 1))

    def changed(self, fact: WorkerFact) -> WorkerFact:
        channel_sid = self.draw(CHANNELS)
        match self.draw(["free", "free", "activity", "attributes", "load", "channels", "name"]):
            case "free":
                return replace(fact, channels={s: replace(c, load=0, assigned=0) for s, c in fact.channels.items()})
            case "activity":
                name = self.draw(["Idle", "Busy", "Offline"])
                return replace(fact, activity_name=name, available=name != "Offline")
            case "name":
                return replace(fact, friendly_name=self.draw(["WK1", "WK2", "7", fact.sid]))
            case "attributes":
                return replace(fact, attributes=dict(self.draw(ATTRIBUTES)))
            case "load":
                last = self.draw([None, MONDAY_0859 * 1000 - 1, MONDAY_0859 * 1000, MONDAY_0859 * 1000 + 9])
                assigned = self.draw([0, 0, 1])
                load = ChannelLoad(
                    channel_sid, self.draw([0, 1, 3]), self.draw([True, True, False]), assigned, assigned, last
                )
                return replace(fact, channels={**fact.channels, channel_sid: load})
            case _:
                kept = self.draw([CHANNELS, CHANNELS[:1]])
                channels = {sid: fact.channels.get(sid) or ChannelLoad(sid, 1, True, 0, 0, None) for sid in kept}
                return replace(fact, channels=channels)

    def tell_old_facts(self) -> None:
        fact = self.workers.get(self.draw(WORKERS))
        if fact is not None and fact.version > 0:
            free = {sid: replace(channel, load=0) for sid, channel in fact.channels.items()}
            self.both("put_worker", replace(fact, version=fact.version - 1, available=True, channels=free))

    def remove_worker(self) -> None:
        sid = self.draw(WORKERS)
        self.workers.pop(sid, None)
        self.both("remove_worker", sid)

    def put_tasks(self) -> None:
        target = self.draw([*self.targets, *self.targets, None])
        channel = self.draw([CHANNELS[0], CHANNELS[0], CHANNELS[1]])
        queue = self.draw([QUEUES[0], *QUEUES])
        for _ in range(self.draw([1, 1, 2, 4])):
            self.put_new_task(queue, channel, target)

    def put_like_tasks(self) -> None:
        for _ in range(self.draw([1, 3])):
            self.put_new_task(QUEUES[0], CHANNELS[0], self.targets[0])

    def put_new_task(self, queue: str, channel: str, target: TargetFact | None) -> None:
        self.serial += 1
        self.put_task(
            TaskFact(
                sid=f"WT{self.serial:05}",
                version=0,
                queue_sid=queue,
                task_channel_sid=channel,
                priority=self.draw([0, 0, 1, 5]),
                virtual_start_at=self.now - self.draw([0, 0, 1]),
                attributes=self.draw(self.attributes),
                target=target,
                max_reserved=self.draw(self.most_reserved),
            )
        )

    def put_direct_task(self) -> None:
        self.serial += 1
        self.put_task(
            TaskFact(
                sid=f"WT{self.serial:05}",
                version=0,
                queue_sid=self.draw([None, *QUEUES]),
                task_channel_sid=self.draw([*CHANNELS, "fax"]),
                priority=self.draw([0, 1]),
                virtual_start_at=self.now,
                attributes={},
                target=self.draw(self.targets),
                worker_sid=self.draw(WORKERS),
                ignore_capacity=self.draw([True, False]),
                max_reserved=self.draw(self.most_reserved),
            )
        )

    def put_task(self, fact: TaskFact) -> None:
        self.tasks[fact.sid] = fact
        self.both("put_task", fact)

    def change_task(self) -> None:
        if self.oracle.tasks:
            fact = self.tasks[self.draw(sorted(self.oracle.tasks))]
            self.put_task(
                replace(
                    fact,
                    version=fact.version + self.draw([0, 1]),
                    priority=self.draw([0, 1, 5]),
                    queue_sid=self.draw([fact.queue_sid, *QUEUES]),
                    attributes=self.draw(self.attributes),
                    max_reserved=self.draw([fact.max_reserved, 1, 3]),
                    reserved_by=self.draw([fact.reserved_by, fact.reserved_by, frozenset()]),
                )
            )

    def remove_task(self) -> None:
        if self.oracle.tasks:
            sid = self.draw(sorted(self.oracle.tasks))
            del self.tasks[sid]
            self.both("remove_task", sid)

    def write_offers(self) -> None:
        """Some are written, some have lost a race; either way the rows are told again."""
        for sid in sorted({offer.worker_sid for offer in self.untold}):
            mine = [offer for offer in self.untold if offer.worker_sid == sid and offer.task_sid in self.tasks]
            fact = self.workers.get(sid)
            if fact is not None and mine and fact.version == mine[0].worker_version and self.draw([True, True, False]):
                fact = self.written(fact, mine)
            for offer in mine:
                if offer.task_sid in self.tasks:
                    self.both("put_task", self.tasks[offer.task_sid])
            if fact is not None:
                self.put_worker(fact)
        self.untold = []

    def written(self, fact: WorkerFact, offers: list[Offer]) -> WorkerFact:
        channels = dict(fact.channels)
        for offer in offers:
            task = self.tasks[offer.task_sid]
            self.tasks[task.sid] = replace(task, version=task.version + 1, reserved_by=task.reserved_by | {fact.sid})
            sid = task.task_channel_sid
            channels[sid] = replace(channels[sid], load=channels[sid].load + 1, last_reserved_us=offer.last_reserved_us)
        return replace(fact, channels=channels, version=fact.version + 1)


picks = st.binary(min_size=40, max_size=40)
# Of no lists does hypothesis make many that are long; those that fail shrink into the first.
TURNS = st.one_of(st.lists(picks, max_size=15), *(st.lists(picks, min_size=n, max_size=n + 1) for n in range(12, 20)))


def run(examples: int, kind: type[History] = History) -> None:
    """So many histories, and in a profile with fewer examples than 100 in proportion fewer."""

    @settings(
        max_examples=examples * settings().max_examples // 100,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(picks, TURNS)
    def happens(start: bytes, turns: list[bytes]) -> None:
        history = kind(Draw(start))
        for turn in turns:
            history.turn(Draw(turn))

    happens()


def test_the_floor_offers_what_the_naive_router_offers() -> None:
    run(1_000)


@pytest.mark.nightly
def test_the_floor_offers_what_the_naive_router_offers_in_many_histories() -> None:
    run(20_000)
