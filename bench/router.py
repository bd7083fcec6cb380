"""How many tasks a second the routing core assigns: `python bench/router.py [--workers 10000] [--tasks 10000]`.

What is measured is the floor alone: facts in, `decide`, the facts of the written offers in again, as the router's shell
does it. Building the facts is included, disk and network are not. A turn takes what came since the last one; `a turn`
says how many tasks or freed workers that is.

    backlog   every worker is busy and the tasks wait; workers become free and get the next task
    pool      every worker is free; tasks arrive
    target    as backlog and pool, with one queue and a target expression instead of 50 queues
"""

import argparse
import gc
import random
import resource
import time
from collections.abc import Iterator

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
SKILLS = [f"skill{n}" for n in range(25)]
QUEUES = 50
TARGET = TargetFact(expression="worker.skills HAS task.skill AND worker.level >= task.level")


def worker(number, chance, *, busy):
    load = ChannelLoad("", 1, True, 0, 0, None)
    channels = {name: replace(load, unique_name=name) for name in CHANNELS}
    if busy:
        channels["chat"] = replace(channels["chat"], load=1, assigned=1, last_reserved_us=NOW * 1000 - 50_000 + number)
    attributes = {
        "skills": chance.sample(SKILLS, 4),
        "level": chance.randint(1, 10),
        "contact_uri": f"client:w{number}",
    }
    return WorkerFact(f"WK{number:032x}", 0, f"w{number}", "WA1", "Available", True, attributes, channels, NOW - number)


def task(number, chance, *, target):
    attributes = {"skill": chance.choice(SKILLS), "level": chance.randint(1, 5), "from": f"+1555{number}"}
    queue = "WQ0" if target else f"WQ{chance.randrange(QUEUES)}"
    return TaskFact(
        f"WT{number:032x}", 0, queue, "chat", chance.randrange(3), NOW + number, attributes, TARGET if target else None
    )


def build(arguments, *, busy, target):
    chance = random.Random(7)
    floor = Floor(WorkspaceFact("WS", True, Order.FIFO))
    for name in CHANNELS:
        floor.put_channel(ChannelFact(name, name, False))
    for number in range(1 if target else QUEUES):
        text = "1==1" if target else f"skills HAS 'skill{number % len(SKILLS)}' AND level > {number // len(SKILLS) * 5}"
        floor.put_queue(QueueFact(f"WQ{number}", text, 1, Order.FIFO))
    workers = {fact.sid: fact for fact in (worker(n, chance, busy=busy) for n in range(arguments.workers))}
    for fact in workers.values():
        floor.put_worker(fact)
    open_lines(floor, chance, target=target)
    return floor, workers, [task(n, chance, target=target) for n in range(arguments.tasks)]


def open_lines(floor, chance, *, target) -> None:
    """A queue's line is opened by its first task, once in the life of a floor."""
    for number in range(1 if target else QUEUES):
        floor.put_task(replace(task(number, chance, target=False), queue_sid=f"WQ{number}"))
        floor.remove_task(f"WT{number:032x}")


def settle(floor, workers, now) -> int:
    """One turn, and the facts of its offers as the rows would stand after it."""
    offers = [decision for decision in floor.decide(now) if isinstance(decision, Offer)]
    for offer in offers:
        fact = workers[offer.worker_sid]
        chat = fact.channels["chat"]
        chat = ChannelLoad("chat", chat.configured_capacity, True, chat.load + 1, 0, offer.last_reserved_us)
        fact = workers[fact.sid] = replace(fact, version=fact.version + 1, channels={**fact.channels, "chat": chat})
        floor.put_worker(fact)
    return len(offers)


def release(floor, workers, sid) -> None:
    fact = workers[sid]
    chat = replace(fact.channels["chat"], load=0, assigned=0)
    fact = workers[sid] = replace(fact, version=fact.version + 1, channels={**fact.channels, "chat": chat})
    floor.put_worker(fact)


def batches(things, size) -> Iterator[list]:
    return (things[start : start + size] for start in range(0, len(things), size))


def backlog(arguments, size, *, target) -> tuple[int, float]:
    floor, workers, tasks = build(arguments, busy=True, target=target)
    for fact in tasks:
        floor.put_task(fact)
    floor.decide(NOW)
    order = list(workers)
    random.Random(3).shuffle(order)
    return run(batches(order, size), lambda sid: release(floor, workers, sid), lambda: settle(floor, workers, NOW))


def pool(arguments, size, *, target) -> tuple[int, float]:
    floor, workers, tasks = build(arguments, busy=False, target=target)
    return run(batches(tasks, size), floor.put_task, lambda: settle(floor, workers, NOW))


def run(turns, change, turn) -> tuple[int, float]:
    gc.collect()
    gc.freeze()
    assigned, start = 0, time.process_time()
    for batch in turns:
        for thing in batch:
            change(thing)
        assigned += turn()
    elapsed = time.process_time() - start
    gc.unfreeze()
    return assigned, elapsed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=10_000)
    parser.add_argument("--tasks", type=int, default=10_000)
    arguments = parser.parse_args()
    print(f"{arguments.workers} workers, {arguments.tasks} tasks, {QUEUES} queues")
    print(f"{'story':<18}{'a turn':>8}{'assigned':>10}{'per s':>10}{'µs each':>9}")
    for target in (False, True):
        for story in (backlog, pool):
            for size in (1, 10, 100):
                assigned, elapsed = story(arguments, size, target=target)
                name = story.__name__ + (", target" if target else "")
                each = elapsed / assigned * 1e6 if assigned else float("nan")
                print(f"{name:<18}{size:>8}{assigned:>10}{assigned / elapsed:>10,.0f}{each:>9.1f}")
    print(f"memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
