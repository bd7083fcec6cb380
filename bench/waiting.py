"""From a free worker, and from a new task, to the stored offer, while thousands of tasks wait and workers change.

By default 10,000 tasks wait in 20 queues, in five levels each, for 1,500 workers: half of these are busy, the others offline. Each
second a hundred workers change: half of the changes are other attributes, by which a worker serves other queues from then on; the
rest are agents who become available, are offered one of the tasks that wait, take it, go offline and complete it. As many tasks come
as go, half of them for a desk that has free workers. So both kinds of offer are looked for: an agent's from the call that makes them
available, a desk's from the call that makes the task, until a caller who looks every two milliseconds sees the reservation, which
is when it is on disk.
"""

import asyncio
import random
import statistics
import time
from collections.abc import Sequence
from urllib.parse import quote

import msgspec
import uvloop

from bench.arrivals import come
from bench.callers import Caller, post_all
from bench.contact_center import PATIENCE_S, WORKSPACES, ContactCenter, serving
from bench.figures import Figure
from bench.processes import Usage
from bench.scrape import Scrape
from bench.setting import Setting

QUEUES, LEVELS = 20, 5
DESK = 10
# For each worker: 10,000 for 1,500.
WAITING = 20 / 3
AGENTS_A_SECOND, ATTRIBUTES_A_SECOND, TASKS_A_SECOND = 25, 50, 25
AIM_MS = 100
_LOOK_S = 0.002


