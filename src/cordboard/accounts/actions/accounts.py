"""Accounts and subaccounts: adding, looking, renaming, suspending and closing."""

from datetime import UTC, datetime

from msgspec import UNSET

from cordboard.accounts.engine.scope import account_for, own_account
from cordboard.accounts.model import Account, AccountCreated, AccountStatus, AccountWithToken
from cordboard.accounts.store.accounts import ACCOUNTS, SELF_AND_OWNED
from cordboard.accounts.wire.accounts import CreateAccount, CreateSubaccount, FetchAccount, ListAccounts, UpdateAccount
from cordboard.events.record import record
from cordboard.kernel.caller import Caller
from cordboard.kernel.chance import token
from cordboard.kernel.clock import MILLISECONDS
from cordboard.kernel.errors import Invalid
from cordboard.kernel.pages import Slice
from cordboard.storage.unit import Unit, View

_NO_SUBACCOUNTS = 21101
_NOON = 12


async def create(unit: Unit, caller: Caller, form: CreateAccount | CreateSubaccount) -> AccountWithToken:
    """A new account with a fresh token and everything that an account is born with. Only the first account has subaccounts."""
    owner = await own_account(unit, caller)
    if not owner.is_first:
        raise Invalid("Subaccounts cannot contain subaccounts", code=_NO_SUBACCOUNTS)
    secret = token(unit.ports.chance)
    name = form.friendly_name or _default_name(unit.now)
    return AccountWithToken(await add(unit, unit.sid("AC"), owner.sid, name, secret), secret)


async def fetch(view: View, caller: Caller, form: FetchAccount) -> Account:
    """An account that the caller acts for."""
    return await account_for(view, caller, form.sid)


async def list_(view: View, caller: Caller, form: ListAccounts) -> Slice[Account]:
    """The caller's account and its subaccounts, oldest first."""

    def is_wanted(account: Account) -> bool:
        return form.friendly_name in {None, account.friendly_name} and form.status in {None, account.status}

    return await view.page(SELF_AND_OWNED, (caller.account_sid, caller.account_sid), form.page, is_wanted)


async def update(unit: Unit, caller: Caller, form: UpdateAccount) -> Account:
    """Rename an account; suspend, activate or close a subaccount."""
    found = await account_for(unit, caller, form.sid)
    changes: dict[str, object] = {}
    if form.friendly_name not in {UNSET, found.friendly_name}:
        changes["friendly_name"] = form.friendly_name
    if form.status not in {UNSET, found.status}:
        if found.status is AccountStatus.CLOSED:
            raise Invalid("Invalid parameter Status: a closed account stays closed")
        if found.sid == caller.account_sid:
            raise Invalid("Invalid parameter Status: an account does not change its own; its owner does")
        changes["status"] = form.status
    if not changes:
        return found
    done = unit.update(ACCOUNTS, found, **changes)
    _record(unit, "account.updated", done)
    return done


async def add(unit: Unit, sid: str, owner_sid: str, friendly_name: str, secret: str) -> Account:
    """Make an account; it has what an account is born with when this returns."""
    made = Account(
        sid=sid,
        version=1,
        friendly_name=friendly_name,
        status=AccountStatus.ACTIVE,
        owner_sid=owner_sid,
        sealed_token=unit.ports.keyring.seal(secret),
        sealed_secondary_token=None,
        secondary_token_at=None,
        sealed_retired_token=None,
        created_at=unit.now,
        updated_at=unit.now,
    )
    unit.insert(ACCOUNTS, made)
    _record(unit, "account.created", made)
    await unit.announce(AccountCreated(made))
    return made


def _default_name(now: int) -> str:
    """The vendor's: ``SubAccount Created at 2013-03-04 03:15 am``."""
    moment = datetime.fromtimestamp(now // MILLISECONDS, UTC)
    return f"SubAccount Created at {moment:%Y-%m-%d %I:%M} {'pm' if moment.hour >= _NOON else 'am'}"


def _record(unit: Unit, type_: str, account: Account) -> None:
    record(
        unit,
        "cordboard",
        type_,
        account_sid=account.sid,
        scope_sid=account.sid,
        resource_sid=account.sid,
        friendly_name=account.friendly_name,
        status=account.status,
        owner_account_sid=account.owner_sid,
    )
