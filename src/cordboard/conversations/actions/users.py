"""Users."""

from cordboard.conversations.engine import roles
from cordboard.conversations.engine.asking import asks_first
from cordboard.conversations.engine.users import add, happened
from cordboard.conversations.model import RoleScope, User
from cordboard.conversations.store.users import OF_SERVICE, USERS, named
from cordboard.conversations.wire import users as wire
from cordboard.conversations.wire.attributes import check_attributes
from cordboard.conversations.wire.webhook_events import USER_UPDATE
from cordboard.kernel.caller import Caller
from cordboard.kernel.errors import Conflict, NotFound
from cordboard.kernel.pages import Slice
from cordboard.kernel.sids import is_sid
from cordboard.storage.unit import Unit, View

from . import paths

MOST_ATTRIBUTES = 4 * 1024


async def create(unit: Unit, caller: Caller, form: wire.CreateUser) -> User:
    """``POST /Users``. Raises 50201 for an identity that has a user."""
    service = await paths.service(unit, caller, await paths.service_sid(unit, caller, form))
    traits = wire.traits_of(form)
    await _check(unit, service.sid, traits)
    if await named(unit, service.sid, form.identity) is not None:
        raise Conflict(f"There is a user with the identity {form.identity} already", code=50201)
    return add(unit, service, form.identity, **traits)


async def fetch(view: View, caller: Caller, form: wire.OneUser) -> User:
    """``GET /Users/{Sid}``."""
    return await _named(view, await paths.service_sid(view, caller, form), form.sid)


async def list_(view: View, caller: Caller, form: wire.ListUsers) -> Slice[User]:
    """``GET /Users``, the oldest first."""
    return await view.page(OF_SERVICE, (await paths.service_sid(view, caller, form),), form.page)


@asks_first(USER_UPDATE)
async def update(unit: Unit, caller: Caller, form: wire.UpdateUser) -> User:
    """``POST /Users/{Sid}``."""
    scope = await paths.service_sid(unit, caller, form)
    user = await _named(unit, scope, form.sid)
    changes = wire.changes_of(form)
    await _check(unit, scope, changes)
    user = unit.update(USERS, user, **changes)
    happened(unit, "user.updated", user)
    return user


async def _check(unit: Unit, scope: str, facts: dict[str, str]) -> None:
    check_attributes(facts.get("attributes", ""), MOST_ATTRIBUTES)
    if "role_sid" in facts:
        await roles.given(unit, scope, RoleScope.SERVICE, facts["role_sid"])


async def _named(view: View, scope: str, name: str) -> User:
    found = await (view.get(USERS, name) if is_sid(name, "US") else named(view, scope, name))
    if found is None or found.chat_service_sid != scope:
        raise NotFound
    return found
