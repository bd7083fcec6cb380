"""Forgetting customers: goes through the tables of all products slice by slice, and takes the erased out of the database's files.

Live rows first and what was recorded of them last, so that nothing that happens meanwhile is recorded under the old name. Where an
erasure is stands in its row, written with each slice: it goes on after a restart, and of several nodes one writes a slice.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from cordboard.accounts.actions import erasures
from cordboard.accounts.store.erasures import ERASURES
from cordboard.conversations.engine.erasure import (
    erase_conversations,
    erase_messages,
    erase_participants,
    erase_users,
)
from cordboard.events.erasure import erase_events
from cordboard.flex.engine.erasure import erase_channels
from cordboard.kernel.errors import Unavailable
from cordboard.kernel.redaction import Redaction
from cordboard.storage.port import Database
from cordboard.storage.slices import Rewritten
from cordboard.storage.unit import Unit
from cordboard.storage.writes import Kind, Write
from cordboard.taskrouter.engine.erasure import erase_tasks
from cordboard.webhooks.erasure import erase_deliveries

_log = logging.getLogger(__name__)

_RETRY_S = 1.0

# By the kind that a receipt counts. An erasure's row keeps the number of its step, so the order is only added to.
STEPS: Mapping[str, Callable[[Unit, str, Redaction, str], Awaitable[Rewritten]]] = {
    "participants": erase_participants,
    "users": erase_users,
    "messages": erase_messages,
    "conversations": erase_conversations,
    "tasks": erase_tasks,
    "interaction_channels": erase_channels,
    "events": erase_events,
    "deliveries": erase_deliveries,
}
_KINDS = tuple(STEPS)


class Erasing:
    """See system.Follower."""

    problem = None

    def __init__(self, db: Database) -> None:
        self._db = db
        self._arrived = asyncio.Event()
        self._erasing = False
        db.watch(self._hear, ERASURES)

    @property
    def busy(self) -> bool:
        """Whether somebody is to be forgotten."""
        return self._arrived.is_set() or self._erasing

    async def start(self) -> None:
        """Find what an earlier process left undone."""
        if await self._db.read(erasures.unfinished):
            self._arrived.set()

    async def run(self) -> None:
        """Erase what is asked for, for ever."""
        while True:
            await self._arrived.wait()
            self._erasing = True
            self._arrived.clear()
            try:
                for erasure in await self._db.read(erasures.unfinished):
                    await self._erase(erasure.sid)
            except Unavailable as error:
                _log.warning("erasing waits: %s", error)
                await asyncio.sleep(_RETRY_S)
                self._arrived.set()
            finally:
                self._erasing = False

    async def _erase(self, sid: str) -> None:
        async def take_slice(unit: Unit) -> bool:
            found = await erasures.running(unit, sid)
            if found is None or found[0].step == len(_KINDS):
                return False
            erasure, name = found
            kind = _KINDS[erasure.step]
            done = await STEPS[kind](unit, erasure.account_sid, Redaction(name, f"erased-{sid}"), erasure.behind)
            erasures.advance(unit, erasure, kind, done.count, done.behind)
            return True

        async def complete(unit: Unit) -> None:
            found = await erasures.running(unit, sid)
            if found is not None:
                erasures.complete(unit, found[0])

        while await self._db.run(take_slice):
            pass
        await self._db.scrub()
        await self._db.run(complete)

    def _hear(self, writes: list[Write]) -> None:
        if any(write.kind is Kind.INSERT for write in writes):
            self._arrived.set()
