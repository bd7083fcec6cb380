"""How deliveries arrive, and whom they disturb: `python -m bench.deliveries [--seconds 8] [--database DIR]`.

A server in this process, on a SQLite file on the disk; receivers in another process. Printed are

    rate        deliveries a second, to one receiver and to ten, thousands of resources, nothing else going on
    latency     from the answer of the call (the delivery is on disk) until the receiver has the request, with tasks that are
                created and offered at a steady pace
    isolation   the same, and how long offers take, beside 100 dead receivers and one slow one that get as many deliveries
    memory      of the process, while 100,000 deliveries to dead receivers wait
"""

import argparse
import asyncio
import contextlib
import multiprocessing
import os
import statistics
import tempfile
import time
from pathlib import Path

import msgspec
import uvloop

from cordboard.events.record import record
from cordboard.kernel.settings import Settings
from cordboard.server.compose import compose, system_ports
from cordboard.testkit.exchange import Request, exchange
from cordboard.testkit.http import basic, encode
from cordboard.webhooks.enqueuing import enqueue
from cordboard.webhooks.model import Callback

SLOW_S = 2.0
DEAD = 100
PACE = 50  # tasks a second, each with seven events
_ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"


def receive(pipe):
    """The other process: a port that answers at once, one that is slow, one that never answers. Gives the arrivals when asked."""
    uvloop.run(_receive(pipe))


async def _receive(pipe):
    arrivals = {}

    def server(delay_s):
        async def serve(reader, writer):
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                while True:
                    head = await reader.readuntil(b"\r\n\r\n")
                    at = time.time()
                    lines = (line.split(b": ", 1) for line in head.split(b"\r\n")[1:] if line)
                    fields = {name.lower(): value for name, value in lines}
                    await reader.readexactly(int(fields.get(b"content-length", 0)))
                    arrivals.setdefault(fields[b"i-twilio-idempotency-token"].decode(), at)
                    await asyncio.sleep(delay_s)
                    writer.write(_ANSWER)
            writer.close()

        return asyncio.start_server(serve, "127.0.0.1", 0, backlog=1024)

    servers = [await server(delay) for delay in (0.0, SLOW_S, 3600.0)]
    pipe.send([each.sockets[0].getsockname()[1] for each in servers])
    while await asyncio.get_running_loop().run_in_executor(None, pipe.recv):
        pipe.send(dict(arrivals))
        arrivals.clear()
    os._exit(0)


