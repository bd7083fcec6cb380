"""The COMMIT of a group, in a thread of its own.

The loop goes on while the disk writes (see ``sqlite``), and has much to do then. A thread that is given something to do first needs
the interpreter, which a busy loop lets go of after 5 ms: by then it has done all that there was, and the disk has done nothing. So
whoever asks for a COMMIT waits, for some 50 us, until the thread has begun; inside SQLite it needs the interpreter no more.
"""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


class Committer:
    """The thread. What it does with the connection nobody else may do meanwhile."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._thread = ThreadPoolExecutor(1, "cordboard-commit")
        self._loop = asyncio.get_running_loop()
        self._begun = threading.Lock()
        self._begun.acquire()

    def commit(self) -> "asyncio.Future[None]":
        """COMMIT what is open; done when it is on disk. Raises sqlite3.Error when it is awaited."""
        committing = self._loop.run_in_executor(self._thread, self._commit)
        self._begun.acquire()
        return committing

    def run(self, what: Callable[[], T]) -> "asyncio.Future[T]":
        """Do something else."""
        return self._loop.run_in_executor(self._thread, what)

    def close(self) -> None:
        """Finish what is under way."""
        self._thread.shutdown()

    def _commit(self) -> None:
        self._begun.release()
        self._connection.commit()
