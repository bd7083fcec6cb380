"""Connections to PostgreSQL: their settings, and which errors are the outside's."""

import contextlib
from collections.abc import AsyncIterator
from typing import TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from cordboard.kernel.errors import Unavailable

TIMEOUT_S = 30
_CONNECT_S = 3

_SESSION = {
    "application_name": "cordboard",
    "default_transaction_isolation": "read committed",
    # Nothing but the unit is awaited in a unit, so only a process that stands still idles; its locks go after this time.
    "idle_in_transaction_session_timeout": "5s",
    "jit": "off",
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


async def open_pool(url: str, size: int, **settings: str) -> "asyncpg.Pool[asyncpg.Record]":
    """Connections for units, or for flushes."""
    return await asyncpg.create_pool(
        url,
        min_size=1,
        max_size=size,
        # Units leave nothing behind in a session, so there is nothing to reset.
        reset=_leave,
        command_timeout=TIMEOUT_S,
        statement_cache_size=1024,
        max_cached_statement_lifetime=0,
        max_cacheable_statement_size=0,
        server_settings={**_SESSION, **settings},
    )


async def _leave(_connection: object) -> None:
    """Do nothing."""


@contextlib.asynccontextmanager
async def borrowed(pool: "asyncpg.Pool[asyncpg.Record]") -> AsyncIterator[Connection]:
    """A connection of the pool; the outside's errors become Unavailable."""
    try:
        connection = await pool.acquire()
    except OUTSIDE as error:
        raise unavailable(error) from error
    try:
        yield connection
    except OUTSIDE as error:
        raise unavailable(error) from error
    except asyncpg.InterfaceError as error:
        if _is_gone(connection):
            raise unavailable(error) from error
        raise
    finally:
        await pool.release(connection)


def _is_gone(connection: Connection) -> bool:
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:
        # The pool has taken it back, as it does when the server closes it.
        return True


def unavailable(error: Exception, kept: str = "Nothing was changed; try again.") -> Unavailable:
    """What callers are told; ``kept`` says what became of the change."""
    return Unavailable(f"The database does not take the call ({str(error) or type(error).__name__}). {kept}")
