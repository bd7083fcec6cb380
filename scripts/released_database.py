"""Write tests/storage/released/<version>.sql: a database of this release with the rows of the demo.

Part of every release. From then on tests/storage/test_released.py brings it to the head on both kinds of database, so the file is
never written again once its version is out.
"""

import contextlib
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from cordboard import __version__
from cordboard.cli.story import Teller, tell
from cordboard.server.preconditions import database_file
from cordboard.testkit.workbench import Workbench

FILE = Path(__file__).parent.parent / "tests" / "storage" / "released" / f"{__version__}.sql"


def statements() -> Iterator[str]:
    """The dump of a server that the demo was told to, its SIDs the same in every run."""
    with Workbench() as workbench, workbench.cordboard(seed=1) as cordboard:
        tell(cordboard.client, cordboard.url, Teller(Console(file=sys.stderr, quiet=True)))
        cordboard.settled()
        file = database_file(cordboard.system.settings)
        assert file is not None  # noqa: S101 - the workbench's databases are files
        with contextlib.closing(sqlite3.connect(file)) as connection:
            for statement in connection.iterdump():
                if statement not in {"BEGIN TRANSACTION;", "COMMIT;"}:
                    yield statement + "\n"


if __name__ == "__main__":
    FILE.write_text("".join(statements()))
