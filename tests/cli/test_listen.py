"""``cordboard listen`` as a developer runs it: a process beside a server, with a receiver that is theirs."""

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from queue import Queue
from typing import Any, NamedTuple

import httpx
import msgspec
import pytest

from cordboard.cli.deliveries import Deliveries
from cordboard.cli.main import main
from cordboard.cli.receiving import message_of, verify
from cordboard.cli.telling import as_sent
from cordboard.testkit.running import Cordboard
from cordboard.webhooks.messages import Message
from cordboard.webhooks.model import Content, Method
from tests.taskrouter.scene import Scene
from tests.webhooks.receiver import HostileReceiver, answer, listening, says

PATIENCE_S = 30


class Listening:
    """The command, and the lines that it prints."""

    def __init__(self, cordboard: Cordboard, *words: str, **environment: str) -> None:
        given = {
            **os.environ,
            "CORDBOARD_URL": cordboard.url,
            "CORDBOARD_ACCOUNT_SID": cordboard.account_sid,
            "CORDBOARD_AUTH_TOKEN": cordboard.auth_token,
            "NO_PROXY": "127.0.0.1,localhost",
            **environment,
        }
        command = [sys.executable, "-m", "cordboard", "listen", *words]
        self._process = subprocess.Popen(command, env=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self._queue: Queue[str] = Queue()
        self.said: list[str] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._queue.put(line.rstrip("\n"))

    def until(self, pattern: str) -> str:
        """The next line in which the pattern is found."""
        while True:
            self.said.append(self._queue.get(timeout=PATIENCE_S))
            if re.search(pattern, self.said[-1]):
                return self.said[-1]

    def ended(self) -> tuple[int, str]:
        """Exit code and complaints of a command that ends by itself."""
        _, complaints = self._process.communicate(timeout=PATIENCE_S)
        return self._process.returncode, complaints

    def interrupt(self) -> tuple[int, str]:
        self._process.send_signal(signal.SIGINT)
        return self.ended()

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()


class Said(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Said]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], cordboard: Cordboard) -> Run:
    """The command in this process, for ways to call it that end by themselves."""
    monkeypatch.setenv("CORDBOARD_URL", cordboard.url)
    monkeypatch.setenv("CORDBOARD_ACCOUNT_SID", cordboard.account_sid)
    monkeypatch.setenv("CORDBOARD_AUTH_TOKEN", cordboard.auth_token)

    def call(*words: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["cordboard", "listen", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return Said(int(ended.value.code or 0), said.out, said.err)

    return call


@contextlib.contextmanager
def listen(cordboard: Cordboard, *words: str, **environment: str) -> Iterator[Listening]:
    made = Listening(cordboard, *words, **environment)
    try:
        yield made
    finally:
        made.kill()


@pytest.fixture
def receiver(cordboard: Cordboard) -> Iterator[HostileReceiver]:
    with listening(cordboard) as receiver:
        yield receiver


@pytest.fixture
def scene(cordboard: Cordboard, receiver: HostileReceiver) -> Scene:
    made = Scene(cordboard, event_callback_url=f"{receiver.url}/events#rc=0", events_filter="task.created")
    cordboard.settled()
    return made


def deliveries(cordboard: Cordboard) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = cordboard.http.get("/cordboard/v1/Deliveries").json["deliveries"]
    return found


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def test_it_shows_deliveries_as_they_are_made_and_hands_them_on_signed_for_the_other_url(
    scene: Scene, receiver: HostileReceiver
) -> None:
    cordboard = scene.cordboard
    scene.task(attributes={"n": "before"})
    cordboard.settled()
    here = f"{receiver.url}/mine?x=1"
    with listen(cordboard, "--forward", here) as listening_:
        listening_.until("Listening to deliveries")
        task = scene.task(attributes={"said": "\x1b[31mred"})
        cordboard.settled()
        sid = deliveries(cordboard)[-1]["sid"]
        assert listening_.until(r"POST http://127.0.0.1:\d+/events").endswith("#rc=0")
        (sent,) = [call for call in receiver.calls if call.path == "/events" and call.token == sid]
        assert sent.headers["x-twilio-signature"] in listening_.until("x-twilio-signature")
        assert listening_.until("EventType").split() == ["EventType", "task.created"]
        assert task.sid in listening_.until("ResourceSid")
        assert "\x1b" not in listening_.until("TaskAttributes")
        listening_.until(rf"{re.escape(here)} answered 204 in \d+ ms")
        (mine,) = [call for call in receiver.calls if call.path == "/mine"]
        assert mine.is_signed_by(cordboard.auth_token)
        assert (mine.form, mine.token) == (sent.form, sid)
        assert not any("before" in line for line in listening_.said)
        assert listening_.interrupt() == (0, "")


def test_it_shows_how_a_delivery_goes_on(scene: Scene, receiver: HostileReceiver) -> None:
    receiver.behaves(answer(500), answer(204))
    with listen(scene.cordboard) as listening_:
        listening_.until("Listening to deliveries")
        scene.task()
        scene.cordboard.settled()
        assert "(it answered 500)" in listening_.until("pending")
        scene.cordboard.clock.advance(600)
        listening_.until("delivered after 2 attempts")


def test_it_can_begin_with_the_last_ones_and_an_api_key_sees_them_without_signatures(scene: Scene) -> None:
    cordboard = scene.cordboard
    tasks = [scene.task() for _ in range(3)]
    cordboard.settled()
    key = cordboard.http.post("/cordboard/v1/Keys", {"FriendlyName": "dev"}).json
    with listen(
        cordboard, "--last", "2", CORDBOARD_ACCOUNT_SID=key["sid"], CORDBOARD_AUTH_TOKEN=key["secret"]
    ) as listening_:
        assert tasks[1].sid in listening_.until("ResourceSid")
        assert tasks[2].sid in listening_.until("ResourceSid")
        assert "x-twilio-signature" not in "".join(listening_.said)


def test_no_delivery_is_missed_when_many_are_made_between_two_looks_and_none_is_shown_twice(scene: Scene) -> None:
    cordboard = scene.cordboard

    async def look(often: Deliveries) -> list[str]:
        return [delivery.sid for delivery, is_new in await often.news() if is_new]

    async def story() -> None:
        credentials = cordboard.account_sid, cordboard.auth_token
        async with Deliveries(cordboard.url, credentials) as often:
            assert await look(often) == []
            await asyncio.to_thread(make, 3)
            assert len(await look(often)) == 3
            await asyncio.to_thread(make, 210)
            assert len(made := await look(often)) == 210
            everything = cordboard.http.get("/cordboard/v1/Deliveries", {"PageSize": "1000"}).json["deliveries"]
            assert made == [each["sid"] for each in everything][3:]
            assert await look(often) == []

    def make(count: int) -> None:
        for _ in range(count):
            scene.task()
        cordboard.settled()

    asyncio.run(story())


def test_one_is_sent_again_to_another_url_or_by_the_server_to_its_own(
    scene: Scene, receiver: HostileReceiver, run: Run
) -> None:
    scene.task()
    scene.cordboard.settled()
    (made,) = deliveries(scene.cordboard)
    receiver.calls.clear()
    assert run("--replay", made["sid"], "--forward", f"{receiver.url}/mine").code == 0
    (call,) = receiver.calls
    assert (call.path, call.token, call.form) == ("/mine", made["sid"], made["payload"])
    assert "pending" in run("--replay", made["sid"]).out
    scene.cordboard.settled()
    assert [(call.path, call.token) for call in receiver.calls[1:]] == [("/events", made["sid"])]


def test_a_replay_that_is_not_taken_ends_with_an_error(scene: Scene, receiver: HostileReceiver, run: Run) -> None:
    scene.task()
    scene.cordboard.settled()
    (made,) = deliveries(scene.cordboard)
    receiver.behaves(answer(404))
    said = run("--replay", made["sid"], "--forward", f"{receiver.url}/mine")
    assert (said.code, said.err) == (1, "")
    assert "answered 404" in said.out


def test_as_the_receiver_it_checks_signatures_and_answers_as_the_other_url_does(
    cordboard: Cordboard, receiver: HostileReceiver
) -> None:
    receiver.behaves(says(json.dumps({"instruction": "accept"})))
    port = free_port()
    scene = Scene(cordboard)
    ours = f"http://127.0.0.1:{port}/assign?shop=1"
    scene.workspace.workflows(scene.workflow).update(assignment_callback_url=ours)
    ana = scene.worker("ana")
    with listen(cordboard, "--port", str(port), "--forward", f"{receiver.url}/mine") as listening_:
        listening_.until("Receiving at")
        await_port(port)
        task = scene.task()
        listening_.until(rf"POST {re.escape(ours)}")
        listening_.until("the signature verifies")
        listening_.until("answered 200")
        cordboard.settled()
        (call,) = receiver.calls
        assert call.is_signed_by(cordboard.auth_token)
        assert call.form["TaskSid"] == task.sid
        reservations = scene.workspace.workers(ana.sid).reservations.list()
        assert [each.reservation_status for each in reservations] == ["accepted"]

        httpx.post(ours, data={"TaskSid": task.sid}, headers={"X-Twilio-Signature": "forged"}, trust_env=False)
        listening_.until("the signature does not verify")
        code, _ = listening_.interrupt()
        assert code == 0


def await_port(port: int) -> None:
    for _ in range(PATIENCE_S * 100):
        with socket.socket() as sock:
            if sock.connect_ex(("127.0.0.1", port)) == 0:
                return
            threading.Event().wait(0.01)
    raise TimeoutError


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--replay", "DL" + "0" * 32], "was not found"),
        (["--auth-token", "wrong"], "Authentication Error - invalid username or password"),
        (["--url", "http://127.0.0.1:9"], "http://127.0.0.1:9 does not answer"),
        (["--forward", "localhost:3000"], "expected a URL of http or https"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(run: Run, words: list[str], complaint: str) -> None:
    said = run(*words)
    assert (said.code, said.out, len(said.err.splitlines())) == (1, "", 1)
    assert said.err.startswith("cordboard: ")
    assert complaint in said.err


FORM = Message(
    method=Method.POST,
    content=Content.FORM,
    parameters={"B": "\u00e9 &=", "A": ""},
    body=b"",
    tokens=["t1"],
    headers={},
)
SENT = {
    "form": FORM,
    "GET": msgspec.structs.replace(FORM, method=Method.GET),
    "JSON": msgspec.structs.replace(FORM, content=Content.JSON, parameters={}, body=b'{"a": 1}'),
}


@pytest.mark.parametrize("kind", SENT)
def test_signatures_are_checked_and_a_call_can_be_signed_anew(kind: str) -> None:
    message = SENT[kind]
    request = asyncio.run(as_sent("http://localhost:3000/hook?x=1", message))
    assert request is not None
    assert verify(request, "t1")
    assert not verify(request, "t2")
    elsewhere = httpx.Request(request.method, f"{request.url}1", headers=request.headers, content=request.content)
    assert not verify(elsewhere, "t1")
    changed = httpx.Request(request.method, request.url, headers=request.headers, content=request.content + b"1")
    assert not verify(changed, "t1")
    again = message_of(request, "t1")
    expected = {**message.parameters, "x": "1"} if kind == "GET" else message.parameters
    assert (again.method, again.content, again.parameters, again.body) == (
        message.method,
        message.content,
        expected,
        message.body,
    )
