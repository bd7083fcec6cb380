"""Durable creates a second of a routed ``POST /v1/Interactions``, against the four-row floor program, interleaved in one run.

A create makes a conversation, an interaction, its channel, invite and participant, a task that enters a queue, alarms and events;
the router offers each task to a worker with room, in the same process, and the run is over when the last offer is written. The
floor (``floor.py``) parses the same form and writes four rows durably. Both answer 201 after the flush, to 32 connections.

    make bench                    # three rounds of four seconds each
    make bench ARGS='--rounds 1 --seconds 2'
"""

import argparse
import base64
import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

HERE = Path(__file__).parent
ACCOUNT_SID = "AC" + "1" * 32
AUTH_TOKEN = "t" * 32
CREDENTIALS = (ACCOUNT_SID, AUTH_TOKEN)
CONNECTIONS = 32
WORKERS = 1500
CAPACITY = 50
WARM_UP_S = 1
AIM = 0.2


class Result:
    """One run of wrk."""

    def __init__(self, printed: str, cpu_s: float) -> None:
        line = next(line for line in printed.splitlines() if line.startswith("RESULT"))
        requests, duration_us, errors, self.p50_ms, self.p99_ms = (float(part) for part in line.split()[1:])
        if errors:
            raise SystemExit(f"{errors:.0f} of {requests:.0f} calls failed:\n{printed}")
        self.rate = requests / duration_us * 1e6
        self.cpu_us = cpu_s / requests * 1e6


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seconds", type=int, default=4)
    asked = options.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("make bench needs wrk: apt install wrk, or brew install wrk")
    floor: list[Result] = []
    ours: list[Result] = []
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as name:
        folder = Path(name)
        for number in range(asked.rounds):
            print(f"round {number + 1} of {asked.rounds}", file=sys.stderr, flush=True)
            with process(
                [sys.executable, HERE / "floor.py", "--port", "8901", "--database", folder / f"f{number}.db"]
            ) as pid:
                until_listening("http://127.0.0.1:8901/")
                floor.append(load(pid, "http://127.0.0.1:8901", "/v1/Interactions", form("WS", "WW"), asked.seconds))
            with _cordboard(folder / f"c{number}.db", 8902) as pid:
                url = "http://127.0.0.1:8902"
                workspace_sid, workflow_sid = _floor_of_workers(url)
                body = form(workspace_sid, workflow_sid)
                ours.append(load(pid, url, "/flex-api/v1/Interactions", body, asked.seconds))
                offered_s = _until_offered(folder / f"c{number}.db")
        _print(floor, ours)
        _print_rows(folder / "c0.db", offered_s)
        _print_start(folder / "c0.db")


def _print(floor: list[Result], ours: list[Result]) -> None:
    ratios = [mine.rate / theirs.rate for mine, theirs in zip(ours, floor, strict=True)]
    print(f"{'':<22}{'a second':>10}{'p50 ms':>9}{'p99 ms':>9}{'cpu us':>9}")
    for name, results in (("floor, four rows", floor), ("interaction and offer", ours)):
        cells = [
            statistics.median(getattr(result, key) for result in results)
            for key in ("rate", "p50_ms", "p99_ms", "cpu_us")
        ]
        print(f"{name:<22}{cells[0]:>10.0f}{cells[1]:>9.1f}{cells[2]:>9.1f}{cells[3]:>9.0f}")
    print(f"ratio of each round: {', '.join(f'{ratio:.2f}' for ratio in ratios)} (aim {AIM})")


def _print_rows(database: Path, offered_s: float) -> None:
    with sqlite3.connect(database) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        counts = {name: connection.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0] for name in tables}
        recorded = connection.execute("SELECT SUM(count) FROM journal").fetchone()[0]
    creates = counts["flex_interactions"]
    rows = sum(counts[name] for name in tables if counts[name] >= creates * 0.9)
    print(f"{creates} creates, {counts['reservations']} offers (the last {offered_s:.2f} s after the load)")
    print(f"rows a create: {rows / creates:.1f} with {recorded / creates:.1f} events")


def _print_start(database: Path) -> None:
    with sqlite3.connect(database) as connection:
        for table in ("tasks", "reservations", "timers", "workers", "workspaces"):
            connection.execute(f"DELETE FROM {table}")
    took: list[float] = []
    for _ in range(3):
        started = time.perf_counter()
        with _cordboard(database, 8902) as pid:
            took.append((time.perf_counter() - started) * 1000)
            memory = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    print(f"start on an existing database: {statistics.median(took):.0f} ms, {memory:.0f} MB resident")


