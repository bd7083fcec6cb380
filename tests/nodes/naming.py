"""Other nodes learn of a change by the events of its unit, so a unit must name every row that it changes on the floors."""

from cordboard.storage.port import Database
from cordboard.storage.writes import Kind, Settled
from cordboard.taskrouter.engine.floors import WATCHED
from cordboard.taskrouter.engine.record import PRODUCT, rows_named
from cordboard.taskrouter.engine.router import TABLES
from cordboard.taskrouter.store.tasks import TASKS


def must_name_what_it_changes(db: Database) -> None:
    """From now on each settled unit is looked at; one that is silent about a row is a fault of the server."""
    db.listen(_look)


def _look(settled: Settled) -> None:
    named = {
        (TABLES[name], sid) for event in settled.events if event.product == PRODUCT for name, sid in rows_named(event)
    }
    for write in settled.writes:
        if write.table not in WATCHED or write.kind is Kind.GUARD:
            continue
        # What has ended stands on no floor; retention takes it away without a word.
        if write.table is TASKS and write.read is not None and write.read.ended_at is not None:
            continue
        assert (write.table, write.key[0]) in named, (
            f"{write.kind} of {write.table.name} {write.key} is named by no event"
        )
