"""Changing an account's auth token without a pause.

A secondary one is made and is good at once beside the first; when everybody has it, it is promoted, and the first is good no more.
"""

from cordboard.accounts.engine.scope import own_account
from cordboard.accounts.model import Account, AuthToken
from cordboard.accounts.store.accounts import ACCOUNTS
from cordboard.accounts.wire.auth_tokens import PromoteAuthToken, SecondaryAuthToken
from cordboard.events.record import record
from cordboard.kernel.caller import Caller
from cordboard.kernel.chance import token
from cordboard.kernel.errors import Conflict, NotFound
from cordboard.storage.unit import Unit


async def create_secondary(unit: Unit, caller: Caller, _form: SecondaryAuthToken) -> AuthToken:
    """A second token, good from the answer on."""
    account = await own_account(unit, caller)
    if account.sealed_secondary_token is not None:
        raise Conflict("There is a secondary auth token already: promote or delete it")
    secret = token(unit.ports.chance)
    unit.update(ACCOUNTS, account, sealed_secondary_token=unit.ports.keyring.seal(secret), secondary_token_at=unit.now)
    _record(unit, "account.secondary_token_created", account)
    return AuthToken(account.sid, secret, unit.now, unit.now)


async def delete_secondary(unit: Unit, caller: Caller, _form: SecondaryAuthToken) -> None:
    """Take the second token back."""
    account, _ = _with_secondary(await own_account(unit, caller))
    unit.update(ACCOUNTS, account, sealed_secondary_token=None, secondary_token_at=None)
    _record(unit, "account.secondary_token_deleted", account)


async def promote(unit: Unit, caller: Caller, _form: PromoteAuthToken) -> AuthToken:
    """Make the second token the only one."""
    account, sealed = _with_secondary(await own_account(unit, caller))
    become_primary(unit, account, sealed)
    made_at = account.created_at if account.secondary_token_at is None else account.secondary_token_at
    return AuthToken(account.sid, unit.ports.keyring.open(sealed), made_at, unit.now)


def become_primary(unit: Unit, account: Account, sealed: str) -> Account:
    """Put a token in the place of the primary one, which retires."""
    done = unit.update(
        ACCOUNTS,
        account,
        sealed_token=sealed,
        sealed_secondary_token=None,
        secondary_token_at=None,
        sealed_retired_token=account.sealed_token,
    )
    _record(unit, "account.token_changed", account)
    return done


def _with_secondary(account: Account) -> tuple[Account, str]:
    if account.sealed_secondary_token is None:
        raise NotFound("There is no secondary auth token")
    return account, account.sealed_secondary_token


def _record(unit: Unit, type_: str, account: Account) -> None:
    record(unit, "cordboard", type_, account_sid=account.sid, scope_sid=account.sid, resource_sid=account.sid)
