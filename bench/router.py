"""How many tasks a second the routing core assigns, in memory: ``python bench/router.py [--worlds queues equal has]``.

What is measured is the floor alone: facts in, ``decide``, the facts of the written offers in again, as the router's shell
does it. Making the facts is included, disk and network are not. A turn takes what came since the last one; *a turn* says
how many freed workers or tasks that is. *heaps* is how much longer it takes than the least program (``heaps.py``).

    drain   every worker is busy and the tasks wait; workers whom one of them suits become free, and get the next task
    pool    every worker is free; tasks come

Who suits whom:

    queues  50 queues, each for a skill and some of the levels, and no target
    equal   one queue, ``worker.skill == task.skill``, 1,000 skills and so 1,000 classes of tasks
    has     one queue, ``worker.languages HAS task.language``, 1,000 languages, of which each worker has three
    level   one queue, ``worker.skills HAS task.skill AND worker.level >= task.level``, 25 skills and 5 levels
    either  as has, but one task of ten names no language and takes everybody: ``task.language == null OR ...``
    caller  one queue, ``worker.contact_uri != task.caller``: every task is a class of its own, and nearly everybody suits
    load    one queue, ``worker.channel.voice.assigned_tasks == 0``, ordered by level
    range   one queue, ``worker.zone > task.low AND worker.zone < task.high``: one worker of 50, nothing to find him by
    grade   one queue, ``worker.grade >= task.grade``, 1,000 grades

The aim: over 50,000 a second in the first three, and at most three times the time from 1,000 to 100,000 waiting tasks.
"""

import argparse
import gc
import random
import resource
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any, NamedTuple

from heaps import Heaps
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

NOW = 1_800_000_000_000
CHANNELS = ["default", "voice", "chat", "sms", "video"]
SKILLS = 25
VALUES = 1000
QUEUES = tuple(f"skills HAS 'skill{n % SKILLS}' AND level > {n // SKILLS * 5}" for n in range(50))
PLANS = {1_000: [1], 10_000: [1, 10, 100], 100_000: [1]}

Attributes = dict[str, Any]


class World(NamedTuple):
    """``suits`` are the numbers of the classes that a worker suits and ``number`` a task's, where the least program is told of them."""

    worker: Callable[[random.Random, int], Attributes]
    task: Callable[[random.Random, int], Attributes]
    target: TargetFact | None
    queues: tuple[str, ...] = ("1==1",)
    suits: Callable[[Attributes], list[int]] | None = None
    number: Callable[[int, Attributes], int] | None = None


def skilled(chance, number):
    skills = [f"skill{n}" for n in chance.sample(range(SKILLS), 4)]
    return {"skills": skills, "level": chance.randint(1, 10), "contact_uri": f"client:w{number}"}


def speaking(chance, number):
    return {"languages": [f"l{n}" for n in chance.sample(range(VALUES), 3)], "contact_uri": f"client:w{number}"}


def asked_for(name, letter):
    return lambda chance, number: {name: f"{letter}{chance.randrange(VALUES)}", "from": f"+1555{number}"}


def zone(chance, _):
    low = chance.randrange(97)
    return {"low": low, "high": low + 3}


def served(attributes):
    skills = [int(skill.removeprefix("skill")) for skill in attributes["skills"]]
    return skills + [skill + SKILLS for skill in skills if attributes["level"] > 5]


def skilled_enough(attributes):
    return [
        skill * 5 + level
        for skill in (int(skill.removeprefix("skill")) for skill in attributes["skills"])
        for level in range(min(attributes["level"], 5))
    ]


def target(expression, order_by=None):
    return TargetFact(expression=expression, order_by=order_by)


