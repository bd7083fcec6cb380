"""The clock as a parameter. Times are integer milliseconds since 1970 in UTC, everywhere; ``_at`` ends their names."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol, overload

MILLISECONDS = 1000


class Clock(Protocol):
    """What knows the time and lets a task wait for it."""

    def now(self) -> int:
        """Milliseconds since 1970, UTC. May stand still or go back."""
        ...

    async def wait_until(self, due_at: int) -> None:
        """Return once ``now() >= due_at``; cancelling the task ends the wait."""
        ...


class SystemClock:
    """The machine's clock."""

    # A wait is cut into slices so that a clock set forward by a day is noticed within a second.
    _SLICE_S = 1.0

    def now(self) -> int:
        """See Clock."""
        return time.time_ns() // 1_000_000

    async def wait_until(self, due_at: int) -> None:
        """See Clock."""
        while (left := due_at - self.now()) > 0:  # noqa: ASYNC110 - the clock itself has no event to wait for
            await asyncio.sleep(min(left / MILLISECONDS, self._SLICE_S))


async def heard_or_due(clock: Clock, event: asyncio.Event, due_at: int | None, patience_s: float | None = None) -> bool:
    """Wait for what is first: the event is set, or it is ``due_at``. False when neither came within ``patience_s``."""
    if due_at is None and patience_s is None:
        return await event.wait()
    waits: list[asyncio.Future[object]] = [asyncio.ensure_future(event.wait())]
    if due_at is not None:
        waits.append(asyncio.ensure_future(clock.wait_until(due_at)))
    try:
        done, _ = await asyncio.wait(waits, timeout=patience_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
    return bool(done)


@overload
def iso(at: int) -> str: ...
@overload
def iso(at: int | None) -> str | None: ...
def iso(at: int | None) -> str | None:
    """``2014-05-14T10:50:02Z``: whole seconds, for twilio-python parses exactly this and nothing with a fraction."""
    if at is None:
        return None
    seconds = at // MILLISECONDS
    text = _ISO.get(seconds)
    if text is None:
        if len(_ISO) >= _ISO_KEPT:
            _ISO.clear()
        text = _ISO[seconds] = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return text


# Most times of an answer are equal, and of one second are many answers.
_ISO: dict[int, str] = {}
_ISO_KEPT = 4096


def parse_iso(text: str) -> int:
    """Milliseconds of an ISO 8601 date or date-time; without a zone it is UTC. Raises ValueError."""
    if not text.isascii():
        message = "not an ISO 8601 date"
        raise ValueError(message)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        return int(moment.timestamp() * MILLISECONDS)
    except OverflowError as error:
        message = "out of the calendar"
        raise ValueError(message) from error
