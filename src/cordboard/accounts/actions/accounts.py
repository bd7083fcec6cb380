"""Adding and looking at accounts."""

from cordboard.accounts.model import Account, AccountCreated, AccountStatus, AccountWithToken
from cordboard.accounts.store.accounts import ACCOUNTS, ALL, ONE
from cordboard.accounts.wire.accounts import CreateAccount, FetchAccount, ListAccounts
from cordboard.events.record import record
from cordboard.kernel.caller import Caller
from cordboard.kernel.chance import token
from cordboard.kernel.errors import Forbidden, NotFound
from cordboard.kernel.pages import Slice
from cordboard.storage.unit import Unit, View


async def create(unit: Unit, caller: Caller, form: CreateAccount) -> AccountWithToken:
    """A new account with a fresh token and everything that an account is born with. Only for the first account."""
    owner = await _self(unit, caller)
    if caller.key_sid is not None or not owner.is_first:
        raise Forbidden("Only the first account adds accounts, with its auth token")
    secret = token(unit.ports.chance)
    return AccountWithToken(await add(unit, unit.sid("AC"), owner.sid, form.friendly_name, secret), secret)


async def fetch(view: View, caller: Caller, form: FetchAccount) -> Account:
    """The account, if it is the caller's own or the caller is the first."""
    found = await view.get(ACCOUNTS, form.sid)
    if found is None or caller.account_sid not in {found.sid, found.owner_sid}:
        raise NotFound
    return found


async def fetch_by_file_name(view: View, caller: Caller, form: FetchAccount) -> Account:
    """The same for the vendor's 2010 API, whose paths end with the format: ``AC....json``. Without it JSON is answered too."""
    return await fetch(view, caller, FetchAccount(sid=form.sid.removesuffix(".json")))


async def list_(view: View, caller: Caller, form: ListAccounts) -> Slice[Account]:
    """All accounts for the first one, oldest first; for others their own."""
    if (await _self(view, caller)).is_first:
        return await view.page(ALL, (), form.page)
    return await view.page(ONE, (caller.account_sid,), form.page)


async def add(unit: Unit, sid: str, owner_sid: str, friendly_name: str, secret: str) -> Account:
    """Make an account; it has what an account is born with when this returns."""
    sealed = unit.ports.keyring.seal(secret)
    made = Account(sid, 1, friendly_name, AccountStatus.ACTIVE, owner_sid, sealed, unit.now, unit.now)
    unit.insert(ACCOUNTS, made)
    record(
        unit,
        "cordboard",
        "account.created",
        account_sid=sid,
        scope_sid=sid,
        resource_sid=sid,
        friendly_name=friendly_name,
        owner_account_sid=owner_sid,
    )
    await unit.announce(AccountCreated(made))
    return made


async def _self(view: View, caller: Caller) -> Account:
    found = await view.get(ACCOUNTS, caller.account_sid)
    if found is None:
        raise NotFound
    return found
