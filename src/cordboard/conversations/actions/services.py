"""Services, and the account's choice of the default one."""

from cordboard.conversations.engine.births import add_service
from cordboard.conversations.engine.recording import PRODUCT
from cordboard.conversations.model import Configuration, Service
from cordboard.conversations.store.services import CONFIGURATIONS, OF_ACCOUNT, SERVICES
from cordboard.conversations.wire import services as wire
from cordboard.conversations.wire.later import refuse_later
from cordboard.events.record import record
from cordboard.kernel.caller import Caller
from cordboard.kernel.errors import Invalid
from cordboard.kernel.pages import Slice
from cordboard.storage.unit import Unit, View

from . import paths


async def create(unit: Unit, caller: Caller, form: wire.CreateService) -> Service:
    """``POST /v1/Services``: a service with the same roles as the account's first."""
    return add_service(unit, caller.account_sid, form.friendly_name)


async def fetch(view: View, caller: Caller, form: wire.OneService) -> Service:
    """``GET /v1/Services/{Sid}``."""
    return await paths.service(view, caller, form.sid)


async def list_(view: View, caller: Caller, form: wire.ListServices) -> Slice[Service]:
    """``GET /v1/Services``, the oldest first."""
    return await view.page(OF_ACCOUNT, (caller.account_sid,), form.page)


async def fetch_service_configuration(view: View, caller: Caller, form: wire.FetchServiceConfiguration) -> Service:
    """``GET /v1/Services/{ChatServiceSid}/Configuration``."""
    return await paths.service(view, caller, form.chat_service_sid)


async def fetch_configuration(view: View, caller: Caller, _form: wire.FetchConfiguration) -> Configuration:
    """``GET /v1/Configuration``."""
    return await paths.configuration(view, caller.account_sid)


async def update_configuration(unit: Unit, caller: Caller, form: wire.UpdateConfiguration) -> Configuration:
    """``POST /v1/Configuration``. Raises 50050 for a service that is not the account's."""
    refuse_later(form, wire.LATER)
    changes = wire.changes_of(form)
    configuration = await paths.configuration(unit, caller.account_sid)
    chosen = await unit.get(SERVICES, changes["default_chat_service_sid"])
    if chosen is None or chosen.account_sid != caller.account_sid:
        message = "Invalid parameter DefaultChatServiceSid: it is no service of this account"
        raise Invalid(message, code=50050)
    configuration = unit.update(CONFIGURATIONS, configuration, **changes)
    record(
        unit,
        PRODUCT,
        "configuration.updated",
        account_sid=caller.account_sid,
        scope_sid=chosen.sid,
        resource_sid=chosen.sid,
        configuration=configuration,
    )
    return configuration
