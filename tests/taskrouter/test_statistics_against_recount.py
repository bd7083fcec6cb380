"""A random contact center, and its statistics counted anew from the list of its events and rows."""

import itertools
import json
from typing import Any

import pytest

from cordboard.events.feed import after
from cordboard.kernel.chance import SeededChance
from cordboard.kernel.clock import iso
from cordboard.storage.unit import View
from cordboard.taskrouter.engine import statistics_ledger, statistics_recent
from cordboard.taskrouter.model import Task
from cordboard.taskrouter.store.tasks import TASKS
from cordboard.testkit.running import Cordboard

from . import recount
from .recount import Told
from .scene import Scene

STEPS = 120
THRESHOLDS = (0, 3, 10, 40, 3600)
ALL = 1_000_000


class Life:
    """Workers come, work, rest and go; tasks come and end in every way. Time passes by seconds, sometimes by hours."""

    def __init__(self, cordboard: Cordboard, seed: int) -> None:
        self.cordboard = cordboard
        self.chance = SeededChance(seed)
        self.names = itertools.count()
        self.scene = Scene(cordboard)
        self.space = self.scene.workspace
        self.channels = {found.unique_name: found.sid for found in self.space.task_channels.list()}
        skilled = self.space.task_queues.create(
            friendly_name="skilled", target_workers="skill > 1", max_reserved_workers=3
        )
        targets = [{"queue": skilled.sid, "timeout": 20, "priority": 5}, {"queue": self.scene.queue, "timeout": 60}]
        filters = [
            {"expression": "kind == 'hard'", "targets": targets},
            {"expression": "kind == 'easy'", "targets": [{"queue": self.scene.queue}]},
        ]
        workflow = self.space.workflows.create(
            friendly_name="two",
            configuration=json.dumps({"task_routing": {"filters": filters}}),
            task_reservation_timeout=15,
        )
        self.queues = [self.scene.queue, skilled.sid]
        self.workflows = [self.scene.workflow, workflow.sid]
        self.hired: set[str] = set()

    def below(self, end: int) -> int:
        return self.chance.bits(32) % end

    def pick(self, things: list[Any]) -> Any:
        return things[self.below(len(things))]

    def live(self, steps: int) -> None:
        for _ in range(4):
            self._hire()
        deeds = [self._bring] * 3 + [self._answer] * 4 + [self._rest] * 3 + [self._give_up]
        for number in range(steps):
            if number % 40 == 39:
                self._hire()
                self._fire()
            self.pick(deeds)()
            if self.chance.fraction() < 0.6:
                self.cordboard.clock.advance(self.pick([0.25, 1, 2.5, 7, 21]))
            if self.chance.fraction() < 0.03:
                self.cordboard.clock.advance(self.below(5000))

    def _hire(self) -> None:
        worker = self.scene.worker(f"w{next(self.names)}", available=self.chance.fraction() < 0.7, skill=self.below(4))
        for name in ("chat", "default"):
            self.scene.capacity(worker.sid, name, 1 + self.below(3))
        self.hired.add(worker.sid)

    def _fire(self) -> None:
        for worker in self.space.workers.list(available="false"):
            if not [found for found in self.space.workers(worker.sid).reservations.list() if _is_open(found)]:
                self.space.workers(worker.sid).delete()
                return

    def _bring(self) -> None:
        self.scene.task(
            workflow_sid=self.pick(self.workflows),
            task_channel=self.pick(["chat", "default"]),
            priority=self.below(3),
            attributes={"kind": self.pick(["hard", "easy", "odd"])},
        )

    def _answer(self) -> None:
        self.cordboard.settled()
        for worker in [self.pick(self.space.workers.list()) for _ in range(2)]:
            offers = self.space.workers(worker.sid).reservations.list()
            for offer in filter(_is_open, offers):
                moves = {
                    "pending": ["accepted", "accepted", "rejected"],
                    "accepted": ["wrapping", "completed"],
                    "wrapping": ["completed"],
                }
                self.scene.answer(offer, self.pick(moves[offer.reservation_status]))
                return

    def _rest(self) -> None:
        worker = self.pick(self.space.workers.list())
        # Who does not answer in time is Offline, so most go back to work.
        name = self.pick(["Available", "Available", "Available", "Offline", "Unavailable"])
        self.space.workers(worker.sid).update(activity_sid=self.scene.activities[name])

    def _give_up(self) -> None:
        self.cordboard.settled()
        waiting = self.space.tasks.list(assignment_status=["pending", "reserved"])
        if waiting:
            task = self.pick(waiting)
            if self.chance.fraction() < 0.8:
                self.space.tasks(task.sid).update(assignment_status="canceled", reason="no more")
            else:
                self.space.tasks(task.sid).delete()


