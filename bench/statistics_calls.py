"""What a call of TaskRouter's statistics costs in a small and in a large workspace: `python -m bench.statistics_calls`.

Two workspaces on one SQLite file, 15 workers and 100 tasks, 15,000 and 100,000, each with 20 queues. In the last fifteen minutes the
tasks came; of each ten four are accepted, two of these completed, two canceled, four wait; a hundredth of the workers changed
their activity. The calls go through the whole program but for the socket. `as large` is the cost in the large workspace over that in
the small one; the aim is 3. `unwritten` is the large workspace again with as many events behind the ledger as there may be.
"""

import argparse
import asyncio
import gc
import resource
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from msgspec.structs import replace

from cordboard.kernel.chance import SeededChance
from cordboard.kernel.clock import parse_iso
from cordboard.kernel.keyring import Keyring, parse_keys
from cordboard.kernel.ports import Ports
from cordboard.kernel.settings import Settings
from cordboard.kernel.sids import Sids
from cordboard.routing.lifecycle import ReservationStatus, TaskStatus
from cordboard.server.compose import compose
from cordboard.taskrouter.engine import statistics_ledger
from cordboard.taskrouter.engine.record import happened
from cordboard.taskrouter.model import Reservation
from cordboard.taskrouter.store.activities import OF_WORKSPACE
from cordboard.taskrouter.store.tasks import TASKS
from cordboard.taskrouter.store.workers import WORKERS
from cordboard.testkit.clock import MovableClock
from cordboard.testkit.exchange import exchange
from cordboard.testkit.http import Http

QUEUES = 20
WINDOW_S = 900
AIM = 3.0
SIZES = {"small": (15, 100), "large": (15_000, 100_000)}
_KEY = "Y29yZGJvYXJkIGJlbmNoLCAzMiBieXRlcyBsb25nLi4="


