"""The schema: numbered SQL files, applied once, in order, in one transaction each.

``schema_versions`` holds what was applied. A database whose head is newer than the program's is not touched. The files are
portable SQL; ``dialect`` knows the one difference.
"""

from functools import cache
from importlib import resources

import msgspec

HISTORY = """
CREATE TABLE IF NOT EXISTS schema_versions (number BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)
"""
APPLIED = "SELECT number FROM schema_versions ORDER BY number"
APPLY = "INSERT INTO schema_versions (number, name, applied_at) VALUES (?, ?, ?)"


class NewerSchema(Exception):
    """The database was written by a newer Cordboard; running this one would damage it."""


class OlderSchema(Exception):
    """The database waits for ``cordboard migrate``, for the server was told not to change its schema by itself."""


class Migration(msgspec.Struct, frozen=True):
    """One file: its number, name and statements."""

    number: int
    name: str
    statements: tuple[str, ...]


@cache
def migrations() -> tuple[Migration, ...]:
    """All files of ``storage/migrations`` in order."""
    found = []
    for file in sorted(resources.files(__package__).joinpath("migrations").iterdir(), key=lambda file: file.name):
        if file.name.endswith(".sql"):
            number, _, name = file.name.removesuffix(".sql").partition("_")
            text = "\n".join(line for line in file.read_text().splitlines() if not line.lstrip().startswith("--"))
            statements = tuple(part.strip() for part in text.split(";") if part.strip())
            found.append(Migration(int(number), name, statements))
    return tuple(found)


def head() -> int:
    """The number of the newest migration."""
    return migrations()[-1].number


def missing(applied: list[int], *, upgrade: bool = True) -> list[Migration]:
    """What is still to be applied. Raises NewerSchema; and without ``upgrade`` OlderSchema, unless the database is new."""
    known = migrations()
    head = known[-1].number
    if applied and applied[-1] > head:
        message = (
            f"the database is at schema {applied[-1]}, this program knows {head}: run the newer Cordboard that wrote it"
        )
        raise NewerSchema(message)
    done = set(applied)
    lacking = [migration for migration in known if migration.number not in done]
    if lacking and applied and not upgrade:
        message = f"the database is at schema {applied[-1]}, this program needs {head}: back it up and run `cordboard migrate`"
        raise OlderSchema(message)
    return lacking
