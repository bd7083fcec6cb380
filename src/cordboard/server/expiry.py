"""Kept answers go when their day is over: one alarm an account, as long as it has any, which removes a slice and rings again."""

from collections.abc import Mapping

from cordboard.accounts.actions.kept_answers import forget_expired
from cordboard.accounts.model import AnswerKept
from cordboard.storage.unit import Unit
from cordboard.timers.loop import Handler
from cordboard.timers.schedule import TIMERS, Timer, schedule

_KIND = "kept_answers.expired"


async def answer_kept(unit: Unit, kept: AnswerKept) -> None:
    """See to it that the account has an alarm."""
    alarm = await unit.get(TIMERS, _KIND, kept.account_sid)
    if alarm is None:
        schedule(unit, _KIND, kept.account_sid, kept.account_sid, kept.expires_at)
    else:
        # One that rings just now may find nothing left, and not be set again.
        unit.guard(TIMERS, alarm)


async def _ring(unit: Unit, alarm: Timer) -> None:
    again_at = await forget_expired(unit, alarm.account_sid)
    if again_at is not None:
        schedule(unit, _KIND, alarm.subject_sid, alarm.account_sid, again_at)


HANDLERS: Mapping[str, Handler] = {_KIND: _ring}
