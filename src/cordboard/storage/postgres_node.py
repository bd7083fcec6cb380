"""One of several processes on one PostgreSQL: its presence, its leases, and what the others call out.

All of it lives on one session. *Presence*: the session holds a shared advisory lock under the node's name, and the server lets
go of it at once when the process dies or the connection breaks. *Leases*: rows of ``leases``, taken for ``_LEASE_S`` of database
time and renewed long before; a node takes one that has run out, or whose holder is not present. So after a kill the others go on
within a second, and after a machine that vanished or a process that stands still, when the lease runs out. *Calls*: each flush
notifies the channel with the node's name and the positions that it covered (``called``).

*Fencing.* Each node also keeps a lease of its own name. One that is present and lets it run out stands still, and may do so in
the middle of a transaction whose locks everybody waits for: the others close its connections. When it wakes it joins anew.

The session needs a connection of its own to the server: LISTEN and session locks do not pass a pooler that lends a connection
for a transaction.
"""

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from typing import TypeAlias

import asyncpg
import msgspec

from cordboard.kernel.clock import MILLISECONDS
from cordboard.kernel.errors import Unavailable

from .nodes import Heard, Lease
from .postgres_connections import connect

_log = logging.getLogger(__name__)

_Session: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

CHANNEL = "cordboard"
APPLICATION = "cordboard node "
"""With the node's name the ``application_name`` of all its connections."""

_PAYLOAD = 7999  # bytes, the most that NOTIFY takes

_LEASE_S = 10.0
_RENEWED_AFTER_S = 3.0
_LOOK_S = 1.0
_DOWN_S = 5.0  # no session for so long is a problem

_BROKEN = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)

_NOW = "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint"
_NUMBER = "hashtextextended({}, 0)"
_ARRIVE = f"SELECT pg_advisory_lock_shared({_NUMBER.format('$1')})"
_IS_PRESENT = (
    "SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1 "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    f"AND ((classid::bigint << 32) | objid::bigint) = {_NUMBER.format('leases.node')}"
)
_TAKE = (
    f"INSERT INTO leases (name, node, until) VALUES ($1, $2, {_NOW} + $3) "
    "ON CONFLICT (name) DO UPDATE SET node = excluded.node, until = excluded.until "
    f"WHERE leases.node = excluded.node OR leases.until <= {_NOW} OR NOT EXISTS ({_IS_PRESENT}) RETURNING 1"
)
# The connections of nodes that stand still; rows of those that died are of no use any more.
_FENCE = (
    "SELECT pg_terminate_backend(pid) FROM leases JOIN pg_stat_activity "
    f"ON application_name = '{APPLICATION}' || node WHERE name = node AND until <= {_NOW} AND node <> $1 "
    f"AND EXISTS ({_IS_PRESENT})"
)
_FORGET = f"DELETE FROM leases WHERE name = node AND until <= {_NOW} AND NOT EXISTS ({_IS_PRESENT})"
_GIVE_BACK = "DELETE FROM leases WHERE node = $1"
_CALL = "SELECT pg_notify($1, $2)"


class _Called(msgspec.Struct, frozen=True):
    node: str
    positions: dict[str, int]


_decode = msgspec.json.Decoder(_Called).decode


def called(node: str, positions: Mapping[str, int]) -> str:
    """The text of a notification. Positions that are too many for one are left out: then the others look for themselves."""
    text = msgspec.json.encode(_Called(node, dict(positions)))
    return (text if len(text) <= _PAYLOAD else msgspec.json.encode(_Called(node, {}))).decode()


class PostgresNode:
    """See ``nodes.Node``."""

    alone = False

    def __init__(self, name: str, url: str) -> None:
        self.name = name
        self._url = url
        self._steady = asyncio.get_running_loop().time
        self._session: _Session | None = None
        self._down_since = self._steady()
        self._leases: dict[str, Lease] = {}
        self._hear: list[Heard] = []
        self._woken = asyncio.Event()
        self.lease(name)

    def lease(self, name: str) -> Lease:
        """See Node."""
        return self._leases.setdefault(name, Lease(name, self._steady))

    def listen(self, hear: Heard) -> None:
        """See Node."""
        self._hear.append(hear)

    @property
    def busy(self) -> bool:
        """See Node."""
        return self._session is None

    @property
    def problem(self) -> str | None:
        """See Node."""
        down_s = self._steady() - self._down_since
        if self._session is not None or down_s < _DOWN_S:
            return None
        return f"the connection by which this node hears of others has been down for {down_s:.0f} s"

    async def start(self) -> None:
        """See Node."""
        await self._tend()

    async def run(self) -> None:
        """See Node."""
        try:
            while True:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_S):
                        await self._woken.wait()
                self._woken.clear()
                try:
                    await self._tend()
                except (Unavailable, *_BROKEN) as error:
                    _log.warning("this node is cut off from the others: %s", str(error) or type(error).__name__)
                    self._lose()
        finally:
            await self._leave()

    async def _tend(self) -> None:
        """Be present and hold what can be held."""
        session = self._session or await self._join()
        for lease in self._leases.values():
            if lease.until - self._steady() < _LEASE_S - _RENEWED_AFTER_S:
                await self._take(session, lease)
        try:
            for closed in await session.fetch(_FENCE, self.name):
                _log.warning("a connection of a node that stands still was closed: %s", closed[0])
        except asyncpg.InsufficientPrivilegeError:
            _log.warning("a node stands still, and this one's database role may not close its connections")
        await session.execute(_FORGET)

    async def _take(self, session: _Session, lease: Lease) -> None:
        asked_at = self._steady()
        if await session.fetchval(_TAKE, lease.name, self.name, round(_LEASE_S * MILLISECONDS)) is None:
            lease.lose()
        elif not session.is_closed():
            lease.hold(asked_at + _LEASE_S)

    async def _join(self) -> _Session:
        session = await connect(self._url, application_name=APPLICATION + self.name)
        try:
            # First alive, then present: who is present and not alive is fenced.
            await self._take(session, self.lease(self.name))
            await session.execute(_ARRIVE, self.name)
            await session.add_listener(CHANNEL, self._heard)
        except BaseException:
            session.terminate()
            raise
        session.add_termination_listener(self._ended)
        self._session = session
        self._tell({})  # what was called meanwhile was not heard
        return session

    async def _leave(self) -> None:
        session, self._session = self._session, None
        if session is None:
            return
        for lease in self._leases.values():
            lease.lose()
        try:
            await session.execute(_GIVE_BACK, self.name)
            await session.execute(_CALL, CHANNEL, called(self.name, {}))
            await session.close()
        except _BROKEN as error:
            # The others see that it is gone.
            _log.warning("leases could not be given back: %s", str(error) or type(error).__name__)
            session.terminate()

    def _lose(self) -> None:
        session, self._session = self._session, None
        if session is None:
            return
        self._down_since = self._steady()
        for lease in self._leases.values():
            lease.lose()
        self._woken.set()
        session.terminate()

    def _ended(self, session: object) -> None:
        if session is self._session:
            self._lose()

    def _heard(self, _session: object, _process: int, _channel: str, payload: object) -> None:
        try:
            said = _decode(str(payload))
        except msgspec.DecodeError:
            return  # of another program that uses the same name
        if said.node == self.name:
            return
        if not said.positions:
            self._woken.set()  # perhaps a lease was given back
        self._tell(said.positions)

    def _tell(self, positions: Mapping[str, int]) -> None:
        for hear in self._hear:
            hear(positions)
