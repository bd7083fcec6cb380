"""Whole life cycles a second: create an interaction, read the worker's pending reservation, accept it, post a message, close.

32 connections, each with a state of its own and a worker of its own, whose capacity is one: a cycle goes on only when its
offer was made, and the next offer only when the last was wrapped up. A reservation that is not there yet is read again; these
looks are calls beyond the five, and are told.
"""

from bench.contact_center import ContactCenter, serving
from bench.figures import Figure
from bench.load import CONNECTIONS, Load, Script
from bench.setting import Setting

CYCLES = Script("lifecycle.lua", threads=CONNECTIONS, thing="cycles")
AIMS = {"SQLite": 400, "PostgreSQL": 200}
# A run ends in the middle of cycles, and their workers are busy from then on: who warms up or is profiled has other seats.
WARM_UP, MEASURED, PROFILED = (str(number * CONNECTIONS) for number in range(3))


def run(setting: Setting) -> list[Figure]:
    runs = []
    with setting.laid_out(3 * CONNECTIONS, capacity=1) as laid_out:
        for number in range(setting.rounds):
            setting.say(f"life cycles, round {number + 1} of {setting.rounds}")
            with setting.databases.copy(laid_out) as url:
                runs.append(_round(setting, url, last=number + 1 == setting.rounds))
    load, aim = Load.median(runs), AIMS[setting.databases.name]
    looks = sum(run.counts["looks"] for run in runs) / sum(run.counts["cycles"] for run in runs)
    print(f"life cycles, {setting.databases.name}: {looks:.2f} looks too early in a cycle")
    value = f"{load.rate:.0f}/s"
    return [Figure("life cycles", setting.databases.name, value, "", f"{aim}/s", load.rate >= aim, load)]


def _round(setting: Setting, url: str, *, last: bool) -> Load:
    with serving(url, setting.folder) as center:
        calls = words(center)
        setting.warm_up(CYCLES, center.running, **calls, first_seat=WARM_UP)
        load = setting.measure(CYCLES, center.running, **calls, first_seat=MEASURED)
        if last:
            setting.profile("a life cycle", CYCLES, center.running, load.cpu_us, **calls, first_seat=PROFILED)
    return load


def words(center: ContactCenter) -> dict[str, str]:
    """What the script needs besides the first seat."""
    return {
        "workspace": center.workspace_sid,
        "workers": ",".join(center.worker_sids()),
        "body": center.create_form("SEAT"),
    }