def _is_open(offer: Any) -> bool:
    return offer.reservation_status in {"pending", "accepted", "wrapping"}


def events(cordboard: Cordboard, workspace_sid: str) -> list[Told]:
    async def look(view: View) -> list[Told]:
        found = await after(view, cordboard.account_sid, 0, ALL)
        return [Told(event) for event in found if event.product == "taskrouter" and event.scope_sid == workspace_sid]

    return cordboard.call(cordboard.system.db.read(look))


def check_what_happened(life: Life, told: list[Told]) -> None:
    first, last = told[0].at // 1000, life.cordboard.system.ports.clock.now() // 1000
    windows = [(first, last)] + [sorted(first + life.below(last - first + 1) for _ in range(2)) for _ in range(4)]
    for start, end in windows:
        window = {"StartDate": iso(start * 1000), "EndDate": iso(end * 1000)}
        span = start * 1000, (end + 1) * 1000
        for channel in (None, "chat"):
            asked = window | ({"TaskChannel": channel} if channel else {})
            sid = life.channels[channel] if channel else None
            for path, kind, subject in subjects(life):
                answer = get(life, path, "CumulativeStatistics", asked)
                expected = recount.cumulative(told, kind, subject, *span, sid)
                assert {name: answer[name] for name in expected} == expected, (path, window)
        for path, kind, subject in subjects(life):
            split = ",".join(map(str, THRESHOLDS))
            answer = get(life, path, "Statistics", window | {"SplitByWaitTime": split})["cumulative"]
            assert answer["split_by_wait_time"] == recount.split(told, kind, subject, *span, THRESHOLDS)
        check_what_workers_did(life, told, window, start * 1000, end * 1000)


def check_what_workers_did(life: Life, told: list[Told], window: dict[str, Any], start: int, end: int) -> None:
    answer = get(life, "/Workers", "CumulativeStatistics", window)
    assert by_activity(answer) == recount.durations(told, life.scene.sid, life.hired, start, end)
    made = recount.cumulative(told, "workspace", life.scene.sid, start, end + 1000)
    names = [name for name in made if name.startswith("reservations")]
    assert {name: answer[name] for name in names} == {name: made[name] for name in names}
    members = {found.sid for found in life.space.workers.list(task_queue_sid=life.queues[1])}
    answer = get(life, "/Workers", "Statistics", window | {"TaskQueueSid": life.queues[1]})["cumulative"]
    assert by_activity(answer) == recount.durations(told, life.scene.sid, members, start, end)
    for worker in life.space.workers.list(limit=3):
        answer = get(life, f"/Workers/{worker.sid}", "Statistics", window)["cumulative"]
        assert by_activity(answer) == recount.durations(told, life.scene.sid, {worker.sid}, start, end)
        expected = recount.cumulative(told, "worker", worker.sid, start, end + 1000)
        assert {name: answer[name] for name in expected} == expected


