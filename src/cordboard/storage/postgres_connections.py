"""Connections to PostgreSQL: their settings, and which errors are the outside's."""

import contextlib
from collections.abc import AsyncIterator
from typing import Self, TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from cordboard.kernel.errors import Unavailable

TIMEOUT_S = 30
_CONNECT_S = 3
_STATEMENTS = 256  # prepared in each session

_SESSION = {
    "application_name": "cordboard",
    "default_transaction_isolation": "read committed",
    # Nothing but the unit is awaited in a unit, so only a process that stands still idles; its locks go after this time.
    "idle_in_transaction_session_timeout": "5s",
    "jit": "off",
    # Rows are found by their keys, in the order in which these are given: else two statements that write the same rows lock them
    # crosswise. SELECTs lose nothing, for they are written to be answered from indexes (SQLite joins no other way).
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_seqscan": "off",
    # A machine that vanished is noticed in half a minute instead of two hours.
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "3",
    "lock_timeout": "10s",
}

DISCONNECTED = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    # The server has said that it closes the connection, which is still open: nothing more can be sent.
    asyncpg.InternalClientError,
)
OUTSIDE = (
    *DISCONNECTED,
    asyncpg.InsufficientResourcesError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.LockNotAvailableError,
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresSystemError,
    asyncpg.ReadOnlySQLTransactionError,
)

UNKNOWN = "Whether the change was kept is not known: look before you try again."

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Connection: TypeAlias = "PoolConnectionProxy[asyncpg.Record] | asyncpg.Connection[asyncpg.Record]"


@contextlib.asynccontextmanager
async def alone(url: str, **settings: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection of no pool. Raises Unavailable."""
    try:
        connection = await asyncpg.connect(url, server_settings={**_SESSION, **settings})
    except (OSError, asyncpg.PostgresError) as error:
        raise unavailable(error) from error
    try:
        yield connection
    finally:
        await connection.close()


async def connect(url: str, **settings: str) -> "asyncpg.Connection[asyncpg.Record]":
    """A connection that is kept. Raises Unavailable."""
    try:
        return await asyncpg.connect(
            url, server_settings={**_SESSION, **settings}, timeout=_CONNECT_S, command_timeout=_CONNECT_S
        )
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise unavailable(error) from error


async def open_pool(url: str, size: int, **settings: str) -> Pool:
    """Connections for reading, for writing, or for flushes. None is closed for idleness: what it has prepared would be lost."""
    return await asyncpg.create_pool(
        url,
        min_size=1,
        max_size=size,
        # Units leave nothing behind in a session, so there is nothing to reset.
        reset=_leave,
        command_timeout=TIMEOUT_S,
        statement_cache_size=_STATEMENTS,
        max_inactive_connection_lifetime=0,
        max_cached_statement_lifetime=0,
        max_cacheable_statement_size=0,
        server_settings={**_SESSION, **settings},
    )


async def _leave(_connection: object) -> None:
    """Do nothing."""


class Loan:
    """A connection of a pool, taken when it is first asked for; around it the outside's errors become Unavailable."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._connection: Connection | None = None

    async def connection(self) -> Connection:
        """The connection, the same until it is given back."""
        if self._connection is None:
            self._connection = await self._pool.acquire()
        return self._connection

    async def give_back(self) -> None:
        """Let others have it. Never raises for a connection that has broken: what was done on it stays done, or was told before."""
        connection, self._connection = self._connection, None
        if connection is not None:
            # The pool drops a connection that breaks while it is taken back, and then raises.
            with contextlib.suppress(*OUTSIDE, asyncpg.InterfaceError):
                await self._pool.release(connection)  # type: ignore[arg-type] # acquired from it, so a proxy

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        connection = self._connection
        gone = isinstance(error, asyncpg.InterfaceError) and connection is not None and _is_gone(connection)
        await self.give_back()
        if isinstance(error, OUTSIDE) or (gone and isinstance(error, Exception)):
            raise unavailable(error) from error


class Lent(Loan):
    """A connection of no pool, which stays with whoever opened it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def give_back(self) -> None:
        """Nobody else waits for it."""


@contextlib.asynccontextmanager
async def borrowed(pool: Pool) -> AsyncIterator[Connection]:
    """A connection of the pool; the outside's errors become Unavailable."""
    async with Loan(pool) as loan:
        yield await loan.connection()


def _is_gone(connection: Connection) -> bool:
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:
        # The pool has taken it back, as it does when the server closes it.
        return True


def unavailable(error: Exception, kept: str = "Nothing was changed; try again.") -> Unavailable:
    """What callers are told; ``kept`` says what became of the change."""
    return Unavailable(f"The database does not take the call ({str(error) or type(error).__name__}). {kept}")
