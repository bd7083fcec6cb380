"""API keys: made, renamed and taken back. Who may do that is said by their permissions, not here."""

from msgspec import UNSET

from cordboard.accounts.engine.permissions import is_permission
from cordboard.accounts.engine.scope import account_for
from cordboard.accounts.model import ApiKey, KeyKind, KeyWithSecret
from cordboard.accounts.store.keys import API_KEYS, OF_ACCOUNT
from cordboard.accounts.wire.keys import (
    NOT_A_PERMISSION,
    CreateAccountKey,
    CreateIamKey,
    CreateKey,
    FetchAccountKey,
    FetchKey,
    ListAccountKeys,
    ListIamKeys,
    ListKeys,
    Policy,
    UpdateAccountKey,
    UpdateKey,
)
from cordboard.events.record import record
from cordboard.kernel.caller import Caller
from cordboard.kernel.chance import token
from cordboard.kernel.errors import Forbidden, Invalid, NotFound
from cordboard.kernel.pages import Slice
from cordboard.storage.unit import Unit, View


async def create(unit: Unit, caller: Caller, form: CreateKey | CreateIamKey | CreateAccountKey) -> KeyWithSecret:
    """A new key of an account that the caller acts for."""
    account_sid = caller.account_sid
    kind, policy = KeyKind.STANDARD, None
    if not isinstance(form, CreateKey):
        account_sid = (await account_for(unit, caller, form.account_sid)).sid
    if not isinstance(form, CreateAccountKey):
        kind, policy = KeyKind(form.key_type or KeyKind.STANDARD), form.policy
    if kind is KeyKind.MAIN and caller.limits is not None:
        raise Forbidden("A main key is made with the auth token or with another main key")
    if (kind is KeyKind.RESTRICTED) != (policy is not None):
        message = (
            f"Invalid parameter Policy: a restricted key must have one, and no other kind may; this is a {kind} one"
        )
        raise Invalid(message, code=NOT_A_PERMISSION)
    made, secret = make(unit, account_sid, kind, form.friendly_name, policy)
    return KeyWithSecret(made, secret)


async def fetch(view: View, caller: Caller, form: FetchKey) -> ApiKey:
    """A key of an account that the caller acts for; of the one in the path, if there is one."""
    found = await view.get(API_KEYS, form.sid)
    if found is None or (isinstance(form, FetchAccountKey) and found.account_sid != form.account_sid):
        raise NotFound
    await account_for(view, caller, found.account_sid)
    return found


async def list_(view: View, caller: Caller, form: ListKeys | ListIamKeys | ListAccountKeys) -> Slice[ApiKey]:
    """An account's keys, oldest first."""
    account_sid = caller.account_sid
    if not isinstance(form, ListKeys):
        account_sid = (await account_for(view, caller, form.account_sid)).sid
    return await view.page(OF_ACCOUNT, (account_sid,), form.page)


async def update(unit: Unit, caller: Caller, form: UpdateKey | UpdateAccountKey) -> ApiKey:
    """Rename a key; give a restricted one another policy."""
    found = await fetch(unit, caller, form)
    changes: dict[str, object] = {}
    if form.friendly_name not in {UNSET, found.friendly_name}:
        changes["friendly_name"] = form.friendly_name
    if isinstance(form, UpdateKey) and form.policy is not None:
        if found.kind is not KeyKind.RESTRICTED:
            message = f"Invalid parameter Policy: only a restricted key has one, and this is a {found.kind} one"
            raise Invalid(message, code=NOT_A_PERMISSION)
        changes["policy"] = _permissions(form.policy)
    if not changes:
        return found
    done = unit.update(API_KEYS, found, **changes)
    _record(unit, "key.updated", done)
    return done


async def delete(unit: Unit, caller: Caller, form: FetchKey) -> None:
    """Take a key back.

    Calls with it, and with tokens that it signed, are refused from the answer on (on other nodes within seconds).
    """
    found = await fetch(unit, caller, form)
    unit.delete(API_KEYS, found)
    _record(unit, "key.deleted", found)


def make(
    unit: Unit, account_sid: str, kind: KeyKind, friendly_name: str | None, policy: Policy | None = None
) -> tuple[ApiKey, str]:
    """A new key and its secret."""
    secret = token(unit.ports.chance)
    made = ApiKey(
        sid=unit.sid("SK"),
        version=1,
        account_sid=account_sid,
        kind=kind,
        friendly_name=friendly_name,
        policy=None if policy is None else _permissions(policy),
        sealed_secret=unit.ports.keyring.seal(secret),
        created_at=unit.now,
        updated_at=unit.now,
    )
    unit.insert(API_KEYS, made)
    _record(unit, "key.created", made)
    return made, secret


def _permissions(policy: Policy) -> list[str]:
    for permission in policy.allow:
        if not is_permission(permission):
            raise Invalid(f"Invalid parameter Policy: assertion '{permission}' is invalid", code=NOT_A_PERMISSION)
    return list(dict.fromkeys(policy.allow))


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
