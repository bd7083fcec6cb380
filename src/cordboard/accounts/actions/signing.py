"""The secrets by which a receiver knows that a call comes from here."""

from cordboard.accounts.store.accounts import ACCOUNTS
from cordboard.storage.unit import View


async def signing_tokens(view: View, account_sid: str) -> list[str]:
    """The auth tokens that are good now, the primary one first."""
    account = await view.get(ACCOUNTS, account_sid)
    if account is None:
        message = f"there is no account {account_sid}"
        raise LookupError(message)
    return [view.ports.keyring.open(sealed) for sealed in account.sealed_tokens]
