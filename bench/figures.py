"""What was measured, as one table."""

from collections.abc import Sequence
from typing import NamedTuple

from bench.load import Load


class Figure(NamedTuple):
    """A row. ``reached`` is None where there is no aim; ``load`` is the run behind it, if a load ran.

    ``full`` says that the load was as much as the program took, so that something bounds it.
    """

    what: str
    database: str
    value: str
    ratio: str = ""
    aim: str = ""
    reached: bool | None = None
    load: Load | None = None
    full: bool = True

    def cells(self) -> list[str]:
        reached = {None: "", True: "yes", False: "NO"}[self.reached]
        cells = [self.what, self.database, self.value, self.ratio, self.aim, reached]
        return (
            cells if self.load is None else cells + _of_load(self.load) + [bound(self.load, self.database)] * self.full
        )


HEADINGS = ["", "database", "figure", "ratio", "aim", "reached"]
OF_LOAD = ["p50 ms", "p99 ms", "cpu us", "program", "loop", "cores", "flush", "a flush", "bound by"]


def _of_load(load: Load) -> list[str]:
    return [
        f"{load.p50_ms:.1f}",
        f"{load.p99_ms:.1f}",
        f"{load.cpu_us:.0f}",
        f"{load.cpu_us * load.rate / 1e6:.0%}",
        f"{load.loop:.0%}",
        f"{load.cores:.0%}",
        "" if load.flush is None else f"{load.flush:.0%}",
        "" if load.group is None else f"{load.group:.1f}",
    ]


def bound(load: Load, database: str) -> str:
    """What would have to be faster. At nine tenths a thread is busy whenever it is let: others have its core for the rest.

    On SQLite everybody of a group waits for its flush, and few others have anything to do meanwhile (ADR 0027): loop and flush mostly
    take turns.
    """
    if load.loop >= 0.9:
        return "the loop"
    if load.cores >= 0.95:
        return "all cores"
    if load.flush is None:
        return "threads in turn" if load.cpu_us * load.rate >= 0.9e6 else "waiting"
    return "loop, flush in turn" if database == "SQLite" else "the database"


def table(figures: Sequence[Figure]) -> str:
    rows = [[*HEADINGS, *OF_LOAD], *(figure.cells() for figure in figures)]
    widths = [max(len(row[place]) for row in rows if place < len(row)) for place in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell.ljust(width) if place < 2 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=False))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
