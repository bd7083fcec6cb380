"""API keys: made and taken back with the account's auth token, never with a key."""

from cordboard.accounts.model import ApiKey, KeyWithSecret
from cordboard.accounts.store.keys import API_KEYS, OF_ACCOUNT
from cordboard.accounts.wire.keys import CreateKey, FetchKey, ListKeys
from cordboard.events.record import record
from cordboard.kernel.caller import Caller
from cordboard.kernel.chance import token
from cordboard.kernel.errors import Forbidden, NotFound
from cordboard.kernel.pages import Slice
from cordboard.storage.unit import Unit, View


async def create(unit: Unit, caller: Caller, form: CreateKey) -> KeyWithSecret:
    """A new key of the caller's account."""
    _demand_auth_token(caller)
    secret = token(unit.ports.chance)
    sealed = unit.ports.keyring.seal(secret)
    made = ApiKey(unit.sid("SK"), 1, caller.account_sid, form.friendly_name, sealed, unit.now, unit.now)
    unit.insert(API_KEYS, made)
    _record(unit, "key.created", made)
    return KeyWithSecret(made, secret)


async def fetch(view: View, caller: Caller, form: FetchKey) -> ApiKey:
    """A key of the caller's account."""
    found = await view.get(API_KEYS, form.sid)
    if found is None or found.account_sid != caller.account_sid:
        raise NotFound
    return found


async def list_(view: View, caller: Caller, form: ListKeys) -> Slice[ApiKey]:
    """The keys of the caller's account, oldest first."""
    return await view.page(OF_ACCOUNT, (caller.account_sid,), form.page)


async def delete(unit: Unit, caller: Caller, form: FetchKey) -> None:
    """Take a key back: calls with it are refused from the answer on (on other nodes within seconds)."""
    found = await fetch(unit, caller, form)
    _demand_auth_token(caller)
    unit.delete(API_KEYS, found)
    _record(unit, "key.deleted", found)


def _demand_auth_token(caller: Caller) -> None:
    if caller.key_sid is not None:
        raise Forbidden("An API key does not make or delete keys: use the account's auth token")


def _record(unit: Unit, type_: str, key: ApiKey) -> None:
    record(
        unit,
        "cordboard",
        type_,
        account_sid=key.account_sid,
        scope_sid=key.account_sid,
        resource_sid=key.sid,
        friendly_name=key.friendly_name,
    )