class Place:
    """A workspace, filled with rows and events as the program would leave them."""

    def __init__(self, system, http, clock) -> None:
        self.system, self.http, self.clock = system, http, clock

    async def make(self, workers, tasks) -> None:
        made = (await self.http("POST", "/v1/Workspaces", {"FriendlyName": "bench", "Template": "FIFO"})).json
        self.path = f"/v1/Workspaces/{made['sid']}"
        queues = [
            (
                await self.http(
                    "POST", f"{self.path}/TaskQueues", {"FriendlyName": f"q{n}", "TargetWorkers": f"skill == {n}"}
                )
            ).json
            for n in range(QUEUES)
        ]
        self.queues = [queue["sid"] for queue in queues]
        self.workflow = (await self.http("GET", f"{self.path}/Workflows")).json["workflows"][0]["sid"]
        worker = (await self.http("POST", f"{self.path}/Workers", {"FriendlyName": "w", "Attributes": "{}"})).json
        task = (
            await self.http(
                "POST", f"{self.path}/Tasks", {"RoutingTarget": self.queues[0], "WorkflowSid": self.workflow}
            )
        ).json
        self.worker, self.workspace = worker["sid"], made["sid"]
        begin = self.clock.now()
        hired = await self._hire(workers)
        for second in range(WINDOW_S):
            self.clock.move_to(begin + second * 1000)
            share = range(tasks * second // WINDOW_S, tasks * (second + 1) // WINDOW_S)
            await self.system.db.run(lambda unit, share=share: self._work(unit, task["sid"], share, hired))
        self.clock.move_to(begin + WINDOW_S * 1000)
        await self.system.settled()

    async def _hire(self, workers) -> list:
        hired = []
        for start in range(0, workers, 500):

            async def hire(unit, start=start) -> list:
                like = await unit.get(WORKERS, self.worker)
                here = await unit.all(OF_WORKSPACE, self.workspace)
                made = []
                for number in range(start, min(start + 500, workers)):
                    name, skill = f"w{number}", number % QUEUES
                    worker = replace(
                        like, sid=unit.sid("WK"), friendly_name=name, name_key=name, attributes=f'{{"skill": {skill}}}'
                    )
                    unit.insert(WORKERS, worker)
                    self._say(unit, "worker.created", worker.sid, worker=worker, activity=here[0])
                    made.append(worker)
                return made

            hired += await self.system.db.run(hire)
        return hired

    async def _work(self, unit, like_sid, share, hired) -> None:
        like = await unit.get(TASKS, like_sid)
        here = await unit.all(OF_WORKSPACE, self.workspace)
        for number in share:
            ends = (TaskStatus.COMPLETED,) * 2 + (TaskStatus.ASSIGNED,) * 2 + (TaskStatus.CANCELED,) * 2
            status = (ends + (TaskStatus.PENDING,) * 4)[number % 10]
            ended = status in {TaskStatus.COMPLETED, TaskStatus.CANCELED}
            waited = number * 37 % 300_000
            task = replace(
                like,
                sid=unit.sid("WT"),
                task_queue_sid=self.queues[number % QUEUES],
                assignment_status=status,
                priority=number % 5,
                created_at=unit.now - waited,
                queue_entered_at=unit.now - waited,
                ended_at=unit.now if ended else None,
            )
            unit.insert(TASKS, task)
            for type_ in ("workflow.entered", "task-queue.entered", "task.created"):
                self._say(unit, type_, task.sid, task=task)
            worker = hired[number % len(hired)]
            offer = Reservation(
                sid=unit.sid("WR"),
                version=0,
                account_sid=task.account_sid,
                workspace_sid=task.workspace_sid,
                task_sid=task.sid,
                worker_sid=worker.sid,
                worker_name=worker.friendly_name,
                reservation_status=ReservationStatus.PENDING,
                task_queue_sid=task.task_queue_sid,
                workflow_sid=self.workflow,
                task_channel_sid=task.task_channel_sid,
                worker_previous_activity_sid=None,
                timeout_s=120,
                expires_at=unit.now,
                created_at=unit.now,
                updated_at=unit.now,
            )
            if status in {TaskStatus.COMPLETED, TaskStatus.ASSIGNED}:
                for type_ in ("reservation.created", "reservation.accepted"):
                    self._say(unit, type_, task.sid, task=task, reservation=offer, worker=worker)
            if ended:
                self._say(unit, f"task.{status.value}", task.sid, task=task)
            if number % 1000 == 0:
                moved = replace(worker, activity_sid=here[1].sid, available=True, status_changed_at=unit.now, version=1)
                self._say(
                    unit,
                    "worker.activity.update",
                    worker.sid,
                    worker=moved,
                    previous_activity=here[0],
                    time_in_previous_activity_ms=unit.now - worker.status_changed_at,
                )

    def _say(self, unit, type_, sid, **facts) -> None:
        account = self.system.first_account.account_sid
        happened(unit, type_, account_sid=account, workspace_sid=self.workspace, resource_sid=sid, **facts)

    def calls(self) -> dict:
        queue = f"/TaskQueues/{self.queues[1]}"
        split = {"SplitByWaitTime": "5,10,60"}
        days = {"Minutes": str(30 * 24 * 60)}
        return {
            "workspace, real time": ("GET", "/RealTimeStatistics", {}),
            "queue, real time": ("GET", f"{queue}/RealTimeStatistics", {}),
            "workers, real time": ("GET", "/Workers/RealTimeStatistics", {}),
            "workspace, 15 minutes": ("GET", "/CumulativeStatistics", {}),
            "workspace, 30 days": ("GET", "/CumulativeStatistics", days),
            "workspace, 15 minutes, split": ("GET", "/CumulativeStatistics", split),
            "queue, both": ("GET", f"{queue}/Statistics", {}),
            "queue, both, split": ("GET", f"{queue}/Statistics", split),
            "workflow, both, split": ("GET", f"/Workflows/{self.workflow}/Statistics", split),
            "page of 20 queues, both": ("GET", "/TaskQueues/Statistics", {}),
            "workers, both": ("GET", "/Workers/Statistics", {}),
            "worker": ("GET", f"/Workers/{self.worker}/Statistics", {}),
            # Last, for it moves the clock.
            "20 queues in bulk": ("POST", "/TaskQueues/RealTimeStatistics", {"QueueSids": self.queues}),
        }

    async def cost_ms(self, verb, path, asked, times) -> float:
        took = []
        for _ in range(times):
            gc.collect(0)
            if verb == "POST":  # five a second are allowed
                self.clock.move_to(self.clock.now() + 200)
            began = perf_counter()
            answer = await self.http(verb, self.path + path, asked)
            took.append(perf_counter() - began)
            assert answer.status == 200, answer.text
        return median(took) * 1000


def asking(system):
    """Calls the program; a POST of statistics has a JSON body."""
    made = []
    http = Http(made.append, system.first_account)

    async def ask(verb, path, asked=None):
        if verb == "GET":
            http.get(path, asked or ())
        elif "QueueSids" in (asked or {}):
            http.post_json(path, asked)
        else:
            http.post(path, asked or ())
        return await exchange(system.app, made.pop())

    return ask


async def measure(options) -> None:
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as folder:
        clock, chance = MovableClock(parse_iso("2026-01-01T09:00:00Z")), SeededChance(1)
        settings = Settings(
            database=f"sqlite:///{folder}/b.db", auth_token="t" * 32, secret_key=_KEY, allow_data_loss=True
        )
        system = await compose(settings, Ports(clock, chance, Sids(clock, chance), Keyring(parse_keys(_KEY), chance)))
        await system.start()
        try:
            await _measure(system, clock, options)
        finally:
            await system.stop()


async def _measure(system, clock, options) -> None:
    ask = asking(system)
    costs: dict[str, dict[str, float]] = {}
    for size, (workers, tasks) in SIZES.items():
        place = Place(system, ask, clock)
        began = perf_counter()
        await place.make(workers, round(tasks * options.scale))
        clock.move_to(clock.now() + 1000)
        await system.settled()
        print(
            f"{size}: {workers} workers, {round(tasks * options.scale)} tasks, made in {perf_counter() - began:.0f} s",
            flush=True,
        )
        costs[size] = {name: await place.cost_ms(*call, options.times) for name, call in place.calls().items()}
    most, statistics_ledger.MANY_EVENTS = statistics_ledger.MANY_EVENTS, 10**9
    for number in range(most // 2):  # two events each
        await ask(
            "POST",
            f"{place.path}/Tasks",
            {"RoutingTarget": place.queues[number % QUEUES], "WorkflowSid": place.workflow},
        )
    costs["unwritten"] = {name: await place.cost_ms(*call, options.times) for name, call in place.calls().items()}
    print(f"\n{'ms a call':<32}{'small':>8}{'large':>8}{'as large':>10}{'unwritten':>11}")
    for name in costs["small"]:
        small, large, behind = (costs[column][name] for column in ("small", "large", "unwritten"))
        print(
            f"{name:<32}{small:>8.2f}{large:>8.2f}{large / small:>10.1f}{behind:>11.2f}{'' if large / small < AIM else '  NO'}"
        )
    print(f"memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=50, help="how often each call is made")
    parser.add_argument("--scale", type=float, default=1.0, help="of the tasks")
    asyncio.run(measure(parser.parse_args()))


if __name__ == "__main__":
    main()
