"""Two ``cordboard serve`` on one PostgreSQL, as a load balancer's clients see them, and the database as it knows them."""

import asyncio
import itertools
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import httpx

from cordboard.kernel.clock import SystemClock
from tests.postgres_server import PostgresServer
from tests.server.processes import Served

T = TypeVar("T")

ROLES = ("left", "right")
PATIENCE_S = 30
ACCOUNT_SID = "AC" + "2" * 32
AUTH_TOKEN = "t" * 32
_ENVIRONMENT = {
    "CORDBOARD_ACCOUNT_SID": ACCOUNT_SID,
    "CORDBOARD_AUTH_TOKEN": AUTH_TOKEN,
    "CORDBOARD_SECRET_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "CORDBOARD_ALLOW_DATA_LOSS": "true",
}
_NODES = "SELECT substr(application_name, 16) FROM pg_stat_activity WHERE usename = $1"
# A session of a node holds an advisory lock under the node's name: see storage/postgres_node.py.
_HOLDER = """
SELECT usename FROM leases JOIN pg_locks ON locktype = 'advisory' AND objsubid = 1
    AND ((classid::bigint << 32) | objid::bigint) = hashtextextended(leases.node, 0)
JOIN pg_stat_activity USING (pid) WHERE leases.until > EXTRACT(EPOCH FROM clock_timestamp()) * 1000
"""


class Gone(Exception):
    """No node has answered for long."""


class Pair:
    """Each node has a database role of its own, so that its connections can be told from the other's."""

    def __init__(self, database: str, served: list[Served]) -> None:
        self.database = database
        self.served = served
        self.closing = ExitStack()

    def client(self, *nodes: int) -> "Client":
        """A client that calls these nodes, the first of them while it answers."""
        timeout, auth = httpx.Timeout(3.0), (ACCOUNT_SID, AUTH_TOKEN)
        urls = [self.served[node].url for node in nodes or (0, 1)]
        opened = [httpx.Client(base_url=url, auth=auth, timeout=timeout) for url in urls]
        for client in opened:
            self.closing.callback(client.close)
        return Client(opened)

    def holder(self) -> int:
        """Which node routes, once one does."""
        return ROLES.index(until(lambda: self.sql(_HOLDER), "nobody holds the lease")[0][0])

    def kill(self, node: int) -> None:
        self.served[node].process.kill()
        self.served[node].process.wait()

    def freeze(self, node: int) -> None:
        self.served[node].process.send_signal(signal.SIGSTOP)

    def wake(self, node: int) -> None:
        self.served[node].process.send_signal(signal.SIGCONT)

    def cut_off(self, node: int) -> int:
        """Close all connections of a node at the server; how many there were."""
        ended = self.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1", ROLES[node])
        return len(ended)

    def expire(self, node: int, *, all_of_it: bool = True) -> None:
        """As if ten seconds had passed for everybody but this node, which knows nothing of it; else only what it routes by."""
        name = "node" if all_of_it else "'taskrouter.routing'"
        self.sql(
            f"UPDATE leases SET until = 0 WHERE node IN ({_NODES}) AND name IN ('taskrouter.routing', {name})",
            ROLES[node],
        )

    def now(self) -> int:
        """Milliseconds since 1970, on the machine of all nodes."""
        return SystemClock().now()

    def sql(self, statement: str, *arguments: Any) -> list[Any]:
        async def run() -> list[Any]:
            connection = await asyncpg.connect(self.database)
            try:
                return await connection.fetch(statement, *arguments)
            finally:
                await connection.close()

        return asyncio.run(run())


@contextmanager
def two_nodes(server: PostgresServer, folder: Path) -> Iterator[Pair]:
    """Both start at once on an empty database, and each says that it is ready."""
    with server.database() as name, ExitStack() as stack:
        for role in ROLES:
            server.execute(f"DROP ROLE IF EXISTS {role}")
            server.execute(f"CREATE ROLE {role} SUPERUSER LOGIN")
        urls = [server.url(name).replace("postgres@", f"{role}@") for role in ROLES]
        flags = ("--port", "0")
        started = [Served(folder, *flags, **_ENVIRONMENT, CORDBOARD_DATABASE=url) for url in urls]
        pair = Pair(server.url(name), [stack.enter_context(served) for served in started])
        with pair.closing:
            yield pair


class Client:
    """Calls a node, and the other one when that does not answer, as a load balancer would."""

    def __init__(self, nodes: list[httpx.Client]) -> None:
        self._nodes = nodes
        self._now = 0

    def ask(self, verb: str, path: str, **form: Any) -> httpx.Response:
        """An answer of either; only calls that may be repeated are. Raises Gone, or httpx's errors."""
        for _ in range(20):
            try:
                answer = self._nodes[self._now].request(verb, path, data=form or None)
            except httpx.HTTPError:
                self._now = (self._now + 1) % len(self._nodes)
                if verb != "GET":
                    raise
                continue
            if answer.status_code != 503 or verb != "GET":
                return answer
            time.sleep(0.05)
        raise Gone

    def get(self, path: str) -> Any:
        answer = self.ask("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, **form: Any) -> Any:
        answer = self.ask("POST", path, **form)
        assert answer.is_success, answer.text
        return answer.json()


def until(look: Callable[[], T], complaint: str, patience_s: float = PATIENCE_S) -> T:
    """What a look gives as soon as it gives something."""
    end = time.monotonic() + patience_s
    for _ in itertools.count():
        if found := look():
            return found
        assert time.monotonic() < end, complaint
        time.sleep(0.02)
    raise AssertionError
