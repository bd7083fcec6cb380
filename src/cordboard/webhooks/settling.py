"""What becomes of a delivery when its attempt has ended, as units.

A result counts for the row as it was when the attempt began: if it was changed meanwhile (replayed, or sent by another node), the
result is dropped and the row speaks.
"""

from collections.abc import Mapping, Sequence

import msgspec

from cordboard.events.record import record
from cordboard.kernel.errors import ApiError
from cordboard.routing.lifecycle import step
from cordboard.storage.unit import Unit

from .asking import Asker
from .backing_off import HOLDS_MS, RETRIED_MS, wait_ms
from .model import DELIVERY, NEVER, Delivery, Move, Reply, Status
from .store import DELIVERIES

PRODUCT = "cordboard"


class Result(msgspec.Struct, frozen=True):
    """A delivery as it was and what came of its attempt; None: its time was over before there was one."""

    delivery: Delivery
    reply: Reply | None


async def settle(unit: Unit, results: Sequence[Result]) -> None:
    """Write down what came of attempts to tell something."""
    rows = await unit.claim(DELIVERIES, *(result.delivery.sid for result in results))
    for result in results:
        row = rows.get(result.delivery.sid)
        if row is not None and row.version == result.delivery.version:
            _write(unit, row, result.reply)


async def take(unit: Unit, result: Result, askers: Mapping[str, Asker]) -> None:
    """Let who asked act on the answer, and write down what came of it. Raises ApiError if it cannot be acted on."""
    row = (await unit.claim(DELIVERIES, result.delivery.sid)).get(result.delivery.sid)
    if row is None or row.version != result.delivery.version:
        return
    if result.reply is not None:
        await askers[row.asks].take(unit, row, result.reply)
    _write(unit, row, result.reply)


def refused(result: Result, error: ApiError) -> Result:
    """The result of an answer that could not be acted on: it was delivered, and this is what was wrong with it."""
    said = result.reply or Reply()
    return Result(result.delivery, msgspec.structs.replace(said, trouble=None, code=error.code, error=error.message))


def _write(unit: Unit, row: Delivery, reply: Reply | None) -> None:
    if reply is None:
        _end(unit, row, Move.FAIL if row.asks else Move.PARK, row.attempts)
        return
    attempts = row.attempts + 1
    said = {"answer_status": reply.status, "error_code": reply.code, "error": reply.error}
    if reply.is_good:
        _end(unit, row, Move.DELIVER, attempts, **said)
    elif row.asks:
        _end(unit, row, Move.FAIL, attempts, **said)
    elif unit.now >= row.give_up_at and attempts > 1:
        _end(unit, row, Move.PARK, attempts, **said)
    else:
        _retry(unit, row, attempts, reply.retry_after_s, **said)


def _retry(unit: Unit, row: Delivery, attempts: int, retry_after_s: int | None, **said: object) -> None:
    due_at = unit.now + wait_ms(attempts, unit.ports.chance.fraction(), retry_after_s)
    give_up_at = row.give_up_at if attempts > 1 else max(row.give_up_at, unit.now + RETRIED_MS)
    holds_until = unit.now + HOLDS_MS if row.holds_until == NEVER else row.holds_until
    unit.update(
        DELIVERIES,
        row,
        attempts=attempts,
        due_at=min(due_at, give_up_at),
        give_up_at=give_up_at,
        holds_until=holds_until,
        **said,
    )


def _end(unit: Unit, row: Delivery, move: Move, attempts: int, **said: object) -> None:
    status = step(DELIVERY, row.status, move)
    ended = unit.update(DELIVERIES, row, status=status, attempts=attempts, due_at=None, settled_at=unit.now, **said)
    if status is Status.PARKED:
        record(
            unit,
            PRODUCT,
            "delivery.parked",
            account_sid=row.account_sid,
            scope_sid=row.account_sid,
            resource_sid=row.sid,
            related=(row.resource_sid,),
            url=row.url,
            attempts=attempts,
            error_code=ended.error_code,
            error=ended.error,
        )
