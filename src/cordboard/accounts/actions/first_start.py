"""The first start: the canary of the secret key, and the account that the installation begins with."""

from cordboard.accounts.model import AccountWithToken
from cordboard.accounts.store.accounts import FIRST
from cordboard.accounts.store.canary import CANARY, Canary
from cordboard.kernel.chance import token
from cordboard.kernel.keyring import WrongKey
from cordboard.storage.unit import Unit, View

from .accounts import add
from .auth_tokens import become_primary

_FRIENDLY_NAME = "Cordboard"
_CANARY = "key"
_SONG = "this text opens with the right key"


class OtherAccount(Exception):
    """The settings name another first account than the database has."""


async def first_start(unit: Unit, account_sid: str, auth_token: str) -> tuple[AccountWithToken, bool]:
    """The first account with its token, and whether it was made just now. Raises WrongKey, OtherAccount.

    ``account_sid`` and ``auth_token`` are what the settings give, '' for nothing: then they are drawn once and kept. A token
    that differs from the one that is kept replaces it, unless it is the one that was retired when another was promoted.
    """
    if not await check_key(unit):
        unit.insert(CANARY, Canary(_CANARY, unit.ports.keyring.seal(_SONG)))
    account = await unit.one(FIRST)
    if account is None:
        secret = auth_token or token(unit.ports.chance)
        sid = account_sid or unit.sid("AC")
        return AccountWithToken(await add(unit, sid, sid, _FRIENDLY_NAME, secret), secret), True
    if account_sid not in {"", account.sid}:
        message = f"the database's first account is {account.sid}, but CORDBOARD_ACCOUNT_SID says {account_sid}"
        raise OtherAccount(message)
    keyring = unit.ports.keyring
    secret = keyring.open(account.sealed_token)
    retired = account.sealed_retired_token
    if auth_token not in {"", secret, None if retired is None else keyring.open(retired)}:
        secret = auth_token
        account = become_primary(unit, account, keyring.seal(secret))
    return AccountWithToken(account, secret), False


async def check_key(view: View) -> bool:
    """Whether the database knows its key by now. Raises WrongKey if that is none of those that were given."""
    canary = await view.get(CANARY, _CANARY)
    if canary is not None and view.ports.keyring.open(canary.sealed) != _SONG:
        message = "the canary of the secret key sings another song: the database is damaged"
        raise WrongKey(message)
    return canary is not None
