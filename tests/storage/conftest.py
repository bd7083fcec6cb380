"""One database for each test, of either kind: what is promised is promised by both."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import asyncpg
import pytest

from cordboard.events.record import record
from cordboard.kernel.chance import SeededChance
from cordboard.kernel.keyring import Keyring
from cordboard.kernel.ports import Ports
from cordboard.kernel.sids import Sids
from cordboard.storage import sqlite
from cordboard.storage.port import Database
from cordboard.storage.postgres import open_postgres
from cordboard.storage.sqlite import open_sqlite
from cordboard.storage.tables import F, Query, Table, Value
from cordboard.storage.unit import Unit, View
from cordboard.storage.writes import Settled
from cordboard.testkit.clock import MovableClock
from tests.postgres_server import PostgresServer

from .rows import ITEMS, Item, create_in_postgres, create_in_sqlite

T = TypeVar("T")

NOW = 1_767_225_600_000
ACCOUNT = "AC00000000000000000000000000000001"

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
OURS = (
    "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'cordboard node %' AND datname = current_database()"
)
STUCK = f"{OURS} AND wait_event_type = 'Lock'"


def new_ports() -> Ports:
    chance = SeededChance(1)
    clock = MovableClock(NOW)
    return Ports(clock, chance, Sids(clock, chance), Keyring([bytes(32)], chance))


class Store:
    """A database and short words for what tests do with it. ``settled`` is what its listener heard."""

    def __init__(self, db: Database, *, overlapping: bool) -> None:
        self.db = db
        self.overlapping = overlapping
        self.settled: list[Settled] = []
        db.listen(self.settled.append)

    async def run(self, work: Callable[[Unit], Awaitable[T]]) -> T:
        return await self.db.run(work)

    async def insert(self, table: Table[F], *facts: F) -> None:
        async def work(unit: Unit) -> None:
            for fact in facts:
                unit.insert(table, fact)

        await self.db.run(work)

    async def get(self, table: Table[F], *key: str | int) -> F | None:
        async def look(view: View) -> F | None:
            return await view.get(table, *key)

        return await self.db.read(look)

    async def all(self, query: Query[F], *arguments: Value) -> list[F]:
        async def look(view: View) -> list[F]:
            return await view.all(query, *arguments)

        return await self.db.read(look)

    async def pause(self) -> None:
        """Let other units go on; where units do not overlap there is nothing to let."""
        if self.overlapping:
            await asyncio.sleep(0)


async def until(condition: Callable[[], Awaitable[object] | object]) -> None:
    """Let everybody else go on until something is so."""
    async with asyncio.timeout(20):
        while True:
            met = condition()
            if await met if isinstance(met, Awaitable) else met:
                return
            await asyncio.sleep(0)


async def gathered(*running: Awaitable[Any]) -> list[Any]:
    """What each gives or raises, all of them begun at once."""
    return await asyncio.gather(*running, return_exceptions=True)


async def terminate(outside: Connection, of: str = OURS) -> None:
    """End connections, and wait until they are gone."""
    assert await outside.fetchval(f"SELECT count(*) FROM (SELECT pg_terminate_backend(pid, 5000) FROM ({of}) _) _")


def happened(unit: Unit, resource_sid: str = "RS", number: int = 0, account_sid: str = ACCOUNT) -> None:
    record(unit, "test", "x", account_sid=account_sid, scope_sid="SC", resource_sid=resource_sid, number=number)


def write(sid: str, note: str | None = None) -> "Work":
    return Work(sid, note)


class Work:
    """A unit that inserts one row and records one event, and knows how often it began."""

    def __init__(self, sid: str, note: str | None) -> None:
        self.item = Item(sid, note=note)
        self.begun = 0

    async def __call__(self, unit: Unit) -> str:
        self.begun += 1
        unit.insert(ITEMS, self.item)
        happened(unit, self.item.sid)
        return self.item.sid


async def turns() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return "asyncio", {"use_uvloop": True}


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> Iterator[str]:
    """A database at the head of the schema, with the tables of these tests."""

    async def make(url: str) -> None:
        db = await open_postgres(url, new_ports(), {})
        await db.close()
        await create_in_postgres(url)

    with postgres_server.database() as name:
        asyncio.run(make(postgres_server.url(name)))
        yield name


@pytest.fixture
async def sqlite_store(tmp_path: Path) -> AsyncIterator[Store]:
    path = tmp_path / "cordboard.db"
    db = await open_sqlite(path, new_ports(), {})
    connection = sqlite3.connect(path)
    create_in_sqlite(connection)
    connection.close()
    yield Store(db, overlapping=False)
    await db.close()


@pytest.fixture
async def postgres_store(postgres_database: str) -> AsyncIterator[Store]:
    db = await open_postgres(postgres_database, new_ports(), {})
    yield Store(db, overlapping=True)
    await db.close()


@pytest.fixture
async def neighbour(postgres_database: str, postgres_store: Store) -> AsyncIterator[Store]:
    """Another node on the same PostgreSQL."""
    db = await open_postgres(postgres_database, new_ports(), {})
    yield Store(db, overlapping=postgres_store.overlapping)
    await db.close()


@pytest.fixture
async def outside(postgres_database: str) -> AsyncIterator[Connection]:
    """A stranger that takes locks."""
    connection = await asyncpg.connect(postgres_database)
    yield connection
    await connection.close()


@pytest.fixture
async def watch(postgres_database: str) -> AsyncIterator[Connection]:
    """An onlooker; what it sees of others would stand still in a transaction."""
    connection = await asyncpg.connect(postgres_database)
    yield connection
    await connection.close()


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest) -> Store:
    store: Store = request.getfixturevalue(f"{request.param}_store")
    return store


@pytest.fixture
def one_is_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every COMMIT is one during which units go on."""
    monkeypatch.setattr(sqlite, "_SOME", 1)
