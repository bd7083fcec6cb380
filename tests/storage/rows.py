"""Tables of our own for the tests of storage, each with what a race of the products needs."""

import sqlite3
from enum import StrEnum

import asyncpg
import msgspec

from cordboard.storage.dialect import postgres_ddl
from cordboard.storage.tables import Table
from cordboard.storage.unit import Unit

DDL = """
CREATE TABLE t_items (
    sid TEXT NOT NULL PRIMARY KEY, version BIGINT NOT NULL, shelf TEXT NOT NULL, name TEXT NOT NULL, size BIGINT,
    done SMALLINT NOT NULL, color TEXT NOT NULL, tags TEXT NOT NULL, note TEXT, updated_at BIGINT NOT NULL
);
CREATE INDEX t_items_of_shelf ON t_items (shelf, size, name, sid);
CREATE TABLE t_settings (place TEXT NOT NULL, name TEXT NOT NULL, value TEXT, PRIMARY KEY (place, name));
CREATE TABLE t_threads (sid TEXT NOT NULL PRIMARY KEY, version BIGINT NOT NULL, state TEXT NOT NULL, last BIGINT NOT NULL);
CREATE TABLE t_posts (sid TEXT NOT NULL PRIMARY KEY, thread_sid TEXT NOT NULL, number BIGINT NOT NULL);
CREATE UNIQUE INDEX t_posts_in_order ON t_posts (thread_sid, number);
CREATE TABLE t_pairs (
    sid TEXT NOT NULL PRIMARY KEY, version BIGINT NOT NULL, address TEXT NOT NULL, proxy TEXT NOT NULL, state TEXT NOT NULL
);
CREATE UNIQUE INDEX t_pairs_taken ON t_pairs (address, proxy) WHERE state <> 'closed';
CREATE TABLE t_workers (sid TEXT NOT NULL PRIMARY KEY, version BIGINT NOT NULL, load BIGINT NOT NULL, room BIGINT NOT NULL);
CREATE TABLE t_tasks (sid TEXT NOT NULL PRIMARY KEY, version BIGINT NOT NULL, status TEXT NOT NULL);
CREATE TABLE t_offers (
    sid TEXT NOT NULL PRIMARY KEY, version BIGINT NOT NULL, task_sid TEXT NOT NULL, worker_sid TEXT NOT NULL,
    status TEXT NOT NULL
);
"""


class Color(StrEnum):
    RED = "red"
    BLUE = "blue"


class Tag(msgspec.Struct, frozen=True):
    name: str
    weight: int | None = None


class Item(msgspec.Struct, frozen=True):
    sid: str
    version: int = 1
    shelf: str = "S"
    name: str = ""
    size: int | None = 0
    done: bool = False
    color: Color = Color.RED
    tags: list[Tag] = msgspec.field(default_factory=list)
    note: str | None = None
    updated_at: int = 0


class Setting(msgspec.Struct, frozen=True):
    place: str
    name: str
    value: str | None


class Thread(msgspec.Struct, frozen=True):
    sid: str
    version: int = 1
    state: str = "active"
    last: int = -1


class Post(msgspec.Struct, frozen=True):
    sid: str
    thread_sid: str
    number: int


class Pair(msgspec.Struct, frozen=True):
    sid: str
    address: str
    proxy: str
    state: str = "active"
    version: int = 1


class Worker(msgspec.Struct, frozen=True):
    sid: str
    room: int
    load: int = 0
    version: int = 1


class Task(msgspec.Struct, frozen=True):
    sid: str
    status: str = "pending"
    version: int = 1


class Offer(msgspec.Struct, frozen=True):
    sid: str
    task_sid: str
    worker_sid: str
    status: str = "pending"
    version: int = 1


ITEMS = Table("t_items", Item)
SETTINGS = Table("t_settings", Setting, key=("place", "name"), version=None)
THREADS = Table("t_threads", Thread)
POSTS = Table("t_posts", Post, version=None)
PAIRS = Table("t_pairs", Pair)
WORKERS = Table("t_workers", Worker)
TASKS = Table("t_tasks", Task)
OFFERS = Table("t_offers", Offer)

ON_SHELF = ITEMS.where("shelf = ? ORDER BY sid")
POSTS_OF = POSTS.where("thread_sid = ? ORDER BY number")
PAIR_TAKEN = PAIRS.where("address = ? AND proxy = ? AND state <> 'closed'")
OFFERS_OF_TASK = OFFERS.where("task_sid = ? ORDER BY sid")


async def close_first(unit: Unit, own: str, other: str) -> bool:
    """Close a thread unless the other one is closed, and count on it that that one stays open."""
    mine, theirs = await unit.get(THREADS, own), await unit.get(THREADS, other)
    assert mine
    assert theirs
    if theirs.state == "closed":
        return False
    unit.guard(THREADS, theirs)
    unit.update(THREADS, mine, state="closed")
    return True


def create_in_sqlite(connection: sqlite3.Connection) -> None:
    connection.executescript(DDL)


async def create_in_postgres(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(postgres_ddl(DDL))
    await connection.close()
