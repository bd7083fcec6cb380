"""The line in which calls wait for the database, and its end: who finds it full is told at once to come back.

Without an end a burst would be taken in whole: memory grows, and everybody is answered after he has gone. Few are let into the
database at a time, because alarms and the router do not stand in this line: they find at most those few before them, however many
wait here, and are never refused.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from cordboard.kernel.errors import Unavailable
from cordboard.rest.app import Runner

# Measured with twice as many connections as may wait (docs/reliability.md): fewer at a time cost commits that could have been
# shared, more make offers and alarms late. The line is about what either database takes in a second.
AT_ONCE = 64
WAITING = 1000


class Line:
    """``run`` for calls from outside, some at a time, in the order in which they come. Raises Unavailable when too many wait.

    ``what`` names them for ``problem``.
    """

    def __init__(self, what: str, run: Runner, at_once: int = AT_ONCE, waiting: int = WAITING) -> None:
        self._what = what
        self._run = run
        self._doors = asyncio.Semaphore(at_once)
        self._most = at_once + waiting
        self._here = 0

    async def __call__(self, work: Callable[[Any], Awaitable[Any]]) -> Any:  # noqa: ANN401 - see Runner
        """See Runner."""
        if self._here >= self._most:
            raise Unavailable("Too many calls wait for the database. Nothing was changed; try again.")
        self._here += 1
        try:
            await self._doors.acquire()
            try:
                return await self._run(work)
            finally:
                self._doors.release()
        finally:
            self._here -= 1

    @property
    def problem(self) -> str | None:
        """That it is full, in a sentence."""
        if self._here < self._most:
            return None
        return f"too many {self._what} wait for the database: new ones are refused"
