"""The floor program: what a create costs when nothing is done but parse, write four rows durably, and answer.

No storage layer, no rules, nobody told: raw ASGI on uvicorn (uvloop, httptools); one writer that takes up to 128 waiting
creates, writes them as one group, and then wakes their calls; SIDs in the order of time; the form decoded by a chain of
replacements. Benches divide by it, run beside it on the same machine.

*SQLite:* a thread, one ``executemany`` a table and one COMMIT (WAL, ``synchronous=FULL``). *PostgreSQL:* one connection of
asyncpg and one statement for all four tables, each fed from arrays; it commits by itself, with the flush. These are the quickest
forms that were found of each.

    python -m bench.floor --port 8901 --database sqlite:///floor.db
    python -m bench.floor --port 8901 --database postgresql://localhost/floor
"""

import argparse
import asyncio
import base64
import hmac
import random
import sqlite3
import threading
import time
from collections import deque
from urllib.parse import unquote_to_bytes

import asyncpg
import msgspec
import uvicorn

ACCOUNT_SID, AUTH_TOKEN = "AC" + "1" * 32, "t" * 32
AUTHORIZATION = b"Basic " + base64.b64encode(f"{ACCOUNT_SID}:{AUTH_TOKEN}".encode())
GROUP = 128
# Escapes that stand for neither "%" nor a hex digit may be replaced in any order before the others are decoded.
COMMON = [(f"%{ord(letter):02X}".encode(), letter.encode()) for letter in '"{}:, []/@']
SCHEMA = """
CREATE TABLE interaction (sid TEXT PRIMARY KEY, account TEXT, body TEXT, created INTEGER);
CREATE TABLE channel (sid TEXT PRIMARY KEY, interaction_sid TEXT, type TEXT, body TEXT);
CREATE TABLE task (
    sid TEXT PRIMARY KEY, workspace TEXT, queue TEXT, status TEXT, priority INTEGER, created INTEGER, attributes TEXT
);
CREATE INDEX task_waiting ON task (queue, status, priority DESC, created);
CREATE TABLE event (id TEXT PRIMARY KEY, task_sid TEXT, type TEXT, payload TEXT);
"""
INSERTS = [
    "INSERT INTO interaction VALUES (?, ?, ?, ?)",
    "INSERT INTO channel VALUES (?, ?, ?, ?)",
    "INSERT INTO task VALUES (?, ?, ?, ?, ?, ?, ?)",
    "INSERT INTO event VALUES (?, ?, ?, ?)",
]
ARRAYS = [
    ("interaction", ["text", "text", "text", "bigint"]),
    ("channel", ["text"] * 4),
    ("task", ["text", "text", "text", "text", "integer", "bigint", "text"]),
    ("event", ["text"] * 4),
]