class Bench:
    def __init__(self, system, pipe, ports):
        self.system = system
        self.pipe = pipe
        self.good, self.slow, self.dead = (f"http://127.0.0.1:{port}" for port in ports)
        self.account = system.first_account
        self.headers = [
            (b"host", b"localhost"),
            (b"content-type", b"application/x-www-form-urlencoded"),
            (b"authorization", basic(*self.account).encode()),
        ]

    async def post(self, path, **form):
        answer = await exchange(
            self.system.app, Request("POST", "http", path, self.headers, encode(list(form.items())).encode())
        )
        assert answer.status in {200, 201}, answer.text
        return answer.json

    async def get(self, path):
        return (await exchange(self.system.app, Request("GET", "http", path, self.headers, b""))).json

    async def enqueue(self, urls):
        """One delivery to each of these, in one unit; their SIDs."""
        payload = msgspec.json.encode({f"Parameter{number}": "x" * 50 for number in range(30)}).decode()

        async def work(unit):
            sids = []
            for url in urls:
                resource = unit.sid("WT")
                record(
                    unit, "bench", "happened", account_sid=self.account.account_sid, scope_sid="", resource_sid=resource
                )
                event = unit.writes.appends[self.account.account_sid][-1]
                sids.append(enqueue(unit, event, Callback(url=url, payload=payload, resource=resource)).sid)
            return sids

        return await self.system.db.run(work)

    async def arrivals(self):
        self.pipe.send(True)
        return await asyncio.to_thread(self.pipe.recv)

    async def rate(self, receivers, count):
        urls = [f"{self.good}/{number % receivers}" for number in range(count)]
        cpu, began = time.process_time(), time.perf_counter()
        for start in range(0, count, 50):
            await self.enqueue(urls[start : start + 50])
        while self.system.busy:  # noqa: ASYNC110 - nobody tells when it is not
            await asyncio.sleep(0.01)
        took, cpu = time.perf_counter() - began, time.process_time() - cpu
        arrived = len(await self.arrivals())
        assert arrived == count, arrived
        print(f"rate        {receivers:3} receivers   {count / took:6.0f} /s, {cpu / count * 1e6:4.0f} us of CPU each")

    async def lay_out(self):
        workspace = await self.post(
            "/v1/Workspaces", FriendlyName="bench", Template="FIFO", EventCallbackUrl=f"{self.good}/events"
        )
        self.base = f"/v1/Workspaces/{workspace['sid']}"
        activities = (await self.get(f"{self.base}/Activities"))["activities"]
        (available,) = (each["sid"] for each in activities if each["available"])
        for number in range(100):
            worker = await self.post(f"{self.base}/Workers", FriendlyName=f"w{number}", ActivitySid=available)
            await self.post(f"{self.base}/Workers/{worker['sid']}/Channels/default", Capacity=50)

    async def steady(self, what, seconds, disturbance=None):
        """Tasks at a steady pace; how long until their offers are on disk, and until they are told of."""
        offered, made = {}, {}
        waits = {}
        committed = {}

        def hear(settled):
            now = time.time()
            for event in settled.events:
                for _, row in event.also:
                    if row.url.startswith(self.good):
                        committed[row.sid] = now
                if event.type == "reservation.created":
                    offered[event.facts["task"].sid] = now

        self.system.db.listen(hear)
        await self.arrivals()

        async def create():
            began = time.time()
            task = await self.post(f"{self.base}/Tasks", Attributes="{}")
            made[task["sid"]] = time.time()
            waits[task["sid"]] = made[task["sid"]] - began
            await asyncio.sleep(0.05)
            await self.post(f"{self.base}/Tasks/{task['sid']}", AssignmentStatus="canceled")

        async with asyncio.TaskGroup() as group:
            disturbing = group.create_task(disturbance()) if disturbance else None
            began = time.perf_counter()
            for number in range(int(seconds * PACE)):
                await asyncio.sleep(max(0, began + number / PACE - time.perf_counter()))
                group.create_task(create())
            if disturbing:
                disturbing.cancel()
        await asyncio.sleep(1)
        arrived = await self.arrivals()
        known = [(arrived[sid] - committed[sid]) * 1e3 for sid in committed if sid in arrived]
        mine = [sid for sid in committed if sid in arrived]
        offers = [(offered[sid] - made[sid]) * 1e3 for sid in made if sid in offered]
        print(
            f"{what:11} {len(mine)} deliveries, commit to receiver {_quantiles(known)}\n"
            f"{'':11} {len(offers)} offers, after the task's answer {_quantiles(offers)}; "
            f"creates {_quantiles([wait * 1e3 for wait in waits.values()])}"
        )

    async def disturb(self):
        """A delivery to every dead receiver and to the slow one, twice a second."""
        urls = [f"{self.dead}/{number}" for number in range(DEAD)] + [f"{self.slow}/"]
        while True:
            await self.enqueue(urls)
            await asyncio.sleep(0.5)

    async def memory(self, count):
        before = _resident()
        urls = [f"{self.dead}/{number % DEAD}" for number in range(count)]
        for start in range(0, count, 500):
            await self.enqueue(urls[start : start + 500])
        await asyncio.sleep(2)
        print(f"memory      {before:.0f} MB, and {_resident():.0f} MB while {count} deliveries to dead receivers wait")


def _quantiles(values):
    cuts = statistics.quantiles(values, n=100)
    return f"p50 {cuts[49]:.1f} ms, p99 {cuts[98]:.1f} ms"


def _resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6


async def run(options, pipe, folder):
    settings = Settings(database=f"sqlite:///{folder}/bench.db", webhook_ports=("1-65535",))
    system = await compose(settings, system_ports(settings))
    await system.start()
    bench = Bench(system, pipe, await asyncio.to_thread(pipe.recv))
    await bench.rate(1, 200)  # imports, connections
    await bench.rate(1, options.count)
    await bench.rate(10, options.count)
    await bench.lay_out()
    while system.busy:  # noqa: ASYNC110 - as above
        await asyncio.sleep(0.05)
    await bench.steady("latency", options.seconds)
    await bench.steady("isolation", options.seconds, bench.disturb)
    if options.memory:
        await bench.memory(100_000)
    await system.stop()
    pipe.send(False)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=8)
    options.add_argument("--count", type=int, default=3000)
    options.add_argument("--database", default=None, help="a folder on the disk to measure")
    options.add_argument("--memory", action="store_true")
    asked = options.parse_args()
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=receive, args=(there,), daemon=True)
    process.start()
    with (
        tempfile.TemporaryDirectory(dir=asked.database) as folder,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        runner.run(run(asked, here, folder))
    process.join(5)


if __name__ == "__main__":
    main()
