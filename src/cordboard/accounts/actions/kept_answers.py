"""Answers of calls with an ``Idempotency-Key`` (``rest.idempotency`` says what a key promises): kept, given again, forgotten.

Who is first is decided by the unique key of the row: a duplicate that runs at the same time loses the race, and its next run
finds the answer.
"""

from collections.abc import Awaitable, Callable

import msgspec

from cordboard.accounts.model import AnswerKept, KeptAnswer
from cordboard.accounts.store.kept_answers import EXPIRED, KEPT_ANSWERS, NEXT_TO_EXPIRE, OF_KEY
from cordboard.kernel.clock import MILLISECONDS
from cordboard.kernel.errors import ApiError, Conflict
from cordboard.rest.idempotency import HEADER, REPLAYED, KeyedCall
from cordboard.rest.problems import Answer
from cordboard.storage.unit import LostRace, Unit

LIFETIME = 24 * 60 * 60 * MILLISECONDS
# How long a row may lie about after its day: less would wake the alarm once for each.
_LEEWAY = 60 * MILLISECONDS
_SLICE = 100


async def once(unit: Unit, call: KeyedCall, answer: Callable[[], Awaitable[Answer]]) -> Answer:
    """See rest.idempotency.Once."""
    found = await unit.one(OF_KEY, call.account_sid, call.key)
    if found is not None and unit.now < found.expires_at:
        return _again(unit, call, found)
    try:
        made = await answer()
    except ApiError as refusal:
        # A duplicate that was done since ``found`` was read may be the reason (the name that it took is taken).
        if await unit.one(OF_KEY, call.account_sid, call.key) != found:
            raise LostRace from refusal
        raise
    await _keep(unit, call, made, found)
    return made


async def forget_expired(unit: Unit, account_sid: str) -> int | None:
    """Remove a slice of an account's answers that are over a day old; when to come again, None if nothing is left."""
    expired = await unit.all(EXPIRED, account_sid, unit.now, _SLICE)
    for kept in expired:
        unit.delete(KEPT_ANSWERS, kept)
    if len(expired) == _SLICE:
        return unit.now
    following = await unit.one(NEXT_TO_EXPIRE, account_sid, unit.now)
    return None if following is None else max(following.expires_at, unit.now + _LEEWAY)


def _again(unit: Unit, call: KeyedCall, kept: KeptAnswer) -> Answer:
    if kept.digest != call.digest:
        message = (
            f"The {HEADER} was used for another call within the last 24 hours: "
            "repeat that call exactly, with the same credentials, or take a new key"
        )
        raise Conflict(message)
    headers = [(name.encode(), value.encode()) for name, value in kept.headers]
    headers.append((REPLAYED.lower().encode(), b"true"))
    return kept.status, headers, unit.ports.keyring.open(kept.sealed_body).encode()


async def _keep(unit: Unit, call: KeyedCall, answer: Answer, expired: KeptAnswer | None) -> None:
    status, headers, body = answer
    kept = KeptAnswer(
        call.account_sid,
        call.key,
        1,
        call.digest,
        status,
        [(name.decode(), value.decode()) for name, value in headers],
        unit.ports.keyring.seal(body.decode()),
        unit.now + LIFETIME,
    )
    if expired is None:
        unit.insert(KEPT_ANSWERS, kept)
    else:
        unit.update(KEPT_ANSWERS, expired, **msgspec.structs.asdict(kept))
    await unit.announce(AnswerKept(call.account_sid, kept.expires_at))
