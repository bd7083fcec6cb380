"""How a bench was asked for, and what its parts have in common."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from bench.contact_center import CAPACITY, seed, serving
from bench.databases import Databases
from bench.load import Load, Script, measure, profile
from bench.processes import Running


class Setting(NamedTuple):
    """``databases`` is the kind that a part runs on, one after the other."""

    folder: Path
    databases: Databases
    rounds: int
    seconds: int
    warm_up_s: int
    workers: int
    profiles: bool

    def say(self, what: str) -> None:
        print(f"{self.databases.name}: {what}", file=sys.stderr, flush=True)

    def warm_up(self, script: Script, program: Running, **words: str) -> None:
        if self.warm_up_s:
            script.run(program.url, self.warm_up_s, environment(words))

    def measure(self, script: Script, program: Running, **words: str) -> Load:
        return measure(script, program, self.seconds, environment(words))

    def load(self, script: Script, program: Running, **words: str) -> Load:
        """Warm up, and measure."""
        self.warm_up(script, program, **words)
        return self.measure(script, program, **words)

    def profile(self, what: str, script: Script, program: Running, cpu_us: float, **words: str) -> None:
        """Print where the CPU of a thing goes, if that was asked for."""
        if self.profiles:
            found = profile(script, program, max(self.seconds, 4), environment(words), cpu_us)
            print(f"{what}, {self.databases.name}: {cpu_us:.0f} us\n{found.text()}\n", flush=True)

    @contextmanager
    def laid_out(self, workers: int, capacity: int = CAPACITY) -> Iterator[str]:
        """The URL of a database with a contact center, to be copied."""
        self.say(f"{workers} workers are laid out")
        with self.databases.empty() as url:
            with serving(url, self.folder, seed(workers, capacity)):
                pass
            yield url


def environment(words: Mapping[str, str]) -> dict[str, str]:
    """What a script of wrk reads of its words: ``BENCH_PATH`` of ``path``."""
    return {f"BENCH_{name.upper()}": value for name, value in words.items()}
