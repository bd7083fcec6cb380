"""Programs under measurement: started, waited for, ended; and what they took of the processors."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx

ROOT = Path(__file__).parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE_S = 30


class Running(NamedTuple):
    """``started_s`` and ``started_mb``: how long it took until it answered, and its resident set then."""

    pid: int
    url: str
    started_s: float
    started_mb: float


class Usage(NamedTuple):
    """Seconds of CPU: of the program, of its first thread (the event loop), of the whole machine; ``idle_s`` of its cores."""

    at: float
    program_s: float
    loop_s: float
    machine_s: float
    idle_s: float

    @classmethod
    def now(cls, pid: int) -> "Usage":
        machine = [int(field) / TICKS for field in Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]
        idle_s = machine[3] + machine[4]
        program_s = _cpu_s(Path(f"/proc/{pid}/stat"))
        return cls(time.perf_counter(), program_s, _cpu_s(Path(f"/proc/{pid}/task/{pid}/stat")), sum(machine), idle_s)

    def loop_since(self, before: "Usage") -> float:
        """The share of the time that the event loop's thread was running."""
        return (self.loop_s - before.loop_s) / (self.at - before.at)

    def machine_since(self, before: "Usage") -> float:
        """The share of all cores' time that anybody was running."""
        whole = self.machine_s - before.machine_s
        return (whole - (self.idle_s - before.idle_s)) / whole


def _cpu_s(stat: Path) -> float:
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _resident_mb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


@contextmanager
def running(
    command: list[Any], path: str, folder: Path, environment: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """A program of this interpreter that answers at ``path`` of a free port, given as ``--port``; ended in order."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    words = [sys.executable, *(str(word) for word in command), "--port", str(port)]
    settings = {name: value for name, value in os.environ.items() if not name.startswith("CORDBOARD_")}
    settings["PYTHONPATH"] = os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH"), str(ROOT)]))
    settings |= environment or {}
    log = folder / "log"
    began = time.perf_counter()
    # The line that is written for each call goes to a file, as in service.
    with (
        log.open("wb") as written,
        subprocess.Popen(words, cwd=folder, env=settings, stdout=subprocess.DEVNULL, stderr=written) as process,
    ):
        try:
            _until_answering(process, port, path, log)
            took = time.perf_counter() - began
            yield Running(process.pid, f"http://127.0.0.1:{port}", took, _resident_mb(process.pid))
        finally:
            process.terminate()
            process.wait(timeout=PATIENCE_S)


def _until_answering(process: subprocess.Popen[bytes], port: int, path: str, log: Path) -> None:
    until = time.perf_counter() + PATIENCE_S
    while process.poll() is None and time.perf_counter() < until:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            # A port that listens may be of a program that still starts: it answers when it is ready.
            httpx.get(f"http://127.0.0.1:{port}{path}", timeout=PATIENCE_S)
        except (ConnectionRefusedError, httpx.TransportError):
            time.sleep(0.002)
        else:
            return
    raise SystemExit(f"the program does not answer:\n{log.read_text()[-2000:]}")
