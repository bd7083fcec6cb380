"""Minting access tokens for whom a server of one's own that does it is too much yet."""

from cordboard.accounts.model import ApiKey, KeyKind, MintedToken
from cordboard.accounts.store.keys import API_KEYS, THAT_SIGNS
from cordboard.accounts.wire.minted_tokens import CreateToken
from cordboard.accounts.wire.tokens import grants_of, mint
from cordboard.kernel import json
from cordboard.kernel.caller import Caller
from cordboard.kernel.clock import MILLISECONDS
from cordboard.kernel.errors import Forbidden, Invalid, Unauthorized
from cordboard.storage.unit import Unit

from .keys import make

_FRIENDLY_NAME = "Access tokens"


async def create(unit: Unit, caller: Caller, form: CreateToken) -> MintedToken:
    """An access token of the caller's account.

    It is signed by the key that calls, else by the one that is named, else by the oldest that may sign; if there is none, one is
    made.
    """
    grants = {**json.parse(form.grants), "identity": form.identity}
    try:
        grants_of(grants)
    except Unauthorized as error:
        raise Invalid(f"Invalid parameter Grants: {error.message}", code=error.code) from error
    key = await _signer(unit, caller, form.key_sid)
    begins_s = unit.now // MILLISECONDS
    ends_s = begins_s + form.ttl
    secret = unit.ports.keyring.open(key.sealed_secret)
    made = mint(key.sid, secret, caller.account_sid, grants, begins_s, ends_s)
    return MintedToken(made, caller.account_sid, key.sid, grants, unit.now, ends_s * MILLISECONDS)


async def _signer(unit: Unit, caller: Caller, key_sid: str | None) -> ApiKey:
    if caller.key_sid is not None and key_sid not in {None, caller.key_sid}:
        raise Forbidden("An API key signs with its own secret only")
    named = key_sid or caller.key_sid
    if named is None:
        found = await unit.one(THAT_SIGNS, caller.account_sid)
        return found or make(unit, caller.account_sid, KeyKind.STANDARD, _FRIENDLY_NAME)[0]
    key = await unit.get(API_KEYS, named)
    if key is None or key.account_sid != caller.account_sid:
        raise Invalid(f"Invalid parameter KeySid: the account has no API key {named}")
    if key.kind is KeyKind.RESTRICTED:
        raise Forbidden("A restricted API key signs no access tokens")
    return key
