"""Where a server's CPU goes, by room: py-spy samples it from outside, so that it runs as it always does.

A sample belongs to the innermost frame that is Cordboard's or a library's; what the standard library and C code below it
take is its own. So SQLite's INSERTs are ``storage``'s, and decoding JSON is of whoever asked for it.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

_FRAME = re.compile(r"\((?P<file>.+?):\d+\)$")
_OURS = re.compile(r"/src/cordboard/(?P<room>.+)\.py$")
_LOOP = re.compile(r"/asyncio/runners\.py$")
_WAITING = re.compile(r"^_worker \(.*/concurrent/futures/thread\.py:")
_LIBRARY = re.compile(r"/site-packages/(?P<name>[^/]+)")
_SAMPLES_A_SECOND = 250


class Profile(NamedTuple):
    """Microseconds of a thing (a call, a life cycle) by room, the most expensive first."""

    us: dict[str, float]

    def text(self) -> str:
        return "\n".join(f"{us:9.1f} us  {room}" for room, us in self.us.items() if us >= 0.5)


class Samples:
    """``text``: a line a stack, outermost frame first, and how often it was seen; there when the sampler has ended."""

    text = ""

    def profile(self, cpu_us: float) -> Profile:
        rooms: Counter[str] = Counter()
        for line in self.text.splitlines():
            stack, _, count = line.rpartition(" ")
            frames = stack.split(";")
            # A thread that waits for work is asleep, and seen as awake.
            if not _WAITING.search(frames[-1]):
                rooms[_room(frames)] += int(count)
        if not rooms:
            raise SystemExit("py-spy saw the server idle all the time")
        return Profile({room: count / rooms.total() * cpu_us for room, count in rooms.most_common()})


def _room(stack: list[str]) -> str:
    """``taskrouter/engine``, ``storage``, ``uvicorn``; what others than the loop's thread do is told by their names."""
    thread, *frames = stack
    if "MainThread" not in thread:
        return "thread " + thread.rpartition(": ")[2].rstrip("_0123456789")
    for frame in reversed(frames):
        file = found["file"] if (found := _FRAME.search(frame)) else ""
        if _LOOP.search(file):
            return "the event loop"
        if ours := _OURS.search(file):
            return str(Path(ours["room"]).parent) if "/" in ours["room"] else ours["room"]
        if library := _LIBRARY.search(file):
            return library["name"].removesuffix(".py")
    return "the standard library"


def sampler() -> str:
    """The program. Raises SystemExit with how to get it."""
    beside = Path(sys.executable).with_name("py-spy")
    found = str(beside) if beside.exists() else shutil.which("py-spy")
    if found is None:
        raise SystemExit(f"--profile needs py-spy: {sys.executable} -m pip install py-spy")
    return found


@contextmanager
def sampled(pid: int, seconds: int) -> Iterator[Samples]:
    """Sample the process while the body runs, for at most ``seconds``."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "samples"
        words = [sampler(), "record", "--pid", str(pid), "--format", "raw", "--threads", "--full-filenames"]
        words += ["--duration", str(max(seconds - 1, 1)), "--rate", str(_SAMPLES_A_SECOND), "--output", str(file)]
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
            samples = Samples()
            yield samples
            said, _ = process.communicate(timeout=seconds + 30)
        if not file.exists():
            raise SystemExit(f"py-spy could not look into the server (without root it may not):\n{said}")
        samples.text = file.read_text()
