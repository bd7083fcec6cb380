"""Post-event webhooks: who is told of what the unit has recorded, as its last step.

Told are the service, the account and the conversation itself, each if it wants this event; all about one conversation goes one behind
the other. Where nothing is configured this costs the look at the account's configuration, a row that is remembered.

A call of the API to this product is told of only if it asks for that (``Cause.tells``); what Flex, the router and alarms do always is.
"""

from collections.abc import AsyncIterator, Mapping

import msgspec

from cordboard.conversations.model import Conversation, Message, ScopedWebhook, Target, Webhooks
from cordboard.conversations.store.messages import MESSAGES
from cordboard.conversations.store.services import CONFIGURATIONS, SERVICES
from cordboard.conversations.store.webhooks import of
from cordboard.conversations.wire.webhook_events import AFTER, parameters
from cordboard.conversations.wire.webhooks import EventName
from cordboard.events.record import Event, of_product
from cordboard.kernel.errors import Invalid
from cordboard.storage.unit import Recorded, Unit
from cordboard.webhooks.enqueuing import enqueue
from cordboard.webhooks.model import Callback, Method

from .recording import PRODUCT, happened

# Of all calls to webhooks, whether they tell or ask.
LIMIT_MS = 5_000
MOST_REPLAYED = 1000

_FROM = MESSAGES.where("conversation_sid = ? AND message_index >= ? ORDER BY message_index LIMIT ?")


async def recorded(unit: Unit, happening: Recorded) -> None:
    """Enqueue what the unit's events call for."""
    if unit.cause is not None and not unit.cause.tells:
        return
    for event in of_product(happening, PRODUCT):
        if (name := AFTER.get(event.type)) is not None:
            await _tell(unit, event, name)


async def replay(unit: Unit, conversation: Conversation, webhook: ScopedWebhook) -> None:
    """Tell a new webhook of the messages from ``replay_after`` on. Raises Invalid if they are too many."""
    if webhook.replay_after is None or not _hears_messages(webhook):
        return
    messages = await unit.all(_FROM, conversation.sid, webhook.replay_after, MOST_REPLAYED + 1)
    if len(messages) > MOST_REPLAYED:
        reason = f"more than {MOST_REPLAYED} messages come after it"
        raise Invalid(f"Invalid parameter Configuration.ReplayAfter: {reason}")
    for message in messages:
        if _wants(webhook, EventName.MESSAGE_ADDED, message):
            happened(unit, "message.replayed", conversation, message.sid, message=message)
            event = unit.writes.appends[conversation.account_sid][-1]
            assert isinstance(event, Event)  # noqa: S101 - it was recorded just now
            _enqueue(unit, event, EventName.MESSAGE_ADDED, webhook.url, webhook.method)


async def of_account(unit: Unit, event: Event) -> Webhooks | None:
    """The webhooks of the account in which something happened."""
    configuration = await unit.get(CONFIGURATIONS, event.account_sid)
    return None if configuration is None else configuration.webhooks


async def of_service(unit: Unit, event: Event) -> Webhooks | None:
    """The webhooks of the service in which something happened; services hear nothing of their users."""
    configuration = await unit.get(CONFIGURATIONS, event.account_sid)
    if configuration is None or not configuration.has_service_webhooks or "user" in event.facts:
        return None
    service = await unit.get(SERVICES, event.scope_sid)
    return None if service is None else service.webhooks


def text(form: Mapping[str, str]) -> str:
    """Parameters as a delivery has them."""
    return msgspec.json.encode(form).decode()


async def _tell(unit: Unit, event: Event, name: EventName) -> None:
    for webhooks in (await of_service(unit, event), await of_account(unit, event)):
        if webhooks is not None and webhooks.post_webhook_url and name in (webhooks.filters or ()):
            _enqueue(unit, event, name, webhooks.post_webhook_url, webhooks.method)
    async for webhook in _scoped(unit, event):
        if _wants(webhook, name, event.facts.get("message")):
            _enqueue(unit, event, name, webhook.url, webhook.method)


async def _scoped(unit: Unit, event: Event) -> AsyncIterator[ScopedWebhook]:
    conversation: Conversation | None = event.facts.get("conversation")
    if conversation is None or not conversation.webhook_count:
        return
    # Those of a conversation that is deleted are told of it.
    for webhook in event.facts.get("webhooks") or await of(unit, conversation.sid):
        yield webhook


def _hears_messages(webhook: ScopedWebhook) -> bool:
    return webhook.target is Target.TRIGGER or EventName.MESSAGE_ADDED in webhook.filters


def _wants(webhook: ScopedWebhook, name: EventName, message: Message | None) -> bool:
    match webhook.target:
        case Target.WEBHOOK:
            return name in webhook.filters
        case Target.TRIGGER if name is EventName.MESSAGE_ADDED and message is not None:
            body = message.body or ""
            return any(trigger in body for trigger in webhook.triggers)
        case _:
            return False


def _enqueue(unit: Unit, event: Event, name: EventName, url: str | None, method: Method | None) -> None:
    conversation: Conversation | None = event.facts.get("conversation")
    callback = Callback(
        url=url or "",
        payload=text(parameters(name, event)),
        resource=conversation.sid if conversation is not None else event.resource_sid,
        method=method or Method.POST,
        limit_ms=LIMIT_MS,
    )
    enqueue(unit, event, callback)
