"""What the bench makes of what it has read: no load runs here."""

import pytest

from bench.figures import Figure, bound, table
from bench.load import Load
from bench.profiles import Samples
from bench.scrape import Histogram, Scrape

WAITS = Histogram({0.002: 10, 0.005: 60, 0.02: 99, float("inf"): 100}, total=0.7)
LOAD = Load(1000, 250.0, 4.0, 9.0, 400.0, loop=0.1, cores=0.2, flush=0.1, group=1.0, counts={})


@pytest.mark.parametrize(("share", "seconds"), [(0.1, 0.002), (0.5, 0.0044), (0.6, 0.005), (1.0, 0.02)])
def test_a_quantile_lies_between_two_bounds(share: float, seconds: float) -> None:
    assert WAITS.quantile(share) == pytest.approx(seconds)


def test_the_share_within_a_bound_is_exact() -> None:
    assert (WAITS.share_within(0.005), WAITS.share_within(0.02)) == (0.6, 0.99)


def test_nothing_measured_reaches_no_aim() -> None:
    assert Histogram({0.005: 0, float("inf"): 0}, total=0).share_within(0.005) == 0


def test_two_scrapes_give_what_happened_between_them() -> None:
    before = Scrape({"waits": WAITS}, {"offers": 100})
    after = Scrape(
        {"waits": Histogram({bound: 3 * count for bound, count in WAITS.below.items()}, 2.1)}, {"offers": 300}
    )
    between = after.since(before)
    assert between.numbers == {"offers": 200}
    assert between.histograms["waits"].number == 200
    assert between.mean("waits") == pytest.approx(0.007)


@pytest.mark.parametrize(
    ("load", "database", "told"),
    [
        (LOAD._replace(loop=0.93, cores=0.99), "SQLite", "the loop"),
        (LOAD._replace(loop=0.5, cores=0.97), "SQLite", "all cores"),
        (LOAD._replace(loop=0.8, cores=0.5, flush=0.2), "SQLite", "loop, flush in turn"),
        (LOAD._replace(loop=0.7, cores=0.8, flush=0.9), "PostgreSQL", "the database"),
        (LOAD._replace(rate=2400.0, flush=None), "SQLite", "threads in turn"),
        (LOAD._replace(flush=None), "SQLite", "waiting"),
    ],
)
def test_what_bounds_a_figure_is_told(load: Load, database: str, told: str) -> None:
    assert bound(load, database) == told


def test_a_median_is_of_each_number_for_itself() -> None:
    runs = [LOAD._replace(rate=rate, p50_ms=p50_ms) for rate, p50_ms in ((1.0, 9.0), (3.0, 7.0), (2.0, 8.0))]
    assert Load.median(runs)[1:3] == (2.0, 8.0)


def test_the_table_says_what_was_reached() -> None:
    printed = table(
        [
            Figure("creates", "SQLite", "1900/s", "0.26 of the floor", "0.25", reached=True, load=LOAD),
            Figure("start", "SQLite", "700 ms", "", "< 600 ms", reached=False),
        ]
    )
    heading, creates, start = printed.splitlines()
    place = heading.index("reached")
    assert creates[place : place + 7].strip() == "yes"
    assert start.endswith("NO")


def test_a_sample_belongs_to_the_innermost_room() -> None:
    samples = Samples()
    loop, room = "thread (1): MainThread;run (/x/asyncio/runners.py:1)", "/x/src/cordboard"
    samples.text = "\n".join(
        [
            f"{loop};call (/x/site-packages/uvicorn/app.py:1);call (/y/src/cordboard/rest/app.py:2) 4",
            f"{loop};call ({room}/rest/app.py:2);insert ({room}/storage/sqlite.py:3);dumps (/x/json/__init__.py:4) 2",
            f"{loop};offer ({room}/taskrouter/engine/offers.py:5) 1",
            f"{loop} 1",
            "thread (2): cordboard-commit_0;run (/x/concurrent/futures/thread.py:58) 2",
            "thread (2): cordboard-commit_0;_worker (/x/concurrent/futures/thread.py:81) 90",
        ]
    )
    assert samples.profile(cpu_us=500).us == {
        "rest": 200,
        "storage": 100,
        "thread cordboard-commit": 100,
        "taskrouter/engine": 50,
        "the event loop": 50,
    }