WORLDS = {
    "queues": World(skilled, asked_for("topic", "t"), None, QUEUES, served, lambda queue, _: queue),
    "equal": World(
        asked_for("skill", "s"),
        asked_for("skill", "s"),
        target("worker.skill == task.skill"),
        suits=lambda attributes: [int(attributes["skill"][1:])],
        number=lambda _, attributes: int(attributes["skill"][1:]),
    ),
    "has": World(
        speaking,
        asked_for("language", "l"),
        target("worker.languages HAS task.language"),
        suits=lambda attributes: [int(language[1:]) for language in attributes["languages"]],
        number=lambda _, attributes: int(attributes["language"][1:]),
    ),
    "level": World(
        skilled,
        lambda chance, _: {"skill": f"skill{chance.randrange(SKILLS)}", "level": chance.randint(1, 5)},
        target("worker.skills HAS task.skill AND worker.level >= task.level"),
        suits=skilled_enough,
        number=lambda _, attributes: int(attributes["skill"].removeprefix("skill")) * 5 + attributes["level"] - 1,
    ),
    "either": World(
        speaking,
        lambda chance, _: {"language": f"l{chance.randrange(VALUES)}"} if chance.random() < 0.9 else {},
        target("task.language == null OR worker.languages HAS task.language"),
    ),
    "caller": World(
        skilled,
        lambda _, number: {"caller": f"client:w{number * 7}"},
        target("worker.contact_uri != task.caller"),
    ),
    "load": World(
        skilled,
        asked_for("topic", "t"),
        target("worker.channel.voice.assigned_tasks == 0", "worker.level DESC"),
    ),
    "range": World(
        lambda chance, _: {"zone": chance.randrange(1, 99)},
        zone,
        target("worker.zone > task.low AND worker.zone < task.high"),
    ),
    "grade": World(
        lambda chance, _: {"grade": chance.randrange(VALUES)},
        lambda chance, _: {"grade": chance.randrange(VALUES)},
        target("worker.grade >= task.grade"),
    ),
}
MAIN = ["queues", "equal", "has"]


class Scene:
    """A floor and the rows behind it."""

    def __init__(self, world, workers, tasks, *, busy):
        chance = random.Random(7)
        self.world = world
        self.floor = Floor(WorkspaceFact("WS", True, Order.FIFO))
        for name in CHANNELS:
            self.floor.put_channel(ChannelFact(name, name, False))
        for number, text in enumerate(world.queues):
            self.floor.put_queue(QueueFact(f"WQ{number}", text, 1, Order.FIFO))
        facts = [worker(number, world.worker(chance, number), busy=busy) for number in range(workers)]
        self.workers = {fact.sid: fact for fact in facts}
        for fact in facts:
            self.floor.put_worker(fact)
        self.queues = [chance.randrange(len(world.queues)) for _ in range(tasks)]
        self.tasks = [
            TaskFact(
                sid=f"WT{number:032x}",
                version=0,
                queue_sid=f"WQ{queue}",
                task_channel_sid="chat",
                priority=chance.randrange(3),
                virtual_start_at=NOW + number,
                attributes=world.task(chance, number),
                target=world.target,
            )
            for number, queue in enumerate(self.queues)
        ]
        # A section is opened by its first task, once in the life of a floor.
        for number in range(len(world.queues)):
            self.floor.put_task(replace(self.tasks[0], queue_sid=f"WQ{number}"))
            self.floor.remove_task(self.tasks[0].sid)

    def numbers(self):
        """The class of each task, as the least program is told."""
        of = self.world.number
        return [of(queue, task.attributes) for queue, task in zip(self.queues, self.tasks, strict=True)]

    def releases(self):
        """The workers in the order in which they become free: one who suits for each task, if that is told; then the others."""
        chance = random.Random(3)
        order = list(self.workers)
        chance.shuffle(order)
        if self.world.suits is None:
            return order
        by_class = defaultdict(list)
        for sid in order:
            for number in self.world.suits(self.workers[sid].attributes):
                by_class[number].append(sid)
        taken = {}
        numbers = self.numbers()
        chance.shuffle(numbers)
        for number in numbers:
            while by_class[number]:
                sid = by_class[number].pop()
                if sid not in taken:
                    taken[sid] = None
                    break
        return list(taken)

    def release(self, sid):
        fact = self.workers[sid]
        chat = replace(fact.channels["chat"], load=0, assigned=0)
        fact = self.workers[sid] = replace(fact, version=fact.version + 1, channels={**fact.channels, "chat": chat})
        self.floor.put_worker(fact)

    def settle(self):
        """One turn, and the facts of its offers as the rows would stand after it."""
        offers = [decision for decision in self.floor.decide(NOW) if isinstance(decision, Offer)]
        for offer in offers:
            fact = self.workers[offer.worker_sid]
            chat = fact.channels["chat"]
            chat = ChannelLoad("chat", chat.configured_capacity, True, chat.load + 1, 0, offer.last_reserved_us)
            fact = replace(fact, version=fact.version + 1, channels={**fact.channels, "chat": chat})
            self.workers[fact.sid] = fact
            self.floor.put_worker(fact)
        return len(offers)