class SqliteWriter:
    def __init__(self, path):
        self.loop = asyncio.get_running_loop()
        self.waiting = deque()
        self.arrived = threading.Event()
        self.path = path

    async def start(self):
        threading.Thread(target=self.run, daemon=True).start()

    async def write(self, rows):
        written = self.loop.create_future()
        self.waiting.append((rows, written))
        self.arrived.set()
        await written

    def run(self):
        connection = sqlite3.connect(self.path, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.executescript(SCHEMA)
        while True:
            self.arrived.wait()
            self.arrived.clear()
            while self.waiting:
                group = [self.waiting.popleft() for _ in range(min(GROUP, len(self.waiting)))]
                connection.execute("BEGIN IMMEDIATE")
                for sql, rows in zip(INSERTS, zip(*(rows for rows, _ in group), strict=True), strict=True):
                    connection.executemany(sql, rows)
                connection.execute("COMMIT")
                self.loop.call_soon_threadsafe(wake, [written for _, written in group])


class PostgresWriter:
    def __init__(self, url):
        self.url = url
        self.waiting = deque()
        self.arrived = asyncio.Event()
        self.running = None

    async def start(self):
        connection = await asyncpg.connect(self.url)
        await connection.execute(SCHEMA.replace("created INTEGER", "created BIGINT"))
        self.running = asyncio.create_task(self.run(await connection.prepare(all_tables())))

    async def write(self, rows):
        written = asyncio.get_running_loop().create_future()
        self.waiting.append((rows, written))
        self.arrived.set()
        await written

    async def run(self, statement):
        while True:
            await self.arrived.wait()
            self.arrived.clear()
            while self.waiting:
                group = [self.waiting.popleft() for _ in range(min(GROUP, len(self.waiting)))]
                tables = zip(*(rows for rows, _ in group), strict=True)
                await statement.fetch(*(column for rows in tables for column in zip(*rows, strict=True)))
                wake([written for _, written in group])


def all_tables():
    """One statement that inserts into the four tables, a parameter a column."""
    parts, number = [], 0
    for table, types in ARRAYS:
        columns = ", ".join(f"${number + place}::{type_}[]" for place, type_ in enumerate(types, 1))
        parts.append(f"INSERT INTO {table} SELECT * FROM unnest({columns})")
        number += len(types)
    *others, last = parts
    return "WITH " + ", ".join(f"w{place} AS ({part})" for place, part in enumerate(others)) + f" {last}"


def wake(group):
    for written in group:
        if not written.done():
            written.set_result(None)


def pairs(body):
    for escape, letter in COMMON:
        body = body.replace(escape, letter)
    found = {}
    for part in body.replace(b"+", b" ").split(b"&"):
        name, _, value = part.partition(b"=")
        found[name.decode()] = (unquote_to_bytes(value) if b"%" in value else value).decode()
    return found


def sid(prefix):
    return f"{prefix}{time.time_ns() // 1000 & 0xFFFFFFFFFFFF:012x}{random.getrandbits(80):020x}"


def create(form, host):
    """The four rows and the answer."""
    encode, decode = msgspec.json.encode, msgspec.json.decode
    channel, routing = decode(form["Channel"]), decode(form["Routing"])
    interaction_sid, channel_sid, task_sid, event_sid = sid("KD"), sid("UO"), sid("WT"), sid("EV")
    now = int(time.time())
    asked = routing["properties"]
    attributes = {
        **asked["attributes"],
        "channelType": channel["type"],
        "conversationSid": sid("CH"),
        "flexInteractionSid": interaction_sid,
        "flexInteractionChannelSid": channel_sid,
        "customers": {},
        "taskCreateSource": "interaction",
    }
    properties = {
        "account_sid": ACCOUNT_SID,
        "workspace_sid": asked["workspace_sid"],
        "sid": task_sid,
        "workflow_sid": asked["workflow_sid"],
        "workflow_name": "Assign to Anyone",
        "queue_sid": asked["workspace_sid"],
        "queue_name": "Everyone",
        "task_channel_unique_name": asked["task_channel_unique_name"],
        "assignment_status": "pending",
        "assignmentCounter": 0,
        "priority": 0,
        "timeout": 86400,
        "age": 0,
        "date_created": now,
        "date_updated": now,
        "task_queue_entered_date": now,
        "virtual_start_time": now,
        "reason": "",
        "routing_target": None,
        "addons": "{}",
        "ignore_capacity": False,
        "version": 0,
        "attributes": encode(attributes).decode(),
    }
    url = f"http://{host}/v1/Interactions/{interaction_sid}"
    answer = {
        "sid": interaction_sid,
        "channel": {"type": channel["type"], "sid": channel_sid},
        "routing": {"reservation": None, "properties": properties},
        "interaction_context_sid": None,
        "webhook_ttid": None,
        "url": url,
        "links": {"channels": f"{url}/Channels"},
    }
    body = encode(answer)
    text = body.decode()
    rows = (
        (interaction_sid, ACCOUNT_SID, text, now),
        (channel_sid, interaction_sid, channel["type"], encode(channel).decode()),
        (
            task_sid,
            properties["workspace_sid"],
            properties["queue_sid"],
            "pending",
            0,
            now,
            properties["attributes"],
        ),
        (event_sid, task_sid, "task.created", encode(properties).decode()),
    )
    return rows, body


class Floor:
    def __init__(self, database):
        self.database = database
        self.writer = None

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            await self.lifespan(receive, send)
            return
        headers = dict(scope["headers"])
        if scope["method"] != "POST":
            await answer(send, 404, b"{}")
            return
        if not hmac.compare_digest(headers.get(b"authorization", b""), AUTHORIZATION):
            await answer(send, 401, b"{}")
            return
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        rows, created = create(pairs(body), headers[b"host"].decode())
        await self.writer.write(rows)
        await answer(send, 201, created)

    async def lifespan(self, receive, send):
        await receive()
        path = self.database.removeprefix("sqlite:///")
        self.writer = PostgresWriter(self.database) if path.startswith("postgresql:") else SqliteWriter(path)
        await self.writer.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})


async def answer(send, status, body):
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--port", type=int, default=8901)
    options.add_argument("--database", default="sqlite:///floor.db")
    asked = options.parse_args()
    uvicorn.run(
        Floor(asked.database),
        port=asked.port,
        loop="uvloop",
        http="httptools",
        lifespan="on",
        access_log=False,
        log_level="warning",
    )


if __name__ == "__main__":
    main()
