"""Questions that a call waits for: a receiver is asked between two units of the call, and nothing is written before it has answered.

The first unit does everything that the call wants, so a call that is refused anyway asks nobody; then it raises ``Unheard`` with the
question, which leaves nothing of it. The receiver is called while no unit is open. The second unit does it all again, with what it has
``heard``: everything may have changed meanwhile, and its own reads say so. With the change it writes down what was asked.

Nobody sends a question again: whoever called waits for it, and if the server ends first, nothing has happened.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from weakref import WeakValueDictionary

import msgspec

from cordboard.accounts.actions.signing import signing_tokens
from cordboard.events.journal import Event
from cordboard.kernel.clock import MILLISECONDS
from cordboard.rest.app import Runner
from cordboard.storage.unit import Unheard, Unit

from .asking import Fault
from .enqueuing import drafted
from .messages import Calling, message_of
from .model import Callback, Delivery, Reply, Status, Trouble
from .receivers import ASKED_AT_ONCE
from .store import DELIVERIES

_log = logging.getLogger(__name__)


class Question(msgspec.Struct, frozen=True):
    """What is asked, and the tokens that sign it. The delivery is the row that is written when it is over."""

    delivery: Delivery
    tokens: Sequence[str]


class Heard(msgspec.Struct, frozen=True):
    """What came of a question."""

    question: Question
    reply: Reply


async def ask(unit: Unit, event: Event, callback: Callback) -> Unheard:
    """What a unit raises to ask, before it does what it has recorded as ``event``."""
    delivery = drafted(unit, event, callback)
    return Unheard(Question(delivery, await signing_tokens(unit, event.account_sid)))


def note(unit: Unit, event: Event, heard: Heard, fault: Fault | None) -> None:
    """Write down with an event that somebody was asked before it; ``fault`` is what was wrong with the answer."""
    settled = msgspec.structs.replace(
        heard.question.delivery,
        resource_sid=event.resource_sid,
        status=Status.DELIVERED if fault is None else Status.FAILED,
        attempts=1,
        due_at=None,
        answer_status=heard.reply.status,
        error_code=fault.code if fault else None,
        error=fault.sentence if fault else None,
        settled_at=unit.now,
        updated_at=unit.now,
    )
    event.also.append((DELIVERIES, settled))


class Questions:
    """A ``rest.app.Runner`` whose units may ask, and a ``server.system.Follower`` that closes its connections at the end.

    ``open_calls`` is called in a thread with the first question. A receiver has 32 calls at once; the time for which others wait
    for their turn is part of the time in which it must answer.
    """

    problem = None
    # Who asks waits in a call, and those are counted.
    busy = False

    def __init__(self, units: Runner, open_calls: Callable[[], Calling]) -> None:
        self._units = units
        self._open_calls = open_calls
        self._opening = asyncio.Lock()
        self._calls: Calling | None = None
        self._doors: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    async def start(self) -> None:
        """Nothing is left from an earlier process."""

    async def run(self) -> None:
        """Wait for the end."""
        try:
            await asyncio.Event().wait()
        finally:
            if self._calls is not None:
                await self._calls.close()

    async def __call__(self, work: Callable[[Any], Awaitable[Any]]) -> Any:  # noqa: ANN401 - see Runner
        """See Runner."""
        try:
            return await self._units(work)
        except Unheard as unheard:
            question = unheard.question
        assert isinstance(question, Question)  # noqa: S101 - no other questions are asked
        heard = Heard(question, await self._reply(question))

        async def informed(unit: Unit) -> Any:  # noqa: ANN401 - see Runner
            unit.heard = heard
            return await work(unit)

        return await self._units(informed)

    async def _reply(self, question: Question) -> Reply:
        delivery = question.delivery
        door = self._doors.setdefault(delivery.endpoint, asyncio.Semaphore(ASKED_AT_ONCE))
        try:
            calls = await self._opened()
            async with asyncio.timeout(delivery.limit_ms / MILLISECONDS), door:
                return await calls.call(delivery.url, delivery.limit_ms, message_of(delivery, question.tokens))
        except TimeoutError:
            return Reply(trouble=Trouble.READ, error=f"no answer within {delivery.limit_ms} ms")
        except Exception as error:  # noqa: BLE001 - whoever called is answered as if there had been no receiver
            _log.exception("the question %s could not be asked", delivery.sid)
            return Reply(trouble=Trouble.OTHER, error=f"it could not be asked: {error}")

    async def _opened(self) -> Calling:
        async with self._opening:
            if self._calls is None:
                self._calls = await asyncio.to_thread(self._open_calls)
        return self._calls
