"""Who of one process may go on with a row that everybody wants: one at a time, in the order in which they came.

It saves lost races, no more: other processes do not see it, so who has a turn still guards the row (``unit.claim``).
"""

import asyncio
from collections import deque
from collections.abc import Hashable


class Turns:
    """A turn for each place, whatever a place is."""

    def __init__(self) -> None:
        self._waiting: dict[Hashable, deque[asyncio.Future[None]]] = {}

    def is_taken(self, place: Hashable) -> bool:
        """Whether who takes a turn now must wait for it."""
        return place in self._waiting

    async def take(self, place: Hashable) -> None:
        """Wait until it is the caller's turn, which lasts until ``give_up``; who is cancelled here has none."""
        others = self._waiting.get(place)
        if others is None:
            self._waiting[place] = deque()
            return
        turn = asyncio.get_running_loop().create_future()
        others.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                # It had come just before.
                self.give_up(place)
            raise

    def give_up(self, place: Hashable) -> None:
        """Whoever waits longest is next."""
        others = self._waiting[place]
        while others:
            turn = others.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        del self._waiting[place]
