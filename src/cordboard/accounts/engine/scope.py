"""For which accounts a caller acts: its own, and if that is the first account, its subaccounts."""

from cordboard.accounts.model import Account
from cordboard.accounts.store.accounts import ACCOUNTS
from cordboard.kernel.caller import Caller
from cordboard.kernel.errors import NotFound
from cordboard.storage.unit import View


async def own_account(view: View, caller: Caller) -> Account:
    """The caller's account."""
    return await account_for(view, caller, caller.account_sid)


async def account_for(view: View, caller: Caller, account_sid: str) -> Account:
    """An account for which the caller acts. Raises NotFound for any other."""
    found = await view.get(ACCOUNTS, account_sid)
    if found is None or caller.account_sid not in {found.sid, found.owner_sid}:
        raise NotFound
    return found