def check_how_it_stands(life: Life) -> None:
    now = life.cordboard.system.ports.clock.now()
    tasks = open_tasks(life)
    workers = life.space.workers.list()
    for channel in (None, "chat"):
        on_it = [task for task in tasks if channel in {None, task.task_channel_unique_name}]
        for path, kind, subject in subjects(life):
            meant = [task for task in on_it if getattr(task, f"{kind}_sid") == subject]
            waiting = [task for task in meant if task.assignment_status in {"pending", "reserved"}]
            answer = get(life, path, "RealTimeStatistics", {"TaskChannel": channel} if channel else {})
            assert answer["total_tasks"] == len(meant)
            assert answer["tasks_by_status"] == {
                status: sum(task.assignment_status == status for task in meant) for status in recount.OPEN
            }
            assert answer["tasks_by_priority"] == {
                str(priority): sum(task.priority == priority for task in waiting)
                for priority in {task.priority for task in waiting}
            }
            assert answer["longest_task_waiting_age"] == oldest([task.created_at for task in waiting], now)
            eldest = min(((task.created_at, task.sid) for task in waiting), default=(0, None))
            assert answer["longest_task_waiting_sid"] == eldest[1]
            if kind == "task_queue":
                assert answer["longest_relative_task_age_in_queue"] == oldest(
                    [task.queue_entered_at or 0 for task in waiting], now
                )
                members = life.space.workers.list(task_queue_sid=subject)
                assert answer["total_eligible_workers"] == len(members)
                assert answer["total_available_workers"] == sum(worker.available for worker in members)
                assert working(answer) == count(members)
            elif kind == "workspace":
                assert answer["total_workers"] == len(workers)
                assert working(answer) == count(workers)


def subjects(life: Life) -> list[tuple[str, str, str]]:
    return [
        ("", "workspace", life.scene.sid),
        *((f"/TaskQueues/{sid}", "task_queue", sid) for sid in life.queues),
        *((f"/Workflows/{sid}", "workflow", sid) for sid in life.workflows),
    ]


def get(life: Life, path: str, name: str, asked: dict[str, Any]) -> dict[str, Any]:
    answer = life.cordboard.http.get(f"/v1/Workspaces/{life.scene.sid}{path}/{name}", asked)
    assert answer.status == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def by_activity(answer: dict[str, Any]) -> dict[str, dict[str, int]]:
    """Durations that are not nought."""
    told = {
        found["sid"]: {name: found[name] for name in ("avg", "min", "max", "total")}
        for found in answer["activity_durations"]
    }
    return {sid: figures for sid, figures in told.items() if any(figures.values())}


def working(answer: dict[str, Any]) -> dict[str, int]:
    return {found["sid"]: found["workers"] for found in answer["activity_statistics"] if found["workers"]}


def count(workers: list[Any]) -> dict[str, int]:
    return {
        sid: sum(worker.activity_sid == sid for worker in workers)
        for sid in {worker.activity_sid for worker in workers}
    }


def oldest(since: list[int], now: int) -> int:
    return (now - min(since)) // 1000 if since else 0


def open_tasks(life: Life) -> list[Task]:
    async def look(view: View) -> list[Task]:
        return await view.all(TASKS.where("workspace_sid = ?"), life.scene.sid)

    found = life.cordboard.call(life.cordboard.system.db.read(look))
    return [task for task in found if task.assignment_status in recount.OPEN]


# Where the figures come from: rows, soon after it happened; or, while the ledger waits for much, memory or the journal.
@pytest.mark.parametrize(
    ("late_ms", "in_memory"), [(1000, 5000), (10**12, 5000), (10**12, 0)], ids=["rows", "memory", "journal"]
)
@pytest.mark.parametrize("seed", [1, 2])
def test_the_figures_of_a_random_contact_center_are_those_of_a_recount(
    cordboard: Cordboard, monkeypatch: pytest.MonkeyPatch, seed: int, late_ms: int, in_memory: int
) -> None:
    monkeypatch.setattr(statistics_ledger, "LATE_MS", late_ms)
    monkeypatch.setattr(statistics_recent, "_MOST", in_memory)
    life = Life(cordboard, seed)
    for _ in range(2):
        life.live(STEPS)
        cordboard.settled()
        check_how_it_stands(life)
        check_what_happened(life, events(cordboard, life.scene.sid))
