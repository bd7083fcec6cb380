"""Lists of workers and tasks by an expression, which no index answers: calls a second of one caller, and what others notice.

There are ten times as many workers as in the other parts, and as many tasks. An expression is asked of rows one by one until a page
is full: one that holds for everybody ends with the first batch, one that holds for the last alone has gone through all. While one
caller asks without pause, `/healthz` is asked every two milliseconds: how long that takes at most is how long the loop stands still.
"""

import asyncio
import statistics
import time
from typing import NamedTuple
from urllib.parse import quote

import uvloop

from bench.callers import Caller, post_all
from bench.contact_center import WORKSPACES, ContactCenter, serving
from bench.figures import Figure
from bench.processes import Running, Usage
from bench.setting import Setting

TIMES = 10
AIM_MS = 50
_EVERY_S = 0.002


class Seen(NamedTuple):
    """Of one expression. ``loop_ms``: of the loop's thread for a call; ``stood_ms``: the longest that `/healthz` took."""

    rate: float
    p50_ms: float
    p99_ms: float
    loop_ms: float
    stood_ms: float


def run(setting: Setting) -> list[Figure]:
    number = setting.workers * TIMES
    with setting.laid_out(number) as url, serving(url, setting.folder) as center:
        setting.say(f"{number} tasks come")
        _put_in(center, number)
        figures = []
        for what, path in _lists(center, number).items():
            setting.say(what)
            seen = _measure(center.running, path, setting)
            figures.append(
                Figure(
                    f"{what}: calls",
                    setting.databases.name,
                    f"{seen.rate:.1f}/s",
                    f"p50 {seen.p50_ms:.0f}, p99 {seen.p99_ms:.0f} ms; {seen.loop_ms:.0f} ms of the loop",
                )
            )
            figures.append(
                Figure(
                    f"{what}: the loop stands",
                    setting.databases.name,
                    f"{seen.stood_ms:.0f} ms",
                    "at most",
                    f"{AIM_MS} ms",
                    seen.stood_ms < AIM_MS,
                )
            )
    return figures


def _put_in(center: ContactCenter, number: int) -> None:
    (anybody,) = [
        flow["sid"]
        for flow in center.get(f"{WORKSPACES}/{center.workspace_sid}/Workflows")["workflows"]
        if flow["friendly_name"] == "Anybody"
    ]
    attributes = quote('{"topic": "refund", "size": 1}')
    form = f"WorkflowSid={anybody}&TaskChannel=chat&Attributes={attributes}"
    path = f"{WORKSPACES}/{center.workspace_sid}/Tasks"
    post_all(center.running.url, path, [form] * number)
    center.until_offered()


def _lists(center: ContactCenter, number: int) -> dict[str, str]:
    workspace = f"{WORKSPACES}/{center.workspace_sid}"
    workers, tasks = f"{workspace}/Workers?TargetWorkersExpression=", f"{workspace}/Tasks?EvaluateTaskAttributes="
    return {
        "workers, all are found": workers + quote("skills HAS 'refunds' AND seat > 0"),
        "workers, every hundredth is": workers + quote(f"seat IN {[*range(100, number, 100)]}"),
        "workers, the last is": workers + quote(f"seat == {number} AND skills HAS 'refunds'"),
        "tasks, all are found": tasks + quote("topic == 'refund'"),
        "tasks, none is": tasks + quote("topic == 'order' AND size > 1"),
    }


def _measure(program: Running, path: str, setting: Setting) -> Seen:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        if setting.warm_up_s:
            runner.run(_ask(Caller(program.url), path, setting.warm_up_s))
        before = Usage.now(program.pid)
        took, stood = runner.run(_ask_and_look(program.url, path, setting.seconds))
        after = Usage.now(program.pid)
    hundredths = statistics.quantiles(took, n=100, method="inclusive") if len(took) > 1 else took * 99
    return Seen(
        len(took) / sum(took),
        hundredths[49] * 1000,
        hundredths[98] * 1000,
        (after.loop_s - before.loop_s) / len(took) * 1000,
        max(stood) * 1000,
    )


async def _ask_and_look(url: str, path: str, seconds: float) -> tuple[list[float], list[float]]:
    looks = asyncio.ensure_future(_look(Caller(url), seconds))
    return await _ask(Caller(url), path, seconds), await looks


async def _ask(caller: Caller, path: str, seconds: float) -> list[float]:
    took: list[float] = []
    until = time.perf_counter() + seconds
    while (began := time.perf_counter()) < until:
        await caller.get(path)
        took.append(time.perf_counter() - began)
    return took


async def _look(caller: Caller, seconds: float) -> list[float]:
    took: list[float] = []
    until = time.perf_counter() + seconds
    while (began := time.perf_counter()) < until:
        await caller.get("/healthz")
        took.append(time.perf_counter() - began)
        await asyncio.sleep(_EVERY_S)
    return took
