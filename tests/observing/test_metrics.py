"""``GET /metrics`` as Prometheus reads it."""

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from cordboard.kernel.errors import Unavailable
from cordboard.storage.port import Work
from cordboard.storage.unit import LostRace, Unit
from cordboard.taskrouter.engine.router import Router
from cordboard.taskrouter.store.workers import WORKERS
from cordboard.testkit.running import Cordboard
from cordboard.testkit.workbench import Workbench
from cordboard.timers.schedule import schedule
from tests.docs.pages import codes, table
from tests.operations.world import populate
from tests.taskrouter.scene import Scene

OUTCOMES = ("done", "refused", "failed")
FLUSHES = ("units_count", "units_sum", "seconds_sum")


class Scraped:
    """The samples of one scrape by name, those of one operation, outcome or bound by their labels."""

    def __init__(self, cordboard: Cordboard) -> None:
        answer = cordboard.http.get("/metrics", auth=None)
        assert answer.status == 200
        self.text = answer.text
        self.samples = [sample for found in text_string_to_metric_families(self.text) for sample in found.samples]

    def __call__(self, name: str, **labels: str) -> float:
        """The one sample with these labels; 0 where there is none yet."""
        found = [one.value for one in self.samples if one.name == name and labels.items() <= one.labels.items()]
        assert len(found) < 2, (name, labels)
        return found[0] if found else 0.0


@pytest.fixture(params=["sqlite", "postgresql"])
def anywhere(request: pytest.FixtureRequest, cordboard_workbench: Workbench) -> Iterator[Cordboard]:
    database = request.getfixturevalue("postgres_database") if request.param == "postgresql" else None
    with cordboard_workbench.cordboard(seed=1, database=database) as cordboard:
        yield cordboard


def test_calls_are_counted_by_operation_and_status_with_their_time(cordboard: Cordboard) -> None:
    cordboard.http.get("/cordboard/v1/Keys")
    cordboard.http.get("/cordboard/v1/Keys")
    cordboard.http.get("/cordboard/v1/Keys", auth=None)
    cordboard.http.get("/cordboard/v1/Nothing")
    cordboard.http.post("/flex-api/v2/WebChats")
    scraped = Scraped(cordboard)
    name = "cordboard_request_seconds"
    listed = {"product": "cordboard", "operation": "ListKeys"}
    assert scraped(f"{name}_count", **listed, status="200") == 2
    assert scraped(f"{name}_bucket", **listed, status="200", le="10.0") == 2
    assert 0 < scraped(f"{name}_sum", **listed, status="200") < 10
    assert scraped(f"{name}_count", **listed, status="401") == 1
    assert scraped(f"{name}_count", product="", operation="", status="404") == 1
    assert scraped(f"{name}_count", product="flex-api", status="501") == 1


def test_units_are_counted_by_what_became_of_them(anywhere: Cordboard) -> None:
    async def loses_twice(_unit: Unit, lost: list[int] = [1, 2]) -> None:  # noqa: B006 - it counts the races of one test
        if lost:
            lost.pop()
            raise LostRace

    async def fails(_unit: Unit) -> None:
        raise Unavailable("the disk is full")

    before = Scraped(anywhere)
    anywhere.client.conversations.v1.conversations.create(unique_name="one")
    assert anywhere.http.post("/conversations/v1/Conversations", {"UniqueName": "one"}).status == 409
    anywhere.call(anywhere.system.db.run(loses_twice))
    with pytest.raises(Unavailable):
        anywhere.call(anywhere.system.db.run(fails))
    after = Scraped(anywhere)
    units = "cordboard_units_total"
    counted = {outcome: after(units, outcome=outcome) - before(units, outcome=outcome) for outcome in OUTCOMES}
    # A node of several renews its lease meanwhile, in units of its own.
    assert counted.pop("done") >= 2
    assert counted == {"refused": 1, "failed": 1}
    assert after("cordboard_unit_reruns_total") - before("cordboard_unit_reruns_total") == 2


def test_a_flush_is_counted_with_the_units_that_waited_for_it(anywhere: Cordboard) -> None:
    async def together() -> None:
        db = anywhere.system.db
        await asyncio.gather(*(db.run(set_alarm(f"WT{number}")) for number in range(20)))

    def set_alarm(sid: str) -> Work[None]:
        async def write(unit: Unit) -> None:
            schedule(unit, "nobody", sid, anywhere.account_sid, unit.now + 60_000)

        return write

    before = Scraped(anywhere)
    anywhere.call(together())
    after = Scraped(anywhere)
    flushes, waited, took = (after(f"cordboard_flush_{n}") - before(f"cordboard_flush_{n}") for n in FLUSHES)
    assert 1 <= flushes < 20
    assert waited >= 20
    assert took > 0