def run(setting: Setting) -> list[Figure]:
    number = round(setting.workers * WAITING)
    with setting.databases.empty() as url, serving(url, setting.folder, _seed(setting.workers)) as center:
        setting.say(f"{number} tasks come to wait")
        floor = _Floor(center, setting.workers)
        path = f"{floor.workspace}/Tasks"
        post_all(center.running.url, path, [floor.waiting_form() for _ in range(number + setting.workers // 2)])
        setting.say("waiting: workers change, tasks come and go")
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            if setting.warm_up_s:
                runner.run(floor.live(setting.warm_up_s))
            floor.agents_waited.clear()
            floor.tasks_waited.clear()
            before, metrics = Usage.now(center.running.pid), Scrape.of(center.running.url)
            changes = runner.run(floor.live(2 * setting.seconds))
            after, seen = Usage.now(center.running.pid), Scrape.of(center.running.url)
    turns = seen.since(metrics)
    print(
        f"waiting, {setting.databases.name}: {seen.numbers['cordboard_waiting_tasks']:.0f} tasks wait; "
        f"{changes / (after.at - before.at):.0f} changes of workers a second; the loop ran {after.loop_since(before):.0%}; "
        f"a turn of the router takes {turns.mean('cordboard_router_turn_seconds') * 1000:.1f} ms"
    )
    return [
        *_figures("worker free to offer", setting, floor.agents_waited),
        *_figures("task to offer, others wait", setting, floor.tasks_waited),
    ]


def _figures(what: str, setting: Setting, waited: Sequence[float]) -> list[Figure]:
    hundredths = statistics.quantiles(waited, n=100, method="inclusive")
    told = f"{len(waited)} offers, at most {max(waited) * 1000:.0f} ms"
    p50, p99 = hundredths[49] * 1000, hundredths[98] * 1000
    return [
        Figure(f"{what}, p50", setting.databases.name, f"{p50:.1f} ms"),
        Figure(f"{what}, p99", setting.databases.name, f"{p99:.1f} ms", told, f"{AIM_MS} ms", p99 < AIM_MS),
    ]


def _seed(workers: int) -> str:
    text = '[[workspaces]]\nfriendly_name = "bench"\n'
    for queue in range(QUEUES):
        text += f"""[[workspaces.task_queues]]
friendly_name = "queue {queue}"
target_workers = "skills HAS {queue}"
"""
    text += """[[workspaces.task_queues]]
friendly_name = "desk"
target_workers = "desk == true"
[[workspaces.workflows]]
friendly_name = "By topic"
task_reservation_timeout = 3600
[workspaces.workflows.configuration.task_routing]
default_filter = { queue = "desk" }
filters = [
"""
    for queue in range(QUEUES):
        target = f'{{ queue = "queue {queue}", expression = "worker.level >= task.level" }}'
        text += f'{{ expression = "topic == {queue}", targets = [{target}] }},\n'
    text += "]\n"
    chance = random.Random(1)
    for worker in range(workers):
        text += _worker(f"agent {worker:05}", "Available" if worker % 2 else "Offline", 1, _attributes(chance))
    for worker in range(DESK):
        text += _worker(f"desk {worker}", "Available", 50, {"desk": True})
    return text


def _worker(name: str, activity: str, capacity: int, attributes: dict[str, object]) -> str:
    said = msgspec.json.encode(msgspec.json.encode(attributes).decode()).decode()
    return f"""[[workspaces.workers]]
friendly_name = "{name}"
activity = "{activity}"
attributes = {said}
channels = [{{ task_channel = "chat", capacity = {capacity} }}]
"""


def _attributes(chance: random.Random) -> dict[str, object]:
    return {"skills": chance.sample(range(QUEUES), 2), "level": chance.randrange(LEVELS)}


class _Floor:
    """Whom the calls change and what they see. Chance is the same in each run."""

    def __init__(self, center: ContactCenter, workers: int) -> None:
        self.workspace = f"{WORKSPACES}/{center.workspace_sid}"
        self.agents_waited: list[float] = []
        self.tasks_waited: list[float] = []
        self._caller = Caller(center.running.url)
        self._chance = random.Random(2)
        activities = center.get(f"{self.workspace}/Activities")["activities"]
        self._activity = {activity["friendly_name"]: activity["sid"] for activity in activities}
        flows = center.get(f"{self.workspace}/Workflows")["workflows"]
        self._flow = f"WorkflowSid={flows[0]['sid']}&TaskChannel=chat"
        found = center.get(f"{self.workspace}/Workers", PageSize=1000, ActivityName="Offline")["workers"]
        self._people = [worker["sid"] for worker in found]
        self._agents: asyncio.Queue[str] = asyncio.Queue()
        for agent in self._people[: workers // 2]:
            self._agents.put_nowait(agent)
        self._changes = 0

    def waiting_form(self) -> str:
        """Of a task that waits for an agent."""
        said = {"topic": self._chance.randrange(QUEUES), "level": self._chance.randrange(LEVELS)}
        return f"{self._flow}&Attributes={quote(msgspec.json.encode(said).decode())}"

    async def live(self, seconds: float) -> int:
        """Changes as they come in so many seconds; returns how many there were of workers."""
        before = self._changes
        async with asyncio.TaskGroup() as all_:
            all_.create_task(come(AGENTS_A_SECOND, seconds, self._work))
            all_.create_task(come(ATTRIBUTES_A_SECOND, seconds, self._learn))
            all_.create_task(come(TASKS_A_SECOND / 2, seconds, self._wait))
            all_.create_task(come(TASKS_A_SECOND / 2, seconds, self._call_the_desk))
        return self._changes - before

    async def _work(self) -> None:
        # Who is at work still cannot begin again; only of a small floor are all of them at work.
        agent = await self._agents.get()
        worker = f"{self.workspace}/Workers/{agent}"
        began = time.perf_counter()
        await self._change(worker, f"ActivitySid={self._activity['Available']}")
        reservation = await self._offer(f"{worker}/Reservations?ReservationStatus=pending", began, self.agents_waited)
        await self._caller.post(f"{worker}/Reservations/{reservation['sid']}", "ReservationStatus=accepted")
        await self._change(worker, f"ActivitySid={self._activity['Offline']}")
        await self._caller.post(f"{self.workspace}/Tasks/{reservation['task_sid']}", "AssignmentStatus=completed")
        self._agents.put_nowait(agent)

    async def _learn(self) -> None:
        said = quote(msgspec.json.encode(_attributes(self._chance)).decode())
        await self._change(f"{self.workspace}/Workers/{self._chance.choice(self._people)}", f"Attributes={said}")

    async def _wait(self) -> None:
        await self._caller.post(f"{self.workspace}/Tasks", self.waiting_form(), b"201")

    async def _call_the_desk(self) -> None:
        began = time.perf_counter()
        made = await self._caller.post(f"{self.workspace}/Tasks", f"{self._flow}&Attributes=%7B%7D", b"201")
        task = msgspec.json.decode(made)
        await self._offer(f"{self.workspace}/Tasks/{task['sid']}/Reservations", began, self.tasks_waited)

    async def _change(self, worker: str, form: str) -> None:
        await self._caller.post(worker, form)
        self._changes += 1

    async def _offer(self, path: str, began: float, waited: list[float]) -> dict[str, str]:
        while time.perf_counter() < began + PATIENCE_S:
            found = msgspec.json.decode(await self._caller.get(path))["reservations"]
            if found:
                waited.append(time.perf_counter() - began)
                offer: dict[str, str] = found[0]
                return offer
            await asyncio.sleep(_LOOK_S)
        raise SystemExit(f"no offer within {PATIENCE_S} s: {path}")
