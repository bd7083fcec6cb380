"""Customers and agents who go on while the outside fails: they note what they were told, and come back after every refusal."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from tests.crashes.invariants import Select, broken
from tests.crashes.load import CAPACITY, Acknowledged, Floor
from tests.crashes.test_rounds import AUTH, CREDENTIALS
from tests.nodes.audit import JOURNAL_ROWS, audit, recorded
from tests.server.processes import Served

T = TypeVar("T")

CUSTOMERS = 3
AT_MOST_WAITING = 30
PATIENCE_S = 30
NOTHING_CHANGED = "Nothing was changed"
NOT_KNOWN = "not known"


@contextmanager
def served(folder: Path, database: str) -> Iterator[Served]:
    """A server whose log is read while it runs, so that it never waits for us. It must not have met what it does not know."""
    log: list[str] = []
    with Served(folder, "--port", "0", "--database", database, **CREDENTIALS) as running:
        assert running.process.stderr is not None
        reading = threading.Thread(target=log.extend, args=(running.process.stderr,))
        reading.start()
        try:
            yield running
        finally:
            running.process.kill()
            reading.join()
    assert not [line for line in log if "Traceback" in line]


class Refused(Exception):
    """503, in the vendor's form."""


class Callers:
    """Threads that work on one server. ``refusals`` are sentences; ``wrong`` are answers that nobody may get."""

    def __init__(self, url: str) -> None:
        self._url = url
        with self._client() as client:
            self.floor = Floor(client)
            self._workers = [worker["sid"] for worker in client.get(f"{self.floor.base}/Workers").json()["workers"]]
        self.kept = Acknowledged()
        self.tasks: set[str] = set()
        self.closed: set[str] = set()
        self.refusals: list[str] = []
        self.wrong: list[object] = []
        self._unchanged: set[str] = set()
        self._closing, self._ended = threading.Event(), threading.Event()
        # Who is to be refused must call, also while so many wait that no agent has anything to do.
        self._pressing = False
        self._threads = [threading.Thread(target=self._go_on, args=(self._create,)) for _ in range(CUSTOMERS)]
        self._threads += [
            threading.Thread(target=self._go_on, args=(lambda client, sid=sid: self._serve(client, sid),))
            for sid in self._workers
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        self.more(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._closing.set()
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def more(self, count: int) -> None:
        """Go on until so many more interactions are closed."""
        enough = len(self.closed) + count
        until(
            lambda: len(self.closed) >= enough or self.wrong,
            lambda: f"stuck at {len(self.closed)} {self.refusals[-1:]}",
        )

    def until_refused(self, count: int) -> None:
        """Go on until so many more calls are refused."""
        enough = len(self.refusals) + count
        self._pressing = True
        until(lambda: len(self.refusals) >= enough or self.wrong, lambda: f"{len(self.refusals)} were refused")
        self._pressing = False

    def until_unready(self) -> str:
        """What ``/readyz`` says once it is red."""
        return until(lambda: " and ".join(self.problems()), lambda: "the server says that it is ready")

    def until_ready(self) -> None:
        """Wait for ``/readyz`` to be green."""
        until(lambda: not self.problems(), lambda: f"not ready: {self.problems()}")

    def problems(self) -> list[str]:
        answer = httpx.get(f"{self._url}/readyz", timeout=PATIENCE_S)
        found: list[str] = answer.json()["problems"]
        assert answer.status_code == (503 if found else 200)
        return found

    def finish(self, select: Select) -> None:
        """No new customers; the agents go on until nobody waits. Then look whether all promises were kept."""
        self._closing.set()
        until(
            lambda: self.wrong or not select("SELECT sid FROM tasks WHERE ended_at IS NULL"),
            lambda: f"tasks are stuck: {broken(select)}",
        )
        self._ended.set()
        for thread in self._threads:
            thread.join()
        assert self.wrong == []
        assert broken(select) == {}
        told = audit(recorded(select(JOURNAL_ROWS)), self.tasks, CAPACITY)
        assert (told.beyond, told.doubled, told.lost) == (0, 0, [])
        written = {row[0] for row in select("SELECT identity FROM conversation_participants")}
        written |= {row[0] for row in select("SELECT body FROM conversation_messages")}
        assert not written & self._unchanged, "it was refused with the word that nothing was changed"
        with self._client() as client:
            for path, values in self.kept.facts:
                found = client.get(path).json()
                assert all(found[name] in allowed for name, allowed in values.items()), (path, values, found)

    def _client(self) -> httpx.Client:
        return httpx.Client(base_url=self._url, auth=AUTH, timeout=PATIENCE_S)

    def _go_on(self, work: Callable[[httpx.Client], None]) -> None:
        with self._client() as client:
            while not self._ended.is_set():
                try:
                    work(client)
                except Refused:
                    # As Retry-After says would be a second; tests have less time.
                    time.sleep(0.02)
                except Exception as error:  # noqa: BLE001 - told by the test that ends
                    self.wrong.append(repr(error))
                    return

    def _create(self, client: httpx.Client) -> None:
        is_full = len(self.tasks) - len(self.closed) > AT_MOST_WAITING and not self._pressing
        if self._closing.is_set() or is_full:
            time.sleep(0.01)
            return
        name = f"customer {threading.get_ident()} {time.perf_counter_ns()}"
        channel = json.dumps({"type": "web", "initiated_by": "api", "participants": [{"identity": name}]})
        made = self._told(
            client.post("/v1/Interactions", data={"Channel": channel, "Routing": self.floor.routing}), name
        )
        assert made is not None
        self.tasks.add(made["routing"]["properties"]["sid"])
        self.kept.add(f"/v1/Interactions/{made['sid']}", sid=(made["sid"],))

    def _serve(self, client: httpx.Client, worker: str) -> None:
        path = f"{self.floor.base}/Workers/{worker}/Reservations"
        for offer in self._listed(client, path, "pending"):
            if self._told(client.post(f"{path}/{offer['sid']}", data={"ReservationStatus": "accepted"})):
                self.kept.add(f"{path}/{offer['sid']}", reservation_status=("accepted", "wrapping", "completed"))
        for offer in self._listed(client, path, "accepted"):
            self._talk(client, offer["task_sid"])

    def _listed(self, client: httpx.Client, path: str, status: str) -> list[Any]:
        found = self._told(client.get(path, params={"ReservationStatus": status}))
        assert found is not None
        offers: list[Any] = found["reservations"]
        return offers

    def _talk(self, client: httpx.Client, task_sid: str) -> None:
        task = self._told(client.get(f"{self.floor.base}/Tasks/{task_sid}"))
        assert task is not None
        names = json.loads(task["attributes"])
        body = f"message {task_sid} {time.perf_counter_ns()}"
        messages = f"/v1/Conversations/{names['conversationSid']}/Messages"
        if message := self._told(client.post(messages, data={"Author": "agent", "Body": body}), body):
            self.kept.add(f"{messages}/{message['sid']}", index=(message["index"],), body=(body,))
        channel = f"/v1/Interactions/{names['flexInteractionSid']}/Channels/{names['flexInteractionChannelSid']}"
        if self._told(client.post(channel, data={"Status": "closed", "Routing": '{"status": "closed"}'})):
            self.kept.add(channel, status=("closed",))
            self.closed.add(task_sid)

    def _told(self, answer: httpx.Response, wrote: str | None = None) -> dict[str, Any] | None:
        """The answer of a call that took place; None for one that had taken place before, when its answer was lost."""
        told: dict[str, Any] = answer.json()
        if answer.is_success:
            return told
        if answer.status_code == 503:
            self._check_form(answer, told)
            self.refusals.append(told["message"])
            if wrote is not None and NOTHING_CHANGED in told["message"]:
                self._unchanged.add(wrote)
            raise Refused
        again = answer.status_code in {400, 409, 410} and any(NOT_KNOWN in sentence for sentence in self.refusals)
        if not again:
            self.wrong.append((answer.request.url, answer.status_code, answer.text))
        return None

    def _check_form(self, answer: httpx.Response, told: dict[str, Any]) -> None:
        says_so = NOTHING_CHANGED in told["message"] or NOT_KNOWN in told["message"]
        if not (
            told.keys() == {"code", "message", "more_info", "status"}
            and (told["code"], told["status"]) == (90503, 503)
            and says_so
            and int(answer.headers["retry-after"]) >= 1
        ):
            self.wrong.append((answer.headers, told))


def until(look: Callable[[], T], complaint: Callable[[], str]) -> T:
    """What a look gives as soon as it gives something."""
    end = time.monotonic() + PATIENCE_S
    while not (found := look()):
        assert time.monotonic() < end, complaint()
        time.sleep(0.02)
    return found
