"""From a create to its stored offer, at half of the rate of creates that the server reached just before on the same machine.

The server measures it itself, ``cordboard_offer_wait_seconds``: from the time at which the create's unit began, which is the
task's ``DateCreated`` in milliseconds, until the offer's flush has ended. A worker is free at any time. Rows alone would not
tell: a reservation's ``DateCreated`` is when its unit began, before the flush. Whether a half was within 5 ms and 99 of 100
within 20 is exact, for these are bounds of the histogram; the figures themselves lie on a straight line between two bounds.
"""

import statistics

from bench.arrivals import arrive
from bench.contact_center import ContactCenter, serving
from bench.creates import CREATE_PATH, CREATES
from bench.figures import Figure
from bench.load import Load
from bench.processes import Usage
from bench.scrape import Scrape
from bench.setting import Setting

AIMS = {"p50": (0.5, 0.005), "p99": (0.99, 0.02)}


def run(setting: Setting) -> list[Figure]:
    with setting.laid_out(setting.workers) as laid_out:
        setting.say("offers: how many creates a second?")
        with setting.databases.copy(laid_out) as url, serving(url, setting.folder) as center:
            most = setting.load(CREATES, center.running, path=CREATE_PATH, body=center.create_form()).rate
            center.until_offered()
        setting.say(f"offers, at {most / 2:.0f} creates a second")
        with setting.databases.copy(laid_out) as url, serving(url, setting.folder) as center:
            arrive(center.running.url, CREATE_PATH, center.create_form(), most / 2, setting.warm_up_s)
            center.until_offered()
            before = Scrape.of(center.running.url)
            load = _half_load(setting, center, most / 2)
            center.until_offered()
            seen = Scrape.of(center.running.url).since(before)
            waits = seen.histograms["cordboard_offer_wait_seconds"]
            parts = {part: seen.mean(f"cordboard_{part}_seconds") * 1000 for part in ("flush", "router_turn")}
    if waits.number < load.things:
        raise SystemExit(f"of {load.things} tasks {waits.number:.0f} were offered")
    print(
        f"offers, {setting.databases.name}: in the mean a flush takes {parts['flush']:.1f} ms, "
        f"a turn of the router {parts['router_turn']:.1f} ms"
    )
    return [
        Figure(
            f"create to offer, {name}",
            setting.databases.name,
            f"{waits.quantile(share) * 1000:.1f} ms",
            f"at {load.rate:.0f}/s" if name == "p50" else "",
            f"{seconds * 1000:.0f} ms",
            waits.share_within(seconds) >= share,
            load if name == "p50" else None,
            full=False,
        )
        for name, (share, seconds) in AIMS.items()
    ]


def _half_load(setting: Setting, center: ContactCenter, rate: float) -> Load:
    program, seconds = center.running, 2 * setting.seconds
    before, metrics = Usage.now(program.pid), Scrape.of(program.url)
    took = arrive(program.url, CREATE_PATH, center.create_form(), rate, seconds)
    after = Usage.now(program.pid)
    flushed = Scrape.of(program.url).since(metrics)
    hundredths = statistics.quantiles(took, n=100)
    return Load(
        len(took),
        len(took) / seconds,
        hundredths[49] * 1000,
        hundredths[98] * 1000,
        (after.program_s - before.program_s) / len(took) * 1e6,
        after.loop_since(before),
        after.machine_since(before),
        flushed.total("cordboard_flush_seconds") / seconds,
        flushed.mean("cordboard_flush_units"),
        {},
    )
