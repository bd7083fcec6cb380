"""Roles."""

from cordboard.conversations.model import Role
from cordboard.conversations.store.roles import OF_SERVICE, ROLES
from cordboard.conversations.wire import roles as wire
from cordboard.kernel.caller import Caller
from cordboard.kernel.errors import NotFound
from cordboard.kernel.pages import Slice
from cordboard.storage.unit import View

from . import paths


async def fetch(view: View, caller: Caller, form: wire.OneRole) -> Role:
    """``GET /Roles/{Sid}``."""
    scope = await paths.service_sid(view, caller, form)
    found = await view.get(ROLES, form.sid)
    if found is None or found.chat_service_sid != scope:
        raise NotFound
    return found


async def list_(view: View, caller: Caller, form: wire.ListRoles) -> Slice[Role]:
    """``GET /Roles``."""
    return await view.page(OF_SERVICE, (await paths.service_sid(view, caller, form),), form.page)