def test_an_offer_is_counted_with_the_time_that_its_task_waited(anywhere: Cordboard) -> None:
    scene = Scene(anywhere)
    task = scene.task()
    anywhere.settled()
    waiting = Scraped(anywhere)
    assert (waiting("cordboard_waiting_tasks"), waiting("cordboard_floor_workers")) == (1, 0)
    anywhere.clock.advance(30)
    scene.worker("ana")
    offer = scene.offer(task.sid)
    scraped = Scraped(anywhere)
    assert scraped("cordboard_offers_total", outcome="written") == 1
    assert scraped("cordboard_offer_wait_seconds_count") == 1
    assert scraped("cordboard_offer_wait_seconds_sum") == 30
    assert (scraped("cordboard_waiting_tasks"), scraped("cordboard_floor_workers")) == (0, 1)
    assert scraped("cordboard_router_turn_seconds_count") > waiting("cordboard_router_turn_seconds_count")
    # The second offer of a task says nothing about how long it waited for the first.
    scene.answer(offer, "rejected")
    assert len(scene.offers(task.sid)) == 2
    assert Scraped(anywhere)("cordboard_offer_wait_seconds_count") == 1


def test_an_offer_whose_worker_had_changed_is_counted_as_skipped(
    cordboard: Cordboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = Scene(cordboard)
    ana = scene.worker("ana")
    cordboard.settled()
    router = cordboard.system._followers["routing"]
    assert isinstance(router, Router)
    floors = router.floors
    heard = floors.put

    def deaf_to_workers(table: object, fact: object) -> None:
        if table is not WORKERS:
            heard(table, fact)  # type: ignore[arg-type] # what it is given

    monkeypatch.setattr(floors, "put", deaf_to_workers)
    scene.workspace.workers(ana.sid).update(activity_sid=scene.activities["Offline"])
    assert scene.offers(scene.task().sid) == []
    assert Scraped(cordboard)("cordboard_offers_total", outcome="skipped") == 1


def test_alarms_are_counted_while_they_wait_and_when_they_ring(anywhere: Cordboard) -> None:
    scene = Scene(anywhere)
    before = Scraped(anywhere)
    scene.task(timeout=60)
    anywhere.settled()
    waiting = Scraped(anywhere)
    assert waiting("cordboard_alarms_pending") == before("cordboard_alarms_pending") + 1
    assert (waiting("cordboard_alarms_late"), waiting("cordboard_alarms_fired_total")) == (0, 0)
    anywhere.clock.advance(61)
    scraped = Scraped(anywhere)
    # The next one removes the task.
    assert scraped("cordboard_alarms_pending") == before("cordboard_alarms_pending") + 1
    assert scraped("cordboard_alarms_fired_total") == 1
    anywhere.clock.advance(300)
    scraped = Scraped(anywhere)
    assert scraped("cordboard_alarms_pending") == before("cordboard_alarms_pending")
    assert scraped("cordboard_alarms_fired_total") == 2


def test_the_feed_is_counted_over_all_accounts(anywhere: Cordboard) -> None:
    before = Scraped(anywhere)("cordboard_feed_events_total")
    account = anywhere.add_account("Another")
    anywhere.client_of(*account).conversations.v1.conversations.create()
    assert Scraped(anywhere)("cordboard_feed_events_total") > before


def test_a_failing_database_leaves_the_page_up_and_says_so(
    cordboard: Cordboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails() -> str:
        return "disk I/O error"

    assert Scraped(cordboard)("cordboard_database_failing") == 0
    monkeypatch.setattr(cordboard.system.db, "check", fails)
    scraped = Scraped(cordboard)
    assert scraped("cordboard_database_failing") == 1
    assert "cordboard_alarms_pending" not in scraped.text


def test_no_label_grows_with_what_customers_make(cordboard: Cordboard) -> None:
    populate(cordboard)
    first = Scraped(cordboard)
    populate_again = cordboard.client.conversations.v1.conversations
    for _ in range(5):
        populate_again(populate_again.create().sid).messages.create(body="Hello")
    second = Scraped(cordboard)
    assert not re.search("[A-Z]{2}[0-9a-f]{32}", second.text)
    assert len(second.samples) == len(first.samples)


def test_it_comes_in_the_newer_format_for_who_asks(cordboard: Cordboard) -> None:
    answer = cordboard.http.get("/metrics", headers={"accept": "application/openmetrics-text;version=1.0.0"})
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")
    assert "process_cpu_seconds_total" in answer.text


def test_it_needs_no_credentials_but_a_name_of_this_server(cordboard: Cordboard) -> None:
    refused = cordboard.http.get("/metrics", host="evil.example", auth=None)
    assert refused.status == 421
    assert "cordboard_units" not in refused.text


def test_a_server_that_nobody_watches_loads_no_library_for_it() -> None:
    heavy = "{'prometheus_client', 'opentelemetry'}"
    program = f"import sys, cordboard.server.serving; print({heavy} & sys.modules.keys() or 'light')"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "light"


def test_the_page_for_operators_names_every_metric(cordboard: Cordboard) -> None:
    cordboard.http.get("/cordboard/v1/Keys")
    served = {line.split()[2] for line in Scraped(cordboard).text.splitlines() if line.startswith("# TYPE cordboard_")}
    told = [name for row in table("docs/operating.md", "metric") for name in codes(row[0])]
    assert sorted(told) == sorted(served)
