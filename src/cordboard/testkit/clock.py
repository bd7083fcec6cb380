"""A clock that stands still until a test moves it."""

import asyncio


class MovableClock:
    """See ``kernel.clock.Clock``. Moved in the thread of the server's loop only; read anywhere."""

    def __init__(self, at: int) -> None:
        self._now = at
        self._moved = asyncio.Event()
        self._waits: list[int] = []

    def now(self) -> int:
        """See Clock."""
        return self._now

    async def wait_until(self, due_at: int) -> None:
        """See Clock."""
        self._waits.append(due_at)
        try:
            while self._now < due_at:
                await self._moved.wait()
        finally:
            self._waits.remove(due_at)

    def awaited_after(self, at: int) -> int | None:
        """The earliest time after ``at`` that somebody waits for."""
        return min((due_at for due_at in self._waits if due_at > at), default=None)

    def move_to(self, at: int) -> None:
        """Let it be this time. Who waited for it goes on in the loop's next turn."""
        self._now = at
        self._moved.set()
        self._moved = asyncio.Event()