def worker(number, attributes, *, busy):
    load = ChannelLoad("", 1, True, 0, 0, None)
    channels = {name: replace(load, unique_name=name) for name in CHANNELS}
    if busy:
        channels["chat"] = replace(channels["chat"], load=1, assigned=1, last_reserved_us=NOW * 1000 - 50_000 + number)
    return WorkerFact(f"WK{number:032x}", 0, f"w{number}", "WA1", "Available", True, attributes, channels, NOW - number)


def drain(scene, size):
    for fact in scene.tasks:
        scene.floor.put_task(fact)
    scene.floor.decide(NOW)
    order = scene.releases()
    return timed(lambda: turns(scene, order, size, scene.release))


def pool(scene, size):
    return timed(lambda: turns(scene, scene.tasks, size, scene.floor.put_task))


def turns(scene, things, size, change):
    """How many were assigned, until nothing is left to assign."""
    assigned, most = 0, min(len(scene.tasks), len(scene.workers))
    for start in range(0, len(things), size):
        for thing in things[start : start + size]:
            change(thing)
        assigned += scene.settle()
        if assigned == most:
            break
    return assigned


def timed(story):
    """Microseconds for each of the tasks assigned."""
    gc.collect()
    gc.freeze()
    start = time.process_time()
    assigned = story()
    elapsed = time.process_time() - start
    gc.unfreeze()
    return elapsed / assigned * 1e6


def least(scene, story):
    """The same by the least program."""
    suits = {sid: scene.world.suits(fact.attributes) for sid, fact in scene.workers.items()}
    numbers = scene.numbers()
    heaps = Heaps(1 + max(*numbers, *map(max, suits.values())))
    if story is pool:
        for idle, sid in enumerate(scene.workers):
            heaps.stand(idle, sid, suits[sid])
        return timed(lambda: sum(heaps.arrive(number) is not None for number in numbers))
    for number, task in zip(numbers, scene.tasks, strict=True):
        heaps.wait(number, (-task.priority, task.virtual_start_at, task.sid))
    order = scene.releases()
    return timed(lambda: sum(heaps.release(suits[sid]) is not None for sid in order))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=15_000)
    parser.add_argument("--worlds", nargs="+", default=list(WORLDS), choices=WORLDS)
    asked = parser.parse_args()
    print(f"{asked.workers:,} workers")
    print(f"{'':<14}{'tasks':>8}{'a turn':>8}{'per s':>9}{'us each':>9}{'heaps':>7}")
    for name in asked.worlds:
        world = WORLDS[name]
        for story in (drain, pool):
            plans = PLANS if name in MAIN and story is drain else {10_000: PLANS[10_000] if name in MAIN else [1]}
            for tasks, sizes in plans.items():
                for size in sizes:
                    scene = Scene(world, asked.workers, tasks, busy=story is drain)
                    floor = least(scene, story) if world.suits is not None else None
                    each = story(scene, size)
                    ratio = f"{each / floor:.1f}" if floor else ""
                    label = f"{story.__name__}, {name}"
                    print(f"{label:<14}{tasks:>8}{size:>8}{1e6 / each:>9,.0f}{each:>9.1f}{ratio:>7}", flush=True)
    print(f"memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
