"""Callers and agents who work over both nodes while one of them has an accident."""

import threading
import time
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Self

import httpx

from .audit import JOURNAL_ROWS, Told, audit, recorded
from .pair import Client, Gone, Pair, until

WORKERS, CAPACITY, WAITING = 6, 2, 40
_LEFT = "SELECT sid, assignment_status FROM tasks WHERE ended_at IS NULL"


class Load:
    """Two creators and three agents, each a thread with a client of its own. ``refused`` are answers that nobody may get."""

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        client = pair.client()
        workspace = client.post("/v1/Workspaces", FriendlyName="load", Template="FIFO")
        self.path = f"/v1/Workspaces/{workspace['sid']}"
        (available,) = [
            found["sid"]
            for found in client.get(f"{self.path}/Activities")["activities"]
            if found["friendly_name"] == "Available"
        ]
        self.workers: list[str] = []
        for number in range(WORKERS):
            made = client.post(f"{self.path}/Workers", FriendlyName=f"w{number}", ActivitySid=available)
            client.post(f"{self.path}/Workers/{made['sid']}/Channels/default", Capacity=str(CAPACITY))
            self.workers.append(made["sid"])
        self.acknowledged: set[str] = set()
        self.completed: set[str] = set()
        self.refused: list[str] = []
        self._closing = threading.Event()
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._create, args=(pair.client(node, 1 - node),)) for node in (0, 1)]
        self._threads += [
            threading.Thread(target=self._serve, args=(pair.client(place % 2, 1 - place % 2), self.workers[place::3]))
            for place in range(3)
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
        """Go on until so many more tasks are completed."""
        enough = len(self.completed) + count
        until(lambda: len(self.completed) >= enough, f"{len(self.completed)} of {len(self.acknowledged)} are completed")

    def finish(self) -> Told:
        """Nothing new; wait until all that was begun is done, and tell how it went."""
        self._closing.set()
        until(lambda: not self.pair.sql(_LEFT), "tasks are stuck")
        self._ended.set()
        for thread in self._threads:
            thread.join()
        assert self.refused == []
        assert self.acknowledged <= self.completed | {row[0] for row in self.pair.sql("SELECT sid FROM tasks")}
        return audit(recorded(self.pair.sql(JOURNAL_ROWS)), self.acknowledged, CAPACITY)

    def _create(self, client: Client) -> None:
        while not self._closing.is_set():
            if len(self.acknowledged) - len(self.completed) > WAITING:
                time.sleep(0.01)
                continue
            answer = self._ask(partial(client.ask, "POST", f"{self.path}/Tasks", Attributes="{}"))
            if answer is not None and answer.status_code == 201:
                self.acknowledged.add(answer.json()["sid"])

    def _serve(self, client: Client, workers: list[str]) -> None:
        while not self._ended.is_set():
            for worker in workers:
                path = f"{self.path}/Workers/{worker}/Reservations"
                self._step(client, path, "pending", "accepted")
                self._step(client, path, "accepted", "completed")

    def _step(self, client: Client, path: str, status: str, after: str) -> None:
        found = self._ask(partial(client.ask, "GET", f"{path}?ReservationStatus={status}"))
        for offer in found.json()["reservations"] if found is not None and found.is_success else ():
            moved = self._ask(partial(client.ask, "POST", f"{path}/{offer['sid']}", ReservationStatus=after))
            if moved is not None and moved.is_success and after == "completed":
                self.completed.add(offer["task_sid"])

    def _ask(self, call: Callable[[], httpx.Response]) -> httpx.Response | None:
        try:
            answer = call()
        except (httpx.HTTPError, Gone):
            return None
        # 400 and 410: somebody was faster, for a call whose answer was lost may have been carried out.
        if answer.status_code not in {200, 201, 400, 409, 410, 503}:
            self.refused.append(answer.text)
        return answer
