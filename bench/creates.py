"""Creates a second of ``POST /v1/Interactions``, against the four-row floor program, round by round in turn.

A create makes a conversation, an interaction, its channel and invite, a task that enters a queue, alarms and events; the router
offers each task to a worker with room, in the same process, and a run is over when the last offer is written. The floor
(``floor.py``) parses the same form and writes four rows. Both answer 201 after the flush, to 32 connections.
"""

import sqlite3
import statistics
from contextlib import closing

from bench.contact_center import ContactCenter, create_form, serving
from bench.figures import Figure
from bench.load import Load, Script
from bench.processes import running
from bench.scrape import Scrape
from bench.setting import Setting

CREATES = Script("create.lua")
CREATE_PATH = "/flex-api/v1/Interactions"
AIMS = {"SQLite": 0.25}


def run(setting: Setting) -> list[Figure]:
    floor, ours = [], []
    with setting.laid_out(setting.workers) as laid_out:
        for number in range(setting.rounds):
            setting.say(f"creates, round {number + 1} of {setting.rounds}")
            floor.append(of_the_floor(setting))
            with setting.databases.copy(laid_out) as url:
                ours.append(_of_ours(setting, url, last=number + 1 == setting.rounds))
    ratios = [mine.rate / theirs.rate for mine, theirs in zip(ours, floor, strict=True)]
    ratio, aim = statistics.median(ratios), AIMS.get(setting.databases.name)
    print(f"creates, {setting.databases.name}: ratio of each round {', '.join(f'{ratio:.3f}' for ratio in ratios)}")
    theirs, mine = Load.median(floor), Load.median(ours)
    return [
        Figure("the floor: four rows", setting.databases.name, f"{theirs.rate:.0f}/s", load=theirs),
        Figure(
            "creates",
            setting.databases.name,
            f"{mine.rate:.0f}/s",
            f"{ratio:.2f} of the floor",
            f"{aim}" if aim else "",
            ratio >= aim if aim else None,
            mine,
        ),
    ]


def of_the_floor(setting: Setting) -> Load:
    with (
        setting.databases.empty() as url,
        running(["-m", "bench.floor", "--database", url], "/", setting.folder) as program,
    ):
        return setting.load(CREATES, program, path="/v1/Interactions", body=create_form("WS", "WW"))


def _of_ours(setting: Setting, url: str, *, last: bool) -> Load:
    with serving(url, setting.folder) as center:
        calls = {"path": CREATE_PATH, "body": center.create_form()}
        before = Scrape.of(center.running.url)
        load = setting.load(CREATES, center.running, **calls)
        center.until_offered()
        if last:
            _print_sizes(center, url, before)
            setting.profile("a create", CREATES, center.running, load.cpu_us, **calls)
    return load


def _print_sizes(center: ContactCenter, url: str, before: Scrape) -> None:
    """What a create and its offer write: known of SQLite, whose file can be read beside the server."""
    if not url.startswith("sqlite"):
        return
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        counts = {name: connection.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0] for name in tables}
    creates = counts["flex_interactions"]
    rows = {name: count / creates for name, count in counts.items() if count >= creates * 0.5}
    events = Scrape.of(center.running.url).since(before).numbers["cordboard_feed_events_total"] / creates
    each = ", ".join(f"{name} {count:.1f}" for name, count in sorted(rows.items()))
    print(f"rows of a create and its offer: {sum(rows.values()):.1f} ({each}); {events:.1f} events")
