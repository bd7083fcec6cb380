"""Mutate `src/cordboard/routing` in a copy, run `tests/routing` on each mutant, and show those that no test notices.

A run that was stopped goes on where it was, and after a change only the functions that were changed are mutated anew. Survivors
whose row stands in tests/routing/mutants.md are known. Others are tried once more, for tests may have changed; if there are any
left, the exit status is 1.
"""

import os
import resource
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from shutil import copyfile
from typing import NamedTuple

from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code
from mutmut.utils.file_utils import walk_mutatable_files
from mutmut.utils.format_utils import orig_function_and_class_names_from_key

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "tests" / "routing" / "mutants.md"
COPY = ROOT / ".cache" / "mutants"
STATISTICS = COPY / "mutants" / "mutmut-stats.json"
MUTATED = Path("src/cordboard/routing")
COPIED = ("pyproject.toml", "src/cordboard/__init__.py", MUTATED, "tests/routing")
UNNOTICED = {"survived", "no tests", "suspicious"}
UNDECIDED = {"not checked", "check was interrupted by user"}
# A mutant that goes round and round may fill the memory long before its time is over.
MOST_MEMORY = 2 << 30


class Outcome(NamedTuple):
    """How many mutants there are by verdict, and the survivors: the row of each by its name."""

    counts: Counter[str]
    survivors: dict[str, str]


def copy() -> None:
    """Bring the copy to what the repository holds. Files that have not changed keep their time, by which mutmut goes."""
    wanted = {path.relative_to(ROOT) for name in COPIED for path in _files(ROOT / name)}
    held = {path.relative_to(COPY) for name in COPIED for path in _files(COPY / name)}
    changed = {path for path in wanted if path not in held or (COPY / path).read_bytes() != (ROOT / path).read_bytes()}
    for path in held - wanted:
        (COPY / path).unlink()
        (COPY / "mutants" / path).unlink(missing_ok=True)
    for path in changed:
        (COPY / path).parent.mkdir(parents=True, exist_ok=True)
        copyfile(ROOT / path, COPY / path)
    if changed or held - wanted:
        STATISTICS.unlink(missing_ok=True)  # mutmut does not see which tests call a function that is new


def _files(path: Path) -> Iterable[Path]:
    return path.rglob("*.py") if path.is_dir() else [path] if path.exists() else []


def mutmut(names: Iterable[str] = ()) -> None:
    """Try these mutants, or all that have no verdict."""
    # Most tests take less time than to load all plugins; those that are needed are named in pyproject.toml.
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    program = Path(sys.executable).with_name("mutmut")
    subprocess.run([program, "run", *names], cwd=COPY, env=environment, check=True)  # noqa: S603  # nothing of it is foreign


def outcome() -> Outcome:
    """What is known of all mutants."""
    found = Outcome(Counter(), {})
    for path in walk_mutatable_files():
        data = SourceFileMutationData(path=path)
        data.load()
        for name, exit_code in data.exit_code_by_key.items():
            verdict = status_by_exit_code[exit_code]
            found.counts[verdict] += 1
            if verdict in UNNOTICED:
                found.survivors[name] = row(path, name)
    return found


def row(path: Path, name: str) -> str:
    """A mutant as the page has it: file, function, the line that was changed, and what became of it."""
    function, owner = orig_function_and_class_names_from_key(name)
    changes = get_diff_for_mutant(name, path=path).splitlines()[2:]
    before, after = (_cell(line[1:].strip() for line in changes if line.startswith(sign)) for sign in "-+")
    return f"| {path.relative_to(MUTATED)} | {owner + '.' if owner else ''}{function} | {before} | {after} |"


def _cell(lines: Iterator[str]) -> str:
    text = " ".join(lines).replace("|", "\\|")
    return f"`{text}`" if text else "nothing"


def known() -> set[str]:
    """The rows of the page."""
    return {line for line in PAGE.read_text("utf-8").splitlines() if ".py |" in line}


def main() -> int:
    """Print what no test notices and the page does not have, and what the page has and is noticed."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    copy()
    os.chdir(COPY)
    mutmut()
    again = [name for name, row in outcome().survivors.items() if row not in known()]
    if again:
        mutmut(again)
    counts, survivors = outcome()
    new = [f"{row}  {name}" for name, row in survivors.items() if row not in known()]
    gone = sorted(known().difference(survivors.values()))
    sys.stdout.write(
        f"\n{counts.total()} mutants: {', '.join(f'{n} {verdict}' for verdict, n in counts.most_common())}\n"
    )
    for what, rows in ("Not noticed, and not in the page:", new), ("In the page, and noticed now:", gone):
        if rows:
            sys.stdout.writelines([f"\n{what}\n", *(f"{row}\n" for row in rows)])
    return 1 if new or not UNDECIDED.isdisjoint(counts) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
