"""The storage layer alone: a unit as large as a real create, without any rule, against the four-row floor program.

The unit reads 3 rows, inserts 8 rows in 8 tables and an event of 0.9 KB in a ninth, takes the event's position, and updates one
guarded row; over HTTP on SQLite, answered after the flush. Both programs parse the same form for the same 32 connections, and
take turns. Rules, permissions and rendering must fit between this and the floor, so it has to reach 0.4 of it.

    python -m bench.storage --port 8903        # our program alone, for a profiler
"""

import argparse
import sqlite3
import statistics
from functools import partial
from pathlib import Path

import msgspec
import uvicorn

from bench.contact_center import create_form
from bench.creates import CREATES, of_the_floor
from bench.figures import Figure
from bench.floor import ACCOUNT_SID, AUTHORIZATION, answer, create, pairs
from bench.load import Load
from bench.processes import running
from bench.setting import Setting
from cordboard.events.record import record
from cordboard.kernel.chance import SystemChance
from cordboard.kernel.clock import SystemClock
from cordboard.kernel.keyring import Keyring
from cordboard.kernel.ports import Ports
from cordboard.kernel.sids import Sids
from cordboard.storage.sqlite import open_sqlite
from cordboard.storage.tables import Table

AIM = 0.4
TABLES = 8
PARENT = "KP" + "0" * 32


class Row(msgspec.Struct, frozen=True):
    sid: str
    version: int
    account_sid: str
    parent_sid: str
    status: str
    name: str
    attributes: str
    open: bool
    created_at: int
    updated_at: int


ROWS = [Table(f"b_rows{number}", Row) for number in range(TABLES)]
PARENTS = Table("b_parents", Row)
OPEN = PARENTS.where("parent_sid = ? AND status = 'open'")
COLUMNS = (
    "sid TEXT NOT NULL PRIMARY KEY, version BIGINT NOT NULL, account_sid TEXT NOT NULL, parent_sid TEXT NOT NULL, "
    "status TEXT NOT NULL, name TEXT NOT NULL, attributes TEXT NOT NULL, open SMALLINT NOT NULL, "
    "created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL"
)
# A real create guards a row of its own or of its worker, seldom the same as its neighbours.
PARENT_ROWS = 500


def make(path):
    with sqlite3.connect(path) as connection:
        for table in (*ROWS, PARENTS):
            connection.execute(f"CREATE TABLE {table.name} ({COLUMNS})")
        for table in (PARENTS, *ROWS[::2]):
            connection.execute(f"CREATE INDEX {table.name}_of_parent ON {table.name} (parent_sid, status)")
        for number in range(PARENT_ROWS):
            row = Row(f"KP{number:032x}", 1, ACCOUNT_SID, PARENT, "closed", "parent", "{}", True, 0, 0)
            connection.execute(
                f"INSERT INTO {PARENTS.name} VALUES ({', '.join('?' * len(PARENTS.fields))})", PARENTS.row(row)
            )
    connection.close()


class App:
    def __init__(self, path):
        self.path = path
        self.db = None
        self.count = 0

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            await self.lifespan(receive, send)
            return
        headers = dict(scope["headers"])
        if scope["method"] != "POST" or headers.get(b"authorization") != AUTHORIZATION:
            await answer(send, 404, b"{}")
            return
        message = await receive()
        # The same parsing and rendering as the floor's, so that only what is written differs.
        rows, body = create(pairs(message["body"]), headers[b"host"].decode())
        await self.db.run(partial(self.work, attributes=rows[2][6], data=rows[3][3][:900]))
        await answer(send, 201, body)

    async def work(self, unit, attributes, data):
        self.count = (self.count + 1) % PARENT_ROWS
        parent = await unit.get(PARENTS, f"KP{self.count:032x}")
        await unit.get(ROWS[0], parent.sid)
        await unit.one(OPEN, parent.sid)
        first = unit.sid("KD")
        sid = first
        for table in ROWS:
            unit.insert(
                table,
                Row(sid, 1, ACCOUNT_SID, first, "pending", "a name", attributes[:300], True, unit.now, unit.now),
            )
            sid = unit.sid("KD")
        unit.update(PARENTS, parent, attributes=str(unit.now))
        record(unit, "flex", "task.created", account_sid=ACCOUNT_SID, scope_sid=PARENT, resource_sid=first, data=data)

    async def lifespan(self, receive, send):
        await receive()
        clock, chance = SystemClock(), SystemChance()
        self.db = await open_sqlite(
            self.path, Ports(clock, chance, Sids(clock, chance), Keyring([bytes(32)], chance)), {}
        )
        make(self.path)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.db.close()
        await send({"type": "lifespan.shutdown.complete"})


def run(setting: Setting) -> list[Figure]:
    if setting.databases.name != "SQLite":
        return []
    floor, ours = [], []
    for number in range(setting.rounds):
        setting.say(f"storage, round {number + 1} of {setting.rounds}")
        floor.append(of_the_floor(setting))
        with (
            setting.databases.empty() as url,
            running(["-m", "bench.storage", "--database", url], "/", setting.folder) as program,
        ):
            ours.append(setting.load(CREATES, program, path="/v1/Interactions", body=create_form("WS", "WW")))
    ratio = statistics.median(mine.rate / theirs.rate for mine, theirs in zip(ours, floor, strict=True))
    load = Load.median(ours)
    told = f"{ratio:.2f} of the floor"
    return [Figure("storage alone", "SQLite", f"{load.rate:.0f}/s", told, f"{AIM}", ratio >= AIM, load)]


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--port", type=int, default=8903)
    options.add_argument("--database", default="sqlite:///storage.db")
    asked = options.parse_args()
    uvicorn.run(
        App(Path(asked.database.removeprefix("sqlite:///"))),
        port=asked.port,
        loop="uvloop",
        http="httptools",
        lifespan="on",
        access_log=False,
        log_level="warning",
    )


if __name__ == "__main__":
    main()
