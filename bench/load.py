"""A load from wrk on a running program, and what was measured meanwhile."""

import base64
import os
import shutil
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

from bench.processes import Running, Usage
from bench.profiles import Profile, sampled
from bench.scrape import Scrape

HERE = Path(__file__).parent
ACCOUNT_SID = "AC" + "1" * 32
AUTH_TOKEN = "t" * 32
CONNECTIONS = 32
AUTHORIZATION = "Basic " + base64.b64encode(f"{ACCOUNT_SID}:{AUTH_TOKEN}".encode()).decode()


class Calls(NamedTuple):
    """What a script of wrk printed. ``counts`` are its own, such as whole life cycles."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    counts: dict[str, int]


class Load(NamedTuple):
    """One run. ``things`` is what is counted: requests, or one of the script's own counts.

    Shares of the time: ``loop`` the event loop's thread ran, ``cores`` any core did, ``flush`` one was in flight (None for a
    program that does not say). ``cpu_us``: of the program's CPU, for a thing.
    """

    things: int
    rate: float
    p50_ms: float
    p99_ms: float
    cpu_us: float
    loop: float
    cores: float
    flush: float | None
    group: float | None
    counts: dict[str, int]

    @classmethod
    def median(cls, runs: Sequence[Self]) -> Self:
        """Each number's median, for itself."""
        return cls(*(_median([run[place] for run in runs]) for place in range(len(cls._fields))))


def _median(values: list[Any]) -> Any:
    return statistics.median(values) if isinstance(values[0], int | float) else values[0]


class Script(NamedTuple):
    """A script of wrk. ``thing`` names which of its counts is measured; empty: each request is one."""

    file: str
    threads: int = 1
    thing: str = ""

    def run(self, url: str, seconds: int, environment: Mapping[str, str]) -> Calls:
        words = ["wrk", f"-t{self.threads}", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "-s", self.file, url]
        given = os.environ | {"BENCH_AUTHORIZATION": AUTHORIZATION} | dict(environment)
        # The scripts load result.lua from beside them.
        printed = subprocess.run(words, cwd=HERE, env=given, check=True, capture_output=True, text=True).stdout
        told = {line.split()[1]: line.split()[2:] for line in printed.splitlines() if line.startswith("RESULT ")}
        requests, duration_us, errors, p50_ms, p99_ms = (float(number) for number in told.pop("calls"))
        if errors or not requests:
            raise SystemExit(f"{errors:.0f} of {requests:.0f} calls of {self.file} failed:\n{printed}")
        counts = {name: int(number) for name, (number,) in told.items()}
        return Calls(int(requests), duration_us / 1e6, p50_ms, p99_ms, counts)


def until_wrk() -> None:
    if shutil.which("wrk") is None:
        raise SystemExit("make bench needs wrk: apt install wrk, or brew install wrk")


def measure(script: Script, program: Running, seconds: int, environment: Mapping[str, str]) -> Load:
    before, metrics = Usage.now(program.pid), Scrape.of(program.url)
    calls = script.run(program.url, seconds, environment)
    after = Usage.now(program.pid)
    flushed = Scrape.of(program.url).since(metrics)
    things = calls.counts[script.thing] if script.thing else calls.requests
    if not things:
        raise SystemExit(f"{script.file} got nothing done: {calls}")
    return Load(
        things,
        things / calls.seconds,
        calls.p50_ms,
        calls.p99_ms,
        (after.program_s - before.program_s) / things * 1e6,
        after.loop_since(before),
        after.machine_since(before),
        flushed.total("cordboard_flush_seconds") / calls.seconds if flushed else None,
        flushed.mean("cordboard_flush_units") if flushed else None,
        calls.counts,
    )


def profile(script: Script, program: Running, seconds: int, environment: Mapping[str, str], cpu_us: float) -> Profile:
    """The same load again, with a sampler attached; ``cpu_us`` comes from a run without one."""
    with sampled(program.pid, seconds) as samples:
        script.run(program.url, seconds, environment)
    return samples.profile(cpu_us)
