"""Pre-event webhooks: whoever is configured is asked before something happens, and may change or reject it.

An action that asks first runs twice, in two units (``webhooks.questions``): the first shows what would happen and is thrown away, the
second has the answer. What the answer changes is read as if the caller had sent it, so everything is checked again.

The service is asked, and if it asks nobody the account; one of them, once.
"""

from collections.abc import Awaitable, Callable
from functools import cache, wraps
from typing import Any, TypeVar

from cordboard.conversations.model import Webhooks
from cordboard.conversations.wire.scope import Told
from cordboard.conversations.wire.webhook_events import Before, parameters
from cordboard.conversations.wire.webhook_replies import check_allowed, fault_of, texts_of
from cordboard.events.journal import Event
from cordboard.kernel.caller import Caller
from cordboard.rest.forms import Form, FormReader
from cordboard.storage.unit import Unit
from cordboard.webhooks.model import Callback, Method
from cordboard.webhooks.questions import Heard, ask, note

from .recording import PRODUCT
from .telling import LIMIT_MS, of_account, of_service, text

ASKS = "conversations.pre-event"

F = TypeVar("F", bound=Told)
R = TypeVar("R")
Action = Callable[[Unit, Caller, F], Awaitable[R]]


def asks_first(before: Before) -> Callable[[Action[F, R]], Action[F, R]]:
    """Have somebody asked before an action, if its form says ``webhook_enabled``."""

    def decorated(action: Action[F, R]) -> Action[F, R]:
        @wraps(action)
        async def asking(unit: Unit, caller: Caller, form: F) -> R:
            heard: Heard | None = unit.heard
            if heard is not None:
                check_allowed(before, heard.reply)
                texts = texts_of(before, heard.reply)
                form = _reader(type(form)).changed(form, texts) if texts else form
            result = await action(unit, caller, form)
            if form.webhook_enabled and (event := _recorded(unit, caller, before)) is not None:
                if heard is not None:
                    note(unit, event, heard, fault_of(heard.reply))
                elif (asked := await _who(unit, event, before)) is not None:
                    raise await ask(unit, event, _callback(event, before, asked))
            return result

        return asking

    return decorated


async def _who(unit: Unit, event: Event, before: Before) -> Webhooks | None:
    for webhooks in (await of_service(unit, event), await of_account(unit, event)):
        if webhooks is not None and webhooks.pre_webhook_url and before.name in (webhooks.filters or ()):
            return webhooks
    return None


def _recorded(unit: Unit, caller: Caller, before: Before) -> Event | None:
    """What the action has recorded, which is not so yet; the last of several says how everything would be."""
    for event in reversed(unit.writes.appends.get(caller.account_sid, ())):
        if isinstance(event, Event) and event.product == PRODUCT and event.type in before.recorded:
            return event
    return None


def _callback(event: Event, before: Before, asked: Webhooks) -> Callback:
    return Callback(
        url=asked.pre_webhook_url or "",
        payload=text(parameters(before.name, event)),
        resource=event.resource_sid,
        method=asked.method or Method.POST,
        limit_ms=LIMIT_MS,
        asks=ASKS,
    )


@cache
def _reader(form: type[Form]) -> FormReader[Any]:
    return FormReader(form)
