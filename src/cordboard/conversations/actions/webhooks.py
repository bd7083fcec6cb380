"""Webhooks of single conversations, and the configurations of those of accounts and services."""

from typing import Any

from msgspec.structs import replace

from cordboard.conversations.engine.recording import PRODUCT, happened
from cordboard.conversations.engine.states import check_open
from cordboard.conversations.engine.telling import replay
from cordboard.conversations.model import Configuration, Conversation, ScopedWebhook, Service
from cordboard.conversations.store.conversations import CONVERSATIONS
from cordboard.conversations.store.services import CONFIGURATIONS, SERVICES
from cordboard.conversations.store.webhooks import OF_CONVERSATION, WEBHOOKS
from cordboard.conversations.wire import webhooks as wire
from cordboard.events.record import record
from cordboard.kernel.caller import Caller
from cordboard.kernel.errors import Invalid, NotFound
from cordboard.kernel.pages import Slice
from cordboard.storage.unit import Unit, View

from . import paths

MOST = 5


async def fetch_of_account(view: View, caller: Caller, _form: wire.FetchWebhooks) -> Configuration:
    """``GET /v1/Configuration/Webhooks``."""
    return await paths.configuration(view, caller.account_sid)


async def update_of_account(unit: Unit, caller: Caller, form: wire.UpdateWebhooks) -> Configuration:
    """``POST /v1/Configuration/Webhooks``."""
    changes = wire.changes_of(form)
    configuration = await paths.configuration(unit, caller.account_sid)
    configuration = unit.update(CONFIGURATIONS, configuration, webhooks=replace(configuration.webhooks, **changes))
    scope = configuration.default_chat_service_sid
    _configured(unit, "configuration.updated", caller, scope, configuration=configuration)
    return configuration


async def fetch_of_service(view: View, caller: Caller, form: wire.FetchServiceWebhooks) -> Service:
    """``GET /v1/Services/{ChatServiceSid}/Configuration/Webhooks``."""
    return await paths.service(view, caller, form.chat_service_sid)


async def update_of_service(unit: Unit, caller: Caller, form: wire.UpdateServiceWebhooks) -> Service:
    """``POST /v1/Services/{ChatServiceSid}/Configuration/Webhooks``."""
    service = await paths.service(unit, caller, form.chat_service_sid)
    service = unit.update(SERVICES, service, webhooks=replace(service.webhooks, **wire.changes_of(form)))
    configuration = await paths.configuration(unit, caller.account_sid)
    if not configuration.has_service_webhooks:
        unit.update(CONFIGURATIONS, configuration, has_service_webhooks=True, updated_at=configuration.updated_at)
    _configured(unit, "service.updated", caller, service.sid, service=service)
    return service


async def create(unit: Unit, caller: Caller, form: wire.CreateScopedWebhook) -> ScopedWebhook:
    """``POST /Webhooks``. Raises 50361 for a sixth."""
    conversation = await paths.held(unit, caller, form, form.conversation_sid)
    facts = wire.facts_of(form)
    check_open(conversation)
    if conversation.webhook_count >= MOST:
        raise Invalid(f"A conversation has at most {MOST} webhooks", code=50361)
    webhook = ScopedWebhook(
        sid=unit.sid("WH"),
        version=1,
        account_sid=conversation.account_sid,
        chat_service_sid=conversation.chat_service_sid,
        conversation_sid=conversation.sid,
        created_at=unit.now,
        updated_at=unit.now,
        **facts,
    )
    wire.check_complete(webhook)
    unit.insert(WEBHOOKS, webhook)
    conversation = _counted(unit, conversation, 1)
    happened(unit, "webhook.added", conversation, webhook.sid, webhook=webhook)
    await replay(unit, conversation, webhook)
    return webhook


async def fetch(view: View, caller: Caller, form: wire.OneScopedWebhook) -> ScopedWebhook:
    """``GET /Webhooks/{Sid}``."""
    return await _of(view, await paths.conversation(view, caller, form, form.conversation_sid), form.sid)


async def list_(view: View, caller: Caller, form: wire.ListScopedWebhooks) -> Slice[ScopedWebhook]:
    """``GET /Webhooks``, the oldest first."""
    conversation = await paths.conversation(view, caller, form, form.conversation_sid)
    return await view.page(OF_CONVERSATION, (conversation.sid,), form.page)


async def update(unit: Unit, caller: Caller, form: wire.UpdateScopedWebhook) -> ScopedWebhook:
    """``POST /Webhooks/{Sid}``."""
    conversation = await paths.held(unit, caller, form, form.conversation_sid)
    webhook = await _of(unit, conversation, form.sid)
    changes = wire.scoped_changes_of(form, webhook.target)
    check_open(conversation)
    webhook = unit.update(WEBHOOKS, webhook, **changes)
    wire.check_complete(webhook)
    happened(unit, "webhook.updated", conversation, webhook.sid, webhook=webhook)
    return webhook


async def delete(unit: Unit, caller: Caller, form: wire.OneScopedWebhook) -> None:
    """``DELETE /Webhooks/{Sid}``, of a closed conversation too."""
    conversation = await paths.held(unit, caller, form, form.conversation_sid)
    webhook = await _of(unit, conversation, form.sid)
    unit.delete(WEBHOOKS, webhook)
    conversation = _counted(unit, conversation, -1)
    happened(unit, "webhook.removed", conversation, webhook.sid, webhook=webhook)


def _counted(unit: Unit, conversation: Conversation, more: int) -> Conversation:
    count = conversation.webhook_count + more
    return unit.update(CONVERSATIONS, conversation, webhook_count=count, updated_at=conversation.updated_at)


def _configured(unit: Unit, type_: str, caller: Caller, service_sid: str, **facts: Any) -> None:  # noqa: ANN401 - see record
    record(
        unit,
        PRODUCT,
        type_,
        account_sid=caller.account_sid,
        scope_sid=service_sid,
        resource_sid=service_sid,
        **facts,
    )


async def _of(view: View, conversation: Conversation, sid: str) -> ScopedWebhook:
    found = await view.get(WEBHOOKS, sid)
    if found is None or found.conversation_sid != conversation.sid:
        raise NotFound
    return found
