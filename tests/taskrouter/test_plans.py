"""What agents' clients ask for all day is found by an index, however long ago they began to work."""

import pytest

from cordboard.storage.sqlite import SQLiteDatabase
from tests.taskrouter.scene import Scene


@pytest.fixture
def cordboard_database() -> None:
    """SQLite, whatever the other tests run on: its plans do not depend on what is in the tables."""


def test_the_pending_reservations_of_a_worker_are_found_without_those_that_are_over(scene: Scene) -> None:
    db, ana = scene.cordboard.system.db, scene.worker("ana")
    assert isinstance(db, SQLiteDatabase)
    looking = db._looking._connection
    asked: list[str] = []

    async def trace() -> None:
        looking.set_trace_callback(asked.append)

    async def plan() -> str:
        looking.set_trace_callback(None)
        (sql,) = (sql for sql in asked if "FROM reservations" in sql)
        return str(looking.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall())

    scene.cordboard.call(trace())
    assert scene.workspace.workers(ana.sid).reservations.list(reservation_status="pending") == []
    found = scene.cordboard.call(plan())
    assert "reservations_of_worker_by_status (worker_sid=? AND reservation_status=?)" in found
    assert "TEMP B-TREE" not in found