def form(workspace_sid: str, workflow_sid: str) -> str:
    """The form of ``floor.py``'s measurements in size: about 900 bytes, every byte outside the unreserved ones escaped."""
    channel = {"type": "web", "initiated_by": "api", "properties": {"type": "web"}}
    attributes = {
        "customerName": "Ana Example",
        "customerAddress": "ana@example.com",
        "topic": "refund",
        "note": "x" * 300,
    }
    routing = {
        "type": "TaskRouter",
        "properties": {
            "workspace_sid": workspace_sid,
            "workflow_sid": workflow_sid,
            "task_channel_unique_name": "chat",
            "attributes": attributes,
        },
    }
    return f"Channel={quote(json.dumps(channel), safe='')}&Routing={quote(json.dumps(routing), safe='')}"


def load(pid: int, url: str, path: str, body: str, seconds: int) -> Result:
    token = base64.b64encode(f"{ACCOUNT_SID}:{AUTH_TOKEN}".encode()).decode()
    environment = os.environ | {"BENCH_PATH": path, "BENCH_BODY": body, "BENCH_AUTHORIZATION": f"Basic {token}"}
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", "--latency", "-s", str(HERE / "create.lua"), url]
    subprocess.run([*command, f"-d{WARM_UP_S}s"], env=environment, check=True, capture_output=True)
    before = _cpu_s(pid)
    ran = subprocess.run([*command, f"-d{seconds}s"], env=environment, check=True, capture_output=True, text=True)
    return Result(ran.stdout, _cpu_s(pid) - before)


def _floor_of_workers(url: str) -> tuple[str, str]:
    with httpx.Client(base_url=f"{url}/taskrouter/v1", auth=CREDENTIALS, timeout=30) as client:
        workspace = _made(client.post("/Workspaces", data={"FriendlyName": "bench", "Template": "FIFO"}))
        base = f"/Workspaces/{workspace['sid']}"
        (available,) = client.get(f"{base}/Activities", params={"FriendlyName": "Available"}).json()["activities"]
        (workflow,) = client.get(f"{base}/Workflows").json()["workflows"]
        for number in range(WORKERS):
            form = {
                "FriendlyName": f"worker {number}",
                "ActivitySid": available["sid"],
                "Attributes": '{"skills": ["refunds"]}',
            }
            worker = _made(client.post(f"{base}/Workers", data=form))
            _made(client.post(f"{base}/Workers/{worker['sid']}/Channels/chat", data={"Capacity": CAPACITY}))
        return workspace["sid"], workflow["sid"]


def _made(answer: httpx.Response) -> dict[str, Any]:
    if not answer.is_success:
        raise SystemExit(f"{answer.request.method} {answer.request.url}: {answer.text}")
    found: dict[str, Any] = answer.json()
    return found


def _until_offered(database: Path) -> float:
    """Seconds until every task has its offer."""
    started = time.perf_counter()
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        while connection.execute("SELECT COUNT(*) FROM tasks WHERE assignment_status = 'pending'").fetchone()[0]:
            if time.perf_counter() - started > 20:
                raise SystemExit("tasks still wait 20 s after the load: the router does not keep up")
            time.sleep(0.02)
    return time.perf_counter() - started


def _cordboard(database: Path, port: int) -> Any:
    environment = {
        "CORDBOARD_ACCOUNT_SID": ACCOUNT_SID,
        "CORDBOARD_AUTH_TOKEN": AUTH_TOKEN,
    }
    command = [sys.executable, "-m", "cordboard", "serve", "--port", str(port), "--database", f"sqlite:///{database}"]
    return _listening(command, f"http://127.0.0.1:{port}/readyz", environment)


@contextmanager
def _listening(command: list[Any], url: str, environment: dict[str, str]) -> Iterator[int]:
    with process(command, environment) as pid:
        until_listening(url)
        yield pid


@contextmanager
def process(command: list[Any], environment: dict[str, str] | None = None) -> Iterator[int]:
    with subprocess.Popen(
        [str(part) for part in command],
        env=os.environ | (environment or {}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield process.pid
        finally:
            process.terminate()
            process.wait(timeout=20)


def until_listening(url: str) -> None:
    for _ in range(2000):
        try:
            httpx.get(url)
        except httpx.TransportError:
            time.sleep(0.005)
        else:
            return
    raise SystemExit(f"nothing answers at {url}")


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
