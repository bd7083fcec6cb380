"""Setting and cancelling alarms in a unit. One alarm a kind and subject: setting it again moves it."""

import msgspec

from cordboard.storage.tables import Table
from cordboard.storage.unit import Unit, View


class Timer(msgspec.Struct, frozen=True):
    """An alarm: ``kind`` names its handler, ``subject_sid`` what it is about."""

    kind: str
    subject_sid: str
    account_sid: str
    due_at: int


TIMERS = Table("timers", Timer, key=("kind", "subject_sid"), version=None)


_DUE = TIMERS.where("due_at < ? ORDER BY due_at LIMIT 100")


async def late(view: View, before: int) -> list[Timer]:
    """Alarms that were due before then and have not rung, at most 100."""
    return await view.all(_DUE, before)


def schedule(unit: Unit, kind: str, subject_sid: str, account_sid: str, due_at: int) -> None:
    """Let the handler of ``kind`` run for this subject at ``due_at`` or soon after."""
    unit.put(TIMERS, Timer(kind, subject_sid, account_sid, due_at))


def cancel(unit: Unit, kind: str, subject_sid: str) -> None:
    """Let it not run, if it was to."""
    unit.discard(TIMERS, kind, subject_sid)
